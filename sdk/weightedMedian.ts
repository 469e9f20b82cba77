/** Weighted median of levels of stress: contracts/libraries/WeightedMedian.sol on bigint. */

export interface Weighted {
  readonly value: bigint;
  readonly weight: bigint;
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
