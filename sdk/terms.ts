/** Economics of a sale, as in contracts/types/SaleTerms.sol, and what holds them. */
import { ceilDiv, max } from "./math.ts";

export interface SaleTerms {
  /** Premium over the anchor at which a sale opens, bps. */
  readonly startPremiumBps: bigint;
  /** Discount that every sale may reach by its own age alone, bps. */
  readonly holdBps: bigint;
  /** Discount that the price tends to and never passes, bps. */
  readonly maxDiscountBps: bigint;
  /** Penalty on the debt repaid, bps. */
  readonly penaltyBps: bigint;
  /** LTV that a take of the maximum restores, bps. */
  readonly targetLtvBps: bigint;
  /** Seconds in which the distance to the maximal discount halves. */
  readonly halfLife: bigint;
  /** Seconds H in which about one lot is offered. */
  readonly horizon: bigint;
  /** Value that moves the market by about 0.15%, loan units. */
  readonly lot: bigint;
  /** What a direct sale of a position at the liquidation LTV may move a pool by, bps. */
  readonly impactBps: bigint;
  /** What is added to that as the position nears bad debt, bps. */
  readonly urgencyBps: bigint;
  /** Seconds over which the fall of the market is looked at; 0 for not at all. */
  readonly fallWindow: bigint;
}

const FIELDS = [
  "startPremiumBps",
  "holdBps",
  "maxDiscountBps",
  "penaltyBps",
  "targetLtvBps",
  "halfLife",
  "horizon",
  "lot",
  "impactBps",
  "urgencyBps",
  "fallWindow",
] as const satisfies readonly (keyof SaleTerms)[];

/** Plain terms out of what a contract answered. */
export const termsFrom = (terms: SaleTerms): SaleTerms =>
  Object.fromEntries(FIELDS.map((field) => [field, terms[field]])) as Record<(typeof FIELDS)[number], bigint>;

/** Lots that a vault's largest position is worth at most. */
export const MOST_LOTS = 64n;

/** Smallest lot of a vault with positions up to a debt, loan units. */
export const leastLot = (maxPositionDebt: bigint): bigint => max(1n, ceilDiv(maxPositionDebt, MOST_LOTS));
