/** An average of squared returns: contracts/libraries/VolatilityMath.sol on bigint, to the last digit. */
import { halvings } from "./decayCurve.ts";
import { ceilDiv, lnWad, max, min, mulDivUp, WAD } from "./math.ts";

const WEIGHT_ERROR = 2n;

/** Magnitude of the log return between two answers, rounded up. */
export function logReturn(from: bigint, to: bigint): bigint {
  return from === to ? 0n : lnWad(mulDivUp(max(from, to), WAD, min(from, to))) + 1n;
}

/** Variance per second, 1e36, after a return that took `dt` seconds, rounded up. */
export function updateVariance(variance: bigint, size: bigint, dt: bigint, halfLife: bigint): bigint {
  const weight = halvings(dt, halfLife);
  return mulDivUp(variance, weight, WAD) + ceilDiv((WAD + WEIGHT_ERROR - weight) * size * size, WAD * dt);
}

/** Variance after a silence in which the price moved by no more than the feed's deviation. */
export function quietVariance(
  variance: bigint,
  deviation: bigint,
  silence: bigint,
  halfLife: bigint,
): bigint {
  return silence === 0n ? variance : min(variance, updateVariance(variance, deviation, silence, halfLife));
}
