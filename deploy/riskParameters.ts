import { z } from "zod";

import type { Parameter } from "../sdk/stewardMath.ts";
import {
  address,
  atLeastASecond,
  BPS,
  bps,
  decimal,
  decimals,
  leg,
  poolLiquidity,
  positive,
  within,
} from "./vocabulary.ts";

/** What a parameters file may say of the risk layer: what it measures, and how far the steward may go by it. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A registration lasts a year at most, counted from the deployment: a few days are left for it to end. */
const MOST_TERM_DAYS = 360;

const secondsWithin = (least: number, most: number) => z.int().min(least).max(most);

/** Per sqrt(second). */
const volatilityRate = within(0.000_001, 0.05);

const volatility = z.strictObject({
  /** Whose rounds count: of the kind that moves with the collateral. */
  aggregator: address,
  decimals,
  halfLife: secondsWithin(10 * MINUTE, 30 * DAY),
  heartbeat: secondsWithin(1, 30 * DAY),
  maxReturn: within(0.01, 1),
  deviation: positive,
  floor: volatilityRate,
  initialVolatility: volatilityRate,
});

const depth = z.strictObject({
  factory: address,
  pools: z.array(address).min(1).max(8),
  window: secondsWithin(5 * MINUTE, DAY),
  windows: z.int().min(2).max(24),
  maxTicks: z.int().min(1).max(512),
});

/** How the monitor takes a source. */
const registration = {
  weight: z.int().min(1).max(65_535),
  heartbeat: secondsWithin(MINUTE, 30 * DAY),
};
const shareOfOne = within(0.000_001, 1);

const stress = z.strictObject({
  minLive: z.int().min(3).max(16),
  termDays: z.int().min(1).max(MOST_TERM_DAYS),
  /** Chainlink-type feeds against the mean of a pool. */
  feedDeviation: z.strictObject({
    ...registration,
    base: leg,
    quote: leg,
    pool: address,
    window: secondsWithin(MINUTE, DAY),
    minLiquidity: poolLiquidity,
    fullScale: within(0.001, 1),
  }),
  volatility: z.strictObject({ ...registration, calm: volatilityRate, wild: volatilityRate }),
  /** Our own vault, behind a source that follows it slowly. */
  vaults: z.strictObject({
    ...registration,
    kink: shareOfOne,
    fullMark: shareOfOne,
    secondsToFull: secondsWithin(1, 7 * DAY),
    maxStep: atLeastASecond,
  }),
});

/** From floor to ceiling; the most of one step and the seconds between two, for tightening and for loosening. */
const bounds = <T extends z.ZodType>(value: T) => {
  const step = z.tuple([
    value,
    z
      .int()
      .min(0)
      .max(365 * DAY),
  ]);
  return z.strictObject({ range: z.tuple([value, value]), tight: step, loose: step });
};
const steps = bounds(bps);
const amounts = bounds(decimal);

const steward = z.strictObject({
  calmVolatility: volatilityRate,
  wildVolatility: volatilityRate,
  stressVolatility: within(0, 10),
  calmDepth: positive,
  depthKept: within(0.001, 1),
  depthKeptStressed: within(0, 1),
  capPerDepth: within(0, 18),
  coverage: within(0.5, 10),
  exposure: within(0, 10),
  notice: secondsWithin(DAY, 30 * DAY),
  rampDuration: secondsWithin(DAY, 365 * DAY),
  maxInputAge: secondsWithin(1, 30 * DAY),
  maxGap: secondsWithin(1, 30 * DAY),
  saleLossBps: bps,
  targetShareBps: z.int().min(1).max(BPS),
  targetShareWildBps: z.int().min(1).max(BPS),
  bounds: z.strictObject({
    liquidationLtv: steps,
    borrowLtv: steps,
    startPremium: steps,
    hold: steps,
    maxDiscount: steps,
    targetLtv: steps,
    halfLife: bounds(atLeastASecond),
    lot: amounts,
    urgency: steps,
    stressDepth: amounts,
    borrowCap: amounts,
    maxPositionDebt: amounts,
    policyVolatility: amounts,
    policyDepth: amounts,
  } satisfies Record<Parameter, z.ZodType>),
});

export const risk = z
  .strictObject({
    volatility,
    depth,
    stress,
    steward,
    /** Oldest volatility that a rescue goes by. */
    deleverager: z.strictObject({ maxAge: atLeastASecond }),
  })
  .superRefine(({ stress: { feedDeviation, volatility: seen, vaults, minLive } }, context) => {
    const refuse = (path: readonly string[], message: string): void => {
      context.addIssue({ code: "custom", path: ["stress", ...path], message });
    };
    const weights = [feedDeviation, seen, vaults].map(({ weight }) => weight);
    if (Math.max(...weights) >= 2 * Math.min(...weights)) {
      refuse(["volatility", "weight"], "the largest weight must be less than twice the smallest");
    }
    if (minLive > weights.length) refuse(["minLive"], `there are ${weights.length} sources only`);
    if (4 * vaults.maxStep > vaults.secondsToFull) {
      refuse(["vaults", "maxStep"], "must be at most a quarter of secondsToFull");
    }
    if (Number(seen.calm) >= Number(seen.wild)) refuse(["volatility", "wild"], "must be above calm");
  });

export type RiskParameters = z.infer<typeof risk>;
