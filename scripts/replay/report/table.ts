import Table from "cli-table3";

import type { Result } from "../records/result.ts";
import { comparisonTable, labelOf, runRows, scenarioRows } from "./summary.ts";

function draw(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** The last thing that a replay prints of a crash: scenario, all figures with a column for each run, and the comparison. */
export function renderTable(result: Result): string {
  const { scenario, seed, steps, positions, runs } = result;
  const columns = runs.map(runRows);
  const [first = []] = columns;
  const rows = first.map(({ label }, i) => [label, ...columns.map((column) => column[i]?.text ?? "")]);
  const lines = scenarioRows(scenario, seed, steps, positions).map(
    ({ label, text }) => `${label.padEnd(14)}${text}`,
  );
  const figures = draw(["amounts in the loan asset", ...runs.map(labelOf)], rows);
  const comparison = comparisonTable(runs);
  return `${lines.join("\n")}\n\n${figures}\n\n${draw(comparison.head, comparison.rows)}`;
}
