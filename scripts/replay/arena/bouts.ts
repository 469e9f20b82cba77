/** What the arena runs: every crash, recorded and without rebound, with each lag and arbitrage, under each mechanism. */
import type { RunName } from "../mechanisms/mechanismNames.ts";
import type { Options } from "../input/options.ts";
import type { Span } from "./largestFall.ts";

/** Seconds from a look of the feed's operators until the round is on chain: a block, and three. */
export const LAGS = [12, 36] as const;
/** Share of the gap between pool and market that is traded away in a block. */
export const ARBITRAGES = [1, 0.05] as const;

/** Prices to run, and what the table calls them. */
export interface Crash {
  readonly name: string;
  /** Where the prices come from: a file, or a generated crash. */
  readonly source: Partial<Pick<Options, "prices" | "crash">>;
  /** The part of the path that is run; undefined for all of it. */
  readonly span: Span | undefined;
}

/** One run. */
export interface Bout {
  readonly crash: string;
  readonly rebound: boolean;
  readonly lagSeconds: number;
  /** Share from 0 to 1. */
  readonly arbitrage: number;
  readonly mechanism: RunName;
  readonly options: Options;
}

/** All runs in the order of the table: crash by crash, so that the first crash is complete early. */
export function boutsOf(
  crashes: readonly Crash[],
  mechanisms: readonly RunName[],
  base: Options,
): readonly Bout[] {
  return crashes.flatMap(({ name, source, span }) =>
    [true, false].flatMap((rebound) =>
      LAGS.flatMap((lagSeconds) =>
        ARBITRAGES.flatMap((arbitrage) => {
          const market = { ...base.market, lag: lagSeconds, arbitrage };
          const options = { ...base, ...source, span, noRebound: !rebound, market };
          return mechanisms.map((mechanism) => ({
            crash: name,
            rebound,
            lagSeconds,
            arbitrage,
            mechanism,
            options,
          }));
        }),
      ),
    ),
  );
}
