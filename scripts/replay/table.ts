import Table from "cli-table3";

import type { Result } from "./result.ts";
import { runRows, scenarioRows } from "./summary.ts";

/** The last thing that a run prints: scenario, and one column of figures for each run. */
export function renderTable(result: Result): string {
  const { scenario, seed, steps, positions, runs } = result;
  const table = new Table({
    head: ["amounts in the loan asset", ...runs.map(({ mechanism }) => mechanism)],
    colAligns: ["left", ...runs.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const columns = runs.map(runRows);
  const [first = []] = columns;
  first.forEach(({ label }, i) => table.push([label, ...columns.map((column) => column[i]?.text ?? "")]));
  const lines = scenarioRows(scenario, seed, steps, positions).map(
    ({ label, text }) => `${label.padEnd(14)}${text}`,
  );
  return `${lines.join("\n")}\n\n${table.toString()}`;
}
