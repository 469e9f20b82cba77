/** Parameters that a market of ETH's kind gets unless something speaks against it. */
import type { RiskInputsStruct } from "../../typechain-types/contracts/interfaces/ISalePolicy.ts";

import { SECONDS_PER_YEAR, WAD } from "../../sdk/math.ts";
import type { SaleTerms } from "../../sdk/terms.ts";

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

const ONE_LOAN = 10n ** 6n;

/** Configuration of a vault in a loan asset of six decimals whose caps are out of the way. */
export const ROOMY_VAULT = {
  name: "Gavel USDC/WETH",
  symbol: "gUSDC",
  minDebt: 100n * ONE_LOAN,
  ...CALM_LTVS,
  reserveFactorBps: 1_000n,
  supplyCap: 10n ** 9n * ONE_LOAN,
  borrowCap: 10n ** 9n * ONE_LOAN,
  maxPositionDebt: 10n ** 7n * ONE_LOAN,
  stressDepth: 4n * 10n ** 8n * ONE_LOAN,
} as const;

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
    impactBps: 75n,
    urgencyBps: 400n,
    fallWindow: 120n,
  };
}

/**
 * Terms of a clock that stands behind direct sales. It opens 15% above the oracle and takes twice as long: while pools can take a
 * sale nobody waits for a discount, and whoever sees a rebound before the feed does finds nothing to pick off. In crashes as
 * fast as that of May 2021 a premium of 10% costs borrowers a few per cent more; one of 20% leaves bad debt.
 */
export function behindDirectSales(terms: SaleTerms): SaleTerms {
  return { ...terms, startPremiumBps: 1_500n, halfLife: 2n * terms.halfLife, horizon: 2n * terms.horizon };
}

/** 64 ticks span 9.45%: more than the deepest discount of the calm terms. Five boundaries pass before it is at 5%. */
export const BATCH_AUCTION = { tickBps: 15n, interval: 60n } as const;

/** Window of the venues' mean prices, seconds: a block, so that nobody sells into what the same block did to a pool. A longer one
 * would stop direct sales for as long as the price falls, which is when they are wanted; the oracle bounds the rest. */
export const VENUE_WINDOW = 12n;

/** A wild day of ETH, 50% a day with 12 s blocks, as the policy sees it; depth of the pools and the backstop's means in loan units. */
export function wildMarket(depth: bigint, backstopCapacity: bigint): RiskInputsStruct {
  return {
    volatility: 17n * 10n ** 14n,
    fee: 5n * 10n ** 14n,
    priceMargin: 3n * 10n ** 15n,
    keeperMargin: 3n * 10n ** 15n,
    bidSpread: 2n * 10n ** 16n,
    backstopMargin: 10n ** 16n,
    forcedLoss: 2n * 10n ** 16n,
    cascade: [2n * 10n ** 17n, 10n ** 17n, 5n * 10n ** 16n, 0n],
    gas: [500_000n, 350_000n, 200_000n, 200_000n],
    depth,
    backstopCapacity,
    bidArrival: 10n ** 14n,
    blockTime: 12_000n,
    batchInterval: BATCH_AUCTION.interval,
    feedDelay: 12n,
  };
}
