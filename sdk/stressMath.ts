/** Shares and straight lines of stress sources: contracts/libraries/StressMath.sol on bigint. */
import { min, mulDivUp, WAD } from "./math.ts";

/** part / whole, at most 1, rounded up. Something of nothing is 1, nothing of nothing 0. */
export function share(part: bigint, whole: bigint): bigint {
  if (part === 0n) return 0n;
  return part >= whole ? WAD : mulDivUp(part, WAD, whole);
}

/** 0 up to `calm`, 1 from `full` on, a straight line between them, rounded up. */
export function between(value: bigint, calm: bigint, full: bigint): bigint {
  return value <= calm ? 0n : share(value - calm, full - min(calm, full));
}
