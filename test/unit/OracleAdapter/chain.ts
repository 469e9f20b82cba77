/** One simulated chain for the unit tests of the adapter. */
import { network } from "hardhat";

export const connection = await network.create({ network: "sim", chainType: "l1" });
export const { ethers, networkHelpers } = connection;
