import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";

import type { PricePoint } from "../lib/pricePath.ts";
import { thin } from "../lib/series.ts";
import { loanToNumber } from "../lib/units.ts";
import type { Outcome } from "./engine.ts";
import type { TakeRecord } from "./sales.ts";
import { amount, number } from "./summary.ts";

/** A drawing with what a reader needs to know about it. */
export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly legend: readonly { readonly color: string; readonly label: string }[];
  readonly svg: string;
}

/** Names of the page's colours, which differ between light and dark. */
export const COLORS = {
  market: "var(--market)",
  feed: "var(--feed)",
  sale: "var(--sale)",
  unhealthy: "var(--unhealthy)",
  underWater: "var(--under-water)",
} as const;

const WIDTH = 1_000;
const HEIGHT = 320;
const BUCKETS = 500;

interface Take extends TakeRecord {
  readonly account: string;
}

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
  const { account, time, salePrice, marketPrice, fairValue } = take;
  return [
    account,
    `${date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`,
    `sold at ${number(salePrice)}, market ${number(marketPrice)}: ${discountOf(take).toFixed(2)}% off`,
    `worth ${amount(String(loanToNumber(fairValue)))}`,
  ].join("\n");
}

function takeDots(takes: readonly Take[], y: (take: Take) => number): Plot.Markish {
  return Plot.dot(takes, {
    x: ({ time }: Take) => date(time),
    y,
    r: ({ fairValue }: Take) => loanToNumber(fairValue),
    fill: COLORS.sale,
    fillOpacity: 0.55,
    title: describeTake,
  });
}

const SIZES = { type: "sqrt", range: [1.5, 12] } as const;

function priceChart(
  path: readonly PricePoint[],
  rounds: readonly PricePoint[],
  takes: readonly Take[],
): Chart {
  const line = (points: readonly PricePoint[], stroke: string, strokeWidth: number): Plot.Markish =>
    Plot.lineY(
      thin(points, BUCKETS, ({ price }) => price),
      {
        x: ({ time }: PricePoint) => date(time),
        y: ({ price }: PricePoint) => price,
        stroke,
        strokeWidth,
        curve: "step-after",
      },
    );
  return {
    title: "Price",
    note: "Loan assets per collateral asset. Each dot is a take at its sale price, its area the value sold. Times are UTC.",
    legend: [
      { color: COLORS.market, label: "market" },
      { color: COLORS.feed, label: "feed (what the vault goes by)" },
      { color: COLORS.sale, label: "takes" },
    ],
    svg: draw({
      ariaLabel: "Market price, feed and sale prices over time",
      y: { label: null, grid: true },
      r: SIZES,
      marks: [
        line(path, COLORS.market, 1.25),
        line(rounds, COLORS.feed, 1.25),
        takeDots(takes, ({ salePrice }) => salePrice),
      ],
    }),
  };
}

function discountChart(span: readonly [number, number], takes: readonly Take[]): Chart {
  return {
    title: "Discount of each take",
    note: "How far the sale price was under the market's price of that moment; below 0 the buyer paid more than the market. The clock discounts the feed's price, so a feed that lags moves dots either way.",
    legend: [{ color: COLORS.sale, label: "takes, area by value sold" }],
    svg: draw({
      ariaLabel: "Discount of each take to the market price, per cent",
      x: { domain: span.map(date) },
      y: { label: null, grid: true, tickFormat: (value: number) => `${value}%` },
      r: SIZES,
      marks: [Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }), takeDots(takes, discountOf)],
    }),
  };
}

function debtChart(span: readonly [number, number], risk: Outcome["risk"]): Chart {
  const area = (field: "unhealthy" | "underWater", fill: string): Plot.Markish =>
    Plot.areaY(
      thin(risk, BUCKETS, (sample) => loanToNumber(sample[field])),
      {
        x: ({ time }: { time: number }) => date(time),
        y: (sample: Outcome["risk"][number]) => loanToNumber(sample[field]),
        fill,
        fillOpacity: 0.75,
        curve: "step-after",
      },
    );
  return {
    title: "Debt at risk",
    note: "At the market's price: debt of positions above the liquidation LTV, and of those that owe more than their collateral is worth. In the loan asset.",
    legend: [
      { color: COLORS.unhealthy, label: "unhealthy" },
      { color: COLORS.underWater, label: "under water" },
    ],
    svg: draw({
      ariaLabel: "Unhealthy debt and debt under water over time",
      x: { domain: span.map(date) },
      y: { label: null, grid: true, tickFormat: "~s" },
      marks: [
        area("unhealthy", COLORS.unhealthy),
        area("underWater", COLORS.underWater),
        Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      ],
    }),
  };
}

/** Price, discounts and debt at risk of a run. */
export function drawCharts(
  path: readonly PricePoint[],
  { rounds, risk, recorder }: Outcome,
): readonly Chart[] {
  const takes = recorder.sales.flatMap(({ account, takes: own }) =>
    own.map((take) => ({ ...take, account })),
  );
  const span = [path[0]?.time ?? 0, path.at(-1)?.time ?? 0] as const;
  return [priceChart(path, rounds, takes), discountChart(span, takes), debtChart(span, risk)];
}
