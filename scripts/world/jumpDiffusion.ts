/** A crash from a seed: geometric Brownian motion with Poisson jumps (Merton), in phases. */
import type { PricePath, PricePoint } from "./pricePath.ts";
import type { Random } from "./random.ts";

export interface Phase {
  readonly seconds: number;
  /** Expected log return over the whole phase, jumps not counted. */
  readonly drift: number;
  /** Standard deviation of log returns over a day, jumps not counted. */
  readonly dailyVolatility: number;
  readonly jumpsPerHour: number;
  /** Mean and standard deviation of a jump's log size. */
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 24 * HOUR;

/** A day: quiet, a slide, a rout with jumps, a rebound by part of it, unrest. A quarter to a half is lost at the worst. */
const SLOW: readonly Phase[] = [
  { seconds: 4 * HOUR, drift: 0, dailyVolatility: 0.05, jumpsPerHour: 0, jumpMean: 0, jumpDeviation: 0 },
  {
    seconds: 4 * HOUR,
    drift: -0.08,
    dailyVolatility: 0.12,
    jumpsPerHour: 0.5,
    jumpMean: -0.01,
    jumpDeviation: 0.01,
  },
  {
    seconds: 2 * HOUR,
    drift: -0.2,
    dailyVolatility: 0.35,
    jumpsPerHour: 3,
    jumpMean: -0.025,
    jumpDeviation: 0.02,
  },
  {
    seconds: 2 * HOUR,
    drift: 0.12,
    dailyVolatility: 0.3,
    jumpsPerHour: 1,
    jumpMean: 0.01,
    jumpDeviation: 0.015,
  },
  {
    seconds: 12 * HOUR,
    drift: 0.02,
    dailyVolatility: 0.12,
    jumpsPerHour: 0.2,
    jumpMean: 0,
    jumpDeviation: 0.01,
  },
];

/**
 * Two hours: quiet, a fifth lost in a minute, as much again in the four minutes after it, half of that back within a quarter of
 * an hour, unrest.
 */
const FAST: readonly Phase[] = [
  { seconds: 30 * MINUTE, drift: 0, dailyVolatility: 0.08, jumpsPerHour: 0, jumpMean: 0, jumpDeviation: 0 },
  { seconds: MINUTE, drift: -0.22, dailyVolatility: 0.8, jumpsPerHour: 0, jumpMean: 0, jumpDeviation: 0 },
  {
    seconds: 4 * MINUTE,
    drift: -0.26,
    dailyVolatility: 1.2,
    jumpsPerHour: 15,
    jumpMean: -0.02,
    jumpDeviation: 0.03,
  },
  {
    seconds: 15 * MINUTE,
    drift: 0.24,
    dailyVolatility: 0.9,
    jumpsPerHour: 4,
    jumpMean: 0.01,
    jumpDeviation: 0.02,
  },
  {
    seconds: 70 * MINUTE,
    drift: 0.02,
    dailyVolatility: 0.3,
    jumpsPerHour: 1,
    jumpMean: 0,
    jumpDeviation: 0.01,
  },
];

/** Crashes that a seed generates, by name. */
export const CRASHES = { slow: SLOW, fast: FAST } as const;
export type CrashName = keyof typeof CRASHES;
export const CRASH_NAMES = ["slow", "fast"] as const satisfies readonly CrashName[];

/** A path from `start` on, one point every `interval` seconds, through all phases. */
export function jumpDiffusion(
  random: Random,
  start: PricePoint,
  interval: number,
  phases: readonly Phase[],
): PricePath {
  const path = [start];
  let { time, price } = start;
  for (const phase of phases) {
    const steps = Math.round(phase.seconds / interval);
    const drift = phase.drift / steps;
    const deviation = phase.dailyVolatility * Math.sqrt(interval / DAY);
    for (let i = 0; i < steps; ++i) {
      const jumps = random.poisson((phase.jumpsPerHour * interval) / HOUR);
      const jump = jumps * phase.jumpMean + Math.sqrt(jumps) * phase.jumpDeviation * random.normal();
      price *= Math.exp(drift - deviation ** 2 / 2 + deviation * random.normal() + jump);
      time += interval;
      path.push({ time, price });
    }
  }
  return path;
}
