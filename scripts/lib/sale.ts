/** Price and pace of a forced sale: contracts/libraries/SaleMath.sol on bigint. */
import { discount } from "./decay.ts";
import { BPS, ceilDiv, clamp, max, min, mulDivUp, WAD } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

/** The sale clock ticks in 1/256 s. */
export const TICKS_PER_SECOND = 256n;
/** No horizon is longer, seconds. */
export const LONGEST_HORIZON = 7_200n;
/** What the clock shows beyond a sale's own horizon is used up by this part of its lot. */
const EXCESS_DIVISOR = 16n;

/** Sale price from anchor and discount, rounded up, never under the floor `low x (1 - maxDiscount)`. */
export function salePrice(anchor: bigint, low: bigint, discount: bigint, maxDiscountBps: bigint): bigint {
  const held = clamp(discount, -WAD, (maxDiscountBps * WAD) / BPS);
  return max(mulDivUp(anchor, WAD - held, WAD), mulDivUp(low, BPS - maxDiscountBps, BPS));
}

/**
 * Where a sale of fair value `sold` leaves the sale clock, in ticks: never past now, path-independent; what it shows beyond the
 * sale's own horizon goes first, in proportion.
 */
export function rewind(
  saleClock: bigint,
  timestamp: bigint,
  sold: bigint,
  horizon: bigint,
  lot: bigint,
): bigint {
  const now = timestamp * TICKS_PER_SECOND;
  const horizonTicks = horizon * TICKS_PER_SECOND;
  const from = max(saleClock, now - LONGEST_HORIZON * TICKS_PER_SECOND);
  const start = now - horizonTicks;
  if (from >= start) return min(now, from + mulDivUp(sold, horizonTicks, lot));
  const pace = LONGEST_HORIZON * TICKS_PER_SECOND * EXCESS_DIVISOR;
  const used = ((start - from) * lot) / pace;
  if (sold <= used) return from + mulDivUp(sold, pace, lot);
  return min(now, start + mulDivUp(sold - used, horizonTicks, lot));
}

/**
 * What a mark takes off the collateral's value, bps: hold, or the discount that the sale's clocks come to one half-life from
 * now where that is more (`VaultState._reachableBps`). Rounded up.
 */
export function markDiscountBps(terms: SaleTerms, ownSeconds: bigint, vaultSeconds: bigint): bigint {
  const reached = discount(
    terms,
    ownSeconds + terms.halfLife,
    min(vaultSeconds + terms.halfLife, terms.horizon),
  );
  return clamp(reached <= 0n ? 0n : ceilDiv(reached * BPS, WAD), terms.holdBps, terms.maxDiscountBps);
}
