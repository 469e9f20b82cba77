/** Price and pace of a forced sale: contracts/libraries/SaleMath.sol on bigint. */
import { discount } from "./decay.ts";
import { BPS, ceilDiv, clamp, max, min, mulDivUp, PRICE_SCALE, WAD } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

/** The sale clock ticks in 1/256 s. */
export const TICKS_PER_SECOND = 256n;
/** No horizon is longer, seconds. */
export const LONGEST_HORIZON = 7_200n;
/** Lots that a vault's largest position is worth at most. */
export const MOST_LOTS = 64n;

/** Smallest lot of a vault with positions up to a debt, loan units. */
export const leastLot = (maxPositionDebt: bigint): bigint => max(1n, ceilDiv(maxPositionDebt, MOST_LOTS));

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

/** A sale has lapsed so many horizons after its last proof. */
export const LAPSE_HORIZONS = 12n;
const MOST_SIXTEENTHS = 254n;

/** What a position's slot says of its sale's clock. */
export interface SaleClock {
  /** Unix seconds at which it began. */
  readonly saleStartedAt: bigint;
  /** 1 + sixteenths of the horizon from there to the last proof; 0 where that was voided. */
  readonly proof: bigint;
}

type ClockTerms = Pick<SaleTerms, "halfLife" | "horizon">;

/** Sixteenth of a horizon, seconds, rounded up. */
export const sixteenth = (horizon: bigint): bigint => (horizon + 15n) / 16n;

/** Last proof, unix seconds, never later than it was; the clock's start where it was voided. */
export function provenAt(clock: SaleClock, horizon: bigint): bigint {
  return clock.saleStartedAt + max(clock.proof - 1n, 0n) * sixteenth(horizon);
}

/** Whether the last proof is at most one half-life old, so that the time since it counts. */
export function isProven(clock: SaleClock, terms: ClockTerms, timestamp: bigint): boolean {
  return clock.proof !== 0n && timestamp <= provenAt(clock, terms.horizon) + terms.halfLife;
}

/** Whether the last proof is twelve horizons old by the wall's clock. */
export function hasLapsed(clock: SaleClock, terms: ClockTerms, timestamp: bigint): boolean {
  return timestamp > provenAt(clock, terms.horizon) + LAPSE_HORIZONS * terms.horizon;
}

/** The clock after a proof of now at an age in seconds. */
export function prove(horizon: bigint, timestamp: bigint, age: bigint): SaleClock {
  const unit = sixteenth(horizon);
  const kept = min(age, MOST_SIXTEENTHS * unit);
  return { saleStartedAt: timestamp - kept, proof: 1n + kept / unit };
}

/** Age that the discount follows: all live seconds where the last proof is young, else those to `unproven` at most. */
export function ageSeconds(
  clock: SaleClock,
  terms: ClockTerms,
  timestamp: bigint,
  live: bigint,
  unproven: bigint,
): bigint {
  return isProven(clock, terms, timestamp) ? live : min(live, unproven);
}

/** Price at which all collateral just pays debt and penalty, at most the deciding one, rounded up; the collateral is above 0. */
export function coveringPrice(
  {
    debt,
    collateral,
    deciding,
  }: { readonly debt: bigint; readonly collateral: bigint; readonly deciding: bigint },
  penaltyBps: bigint,
): bigint {
  return collateral === 0n
    ? deciding
    : min(deciding, ceilDiv(debt * (BPS + penaltyBps) * (PRICE_SCALE / BPS), collateral));
}
