/** One simulated chain for the unit tests of the pull oracle: estimates of gas would be made at another time. */
import { network } from "hardhat";

export const connection = await network.create({
  network: "sim",
  chainType: "l1",
  override: { gas: 30_000_000n },
});
export const { ethers, networkHelpers } = connection;
