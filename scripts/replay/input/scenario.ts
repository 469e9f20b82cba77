import { basename } from "node:path";

import { type Account, heavyTailedBook } from "../../world/book.ts";
import { CRASHES, jumpDiffusion } from "../../world/jumpDiffusion.ts";
import { BPS } from "../../../sdk/math.ts";
import { type PricePath, withoutRebound } from "../../world/pricePath.ts";
import { Random } from "../../world/random.ts";
import { CALM_LTVS } from "../../kit/defaults.ts";
import { ORACLE, type OracleSettings } from "../../kit/oracleDefaults.ts";
import { clip } from "../arena/largestFall.ts";
import { type Deployed, type Ltvs, readDeployed } from "./deployed.ts";
import type { MarketSettings } from "./markets.ts";
import type { Options } from "./options.ts";
import { readPositions } from "./positions.ts";
import { readPrices } from "./prices.ts";

/** Everything that a run depends on, the mechanism apart. */
export interface Scenario {
  /** What the crash is called: a generated one by its name, a file by its. */
  readonly crash: string;
  /** Where prices and book come from, for people. */
  readonly prices: string;
  readonly book: string;
  readonly seed: number;
  readonly path: PricePath;
  readonly noRebound: boolean;
  readonly accounts: readonly Account[];
  /** Debt of the whole book, loan units. */
  readonly totalDebt: bigint;
  /** What the pool pays until its price has fallen by 2%, loan units. */
  readonly depth: bigint;
  readonly stepSeconds: number;
  /** Wei. */
  readonly gasPrice: bigint;
  readonly oracle: OracleSettings;
  readonly ltvs: Ltvs;
  /** Undefined where nothing is deployed: every way of selling then has the terms that suit it. */
  readonly deployed: Deployed | undefined;
  /** Loan assets that a native coin is worth throughout. */
  readonly nativePrice: number;
  readonly market: MarketSettings;
}

/** Streams of random numbers: what draws from one never moves what draws from another. */
export const STREAMS = { prices: 0, book: 1, keepers: 2, clients: 3, candles: 4 } as const;

const START = { time: Date.UTC(2026, 0, 1) / 1_000, price: 3_000 };
/** Seconds between two points of the generated path: a block. */
const POINT_SECONDS = 12;

export function loadScenario(options: Options): Scenario {
  const { seed, prices, positions, noRebound, debt, depth, step, gasPrice, nativePrice, market, parameters } =
    options;
  const deployed = parameters === undefined ? undefined : readDeployed(parameters);
  const ltvs = deployed?.ltvs ?? CALM_LTVS;
  const whole =
    prices === undefined
      ? jumpDiffusion(new Random(seed, STREAMS.prices), START, POINT_SECONDS, CRASHES[options.crash])
      : readPrices(prices, market.bridge ? new Random(seed, STREAMS.candles) : undefined);
  const path = options.span === undefined ? whole : clip(whole, options.span);
  const accounts =
    positions === undefined
      ? heavyTailedBook(
          new Random(seed, STREAMS.book),
          options.borrowers,
          Number(ltvs.borrowLtvBps) / Number(BPS),
        )
      : readPositions(positions);
  return {
    crash: prices === undefined ? options.crash : basename(prices, ".csv"),
    prices: prices ?? `a generated ${options.crash} crash (jump diffusion)`,
    book: positions ?? `a generated book (${options.borrowers} borrowers, heavy-tailed)`,
    seed,
    path: noRebound ? withoutRebound(path) : path,
    noRebound,
    accounts,
    totalDebt: debt,
    depth,
    stepSeconds: step,
    gasPrice,
    nativePrice,
    market,
    oracle: deployed?.oracle ?? ORACLE,
    ltvs,
    deployed,
  };
}
