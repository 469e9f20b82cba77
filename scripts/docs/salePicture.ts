import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import { decay, discount } from "../../sdk/decayCurve.ts";
import { max, min, WAD } from "../../sdk/math.ts";
import { rewind, TICKS_PER_SECOND } from "../../sdk/saleMath.ts";
import { calmTerms } from "../kit/defaults.ts";

/** `npm run picture`: draws the price of one forced sale, from the same maths as the contracts, into docs/sale.svg. */

const CALM = calmTerms(250_000n);
const TAKES = [
  { at: 240n, sold: 90_000n },
  { at: 560n, sold: 60_000n },
] as const;
const START = 1_000_000n;
const SECONDS = 900n;
const INK = "#2b3a42";
const PRICE = "#b5482a";
const QUIET = "#8a949a";

interface Point {
  readonly seconds: number;
  readonly percent: number;
}

const percentOf = (share: bigint): number => 100 - Number((share * 1_000_000n) / WAD) / 10_000;

/** The sale's price while takers use up what the market bears: each take moves the vault-wide clock towards now. */
const walk = (): { readonly price: readonly Point[]; readonly takes: readonly Point[] } => {
  const price: Point[] = [];
  const takes: Point[] = [];
  // Something was sold a while ago: the vault-wide clock does not show a whole horizon.
  let clock = (START - 260n) * TICKS_PER_SECOND;
  for (let own = 0n; own <= SECONDS; own += 2n) {
    const now = START + own;
    const point = (): Point => {
      const vaultSeconds = min((now * TICKS_PER_SECOND - clock) / TICKS_PER_SECOND, CALM.horizon);
      return { seconds: Number(own), percent: percentOf(discount(CALM, own, max(vaultSeconds, 0n))) };
    };
    price.push(point());
    const take = TAKES.find(({ at }) => at === own);
    if (take === undefined) continue;
    takes.push(point());
    clock = rewind(clock, now, take.sold, CALM.horizon, CALM.lot);
    price.push(point());
  }
  return { price, takes };
};

const draw = (): string => {
  const { price, takes } = walk();
  const untouched: Point[] = [];
  for (let own = 0n; own <= SECONDS; own += 2n) {
    untouched.push({ seconds: Number(own), percent: percentOf(decay(CALM, own)) });
  }
  const hold = 100 - Number(CALM.holdBps) / 100;
  const floor = 100 - Number(CALM.maxDiscountBps) / 100;
  const { document } = parseHTML("<html><body></body></html>");
  const notes = [
    { seconds: 40, percent: 99.75, text: "startSale: opens at the oracle's price" },
    { seconds: 252, percent: 97.75, text: "a take uses up depth: the price climbs back for everybody" },
    { seconds: 572, percent: 96.6, text: "a second, smaller take" },
    { seconds: 300, percent: hold + 0.3, text: "hold: every sale gets this far by its age alone" },
    { seconds: 40, percent: floor + 0.3, text: "floor: no path sells below it" },
    { seconds: 480, percent: 93.1, text: "if nobody bought" },
  ];
  const plot = Plot.plot({
    document,
    width: 860,
    height: 420,
    marginLeft: 56,
    marginBottom: 42,
    style: { background: "#fffdf8", color: INK, fontSize: "13px", fontFamily: "system-ui, sans-serif" },
    x: { label: "live seconds since the sale started →", domain: [0, Number(SECONDS)], grid: true },
    y: { label: "↑ sale price, % of the live oracle price", domain: [91.6, 100.4], grid: true },
    marks: [
      Plot.ruleY([100], { stroke: INK }),
      Plot.ruleY([hold, floor], { stroke: QUIET, strokeDasharray: "4,4" }),
      Plot.line(untouched, { x: "seconds", y: "percent", stroke: QUIET, strokeDasharray: "2,4" }),
      Plot.line(price, { x: "seconds", y: "percent", stroke: PRICE, strokeWidth: 2.5 }),
      Plot.dot(takes, { x: "seconds", y: "percent", fill: PRICE, r: 5 }),
      Plot.text(notes, { x: "seconds", y: "percent", text: "text", textAnchor: "start", fill: INK }),
    ],
  });
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return plot.outerHTML;
};

writeFileSync(fileURLToPath(new URL("../../docs/sale.svg", import.meta.url)), `${draw()}\n`);
