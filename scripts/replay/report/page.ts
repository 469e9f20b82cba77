import { type Chart, drawCharts } from "./charts.ts";
import type { MechanismName } from "../mechanisms/mechanismNames.ts";
import type { Result, RunResult, SaleResult } from "../records/result.ts";
import type { Run } from "../run/runs.ts";
import type { Scenario } from "../input/scenario.ts";
import {
  amount,
  comparisonTable,
  duration,
  labelOf,
  lostBy,
  percent,
  type Row,
  runRows,
  scenarioRows,
} from "./summary.ts";

/** The page `reports/replay.html`: one file that opens from disk and asks nothing of the network. */

/** Colors of each mechanism's lines and dots, on a light page and on a dark one. */
const COLORS: Readonly<Record<MechanismName, { readonly light: string; readonly dark: string }>> = {
  dutch: { light: "#d4540a", dark: "#ff9a4d" },
  direct: { light: "#1f6feb", dark: "#58a6ff" },
  batch: { light: "#8250df", dark: "#b083f0" },
  auto: { light: "#1a7f37", dark: "#4ac26b" },
  fixed5: { light: "#b35900", dark: "#d9a514" },
  fixed2: { light: "#bf3989", dark: "#f778ba" },
  aave: { light: "#0a7d8c", dark: "#39c5cf" },
  morpho: { light: "#3538cd", dark: "#9aa5ff" },
  euler: { light: "#a40e26", dark: "#ff7b72" },
  aave4: { light: "#5c7a00", dark: "#b5d33d" },
  whole5: { light: "#57606a", dark: "#adbac7" },
};

function colors(scheme: "light" | "dark"): string {
  return Object.entries(COLORS)
    .map(([name, color]) => `--${name}: ${color[scheme]};`)
    .join(" ");
}

const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f7f9; --line: #d8dce2; --text: #1b1f24; --muted: #5b6470;
  --market: #8a94a3; --feed: #57606a;
  ${colors("light")}
  --part0: #d4540a; --part1: #1f6feb; --part2: #8a94a3; --part3: #1a7f37; --part4: #8250df;
  --good: #1a7f37; --bad: #c81e1e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1d2127; --line: #353b44; --text: #e6e9ee; --muted: #9aa4b2;
    --market: #8b95a5; --feed: #adbac7;
    ${colors("dark")}
    --part0: #ff9a4d; --part1: #58a6ff; --part2: #8b95a5; --part3: #4ac26b; --part4: #b083f0;
    --good: #4ac26b; --bad: #ff5d5d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 36px 0 4px; }
p { margin: 0 0 8px; color: var(--muted); max-width: 80ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 20px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
.tile span { color: var(--muted); font-size: 13px; }
.tile.good b { color: var(--good); }
.tile.bad b { color: var(--bad); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 8px 40px; align-items: start; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 4px 0 2px; font-size: 13px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; }
.figures td { white-space: pre-wrap; }
.figures td + td, .figures th + th { text-align: right; }
.comparison { overflow-x: auto; }
details { margin: 12px 0; }
summary { cursor: pointer; font-weight: 600; }
summary i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 8px; }
.number { text-align: right; white-space: nowrap; }
.scroll { max-height: 640px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.scroll table { font-size: 13px; }
.scroll th { position: sticky; top: 0; background: var(--card); }
.scroll th, .scroll td { padding: 5px 10px; }
.scroll td:first-child, .scroll .time { white-space: nowrap; }
`;

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function utc(time: number): string {
  return new Date(time * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** Addresses are long: their ends tell them apart. */
function short(name: string): string {
  return /^0x[0-9a-fA-F]{40}$/.test(name) ? `${name.slice(0, 8)}…${name.slice(-4)}` : name;
}

function tile(value: string, label: string, mood = ""): string {
  return `<div class="tile ${mood}"><b>${escape(value)}</b><span>${escape(label)}</span></div>`;
}

function tiles(run: RunResult): string {
  const { atTake, atDue } = lostBy(run);
  const share = atTake / (Number(run.collateralSold) || 1);
  return tile(
    amount(String(atTake)),
    `lost by borrowers and lenders with ${labelOf(run)}, ${percent(share)} of what was sold; ${amount(String(atDue))} at the prices when positions fell due`,
    Number(run.lendersLoss) === 0 ? "" : "bad",
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: "th" | "td", texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escape(text)}</${tag}>`).join("")}</tr>`;
  return `<div class="comparison"><table class="figures"><thead>${cells("th", head)}</thead><tbody>${rows.map((row) => cells("td", row)).join("")}</tbody></table></div>`;
}

function figures(rows: readonly Row[]): string {
  const body = rows.map(({ label, text }) => `<tr><td>${escape(label)}</td><td>${escape(text)}</td></tr>`);
  return `<table class="figures"><tbody>${body.join("")}</tbody></table>`;
}

function chart({ title, note, legend, svg }: Chart): string {
  const entries = legend.map(
    ({ color, label }) => `<span><i style="background:${color}"></i>${escape(label)}</span>`,
  );
  return `<h2>${escape(title)}</h2><p>${escape(note)}</p><div class="legend">${entries.join("")}</div><figure>${svg}</figure>`;
}

function saleRow(sale: SaleResult): string {
  const time = sale.endedAt === null ? "" : duration(sale.endedAt - sale.startedAt);
  const haircut = sale.haircutBps === null ? "" : (sale.haircutBps / 100).toFixed(2);
  const numbers = [
    amount(sale.debt),
    amount(sale.debtRepaid),
    amount(sale.borrowerLoss),
    amount(sale.borrowerLossAtDue),
    amount(sale.penaltyPaid),
    haircut,
  ];
  return `<tr><td title="${escape(sale.account)}">${escape(short(sale.account))}</td><td class="time">${utc(sale.startedAt)}</td><td class="time">${time}</td>${numbers
    .map((text) => `<td class="number">${escape(text)}</td>`)
    .join("")}<td>${escape(sale.ending)}</td><td>${escape(sale.explanation)}</td></tr>`;
}

function salesTable(run: RunResult): string {
  const head = [
    "account",
    "started (UTC)",
    "took",
    "debt at start",
    "repaid",
    "loss at market",
    "at due",
    "penalty",
    "haircut %",
    "ended",
    "how",
  ];
  const numeric = new Set(["debt at start", "repaid", "loss at market", "at due", "penalty", "haircut %"]);
  const cells = head.map((label) => `<th${numeric.has(label) ? ' class="number"' : ""}>${label}</th>`);
  const never = run.neverStarted.map(
    ({ account, debt, reason }) =>
      `<tr><td title="${escape(account)}">${escape(short(account))}</td><td></td><td></td><td class="number">${escape(amount(debt))}</td><td></td><td></td><td></td><td></td><td></td><td>never started</td><td>${escape(reason)}</td></tr>`,
  );
  return `<details><summary><i style="background:var(--${run.mechanism})"></i>${escape(labelOf(run))}: ${run.salesStarted} sales</summary>
  <div class="scroll"><table><thead><tr>${cells.join("")}</tr></thead><tbody>${run.sales.map(saleRow).join("")}${never.join("")}</tbody></table></div></details>`;
}

/** One crash, and what its charts show. */
export interface CrashPage {
  readonly scenario: Scenario;
  readonly result: Result;
  readonly runs: readonly Run[];
}

function crashSection({ scenario, result, runs }: CrashPage): string {
  const { seed, steps, positions } = result;
  const results = runs.map((run) => run.result);
  const comparison = comparisonTable(results);
  const columns = results.map(runRows);
  const rows = (columns[0] ?? []).map(({ label }, i) => [
    label,
    ...columns.map((column) => column[i]?.text ?? ""),
  ]);
  return `<section id="${escape(scenario.crash)}">
<h1>Crash: ${escape(scenario.crash)}</h1>
<p>${positions} positions on real contracts, sold out in ${runs.length} ${runs.length === 1 ? "run" : "runs"}. Prices: ${escape(scenario.prices)}. Amounts are in the loan asset.</p>
<div class="tiles">${results.map(tiles).join("")}</div>
<h2>The textbook comparison, measured</h2>
${table(comparison.head, comparison.rows)}
${drawCharts(scenario.path, runs).map(chart).join("\n")}
<h2>All figures</h2>
${table(["amounts in the loan asset", ...results.map(labelOf)], rows)}
<h2>Scenario</h2>
${figures(scenarioRows(result.scenario, seed, steps, positions))}
<h2>Sales</h2>
<p>Every forced sale in the order of its start, and how it ended. Amounts in the loan asset.</p>
${results.map(salesTable).join("\n")}
</section>`;
}

export function renderPage(crashes: readonly CrashPage[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gavel: crash replay</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Gavel: crash replay</h1>
${crashes.map(crashSection).join("\n")}
</main>
</body>
</html>
`;
}
