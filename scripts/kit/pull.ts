import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { PullOracle } from "../../typechain-types/index.ts";

/**
 * Seconds before the block at which the window opens whose first update counts: less than one slot of Ethereum, so that an update
 * can be fetched and sent in between, and little enough that a price of then still says something.
 */
export const PULL_WINDOW = 6n;

/**
 * An oracle over `oracle` to which callers may bring a price. A vault must name it when it is created; nothing that the shipped
 * configuration deploys does.
 */
export function deployPullOracle(
  { ethers }: NetworkConnection<"l1">,
  parts: {
    /** The adapter that is pushed. */
    readonly oracle: AddressLike;
    readonly vaultFactory: AddressLike;
    /** Pyth's contract on the chain. */
    readonly pyth: AddressLike;
    readonly feedId: string;
    /** Seconds. */
    readonly window?: bigint;
  },
): Promise<PullOracle> {
  return ethers.deployContract("PullOracle", [{ window: PULL_WINDOW, ...parts }]);
}
