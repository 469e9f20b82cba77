/** Batch auctions: what to bid, what to clear, and when to take what was bought or sell it. */
import { BPS } from "../../sdk/math.ts";
import type { PositionView } from "../../sdk/positionView.ts";
import type { GasCost } from "./sizing.ts";

/** Bidders ask for discounts evenly up to this. */
export const SPREAD = 0.02;
const CLEAR_GAS = 250_000;
const LOT_GAS = 60_000;
const CLAIM_GAS = 90_000;
/** What they claim or bid anew is worth so many times the gas of it. */
const WORTH = 20;
/** How far they let the pool fall, a step, when they sell what they bought. */
const PATIENCE = 0.0005;
/** Positions in a clearing pay within so many ticks of each other: its price holds for all of them. */
const GROUP_TICKS = 1n;
/** Positions that fit into one clearing: what a block has gas for. */
const MOST_LOTS = 40;

/** Tick at which one of several bidders bids, so that all of them ask for discounts evenly up to `SPREAD`. */
export function bidTick(bidder: number, bidders: number, tickBps: bigint): bigint {
  const discount = (SPREAD * (bidder + 0.5)) / bidders;
  return BigInt(Math.ceil((discount * Number(BPS)) / Number(tickBps)));
}

/** Whether the widest discount on all of a position would pay for a clearing. */
export function isWorthClearing(view: PositionView, gasCost: GasCost): boolean {
  return Number(view.value) * SPREAD > gasCost(CLEAR_GAS);
}

/** Borrowers to clear together: those for sale that pay the least, the largest of them, by ascending address. */
export function clearingGroup(views: readonly PositionView[], tickBps: bigint): readonly string[] {
  const forSale = views.filter(({ status }) => status === "FOR_SALE");
  const lowest = forSale.reduce(
    (low, { salePrice }) => (low === 0n || salePrice < low ? salePrice : low),
    0n,
  );
  const most = (lowest * (BPS + GROUP_TICKS * tickBps)) / BPS;
  return forSale
    .filter(({ salePrice }) => salePrice <= most)
    .sort((a, b) => Number(b.closeAmount - a.closeAmount))
    .slice(0, MOST_LOTS)
    .map(({ borrower }) => borrower)
    .sort((a, b) => (a < b ? -1 : 1));
}

/** What a clearing would do: collateral units and loan units. */
export interface ClearingPreview {
  readonly collateral: bigint;
  readonly payment: bigint;
}

/** Whether a clearing of so many positions brings its bidders more than its gas. `price` in loan units per collateral unit. */
export function clearingPays(
  { collateral, payment }: ClearingPreview,
  lots: number,
  price: number,
  gasCost: GasCost,
): boolean {
  const gain = Number(collateral) * price - Number(payment);
  return payment !== 0n && gain >= gasCost(CLEAR_GAS + LOT_GAS * lots);
}

/** Whether a bid's bought collateral is worth being claimed now. `price` in loan units per collateral unit. */
export function claimPays(claimable: bigint, price: number, gasCost: GasCost): boolean {
  return Number(claimable) * price > WORTH * gasCost(CLAIM_GAS);
}

/** Loan units from which on a purse is worth a bid of its own. */
export function leastBid(minDebt: bigint, gasCost: GasCost): number {
  return Math.max(WORTH * gasCost(CLAIM_GAS), Number(minDebt));
}

/** Price of the pool down to which a bidder sells what it bought, in the unit of the market's price; `fee` of the pool as a share. */
export function resaleLimit(marketPrice: number, fee: number): number {
  return marketPrice * (1 - fee - PATIENCE);
}

/** Whether the pool's price leaves room above that limit, both in one unit. */
export function isResaleDue(poolPrice: number, limit: number): boolean {
  return poolPrice > limit * (1 + PATIENCE / 10);
}

/** How many of a team should have taken their bids back: the wilder the market, from 0 to 1, the more, up to a share. */
export function biddersAway(team: number, wildness: number, most: number): number {
  return Math.round(most * wildness * team);
}
