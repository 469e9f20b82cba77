/** Small scenarios for tests that run the whole replay. */
import { CALM_LTVS } from "../../scripts/kit/defaults.ts";
import { ORACLE } from "../../scripts/kit/oracleDefaults.ts";
import type { Account } from "../../scripts/world/book.ts";
import type { PricePath } from "../../scripts/world/pricePath.ts";
import { MARKETS, NATIVE_PRICE } from "../../scripts/replay/input/markets.ts";
import type { Scenario } from "../../scripts/replay/input/scenario.ts";

const START = 1_767_225_600;

/** A price every minute. */
export function path(...prices: readonly number[]): PricePath {
  return prices.map((price, i) => ({ time: START + 60 * i, price }));
}

/** Stays for `minutes` at the last price. */
export function thenStay(prices: readonly number[], minutes: number): readonly number[] {
  return [...prices, ...Array.from({ length: minutes }, () => prices.at(-1) ?? 0)];
}

/** Twelve accounts with LTVs from 25% to 80% and debts of one to twelve parts. */
const ACCOUNTS: readonly Account[] = Array.from({ length: 12 }, (_, i) => ({
  name: `account ${i + 1}`,
  ltv: 0.25 + 0.05 * i,
  weight: i + 1,
}));

export const SCENARIO: Scenario = {
  crash: "slow",
  prices: "a test's path",
  book: "a test's book",
  seed: 1,
  path: path(),
  noRebound: false,
  accounts: ACCOUNTS,
  totalDebt: 10_000_000n * 10n ** 6n,
  depth: 2_000_000n * 10n ** 6n,
  stepSeconds: 12,
  gasPrice: 30n * 10n ** 9n,
  nativePrice: NATIVE_PRICE,
  market: MARKETS.calm,
  oracle: ORACLE,
  ltvs: CALM_LTVS,
  deployed: undefined,
};

/** Down by a fifth in ten minutes, and on from there. */
export const CRASH = path(
  ...thenStay([3_000, 2_990, 2_900, 2_840, 2_760, 2_700, 2_640, 2_560, 2_500, 2_450, 2_400], 20),
);
