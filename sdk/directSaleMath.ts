/** How far a direct sale may go: contracts/libraries/DirectSaleMath.sol on bigint, to the last digit. */
import { BPS, lnWad, max, min, mulDivDown, mulDivUp, WAD, zeroFloorSub } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

/** What a feed may be off by itself, WAD. */
export const FEED_DEVIATION = 5n * 10n ** 15n;

const WAD_PER_BPS = WAD / BPS;
const LEAST_SPAN_BPS = 200n;
const UNDER_WATER_BPS = 9_500n;

/** u: how near a position is to bad debt, WAD, rounded down. Debt and value in loan units. */
export function urgency(
  debt: bigint,
  value: bigint,
  liquidationLtvBps: bigint,
  maxDiscountBps: bigint,
): bigint {
  if (value === 0n) return WAD;
  const above = zeroFloorSub(mulDivDown(debt, WAD, value), liquidationLtvBps * WAD_PER_BPS);
  const span = max(LEAST_SPAN_BPS, zeroFloorSub(BPS, maxDiscountBps + liquidationLtvBps)) * WAD_PER_BPS;
  return above >= span ? WAD : (above * WAD) / span;
}

/** i: what a sale may move a pool by, WAD, rounded down. */
export function impact(
  terms: Pick<SaleTerms, "impactBps" | "urgencyBps" | "maxDiscountBps">,
  urgencyNow: bigint,
): bigint {
  const most = terms.impactBps * WAD_PER_BPS + (terms.urgencyBps * WAD_PER_BPS * urgencyNow) / WAD;
  return min(most, terms.maxDiscountBps * WAD_PER_BPS);
}

/** phi: how far the market fell of late, WAD, rounded down; 0 where the pool's past is not known. */
export function fall(latest: bigint, earlier: bigint, mean: bigint, meanEarlier: bigint): bigint {
  if (earlier <= latest || meanEarlier <= mean) return 0n;
  return min(logarithm(earlier, latest), logarithm(meanEarlier, mean));
}

const logarithm = (high: bigint, low: bigint): bigint =>
  lnWad(high / WAD >= low ? WAD * WAD : mulDivDown(high, WAD, low));

/** A price less a share of it, rounded up. */
export const less = (price: bigint, share: bigint): bigint => mulDivUp(price, WAD - share, WAD);

/** Price under which no pool may end by the oracle, rounded up. */
export const leastPrice = (deciding: bigint, fallNow: bigint, maxDiscountBps: bigint): bigint =>
  less(deciding, min(FEED_DEVIATION + fallNow, maxDiscountBps * WAD_PER_BPS));

/** Whether a position is under water: LTV above `max(95%, (1 + LLTV) / 2)`. */
export const isUnderWater = (debt: bigint, value: bigint, liquidationLtvBps: bigint): boolean =>
  debt * BPS > value * max(UNDER_WATER_BPS, (BPS + liquidationLtvBps) / 2n);
