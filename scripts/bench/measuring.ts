import type { ContractTransactionResponse } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { type BenchSystem, ONE_COLLATERAL, ONE_LOAN } from "./system.ts";

/** What measurements have in common. */

/** Feeds' answer after the fall, 8 decimals. */
export const CRASHED = 1_880n * 10n ** 8n;

export const gasOf = async (transaction: Promise<ContractTransactionResponse>): Promise<number> => {
  const receipt = await (await transaction).wait();
  if (receipt === null) throw new Error("a transaction was not mined");
  return Number(receipt.gasUsed);
};

export const pass = async (connection: NetworkConnection<"l1">, seconds: number): Promise<void> => {
  await connection.networkHelpers.time.increase(seconds);
};

export const push = async (system: BenchSystem, answer: bigint): Promise<void> => {
  for (const feed of system.feeds) await feed.pushAnswer(answer);
};

/** Lenders in, one borrower with room, and a second one so that totals are never at their first write. */
export const fill = async (connection: NetworkConnection<"l1">, system: BenchSystem): Promise<void> => {
  const { vault, lender, borrower, keeper } = system;
  await vault.connect(lender).deposit(50_000_000n * ONE_LOAN, lender);
  // The starter holds shares already.
  await vault.connect(keeper).deposit(1_000n * ONE_LOAN, keeper);
  for (const user of [borrower, keeper]) {
    await vault.connect(user).supplyCollateral(100n * ONE_COLLATERAL, user);
    await vault.connect(user).borrow(100_000n * ONE_LOAN, user, user);
  }
  await pass(connection, 3_600);
};

/** Brings the borrower to the edge and the price over it. */
export const sink = async (connection: NetworkConnection<"l1">, system: BenchSystem): Promise<void> => {
  const { vault, borrower } = system;
  await vault.connect(borrower).borrow(59_900n * ONE_LOAN, borrower, borrower);
  await push(system, CRASHED);
  await pass(connection, 60);
};
