/** Who lost least: the arena's rows put side by side. */
import { mean } from "../../world/statistics.ts";
import type { ArenaRow } from "./row.ts";

/** What one mechanism cost in one crash, over all lags and arbitrages, in % of the debt that was opened. */
export interface Standing {
  readonly mechanism: string;
  /** Place among those that ran in the same crash, by `total`; equals share a place. */
  readonly rank: number;
  readonly borrowersCost: number;
  readonly lendersLoss: number;
  /** Borrowers' cost and lenders' loss. */
  readonly total: number;
  readonly unsoldDebt: number;
}

export interface CrashStandings {
  readonly crash: string;
  readonly rebound: boolean;
  /** Best first. */
  readonly standings: readonly Standing[];
}

const CENT = 1e-6;

/** Standings of every crash, recorded and without rebound, in the order in which the rows name them. */
export function rank(rows: readonly ArenaRow[]): readonly CrashStandings[] {
  const groups = Map.groupBy(rows, ({ crash, rebound }) => JSON.stringify([crash, rebound]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const means = [...Map.groupBy(group, ({ mechanism }) => mechanism)].map(([mechanism, own]) => {
      const inPercent = (field: "borrowersCost" | "lendersLoss" | "unsoldDebt"): number =>
        mean(own.map((row) => (100 * Number(row[field])) / Number(row.debt))) ?? 0;
      const borrowersCost = inPercent("borrowersCost");
      const lendersLoss = inPercent("lendersLoss");
      const total = borrowersCost + lendersLoss;
      return { mechanism, borrowersCost, lendersLoss, total, unsoldDebt: inPercent("unsoldDebt") };
    });
    const standings = means
      .toSorted((a, b) => a.total - b.total)
      .map((own) => ({ ...own, rank: 1 + means.filter(({ total }) => total < own.total - CENT).length }));
    return [{ crash: first.crash, rebound: first.rebound, standings }];
  });
}
