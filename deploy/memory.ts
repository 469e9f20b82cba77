import { SOURCE_SLOTS, type System } from "./system.ts";

/** How much of the past each Uniswap v3 pool must remember for what reads it. */

/**
 * Observations that a pool must keep for its memory to reach back so far: a swap in every block writes one, and the block at
 * the window's start needs one of its own.
 */
export const observationsFor = (seconds: bigint, blockTimeMilliseconds: bigint): bigint =>
  (seconds * 1_000n + blockTimeMilliseconds - 1n) / blockTimeMilliseconds + 1n;

/** Observations that a pool can keep. */
export const MOST_OBSERVATIONS = 65_535n;

/** What a venue looks back over, seconds: its mean price, and that of as long a window before the market's last fall. */
export const lookBackOf = (
  { window }: { readonly window: bigint },
  { vault }: Pick<System, "vault">,
): bigint => window + vault.terms.fallWindow;

/** Pools and the longest time that any reader looks back, seconds: means, sales, and all windows of the depth. */
export const memoriesOf = (system: System): ReadonlyMap<string, bigint> => {
  const { sources, directSale, risk } = system;
  const memories = new Map<string, bigint>();
  const note = (pool: string, seconds: bigint): void => {
    if (seconds > (memories.get(pool) ?? 0n)) memories.set(pool, seconds);
  };
  for (const slot of SOURCE_SLOTS) {
    const source = sources[slot];
    if (source?.kind === "uniswapTwap") note(source.pool, source.window);
  }
  for (const venue of directSale.venues) {
    if (venue.kind === "uniswapV3") note(venue.pool, lookBackOf(venue, system));
  }
  for (const pool of risk.depth.pools) note(pool, risk.depth.window * risk.depth.windows);
  note(risk.stress.feedDeviation.pool, risk.stress.feedDeviation.window);
  return memories;
};
