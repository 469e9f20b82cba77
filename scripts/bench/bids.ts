import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { fill, gasOf, pass, sink } from "./measuring.ts";
import { type BenchSystem, deployBenchSystem, ONE_LOAN } from "./system.ts";

/** A bidder's whole way in the batch auction, and a clearing of one position by one bid. */

/** What the bid is for, loan units: more than the position pays. */
const ASSETS = 1_000_000n * ONE_LOAN;
const TICK = 2n;
/** Seconds after the boundary of the clearing: the sale's start still proves it. */
const SINCE_BOUNDARY = 30;

export interface BidCosts {
  readonly placeBidFirst: number;
  readonly placeBid: number;
  readonly clearOne: number;
  readonly claim: number;
}

const prepare = async (): Promise<{ connection: NetworkConnection<"l1">; system: BenchSystem }> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await deployBenchSystem(connection);
  await fill(connection, system);
  const { loan, batch, vault, lender, keeper } = system;
  await batch.serve(vault);
  for (const bidder of [lender, keeper]) await loan.connect(bidder).approve(batch, 2n ** 256n - 1n);
  return { connection, system };
};

export const measureBids = async (): Promise<BidCosts> => {
  const { connection, system } = await prepare();
  const { vault, batch, borrower, keeper } = system;
  // The very first of the auction.
  const placeBidFirst = await gasOf(batch.connect(keeper).placeBid(vault, TICK, ASSETS, keeper));
  const toNextBoundary = async (): Promise<void> =>
    connection.networkHelpers.time.increaseTo(await batch.nextBoundary());
  await toNextBoundary();
  await sink(connection, system);
  await vault.connect(keeper).startSale(borrower, keeper);
  await toNextBoundary();
  await pass(connection, SINCE_BOUNDARY);
  const clearOne = await gasOf(batch.connect(keeper).clear(vault, [borrower]));
  await pass(connection, 60);
  const claim = await gasOf(batch.connect(keeper).claim(1n));

  return { placeBidFirst, placeBid: await measureLaterBid(), clearOne, claim };
};

/** Beside another one's at its tick. */
const measureLaterBid = async (): Promise<number> => {
  const { vault, batch, lender, keeper } = (await prepare()).system;
  await batch.connect(lender).placeBid(vault, TICK, ASSETS, lender);
  return gasOf(batch.connect(keeper).placeBid(vault, TICK, ASSETS, keeper));
};
