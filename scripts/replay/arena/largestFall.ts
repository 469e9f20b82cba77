/** Where in a price path its largest fall is: the arena looks at the hours around it. */
import type { PricePath, PricePoint } from "../../world/pricePath.ts";

/** Unix seconds, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Fall extends Span {
  /** Share of the price at `from` that is lost at `to`; 0 where the price never falls. */
  readonly share: number;
}

/**
 * Largest fall from a price to a later one that comes at most `withinSeconds` after it. Of equal ones the first.
 * @throws RangeError Where the path is empty.
 */
export function largestFall(path: PricePath, withinSeconds: number): Fall {
  const [start] = path;
  if (start === undefined) throw new RangeError("a price path needs a point");
  let largest: Fall = { from: start.time, to: start.time, share: 0 };
  // Points of the window whose price no later point of it exceeds, highest first.
  const highs: PricePoint[] = [];
  for (const point of path) {
    while ((highs[0]?.time ?? Infinity) < point.time - withinSeconds) highs.shift();
    const high = highs[0];
    const share = high === undefined ? 0 : 1 - point.price / high.price;
    if (high !== undefined && share > largest.share) largest = { from: high.time, to: point.time, share };
    while ((highs.at(-1)?.price ?? Infinity) <= point.price) highs.pop();
    highs.push(point);
  }
  return largest;
}

/** A span of `seconds` with the middle of the fall in its middle, moved into the path where it would leave it. */
export function spanAround(fall: Span, path: PricePath, seconds: number): Span {
  const first = path[0]?.time ?? fall.from;
  const last = path.at(-1)?.time ?? fall.to;
  const wanted = Math.round((fall.from + fall.to - seconds) / 2);
  const from = Math.max(first, Math.min(wanted, last - seconds));
  return { from, to: Math.min(last, from + seconds) };
}

/** The path within a span; it begins with the price that is true at its first moment. */
export function clip(path: PricePath, { from, to }: Span): PricePath {
  const inside = path.filter(({ time }) => time > from && time <= to);
  const before = path.findLast(({ time }) => time <= from) ?? path[0];
  return before === undefined ? inside : [{ time: from, price: before.price }, ...inside];
}
