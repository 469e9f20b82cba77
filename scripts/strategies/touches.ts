/** Touches of sales: proofs just before the last one is too old, where the discount that a half-life adds is worth the gas. */
import { decay, secondsToHold } from "../../sdk/decayCurve.ts";
import { max, WAD } from "../../sdk/math.ts";
import { ageSeconds, provenAt, type SaleClock } from "../../sdk/saleClock.ts";
import type { SaleTerms } from "../../sdk/terms.ts";

/** What a touch costs, reckoned with before it is sent. */
export const TOUCH_GAS = 120_000;
/** Keepers touch so many steps before it would be too late: some of them miss a block. */
const STEPS_AHEAD = 2n;

/** When a touch of a sale is due: just before its last proof is too old and its discount is at hold; unix seconds. */
export function touchDueAt(clock: SaleClock, terms: SaleTerms, stepSeconds: bigint): bigint {
  const provenUntil = clock.proof === 0n ? 0n : provenAt(clock, terms.horizon) + terms.halfLife;
  return max(provenUntil, clock.saleStartedAt + secondsToHold(terms)) - STEPS_AHEAD * stepSeconds;
}

/** What the discount gains in the half-life after `now` on all that may be taken, loan units. */
export function touchGain(closeAmount: bigint, clock: SaleClock, terms: SaleTerms, now: bigint): number {
  const age = ageSeconds(clock, terms, now, now - clock.saleStartedAt, secondsToHold(terms));
  const deepening = decay(terms, age + terms.halfLife) - decay(terms, age);
  return Number((closeAmount * deepening) / WAD);
}
