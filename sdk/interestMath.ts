/** Interest by an index: contracts/libraries/InterestMath.sol on bigint. */
import { ceilDiv, min, WAD } from "./math.ts";

export const MAX_GROWTH = 10n ** 36n;
export const MAX_INDEX = 2n ** 80n - 1n;
const MAX_EXPONENT = 18n * 10n ** 23n;

/** Factor by which debt grows in `dt` seconds at a WAD rate per second: three terms of e^x, rounded down, saturating. */
export function growth(ratePerSecond: bigint, dt: bigint): bigint {
  const x = ratePerSecond * dt;
  if (x > MAX_EXPONENT) return MAX_GROWTH;
  return WAD + x + (x * x * (3n * WAD + x)) / (6n * WAD * WAD);
}

/** Index after an accrual, rounded down, held at what its field in the books can hold. */
export function accruedIndex(index: bigint, factor: bigint): bigint {
  return min((index * factor) / WAD, MAX_INDEX);
}

/** Assets of a scaled amount, rounded up: what one borrower owes. */
export function toAssetsUp(scaled: bigint, index: bigint): bigint {
  return ceilDiv(scaled * index, WAD);
}

/** Assets of a scaled amount, rounded down: what the books count on. */
export function toAssetsDown(scaled: bigint, index: bigint): bigint {
  return (scaled * index) / WAD;
}

/** Scaled amount of assets, rounded up: what a loan adds. */
export function toScaledUp(assets: bigint, index: bigint): bigint {
  return ceilDiv(assets * WAD, index);
}

/** Scaled amount of assets, rounded down: what a repayment takes off. */
export function toScaledDown(assets: bigint, index: bigint): bigint {
  return (assets * WAD) / index;
}
