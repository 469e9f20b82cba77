/** How crowded the chain is: everybody wants into the next block when the market moves. */
import type { PricePath } from "../../world/pricePath.ts";
import type { MarketSettings } from "../input/markets.ts";
import { BLOCK_SECONDS } from "./parameters.ts";

/** Moves of so many last seconds count. */
const LOOK_BACK = 60;
/** A log move within them that fills every block. */
const FULL_MOVE = 0.02;

/**
 * Congestion at a moment of a path, from 0 to 1: the largest move, up or down, from any price of the last minute to the one now,
 * as a share of the move that fills every block.
 */
export function congestionAt(path: PricePath, time: number): number {
  const now = lastAt(path, time);
  const price = path[now]?.price;
  if (price === undefined) return 0;
  let most = 0;
  for (let i = now; i >= 0; --i) {
    const point = path[i];
    if (point === undefined) break;
    most = Math.max(most, Math.abs(Math.log(price / point.price)));
    // The price that was there when the minute began counts, the ones before it do not.
    if (point.time <= time - LOOK_BACK) break;
  }
  return Math.min(1, most / FULL_MOVE);
}

/** Index of the last point at or before a moment; -1 before the first. */
function lastAt(path: PricePath, time: number): number {
  let [low, high] = [0, path.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((path[middle]?.time ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** From no congestion to full: from 1 to the most. */
const rise = (congestion: number, most: number): number => 1 + congestion * (most - 1);

/** Seconds that a round of the feed needs to get on chain: what congestion adds is whole blocks. */
export function lagAt({ lag, lagRise }: Pick<MarketSettings, "lag" | "lagRise">, congestion: number): number {
  const added = lag * (rise(congestion, lagRise) - 1);
  return lag + BLOCK_SECONDS * Math.round(added / BLOCK_SECONDS);
}

/** Wei, in whole parts of a thousand of the calm price. */
export function gasPriceAt(
  calm: bigint,
  { gasRise }: Pick<MarketSettings, "gasRise">,
  congestion: number,
): bigint {
  return (calm * BigInt(Math.round(rise(congestion, gasRise) * 1_000))) / 1_000n;
}
