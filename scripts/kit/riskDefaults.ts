/** How the risk layer of a market of ETH's kind is set unless something speaks against it; beside the calm terms of `defaults.ts`. */
import { BPS, max, min, WAD } from "../../sdk/math.ts";
import { leastLot, type SaleTerms } from "../../sdk/terms.ts";
import { type Bounds, type Parameter, PARAMETERS, type StewardBase } from "../../sdk/stewardMath.ts";
import type { VolatilityConfig } from "../../sdk/volatilityOracle.ts";
import { ETH_FEED, type FeedRule } from "./oracleDefaults.ts";

const MINUTE = 60n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Per sqrt(second); a day has 86,400. The policy's wild day moves by 50%, a calm one by up to 10%. */
const CALM_VOLATILITY = 35n * 10n ** 13n;
const WILD_VOLATILITY = 17n * 10n ** 14n;
/** 2% and 5% a day. */
const LEAST_VOLATILITY = 68n * 10n ** 12n;
const USUAL_VOLATILITY = 17n * 10n ** 13n;
/** Most that vault, liquidator and policy admit. */
const MOST_VOLATILITY = 5n * 10n ** 16n;
const MAX_STEP = 2n ** 88n - 1n;

const percent = (share: bigint): bigint => (share * WAD) / 100n;
const shareOf = (value: bigint, bps: bigint): bigint => (value * bps) / BPS;

/**
 * A crash takes less than an hour: so does half of the weight. Shorter, and single rounds would count as crashes; longer, and
 * the fall of an hour would hardly show.
 */
export function volatilityConfig({ heartbeat, deviation }: FeedRule = ETH_FEED): VolatilityConfig {
  return {
    halfLife: HOUR,
    heartbeat,
    maxReturn: percent(20n),
    deviation,
    floor: LEAST_VOLATILITY,
    initialVolatility: USUAL_VOLATILITY,
  };
}

/** The least that the pools held over any ten minutes of the last hour. */
export function depthConfig(pools: readonly string[]) {
  return { window: 10n * MINUTE, windows: 6n, maxTicks: 128n, pools: [...pools] };
}

/**
 * What is stress, and when it is known. All sources weigh the same, so that none decides alone; `heartbeats` in seconds, the scales
 * WAD. Utilisation stresses beyond the rate model's target of 90%.
 */
export const STRESS = {
  k: 3n,
  weight: 100n,
  /** Days until a registration has to be renewed. */
  termDays: 360n,
  heartbeats: {
    feedDeviation: HOUR,
    /** The feed's own and an hour: see `STRESS_GRACE`. */
    volatility: 2n * HOUR,
    /** What was poked no longer ago. */
    vaults: HOUR,
  },
  /** Seconds of the pool's mean that a feed is held against. */
  twapWindow: 30n * MINUTE,
  feedDeviation: { fullScale: percent(5n) },
  volatility: { calm: CALM_VOLATILITY, wild: WILD_VOLATILITY },
  vaults: { kink: percent(95n), fullMark: percent(5n) },
  /** Who moves a source for a moment raises the level by a sixth, and by nothing where anybody else pokes in the same ten minutes. */
  damping: { secondsToFull: HOUR, maxStep: 10n * MINUTE },
} as const;

/** Seconds by which what a feed says may be older than its heartbeat. */
const STRESS_GRACE = HOUR;

/** Seconds after which a rescue no longer believes the volatility of a feed. */
export const deleveragerMaxAge = ({ heartbeat }: FeedRule = ETH_FEED): bigint => heartbeat + STRESS_GRACE;

/** What a crash leaves of depth: a quarter, and 6% where everything falls at once, as on 10 October 2025. */
const DEPTH_KEPT = percent(25n);
const DEPTH_KEPT_STRESSED = percent(6n);
/**
 * Part of the usual depth at which a market still counts as calm: liquidity comes and goes, full stress alone leaves 24%, and a
 * direct sale loses less than a clock does long after half of the depth is gone.
 */
const CALM_DEPTH_BPS = 1_000n;

export type StewardConfig = StewardBase & {
  readonly feed: string;
  readonly notice: bigint;
  readonly rampDuration: bigint;
  readonly maxInputAge: bigint;
  readonly maxGap: bigint;
};

/** Feed whose volatility counts, depth of the pools on a calm day in loan units, and that feed's heartbeat in seconds. */
export function stewardConfig({
  feed,
  calmDepth,
  heartbeat = ETH_FEED.heartbeat,
}: {
  readonly feed: string;
  readonly calmDepth: bigint;
  readonly heartbeat?: bigint;
}): StewardConfig {
  return {
    feed,
    calmVolatility: CALM_VOLATILITY,
    wildVolatility: WILD_VOLATILITY,
    stressVolatility: WAD,
    calmDepth: max(1n, shareOf(calmDepth, CALM_DEPTH_BPS)),
    depthKept: DEPTH_KEPT,
    depthKeptStressed: DEPTH_KEPT_STRESSED,
    capPerDepth: percent(250n),
    coverage: percent(110n),
    exposure: percent(200n),
    notice: DAY,
    rampDuration: 2n * DAY,
    maxInputAge: heartbeat + STRESS_GRACE,
    maxGap: 6n * HOUR,
    saleLossBps: 800n,
    targetShareBps: 8_500n,
    targetShareWildBps: 8_000n,
  };
}

/** A vault as it is set for a calm market. */
export interface CalmVault {
  /** Where direct sales stand first, those of `behindDirectSales`: whatever premium and half-life they have is the calm end. */
  readonly terms: SaleTerms;
  readonly ltvs: {
    readonly borrowLtvBps: bigint;
    readonly liquidationLtvBps: bigint;
    readonly maxOracleStepBps: bigint;
  };
  readonly maxPositionDebt: bigint;
  readonly stressDepth: bigint;
  readonly borrowCap: bigint;
  /** Depth of the pools on a calm day, loan units; what stands for it while it is not known. */
  readonly calmDepth: bigint;
}

interface Pace {
  readonly tightDelay: bigint;
  readonly looseDelay: bigint;
}

/** What decides over sales that are yet to start, or over new debt. */
const TERMS: Pace = { tightDelay: HOUR, looseDelay: DAY };
/** What only tells one way of selling from another: follows the market both ways. */
const SALE_INPUTS: Pace = { tightDelay: 5n * MINUTE, looseDelay: HOUR };
/** What makes positions unhealthy. */
const LIQUIDATION: Pace = { tightDelay: DAY, looseDelay: 7n * DAY };

/** A step of at least 1, and what a step can be at most. */
const stepOf = (value: bigint): bigint => max(1n, min(value, MAX_STEP));

const bounds = (floor: bigint, ceiling: bigint, tight: bigint, loose: bigint, pace: Pace): Bounds => ({
  floor,
  ceiling,
  ...pace,
  tightStep: stepOf(tight),
  looseStep: stepOf(loose),
});

/** From a part of the calm value up to it: by a quarter of it down, by a twentieth back. */
const amount = (calm: bigint, part: bigint, pace: Pace): Bounds =>
  bounds(max(1n, calm / part), calm, calm / 4n, calm / 20n, pace);

/** How much deeper a wild market's discounts are, and how much more urgent its direct sales, bps. */
const WILDER_HOLD = 50n;
const WILDER_DISCOUNT = 100n;
const WILDER_URGENCY = 200n;

/**
 * The envelope by parameter: its calm ends are the vault's own values, its wild ends lie half of the way to those of assets twice
 * as volatile. A clock behind direct sales keeps its pace: a quicker one sells the lows of a crash.
 */
export function boundsByName(vault: CalmVault): Record<Parameter, Bounds> {
  const { terms, ltvs, maxPositionDebt, stressDepth, borrowCap, calmDepth } = vault;
  const {
    startPremiumBps: premium,
    holdBps: hold,
    maxDiscountBps: discount,
    targetLtvBps,
    halfLife,
    urgencyBps,
  } = terms;
  const leastLtv = shareOf(ltvs.liquidationLtvBps, 9_000n);
  const leastBorrowLtv = shareOf(leastLtv, BPS - ltvs.maxOracleStepBps);
  const leastTarget = min(targetLtvBps, shareOf(leastLtv, 8_000n));
  const leastHalfLife = shareOf(halfLife, 8_500n);
  return {
    liquidationLtv: bounds(leastLtv, ltvs.liquidationLtvBps, 200n, 100n, LIQUIDATION),
    borrowLtv: bounds(min(ltvs.borrowLtvBps, leastBorrowLtv), ltvs.borrowLtvBps, 300n, 100n, TERMS),
    startPremium: bounds(premium, premium, 1n, 1n, TERMS),
    hold: bounds(hold, hold + WILDER_HOLD, 50n, 25n, TERMS),
    maxDiscount: bounds(discount, discount + WILDER_DISCOUNT, 100n, 50n, TERMS),
    targetLtv: bounds(leastTarget, targetLtvBps, 300n, 100n, TERMS),
    halfLife: bounds(max(1n, leastHalfLife), halfLife, halfLife / 4n, halfLife / 20n, {
      ...TERMS,
      looseDelay: HOUR,
    }),
    lot: { ...amount(terms.lot, 16n, TERMS), floor: max(leastLot(maxPositionDebt), terms.lot / 16n) },
    urgency: bounds(urgencyBps, urgencyBps + WILDER_URGENCY, 100n, 50n, TERMS),
    stressDepth: amount(stressDepth, 16n, TERMS),
    borrowCap: amount(borrowCap, 16n, TERMS),
    // Deeper than the depth, so that F5 can hold at deeper discounts, too.
    maxPositionDebt: amount(maxPositionDebt, 32n, TERMS),
    policyVolatility: bounds(
      LEAST_VOLATILITY,
      MOST_VOLATILITY,
      WILD_VOLATILITY,
      CALM_VOLATILITY / 2n,
      SALE_INPUTS,
    ),
    policyDepth: amount(calmDepth, 64n, SALE_INPUTS),
  };
}

/** The same in the order of the contract. */
export function stewardBounds(vault: CalmVault): Bounds[] {
  const byName = boundsByName(vault);
  return PARAMETERS.map((parameter) => byName[parameter]);
}
