/** Discount of a sale on two clocks: contracts/libraries/DecayCurve.sol on bigint. */
import { BPS, ceilDiv, expWad, lnWad, max, min, WAD, zeroFloorSub } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

export const MAX_HALF_LIVES = 64n;
/** A sale's own age, less so many horizons, counts as vault seconds. */
export const GUARD_HORIZONS = 8n;
const LN_2 = 693_147_180_559_945_309n;
const WAD_PER_BPS = WAD / BPS;

/** 2^(-t / halfLife), WAD, rounded up; 1 at 0, and 0 from 64 half-lives on. */
export function halvings(t: bigint, halfLife: bigint): bigint {
  if (t / MAX_HALF_LIVES >= halfLife) return 0n;
  if (t === 0n) return WAD;
  return expWad(-((t * LN_2) / halfLife)) + 1n;
}

/** Discount of a sale whose price decays for `t` seconds, WAD, rounded down; negative for a premium. */
export function decay(terms: SaleTerms, t: bigint): bigint {
  const most = terms.maxDiscountBps * WAD_PER_BPS;
  const left = (most + terms.startPremiumBps * WAD_PER_BPS) * halvings(t, terms.halfLife);
  return most - ceilDiv(left, WAD);
}

/** Discount at the sale's own age and the vault-wide clock: max(min(D(own), hold), D(min(own, max(vault, own - 8H)))). */
export function discount(terms: SaleTerms, own: bigint, vaultSeconds: bigint): bigint {
  const guarded = zeroFloorSub(own, GUARD_HORIZONS * terms.horizon);
  const deep = decay(terms, min(own, max(vaultSeconds, guarded)));
  return max(min(decay(terms, own), terms.holdBps * WAD_PER_BPS), deep);
}

/** Seconds in which D comes to hold, rounded down; 64 half-lives where it never does. */
export function secondsToHold(terms: SaleTerms): bigint {
  return secondsTo(terms, terms.holdBps);
}

/** Seconds in which D comes to a discount in bps, rounded down; 64 half-lives where it never does. */
export function secondsTo(terms: SaleTerms, discountBps: bigint): bigint {
  if (discountBps >= terms.maxDiscountBps) return MAX_HALF_LIVES * terms.halfLife;
  if (discountBps <= -terms.startPremiumBps) return 0n;
  const whole = terms.startPremiumBps + terms.maxDiscountBps;
  return (terms.halfLife * lnWad((whole * WAD) / (terms.maxDiscountBps - discountBps))) / LN_2;
}
