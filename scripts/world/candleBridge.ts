/** What a price may have done within candles: seeded Brownian bridges that keep to what each candle says. */
import type { PricePath, PricePoint } from "./pricePath.ts";
import type { Random } from "./random.ts";

export interface Candle {
  /** Unix seconds. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Volatility is that of so many seconds before and after a candle, and of the candle. */
const AROUND = 300;

/** Logs of prices by the index of their moment within a candle. */
interface Anchor {
  readonly index: number;
  readonly log: number;
}

/**
 * A path through candles of one length with a point every `interval` seconds, and one at each candle's end: from its open to its
 * close, within its low and high, both of which it touches where at least two moments lie between. Coarser candles get more points.
 */
export function bridgeCandles(
  candles: readonly Candle[],
  seconds: number,
  { interval, random }: { readonly interval: number; readonly random: Random },
): PricePath {
  const path: PricePoint[] = [];
  candles.forEach((candle, i) => {
    // Where a candle follows on the last one its open is that one's close, give or take a trade.
    if ((path.at(-1)?.time ?? -Infinity) < candle.time) path.push({ time: candle.time, price: candle.open });
    const deviation = volatilityAround(candles, i, seconds) * Math.sqrt(interval);
    const moments = momentsWithin(seconds, interval);
    const prices = within(candle, moments.length, { deviation, random });
    prices.forEach((price, k) => path.push({ time: candle.time + (moments[k] ?? 0), price }));
    path.push({ time: candle.time + seconds, price: candle.close });
  });
  return path;
}

/** Seconds into a candle, its ends left out. */
function momentsWithin(seconds: number, interval: number): readonly number[] {
  const count = Math.max(0, Math.ceil(seconds / interval) - 1);
  return Array.from({ length: count }, (_, i) => (i + 1) * interval);
}

/** Per root of a second, from the moves of candles around one. */
function volatilityAround(candles: readonly Candle[], index: number, seconds: number): number {
  const reach = Math.max(1, Math.round(AROUND / seconds));
  const near = candles.slice(Math.max(0, index - reach), index + reach + 1);
  const squares = near.reduce((sum, { open, close }) => sum + Math.log(close / open) ** 2, 0);
  return Math.sqrt(squares / near.length / seconds);
}

/** Prices at the moments between a candle's ends. */
function within(
  candle: Candle,
  count: number,
  noise: { readonly deviation: number; readonly random: Random },
): readonly number[] {
  const { open, close } = candle;
  const [highest, lowest] = [Math.max(candle.high, open, close), Math.min(candle.low, open, close)];
  const [high, low] = [Math.log(highest), Math.log(lowest)];
  const ends = [
    { index: 0, log: Math.log(open) },
    { index: count + 1, log: Math.log(close) },
  ];
  // Which extreme comes first, and when, is as in a bridge that knows the ends alone.
  const free = bridge(ends, noise);
  const anchors = [...ends, ...extremes(free.slice(1, -1), { high, low, ends })];
  const logs = bridge(
    anchors.sort((a, b) => a.index - b.index),
    noise,
  );
  return logs
    .slice(1, -1)
    .map((log) => Math.min(highest, Math.max(lowest, Math.exp(inside(log, low, high)))));
}

/** When a path touches its high and its low, where its ends do not; each at a moment of its own. */
function extremes(
  logs: readonly number[],
  { high, low, ends }: { readonly high: number; readonly low: number; readonly ends: readonly Anchor[] },
): readonly Anchor[] {
  const missing = [high, low].filter((log) => !ends.some((end) => end.log === log));
  if (logs.length < missing.length) return [];
  const highest = logs.indexOf(Math.max(...logs));
  const lowest = logs.lastIndexOf(Math.min(...logs));
  return missing.map((log) => ({ index: (log === high ? highest : lowest) + 1, log }));
}

/** Brownian motion pinned at the anchors, which come in order; one log for each index. */
function bridge(
  anchors: readonly Anchor[],
  { deviation, random }: { readonly deviation: number; readonly random: Random },
): readonly number[] {
  const logs: number[] = [];
  anchors.forEach(({ index, log }, i) => {
    const last = anchors[i - 1];
    if (last === undefined) {
      logs.push(log);
      return;
    }
    let now = last.log;
    for (let at = last.index + 1; at < index; ++at) {
      const left = index - at + 1;
      now += (log - now) / left + deviation * Math.sqrt((left - 1) / left) * random.normal();
      logs.push(now);
    }
    logs.push(log);
  });
  return logs;
}

/** Thrown back from the bounds, once. */
function inside(log: number, low: number, high: number): number {
  let thrown = log;
  if (log > high) thrown = 2 * high - log;
  if (log < low) thrown = 2 * low - log;
  return Math.min(high, Math.max(low, thrown));
}
