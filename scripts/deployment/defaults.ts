/** Parameters that a market of ETH's kind gets unless something speaks against it. */
import { SECONDS_PER_YEAR, WAD } from "../lib/math.ts";
import type { SaleTerms } from "../lib/terms.ts";

const perYear = (percent: bigint): bigint => (percent * WAD) / 100n / SECONDS_PER_YEAR;

export const ADAPTIVE_RATES = {
  targetUtilisation: (9n * WAD) / 10n,
  steepness: 4n * WAD,
  speed: (50n * WAD) / SECONDS_PER_YEAR,
  initialRateAtTarget: perYear(4n),
  minRateAtTarget: perYear(1n) / 10n,
  maxRateAtTarget: perYear(200n),
} as const;

export const CALM_LTVS = { borrowLtvBps: 8_000n, liquidationLtvBps: 8_300n, maxOracleStepBps: 300n } as const;

/** Calm terms; `lot` is what moves the market by about 0.15%, loan units. The target is 0.85 of the liquidation LTV. */
export function calmTerms(lot: bigint): SaleTerms {
  return {
    startPremiumBps: 0n,
    holdBps: 150n,
    maxDiscountBps: 800n,
    penaltyBps: 50n,
    targetLtvBps: 7_055n,
    halfLife: 212n,
    horizon: 1_060n,
    lot,
  };
}
