/** Age of a sale by proofs: contracts/libraries/SaleClock.sol on bigint. */
import { max, min } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

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
