import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";

import type { PricePoint } from "../../world/pricePath.ts";
import { thin } from "../records/series.ts";
import { loanToNumber } from "../../../sdk/units.ts";
import type { MechanismName } from "../mechanisms/mechanismNames.ts";
import type { CostParts } from "../records/result.ts";
import type { Run } from "../run/runs.ts";
import type { TakeRecord } from "../records/sales.ts";
import { amount, labelOf, number } from "./summary.ts";
import type { CostSample, Take, Trace } from "../records/trace.ts";

/** A drawing with what a reader needs to know about it. */
export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly legend: readonly { readonly color: string; readonly label: string }[];
  readonly svg: string;
}

/** Names of the page's colours, which differ between light and dark. */
const COLORS = { market: "var(--market)", feed: "var(--feed)" } as const;

const colorOf = (mechanism: MechanismName): string => `var(--${mechanism})`;

const WIDTH = 1_000;
const HEIGHT = 320;
const BUCKETS = 500;

const date = (time: number): Date => new Date(time * 1_000);
const discountOf = ({ salePrice, marketPrice }: TakeRecord): number => (1 - salePrice / marketPrice) * 100;

function draw(options: Plot.PlotOptions): string {
  const document = new DOMParser().parseFromString("<!doctype html><html><body></body></html>", "text/html");
  const figure = Plot.plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 64,
    marginRight: 32,
    style: { background: "transparent", fontSize: "12px" },
    ...options,
    x: { type: "utc", label: null, ...options.x },
    // linkedom's document has what Plot uses of one.
    document: document as unknown as Document,
  });
  return figure.outerHTML;
}

function describeTake(take: Take): string {
  const { account, time, salePrice, marketPrice, atTake } = take;
  return [
    account,
    `${date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`,
    `sold at ${number(salePrice)}, market ${number(marketPrice)}: ${discountOf(take).toFixed(2)}% off`,
    `worth ${amount(String(loanToNumber(atTake.fairValue)))}`,
  ].join("\n");
}

function takeDots(takes: readonly Take[], mechanism: MechanismName, y: (take: Take) => number): Plot.Markish {
  return Plot.dot(takes, {
    x: ({ time }: Take) => date(time),
    y,
    r: ({ atTake }: Take) => loanToNumber(atTake.fairValue),
    fill: colorOf(mechanism),
    fillOpacity: 0.5,
    title: (take: Take) => `${mechanism}: ${describeTake(take)}`,
  });
}

const SIZES = { type: "sqrt", range: [1.5, 12] } as const;

const legendOf = (runs: readonly Run[]): Chart["legend"] =>
  runs.map(({ result }) => ({ color: colorOf(result.mechanism), label: labelOf(result) }));

function dotsOf(runs: readonly Run[], y: (take: Take) => number): readonly Plot.Markish[] {
  return runs.map(({ result, trace }) => takeDots(trace.takes, result.mechanism, y));
}

/** One line a run. */
function lines<T extends { readonly time: number }>(
  runs: readonly Run[],
  pointsOf: (trace: Trace) => readonly T[],
  y: (point: T) => number,
  style: Plot.LineYOptions = {},
): readonly Plot.Markish[] {
  return runs.map(({ result, trace }) =>
    Plot.lineY([...pointsOf(trace)], {
      x: ({ time }: T) => date(time),
      y,
      stroke: colorOf(result.mechanism),
      strokeWidth: 1.4,
      curve: "step-after",
      ...style,
    }),
  );
}

function priceChart(path: readonly PricePoint[], runs: readonly Run[]): Chart {
  const line = (points: readonly PricePoint[], stroke: string): Plot.Markish =>
    Plot.lineY(
      thin(points, BUCKETS, ({ price }) => price),
      {
        x: ({ time }: PricePoint) => date(time),
        y: ({ price }: PricePoint) => price,
        stroke,
        strokeWidth: 1.25,
        curve: "step-after",
      },
    );
  const [only, ...others] = runs;
  const feed = only === undefined || others.length > 0 ? [] : [only.trace.rounds];
  return {
    title: "Price",
    note: "Loan assets per collateral asset, as it would be if sales left no trace. Each dot is a take at its sale price, its area the value sold. Times are UTC.",
    legend: [
      { color: COLORS.market, label: "market" },
      ...feed.map(() => ({ color: COLORS.feed, label: "feed (what the vault goes by)" })),
      ...legendOf(runs),
    ],
    svg: draw({
      ariaLabel: "Market price and sale prices over time",
      y: { label: null, grid: true },
      r: SIZES,
      marks: [
        line(path, COLORS.market),
        ...feed.map((rounds) => line(rounds, COLORS.feed)),
        ...dotsOf(runs, ({ salePrice }) => salePrice),
      ],
    }),
  };
}

type Span = readonly [number, number];

/** A chart of all runs over the time of the scenario. */
function chartOf(
  span: Span,
  runs: readonly Run[],
  parts: Pick<Chart, "title" | "note"> & {
    readonly ariaLabel: string;
    readonly tickFormat: string | ((value: number) => string);
    readonly marks: readonly Plot.Markish[];
  },
): Chart {
  const { title, note, ariaLabel, tickFormat, marks } = parts;
  const svg = draw({
    ariaLabel,
    x: { domain: span.map(date) },
    y: { label: null, grid: true, tickFormat },
    r: SIZES,
    marks: [Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }), ...marks],
  });
  return { title, note, legend: legendOf(runs), svg };
}

function discountChart(span: Span, runs: readonly Run[]): Chart {
  return chartOf(span, runs, {
    title: "Discount of each take",
    note: "How far the sale price was under the market's price of that moment; below 0 the buyer paid more than the market. Sale prices go by the feed, so a feed that lags moves dots either way.",
    ariaLabel: "Discount of each take to the market price, per cent",
    tickFormat: (value) => `${value}%`,
    marks: dotsOf(runs, discountOf),
  });
}

function costChart(span: Span, runs: readonly Run[]): Chart {
  const costsOf = ({ costs }: Trace): readonly CostSample[] => costs;
  return chartOf(span, runs, {
    title: "Borrowers' cost so far",
    note: "Loss at market, penalties, rewards of starters and rescues, added up. Full lines: at the market's price of each take; dashed ones: at the market's price when its position fell due, so that waiting is not free. In the loan asset.",
    ariaLabel: "Borrowers' cost over time",
    tickFormat: "~s",
    marks: [
      ...lines(runs, costsOf, ({ atTake }) => atTake),
      ...lines(runs, costsOf, ({ atDue }) => atDue, { strokeDasharray: "5 3" }),
    ],
  });
}

const PARTS = ["loss at market", "penalties", "rewards", "rescues", "lenders' loss"] as const;
type Part = (typeof PARTS)[number];

const partColor = (part: Part): string => `var(--part${PARTS.indexOf(part)})`;

interface Bar {
  readonly run: string;
  readonly when: string;
  readonly part: Part;
  readonly amount: number;
}

function barsOf({ result }: Run): readonly Bar[] {
  const bars = (when: string, parts: CostParts): readonly Bar[] => {
    const amounts = [parts.loss, parts.penalty, parts.rewards, parts.rescues, result.lendersLoss];
    return PARTS.map((part, i) => ({ run: labelOf(result), when, part, amount: Number(amounts[i] ?? 0) }));
  };
  return [...bars("at take", result.borrowersCostParts), ...bars("at due", result.borrowersCostPartsAtDue)];
}

/** Two bars a run. */
function partsChart(runs: readonly Run[]): Chart {
  const bars = runs.flatMap(barsOf);
  return {
    title: "What is lost, and by whom",
    note: "Borrowers' cost in its parts, and the lenders' loss: at the market's price of each take, and at the market's price when its position fell due. A negative part is a gain. Debt that nobody sold is in none of them. In the loan asset.",
    legend: PARTS.map((part) => ({ color: partColor(part), label: part })),
    svg: draw({
      ariaLabel: "Parts of borrowers' cost, and lenders' loss, by run",
      height: 40 + 56 * runs.length,
      marginLeft: 64,
      marginRight: 170,
      x: { type: "linear", grid: true, tickFormat: "~s" },
      y: { label: null, domain: ["at take", "at due"] },
      fy: { label: null, domain: runs.map(({ result }) => labelOf(result)) },
      marks: [
        Plot.barX(bars, {
          x: "amount",
          y: "when",
          fy: "run",
          fill: ({ part }: Bar) => partColor(part),
          order: bars.map(({ part }) => partColor(part)).slice(0, PARTS.length),
          title: ({ run, when, part, amount: value }: Bar) =>
            `${run}: ${part} ${when}, ${amount(String(value))}`,
        }),
        Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      ],
    }),
  };
}

function deviationChart(span: Span, runs: readonly Run[]): Chart {
  return chartOf(span, runs, {
    title: "Price deviation that sales cause",
    note: "How far the pool's price is under where it would be without forced sales: what a sale has just moved, and what the market keeps of it for a while.",
    ariaLabel: "Price deviation caused by sales over time, basis points",
    tickFormat: (value) => `${value} bps`,
    marks: lines(
      runs,
      ({ deviations }) => deviations,
      ({ deviation }) => deviation * 1e4,
    ),
  });
}

function unhealthyChart(span: Span, runs: readonly Run[]): Chart {
  return chartOf(span, runs, {
    title: "Unhealthy debt",
    note: "At the market's price: debt of positions above the liquidation LTV. In the loan asset.",
    ariaLabel: "Unhealthy debt over time",
    tickFormat: "~s",
    marks: lines(
      runs,
      ({ unhealthy }) => unhealthy,
      (sample) => loanToNumber(sample.unhealthy),
    ),
  });
}

function underWaterChart(span: Span, runs: readonly Run[]): Chart {
  return chartOf(span, runs, {
    title: "Debt under water",
    note: "At the market's price: debt of positions that owe more than their collateral is worth. In the loan asset.",
    ariaLabel: "Debt under water over time",
    tickFormat: "~s",
    marks: lines(
      runs,
      ({ underWater }) => underWater,
      (sample) => loanToNumber(sample.underWater),
    ),
  });
}

/** The runs over each other. */
export function drawCharts(path: readonly PricePoint[], runs: readonly Run[]): readonly Chart[] {
  const span = [path[0]?.time ?? 0, path.at(-1)?.time ?? 0] as const;
  return [
    priceChart(path, runs),
    discountChart(span, runs),
    costChart(span, runs),
    partsChart(runs),
    deviationChart(span, runs),
    unhealthyChart(span, runs),
    underWaterChart(span, runs),
  ];
}
