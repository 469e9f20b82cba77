/** Economics of a sale, as in contracts/types/SaleTerms.sol. */

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
}
