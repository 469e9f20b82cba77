/** The figures of a run as label and text, for the table in the terminal and the one in the page. */
import { marketText } from "../input/markets.ts";
import type { MechanismName } from "../mechanisms/mechanismNames.ts";
import type { RunResult, ScenarioResult } from "../records/result.ts";

export interface Row {
  readonly label: string;
  readonly text: string;
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const fine = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

/** An amount of the loan asset, as fine as its size asks for. */
export function amount(decimal: string): string {
  const value = Number(decimal);
  if (Math.abs(value) >= 1_000) return grouped.format(value);
  return Math.abs(value) >= 1 ? cents.format(value) : fine.format(value);
}

export function number(value: number): string {
  return fine.format(value);
}

export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)}%`;
}

export function duration(seconds: number | null): string {
  if (seconds === null) return "-";
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${minutes.toFixed(1)} min` : `${(minutes / 60).toFixed(1)} h`;
}

function bps(value: number | null): string {
  return value === null ? "-" : `${value.toFixed(0)} bps`;
}

function multiplier(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

function gas(value: number | null): string {
  return value === null ? "-" : grouped.format(value);
}

export function scenarioRows(
  scenario: ScenarioResult,
  seed: number,
  steps: number,
  positions: number,
): readonly Row[] {
  const fall = scenario.lowPrice / scenario.startPrice - 1;
  const end = scenario.endPrice / scenario.startPrice - 1;
  const hours = (scenario.to - scenario.from) / 3_600;
  const notes = [
    scenario.atBorrowLimit > 0 ? `${scenario.atBorrowLimit} held to the borrow limit` : "",
    scenario.atDebtCap > 0 ? `${scenario.atDebtCap} held to the debt cap` : "",
    scenario.tooSmall > 0 ? `${scenario.tooSmall} too small to open` : "",
  ].filter((note) => note !== "");
  return [
    { label: "prices", text: scenario.noRebound ? `${scenario.prices}, without rebound` : scenario.prices },
    {
      label: "path",
      text: `${number(scenario.startPrice)}, low ${number(scenario.lowPrice)} (${percent(fall, 1)}), end ${number(scenario.endPrice)} (${percent(end, 1)})`,
    },
    {
      label: "time",
      text: `${hours.toFixed(0)} h in ${grouped.format(steps)} steps of ${scenario.stepSeconds} s`,
    },
    { label: "book", text: scenario.book },
    {
      label: "positions",
      text: `${grouped.format(positions)} of ${grouped.format(scenario.accounts)}${notes.length === 0 ? "" : `; ${notes.join(", ")}`}`,
    },
    { label: "debt", text: amount(scenario.debtOpened) },
    { label: "depth to -2%", text: amount(scenario.depth) },
    {
      label: "feedback",
      text: `the market follows the pool by ${percent(scenario.lastingShare, 0)}, half of it for ${duration(scenario.lastingHalfLife)}`,
    },
    { label: "market", text: marketText(scenario.market) },
    {
      label: "gas price",
      text: `${scenario.gasPriceGwei} gwei while it is calm; a coin is worth ${number(scenario.nativePrice)}`,
    },
    { label: "seed", text: String(seed) },
  ];
}

export function runRows(run: RunResult): readonly Row[] {
  const { endings, borrowerHaircutBps: haircut, timeToCureSeconds: cure, gasUsed, transactions } = run;
  const { borrowersCostParts: atTake, borrowersCostPartsAtDue: atDue } = run;
  return [
    { label: "what it reads", text: run.reads },
    { label: "positions ever unhealthy", text: grouped.format(run.unhealthyEver) },
    { label: "sales started", text: grouped.format(run.salesStarted) },
    {
      label: "  ended: sold / recovered / cured / empty",
      text: `${endings.sold} / ${endings.recovered} / ${endings.cured} / ${endings.empty}`,
    },
    { label: "  still open", text: String(endings.open) },
    { label: "  healthy again, not ended", text: String(endings.armed) },
    { label: "unhealthy at the end, never started", text: String(run.neverStarted.length) },
    {
      label: "takes (in transactions)",
      text: `${grouped.format(run.takeCount)} (${grouped.format(transactions.take)})`,
    },
    { label: "collateral sold, at market", text: amount(run.collateralSold) },
    { label: "  through clock / direct / batch", text: soldShares(run) },
    { label: "debt repaid", text: amount(run.debtRepaid) },
    { label: "recovery rate", text: percent(run.recoveryRate) },
    { label: "unsold debt at the end", text: amount(run.unsoldDebt) },
    { label: "  of it beyond its collateral's worth", text: amount(run.unsoldShortfall) },
    { label: "lost: at take / at due", text: lost(run) },
    {
      label: "borrowers' cost: at take / at due",
      text: both(run.borrowersCost, run.borrowersCostAtDue),
    },
    { label: "  of it loss at market", text: both(atTake.loss, atDue.loss) },
    { label: "  of it penalties", text: both(atTake.penalty, atDue.penalty) },
    { label: "  of it rewards of starters", text: both(atTake.rewards, atDue.rewards) },
    { label: "  of it rescues", text: both(atTake.rescues, atDue.rescues) },
    { label: "lenders' loss", text: amount(run.lendersLoss) },
    { label: "reserve's loss", text: amount(run.reserveLoss) },
    { label: "bad debt", text: amount(run.badDebt) },
    {
      label: "leaves the system: at take / at due",
      text: both(run.leavesSystem, run.leavesSystemAtDue),
    },
    {
      label: "loss at market over sold: mean / median / p95",
      text: `${bps(haircut.mean)} / ${bps(haircut.p50)} / ${bps(haircut.p95)}`,
    },
    {
      label: "rescues: number / sold / cost",
      text: `${grouped.format(run.rescues.count)} / ${amount(run.rescues.collateralSold)} / ${amount(run.rescues.cost)}`,
    },
    {
      label: "  of it false alarms: number / cost",
      text: `${grouped.format(run.rescues.falseAlarms)} / ${amount(run.rescues.falseAlarmCost)}`,
    },
    { label: "parameters moved", text: grouped.format(run.parametersMoved) },
    { label: "penalties paid, to the reserve", text: amount(run.penaltyPaid) },
    { label: "rewards paid to starters", text: amount(run.rewardsPaid) },
    { label: "most debt under water", text: amount(run.maxDebtUnderWater) },
    { label: "  most shortfall", text: amount(run.maxShortfall) },
    {
      label: "time to cure: median / p95 / longest",
      text: `${duration(cure.p50)} / ${duration(cure.p95)} / ${duration(cure.max)}`,
    },
    {
      label: "price deviation caused: most / mean",
      text: `${bps(run.impactBps.max)} / ${run.impactBps.timeWeighted.toFixed(1)} bps`,
    },
    { label: "cascade multiplier", text: multiplier(run.cascadeMultiplier) },
    { label: "keepers' profit after gas", text: amount(run.keeperProfit) },
    { label: "  gas paid", text: amount(run.keeperGasCost) },
    { label: "lost by holding the pool down", text: amount(run.manipulationCost) },
    { label: "touches", text: grouped.format(run.transactions.touch) },
    {
      label: "gas: a start / an order / a touch",
      text: [gasUsed.startSale, gasUsed.take, gasUsed.touch].map(gas).join(" / "),
    },
    {
      label: "conservation",
      text: run.conservation.ok ? `ok, ${run.conservation.details.length} checks to the wei` : "BROKEN",
    },
  ];
}

/** A figure at the market's price of the take, and at the one when the position fell due. */
function both(atTake: string, atDue: string): string {
  return `${amount(atTake)} / ${amount(atDue)}`;
}

/**
 * What borrowers and lenders lose together: the borrowers' whole cost and the lenders' loss. What the reserve bears is no part of it:
 * penalties and interest brought it that, and a penalty counts when it is paid.
 */
export function lostBy({ borrowersCost, borrowersCostAtDue, lendersLoss }: RunResult) {
  return {
    atTake: Number(borrowersCost) + Number(lendersLoss),
    atDue: Number(borrowersCostAtDue) + Number(lendersLoss),
  };
}

function lost(run: RunResult): string {
  const { atTake, atDue } = lostBy(run);
  return both(String(atTake), String(atDue));
}

const SELLERS = ["DutchAuctionLiquidator", "DirectSaleLiquidator", "BatchAuctionLiquidator"] as const;

/** Shares of what was sold by Gavel's ways of selling. */
function soldShares({ soldThrough, collateralSold }: RunResult): string {
  const sold = SELLERS.map((name) => soldThrough.find(({ seller }) => seller === name)?.collateralSold);
  if (sold.every((value) => value === undefined)) return "-";
  return sold.map((value) => percent(Number(value ?? 0) / Number(collateralSold), 0)).join(" / ");
}

/** What a run is called where several stand side by side. */
export function labelOf({ mechanism, generation }: RunResult): string {
  return generation === null ? mechanism : `generation ${generation} (${mechanism})`;
}

/** What this field's textbooks say of each way of selling: speed, impact. */
const TEXTBOOK: Readonly<Partial<Record<MechanismName, string>>> = {
  dutch: "moderate, controlled",
  direct: "high, high",
  batch: "low, low",
};

export interface Comparison {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What the field says of its generations. */
const EVOLUTION = {
  1: "static ratio, market order",
  2: "dynamic ratio, Dutch auction",
  3: "risk-adjusted, automated aggregation",
} as const;

/** The textbook comparison, measured: one row a run, of ways of selling or of generations. */
export function comparisonTable(runs: readonly RunResult[]): Comparison {
  return runs.some(({ generation }) => generation !== null)
    ? compareGenerations(runs)
    : compareMechanisms(runs);
}

function compareGenerations(runs: readonly RunResult[]): Comparison {
  const head = [
    "generation",
    "textbook",
    "what it reads",
    "bad debt",
    "borrowers' cost: at take / at due",
    "lenders' loss",
    "unsold debt",
    "liquidated",
    "cascade",
    "rescues",
    "false alarms",
    "their cost",
  ];
  const rows = runs.map((run) => [
    labelOf(run),
    run.generation === null ? "-" : EVOLUTION[run.generation],
    run.reads,
    amount(run.badDebt),
    both(run.borrowersCost, run.borrowersCostAtDue),
    amount(run.lendersLoss),
    amount(run.unsoldDebt),
    amount(run.collateralSold),
    multiplier(run.cascadeMultiplier),
    `${run.rescues.count} (${amount(run.rescues.collateralSold)})`,
    String(run.rescues.falseAlarms),
    amount(run.rescues.falseAlarmCost),
  ]);
  return { head, rows };
}

function compareMechanisms(runs: readonly RunResult[]): Comparison {
  const head = [
    "way of selling",
    "textbook: speed, impact",
    "what it reads",
    "time to cure p50 / p95",
    "impact most / mean",
    "recovery",
    "haircut, penalty aside",
    "lost: at take / at due",
    "leaves the system: at take / at due",
    "bad debt",
    "unsold debt",
    "cascade",
    "gas a take",
  ];
  const rows = runs.map((run) => {
    const { timeToCureSeconds: cure, impactBps: impact } = run;
    return [
      run.mechanism,
      TEXTBOOK[run.mechanism] ?? "-",
      run.reads,
      `${duration(cure.p50)} / ${duration(cure.p95)}`,
      `${impact.max.toFixed(0)} / ${impact.timeWeighted.toFixed(1)} bps`,
      percent(run.recoveryRate),
      bps(run.borrowerHaircutBps.mean),
      lost(run),
      both(run.leavesSystem, run.leavesSystemAtDue),
      amount(run.badDebt),
      amount(run.unsoldDebt),
      multiplier(run.cascadeMultiplier),
      gas(run.gasUsed.take),
    ];
  });
  return { head, rows };
}
