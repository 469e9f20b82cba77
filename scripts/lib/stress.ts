/** Stress, its weighted median and its damping: contracts/risk/ContagionMonitor.sol and DampedSource.sol on bigint. */
import { max, min, mulDivUp, WAD, zeroFloorSub } from "./math.ts";

export interface Weighted {
  readonly value: bigint;
  readonly weight: bigint;
}

/** A source as it is registered and what it answers; no answer where it reverts or says something else. Unix seconds. */
export interface Source {
  readonly weight: bigint;
  readonly heartbeat: bigint;
  readonly expiresAt: bigint;
  readonly answer?: { readonly level: bigint; readonly updatedAt: bigint };
}

export interface Stress {
  readonly level: bigint;
  readonly live: number;
  readonly isKnown: boolean;
}

/** The highest value that at least half of the weight reaches or exceeds; 0 where nothing has weight. */
export function weightedMedian(entries: readonly Weighted[]): bigint {
  const weightFrom = (least: bigint): bigint =>
    entries.reduce((sum, { value, weight }) => (value >= least ? sum + weight : sum), 0n);
  const total = weightFrom(0n);
  return entries.reduce((best, { value, weight }) => {
    const counts = weight !== 0n && value > best && 2n * weightFrom(value) >= total;
    return counts ? value : best;
  }, 0n);
}

/** Whether what a source says counts. */
export function isLive({ heartbeat, expiresAt, answer }: Source, now: bigint): boolean {
  if (answer === undefined || now >= expiresAt) return false;
  const { level, updatedAt } = answer;
  return level <= WAD && updatedAt <= now && now - updatedAt <= heartbeat;
}

/** What the monitor says of all sources together. */
export function stressOf(sources: readonly Source[], now: bigint, minLive: number): Stress {
  const live = sources.filter((source) => isLive(source, now));
  const isKnown = live.length >= minLive;
  const entries = live.map(({ answer, weight }) => ({ value: answer?.level ?? 0n, weight }));
  return { level: isKnown ? weightedMedian(entries) : 0n, live: live.length, isKnown };
}

/** How fast a damped source follows, seconds. */
export interface Damping {
  readonly secondsToFull: bigint;
  readonly maxStep: bigint;
}

/** What a damped source remembers. Unix seconds. */
export interface Damped {
  readonly level: bigint;
  readonly lowest: bigint;
  readonly pokedAt: bigint;
}

const isPeriodOver = ({ pokedAt }: Damped, { maxStep }: Damping, now: bigint): boolean =>
  now / maxStep !== pokedAt / maxStep;

/** The level as it counts: a period of pokes counts once it is over, by its lowest reading. */
export function dampedLevel(damped: Damped, damping: Damping, now: bigint): bigint {
  const { level, lowest } = damped;
  if (!isPeriodOver(damped, damping, now)) return level;
  const step = (WAD * damping.maxStep) / damping.secondsToFull;
  return lowest > level ? min(lowest, level + step) : max(lowest, zeroFloorSub(level, step));
}

/** A damped source after one more reading. */
export const pokeDamped = (damped: Damped, damping: Damping, target: bigint, now: bigint): Damped => ({
  level: dampedLevel(damped, damping, now),
  lowest: isPeriodOver(damped, damping, now) ? target : min(target, damped.lowest),
  pokedAt: now,
});

/** part / whole, at most 1, rounded up. Something of nothing is 1, nothing of nothing 0. */
export function share(part: bigint, whole: bigint): bigint {
  if (part === 0n) return 0n;
  return part >= whole ? WAD : mulDivUp(part, WAD, whole);
}

/** 0 up to `calm`, 1 from `full` on, a straight line between them, rounded up. */
export function between(value: bigint, calm: bigint, full: bigint): bigint {
  return value <= calm ? 0n : share(value - calm, full - min(calm, full));
}
