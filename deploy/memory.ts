import { SOURCE_SLOTS, type System } from "./system.ts";

/** How much of the past each Uniswap v3 pool must remember for what reads it. */

/**
 * Observations that a pool must keep for its memory to reach back so far: a swap in every block writes one, and the block at
 * the window's start needs one of its own.
 */
export const observationsFor = (seconds: bigint, blockTimeMilliseconds: bigint): bigint =>
  (seconds * 1_000n + blockTimeMilliseconds - 1n) / blockTimeMilliseconds + 1n;

/** Pools and the longest time that any reader looks back, seconds: means, sales, and all windows of the depth. */
export const memoriesOf = ({ sources, directSale, risk }: System): ReadonlyMap<string, bigint> => {
  const memories = new Map<string, bigint>();
  const note = (pool: string, seconds: bigint): void => {
    if (seconds > (memories.get(pool) ?? 0n)) memories.set(pool, seconds);
  };
  for (const slot of SOURCE_SLOTS) {
    const source = sources[slot];
    if (source?.kind === "uniswapTwap") note(source.pool, source.window);
  }
  for (const venue of directSale.venues) {
    if (venue.kind === "uniswapV3") note(venue.pool, venue.window);
  }
  for (const pool of risk.depth.pools) note(pool, risk.depth.window * risk.depth.windows);
  note(risk.stress.feedDeviation.pool, risk.stress.feedDeviation.window);
  return memories;
};
