/** The arena's one table: a row for each crash and mechanism, best first. */
import Table from "cli-table3";

import type { CrashStandings } from "./ranking.ts";

const DIGITS = 3;
const HEAD = ["crash", "rank", "mechanism", "borrowers' cost", "lenders' loss", "together", "unsold debt"];

/** Figures in % of the debt that was opened, means over all lags and arbitrages. */
export function renderArena(crashes: readonly CrashStandings[]): string {
  const table = new Table({
    head: HEAD,
    colAligns: HEAD.map((_, i) => (i === 0 || i === 2 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  for (const { crash, rebound, standings } of crashes) {
    for (const [
      i,
      { rank, mechanism, borrowersCost, lendersLoss, total, unsoldDebt },
    ] of standings.entries()) {
      const name = i === 0 ? `${crash}${rebound ? "" : ", no rebound"}` : "";
      const figures = [borrowersCost, lendersLoss, total, unsoldDebt].map((figure) => figure.toFixed(DIGITS));
      table.push([name, String(rank), mechanism, ...figures]);
    }
  }
  return `in % of the debt opened, means over feed lags and arbitrage\n${table.toString()}`;
}
