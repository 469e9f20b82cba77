/** A source whose level follows slowly: contracts/risk/sources/DampedSource.sol on bigint. */
import { max, min, WAD, zeroFloorSub } from "./math.ts";

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
