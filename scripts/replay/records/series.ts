/** Long series made short for drawing. */

/** Keeps first, lowest, highest and last of each of `buckets` stretches, so that no spike is lost. */
export function thin<T>(points: readonly T[], buckets: number, valueOf: (point: T) => number): readonly T[] {
  const size = Math.ceil(points.length / buckets);
  if (size <= 4) return points;
  const kept: T[] = [];
  for (let start = 0; start < points.length; start += size) {
    const stretch = points.slice(start, start + size);
    const values = stretch.map(valueOf);
    const wanted = [
      0,
      values.indexOf(Math.min(...values)),
      values.indexOf(Math.max(...values)),
      stretch.length - 1,
    ];
    kept.push(...stretch.filter((_, i) => wanted.includes(i)));
  }
  return kept;
}
