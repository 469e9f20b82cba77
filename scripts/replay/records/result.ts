import type { Book } from "../../world/book.ts";
import { mean, quantile } from "../../world/statistics.ts";
import type { ParameterMove } from "../../../sdk/stewardMath.ts";
import { value } from "../../../sdk/saleMath.ts";
import { priceToScaled, toDecimal } from "../../../sdk/units.ts";
import { type BorrowersCost, shortfallOf, totalCost } from "./costs.ts";
import type { GasUse, Outcome } from "../run/engine.ts";
import {
  collateralOf,
  type KeeperResult,
  money,
  nameIn,
  type PositionResult,
  priceOf,
  type RescueResult,
  type TakeResult,
  toKeepers,
  toPositions,
  toRescueList,
  toTakes,
} from "./ledger.ts";
import type { Mechanism } from "../mechanisms/mechanism.ts";
import type { Purpose } from "../agents/agents.ts";
import type { MarketSettings } from "../input/markets.ts";
import type { Generation, MechanismName } from "../mechanisms/mechanismNames.ts";
import { LASTING_HALF_LIFE, LASTING_SHARE } from "../world/parameters.ts";
import { READS } from "../mechanisms/reads.ts";
import { costOf } from "./rescues.ts";
import {
  borrowersCostOf,
  type Ending,
  ENDINGS,
  leavingSystem,
  type SaleRecord,
  sumOf,
  sumOfCosts,
} from "./sales.ts";
import type { Scenario } from "../input/scenario.ts";

/**
 * What one crash came to. Money is a decimal string in the loan asset, time in seconds. Each run's money figures can be reckoned
 * again from its `takes`, `rescues`, `sales`, `positions` and `keepers`, but for the two that are the most of a time, and what
 * manipulation cost.
 * Figures that a market price decides come twice: at the price of the take's moment, and, under a name with `AtDue`, at the
 * price of the moment when its position fell due. Where only the second shows a loss, waiting has cost it.
 */
export interface Result {
  readonly scenario: ScenarioResult;
  readonly seed: number;
  /** Steps of the clock. */
  readonly steps: number;
  /** Positions opened. */
  readonly positions: number;
  readonly runs: readonly RunResult[];
}

/**
 * What `reports/replay.json` holds: the results of the crashes that were replayed one after the other, all their runs in one list.
 * Scenario, steps and positions are the first one's.
 */
export interface Report extends Result {
  readonly crashes: readonly Omit<Result, "runs">[];
}

export function toReport(results: readonly Result[]): Report {
  const [first] = results;
  if (first === undefined) throw new RangeError("nothing was replayed");
  return {
    ...first,
    crashes: results.map(({ runs: _runs, ...crash }) => crash),
    runs: results.flatMap(({ runs }) => runs),
  };
}

export interface ScenarioResult {
  /** What the crash is called: `slow` or `fast`, or the name of the file. */
  readonly crash: string;
  readonly prices: string;
  readonly book: string;
  readonly noRebound: boolean;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
  readonly startPrice: number;
  readonly lowPrice: number;
  readonly endPrice: number;
  readonly gasPriceGwei: string;
  /** Loan assets that a native coin is worth. */
  readonly nativePrice: number;
  readonly market: MarketSettings;
  /** Debt asked for, and what was opened of it. */
  readonly debt: string;
  readonly debtOpened: string;
  readonly depth: string;
  /** Share of each fall of the pool by sales that the market follows, and seconds in which half of that fades. */
  readonly lastingShare: number;
  readonly lastingHalfLife: number;
  readonly accounts: number;
  /** Opened at the borrow limit, because their LTV was above it. */
  readonly atBorrowLimit: number;
  /** Opened with the most that one position may owe. */
  readonly atDebtCap: number;
  /** Not opened: they owe less than the vault lends. */
  readonly tooSmall: number;
}

export interface RunResult {
  /** Name of its crash. */
  readonly crash: string;
  readonly mechanism: MechanismName;
  /** Generation of the field, 1 to 3; null where a way of selling was replayed. */
  readonly generation: Generation | null;
  /** Prices that the protocol decides by. */
  readonly reads: string;
  /** Positions that were ever unhealthy at the protocol's price. */
  readonly unhealthyEver: number;
  readonly salesStarted: number;
  /** Takes of one position each; one transaction may hold many. */
  readonly takeCount: number;
  /** Sales that left the position healthy or out of debt: all but the empty and the open ones. */
  readonly cured: number;
  /** Open: still unhealthy. Armed: healthy again at the end, but nobody ended the sale. */
  readonly endings: Readonly<Record<Standing, number>>;
  /** Debt repaid by takes. */
  readonly debtRepaid: string;
  /** Debt at the end of positions that are unhealthy then, whether or not their sale was started: nobody has sold it. */
  readonly unsoldDebt: string;
  /** What that owes beyond its collateral's worth at the market's price of the end: lost already, though nobody has written it off. */
  readonly unsoldShortfall: string;
  /** What was sold, at the market's price of each moment; in the collateral asset below. */
  readonly collateralSold: string;
  readonly collateralSoldUnits: string;
  /** What each contract sold, in the order of their first takes. */
  readonly soldThrough: readonly SellerResult[];
  /**
   * Debt repaid by takes, over the debt that sales had to repay: what they repaid, what was left when the collateral was gone,
   * and the close amounts of sales that were still open at the end. 1 where nothing was sold.
   */
  readonly recoveryRate: number;
  /** Borrowers' whole cost: the sum of its parts below. */
  readonly borrowersCost: string;
  readonly borrowersCostAtDue: string;
  readonly borrowersCostParts: CostParts;
  readonly borrowersCostPartsAtDue: CostParts;
  /**
   * Borrowers' loss at market, a part of their cost: over all takes fair value of what was sold, less what came off the debt and the penalty,
   * at most the borrower's equity before the take. What is beyond the equity shows up as bad debt.
   */
  readonly borrowerLoss: string;
  readonly borrowerLossAtDue: string;
  /** Loss at market over fair value of what was sold, over the sales that sold something, each counting once. */
  readonly borrowerHaircutBps: Summary<"mean" | "p50" | "p95">;
  /** Penalties on top of repaid debt, all of which the reserve got. */
  readonly penaltyPaid: string;
  /** Rewards of starters, on borrowers' debts. */
  readonly rewardsPaid: string;
  /**
   * What leaves borrowers, lenders and reserve together, to takers, pools and keepers: fair value of the collateral that takers got
   * less all they paid, starters' rewards, and the rescues' cost. What a fall of the market takes from a position in debt is no part of it.
   */
  readonly leavesSystem: string;
  readonly leavesSystemAtDue: string;
  /** Debt left where the collateral was gone: what lenders, the reserve and a backstop lose. */
  readonly badDebt: string;
  /** Bad debt that lenders bore in what their shares are worth. */
  readonly lendersLoss: string;
  /** Bad debt that the reserve bore. What penalties brought it is not taken off. */
  readonly reserveLoss: string;
  /** How often the steward moved a parameter. */
  readonly parametersMoved: number;
  /** The same one by one, values in the parameter's unit. */
  readonly parameterMoves: readonly (Omit<ParameterMove, "from" | "to"> & {
    readonly from: string;
    readonly to: string;
  })[];
  /** What was sold before it would be for sale, at its borrowers' wish. */
  readonly rescues: RescuesResult;
  /** How long a position was seen unhealthy, before its sale and in it, over the cured ones. */
  readonly timeToCureSeconds: Summary<"p50" | "p95" | "max">;
  /** Most debt at one time of positions that owed more than their collateral was worth on the market. */
  readonly maxDebtUnderWater: string;
  /** Most of what those owed beyond their collateral's worth at one time. */
  readonly maxShortfall: string;
  /** How far sales moved the pool's price from where it would be without them: at most, and over the time of the scenario. */
  readonly impactBps: { readonly max: number; readonly timeWeighted: number };
  /** Collateral sold over what is sold where the market's price does not follow sales; null where that is nothing. */
  readonly cascadeMultiplier: number | null;
  /** What keepers have more at the end, collateral at the price of the end, less what they paid for gas. */
  readonly keeperProfit: string;
  readonly keeperGasCost: string;
  /** The same one by one. */
  readonly keepers: readonly KeeperResult[];
  readonly gasCosts: Readonly<Record<Purpose, string>>;
  /** Market's price at the end. */
  readonly endPrice: string;
  /** What whoever held the pool down lost by it, gas included; 0 where nobody did. */
  readonly manipulationCost: string;
  /**
   * Mean gas of a transaction, and their number: a start by itself; an order, of one or many positions with the swap; a touch that
   * keeps a sale's clock going.
   */
  readonly gasUsed: Readonly<Record<SalePurpose, number | null>>;
  readonly transactions: Readonly<Record<SalePurpose, number>>;
  readonly conservation: { readonly ok: boolean; readonly details: readonly CheckResult[] };
  /** In the order of their start. */
  readonly sales: readonly SaleResult[];
  /** In the order of their time. */
  readonly takes: readonly TakeResult[];
  /** All borrowers', in the order of the book. */
  readonly positions: readonly PositionResult[];
  /** Unhealthy at the end without a sale. */
  readonly neverStarted: readonly {
    readonly account: string;
    readonly debt: string;
    /** Since when it has been unhealthy without a break. */
    readonly dueAt: number;
    readonly reason: string;
  }[];
}

/** Where a sale stands at the end of the run. */
export type Standing = Ending | "open" | "armed";

type SalePurpose = Exclude<Purpose, "upkeep">;

type Summary<Key extends string> = Readonly<Record<Key, number | null>>;

/** Parts of the borrowers' cost; none is counted in another. */
export interface CostParts {
  /** Loss at market of all takes. */
  readonly loss: string;
  /** Penalties as far as the borrower's equity bore them; the rest of `penaltyPaid` shows up as bad debt. */
  readonly penalty: string;
  /** Starters' rewards as far as the borrower's equity at the start bore them. */
  readonly rewards: string;
  /** Cost of rescues at the market's price of each moment, here and at due: they come before anything is due. */
  readonly rescues: string;
}

export interface RescuesResult {
  readonly count: number;
  /** At the market's price of each moment, as costs are: fair value less what came off the debt or back to the borrower. */
  readonly collateralSold: string;
  readonly cost: string;
  /** Rescues of positions that would never have been unhealthy without them, at the oracle's prices of this run. */
  readonly falseAlarms: number;
  readonly falseAlarmCost: string;
  readonly all: readonly RescueResult[];
}

/** What one contract bought from the vault or sold for it. */
export interface SellerResult {
  readonly seller: string;
  readonly takeCount: number;
  readonly collateralSold: string;
  readonly borrowerLoss: string;
}

export interface CheckResult {
  readonly check: string;
  readonly token: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
}

export interface SaleResult {
  readonly id: number;
  readonly account: string;
  /** When its position fell due, and the market's price then. */
  readonly dueAt: number;
  readonly duePrice: string;
  /** When it was started, and the market's price then. */
  readonly startedAt: number;
  readonly startPrice: string;
  readonly endedAt: number | null;
  readonly ending: Standing;
  /** How it ended, or why it has not, in words. */
  readonly explanation: string;
  /** Debt of the position at the start, the starter's reward included, and its collateral, in collateral assets. */
  readonly debt: string;
  readonly collateral: string;
  readonly reward: string;
  readonly takeCount: number;
  readonly debtRepaid: string;
  readonly penaltyPaid: string;
  readonly collateralSold: string;
  readonly borrowerLoss: string;
  readonly borrowerLossAtDue: string;
  readonly haircutBps: number | null;
  readonly writtenOff: string;
}

const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 100) / 100;
const inBps = (share: number): number => Math.round(share * 1e6) / 100;
const ratio = (part: bigint, whole: bigint): number => Number(part) / Number(whole);
const largest = (values: readonly bigint[]): bigint =>
  values.reduce((most, value) => (value > most ? value : most), 0n);
const totalOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

export function toResult(scenario: Scenario, book: Book, runs: readonly RunResult[]): Result {
  return {
    scenario: toScenario(scenario, book),
    seed: scenario.seed,
    steps: stepsOf(scenario),
    positions: book.openings.length,
    runs,
  };
}

/** @param soldAtFixedPrice `collateralSoldUnits` of the same run where sales leave no trace in the market's price. */
export function withCascade(run: RunResult, soldAtFixedPrice: string): RunResult {
  const sold = Number(soldAtFixedPrice);
  return { ...run, cascadeMultiplier: sold === 0 ? null : Number(run.collateralSoldUnits) / sold };
}

function spanOf({ path }: Scenario): { readonly from: number; readonly to: number } {
  return { from: path[0]?.time ?? 0, to: path.at(-1)?.time ?? 0 };
}

function stepsOf(scenario: Scenario): number {
  const { from, to } = spanOf(scenario);
  return Math.floor((to - from) / scenario.stepSeconds) + 1;
}

function toScenario(scenario: Scenario, book: Book): ScenarioResult {
  const { path } = scenario;
  const { accounts, atBorrowLimit, atDebtCap, tooSmall } = book;
  return {
    crash: scenario.crash,
    prices: scenario.prices,
    book: scenario.book,
    noRebound: scenario.noRebound,
    ...spanOf(scenario),
    stepSeconds: scenario.stepSeconds,
    startPrice: path[0]?.price ?? 0,
    lowPrice: path.reduce((low, { price }) => Math.min(low, price), Infinity),
    endPrice: path.at(-1)?.price ?? 0,
    gasPriceGwei: toDecimal(scenario.gasPrice, 9),
    nativePrice: scenario.nativePrice,
    debt: money(scenario.totalDebt),
    debtOpened: money(totalOf(book.openings.map(({ debt }) => debt))),
    depth: money(scenario.depth),
    market: scenario.market,
    lastingShare: LASTING_SHARE,
    lastingHalfLife: LASTING_HALF_LIFE,
    accounts,
    atBorrowLimit,
    atDebtCap,
    tooSmall,
  };
}

export function toRun({ name, generation }: Mechanism, outcome: Outcome): RunResult {
  const { recorder, conservation, gas, risk } = outcome;
  const { sales } = recorder;
  const sum = (field: Parameters<typeof sumOf>[1]): bigint =>
    totalOf(sales.map((sale) => sumOf(sale, field)));
  const endings = Object.fromEntries(
    [...ENDINGS, "open" as const, "armed" as const].map((ending) => [
      ending,
      sales.filter((sale) => endingOf(sale) === ending).length,
    ]),
  ) as Record<Standing, number>;
  const cured = sales.flatMap((sale) => {
    const ending = endingOf(sale);
    return ending === "open" || ending === "empty" ? [] : [sale.dueSeconds];
  });
  const haircuts = sales.flatMap((sale) => haircutBps(sale) ?? []);
  const repaid = sum("repaid");
  const badDebt = recorder.losses.total;
  const due = repaid + badDebt + totalOf(sales.map(({ open }) => open?.due ?? 0n));
  return {
    crash: outcome.system.scenario.crash,
    mechanism: name,
    generation: generation ?? null,
    reads: READS[name],
    unhealthyEver: outcome.unhealthyEver,
    salesStarted: sales.length,
    takeCount: sales.reduce((count, { takes }) => count + takes.length, 0),
    cured: cured.length,
    endings,
    debtRepaid: money(repaid),
    ...toUnsold(outcome),
    collateralSold: money(totalOf(sales.map((sale) => sumOfCosts(sale, "fairValue", "atTake")))),
    collateralSoldUnits: collateralOf(sum("collateral")),
    soldThrough: toSellers(outcome),
    recoveryRate: due === 0n ? 1 : ratio(repaid, due),
    ...toCosts(outcome),
    borrowerHaircutBps: {
      mean: rounded(mean(haircuts)),
      p50: rounded(quantile(haircuts, 0.5)),
      p95: rounded(quantile(haircuts, 0.95)),
    },
    penaltyPaid: money(sum("penalty")),
    rewardsPaid: money(totalOf(sales.map(({ reward }) => reward))),
    badDebt: money(badDebt),
    lendersLoss: money(recorder.losses.fromLenders),
    reserveLoss: money(recorder.losses.fromReserve),
    parametersMoved: outcome.parameterMoves.length,
    parameterMoves: outcome.parameterMoves.map((move) => ({
      ...move,
      from: String(move.from),
      to: String(move.to),
    })),
    rescues: toRescues(outcome),
    timeToCureSeconds: {
      p50: rounded(quantile(cured, 0.5)),
      p95: rounded(quantile(cured, 0.95)),
      max: rounded(quantile(cured, 1)),
    },
    maxDebtUnderWater: money(largest(risk.map(({ underWater }) => underWater))),
    maxShortfall: money(largest(risk.map(({ shortfall }) => shortfall))),
    impactBps: { max: inBps(outcome.impact.max), timeWeighted: inBps(outcome.impact.timeWeighted) },
    cascadeMultiplier: null,
    ...toProfits(outcome),
    manipulationCost: money(outcome.manipulationCost),
    gasUsed: {
      startSale: meanGas(gas.startSale),
      take: meanGas(gas.take),
      touch: meanGas(gas.touch),
    },
    transactions: {
      startSale: gas.startSale.transactions,
      take: gas.take.transactions,
      touch: gas.touch.transactions,
    },
    conservation: {
      ok: conservation.every(({ ok }) => ok),
      details: conservation.map(({ what, token, expected, actual, ok }) => ({
        check: what,
        token,
        expected: String(expected),
        actual: String(actual),
        ok,
      })),
    },
    sales: sales.map(toSale),
    takes: toTakes(outcome),
    positions: toPositions(outcome),
    neverStarted: outcome.neverStarted.map((never) => ({ ...never, debt: money(never.debt) })),
  };
}

function toCosts({ recorder: { sales }, rescues }: Outcome) {
  const all = rescues?.all ?? [];
  const [atTake, atDue] = [borrowersCostOf(sales, all, "atTake"), borrowersCostOf(sales, all, "atDue")];
  return {
    borrowersCost: money(totalCost(atTake)),
    borrowersCostAtDue: money(totalCost(atDue)),
    borrowersCostParts: toParts(atTake),
    borrowersCostPartsAtDue: toParts(atDue),
    borrowerLoss: money(atTake.loss),
    borrowerLossAtDue: money(atDue.loss),
    leavesSystem: money(leavingSystem(sales, all, "atTake")),
    leavesSystemAtDue: money(leavingSystem(sales, all, "atDue")),
  };
}

function toUnsold({ positions, endPrice }: Outcome) {
  const unsold = positions.filter(({ isUnhealthy }) => isUnhealthy).map(({ closing }) => closing);
  return {
    unsoldDebt: money(totalOf(unsold.map(({ debt }) => debt))),
    unsoldShortfall: money(totalOf(unsold.map((position) => shortfallOf(position, endPrice)))),
  };
}

function toParts({ loss, penalty, rewards, rescues }: BorrowersCost): CostParts {
  return { loss: money(loss), penalty: money(penalty), rewards: money(rewards), rescues: money(rescues) };
}

function toProfits(outcome: Outcome) {
  const { gains, gas, endPrice } = outcome;
  const price = priceToScaled(endPrice);
  const income = totalOf(
    gains.map(({ loan, collateral, shares }) => loan + value(collateral, price) + shares),
  );
  const gasCost = totalOf(Object.values(gas).map(({ cost }) => cost));
  return {
    keeperProfit: money(income - gasCost),
    keeperGasCost: money(gasCost),
    keepers: toKeepers(outcome),
    gasCosts: {
      startSale: money(gas.startSale.cost),
      take: money(gas.take.cost),
      touch: money(gas.touch.cost),
      upkeep: money(gas.upkeep.cost),
    },
    endPrice: priceOf(endPrice),
  };
}

function toRescues(outcome: Outcome): RescuesResult {
  const { all, falseAlarms } = outcome.rescues ?? { all: [], falseAlarms: [] };
  return {
    count: all.length,
    collateralSold: money(totalOf(all.map(({ fairValue }) => fairValue))),
    cost: money(costOf(all)),
    falseAlarms: falseAlarms.length,
    falseAlarmCost: money(costOf(falseAlarms)),
    all: toRescueList(outcome, { all, falseAlarms }),
  };
}

function toSellers(outcome: Outcome): readonly SellerResult[] {
  const takes = outcome.recorder.sales.flatMap((sale) => sale.takes).sort((a, b) => a.time - b.time);
  return [...new Set(takes.map(({ taker }) => taker))].map((seller) => {
    const own = takes.filter(({ taker }) => taker === seller);
    return {
      seller: nameIn(outcome, seller),
      takeCount: own.length,
      collateralSold: money(totalOf(own.map(({ atTake }) => atTake.fairValue))),
      borrowerLoss: money(totalOf(own.map(({ atTake }) => atTake.loss))),
    };
  });
}

function meanGas({ transactions, gas }: GasUse): number | null {
  return transactions === 0 ? null : Math.round(Number(gas) / transactions);
}

function endingOf({ end, open }: SaleRecord): Standing {
  return end?.ending ?? (open?.isHealthy === true ? "armed" : "open");
}

function haircutBps(sale: SaleRecord): number | undefined {
  const fairValue = sumOfCosts(sale, "fairValue", "atTake");
  return fairValue === 0n ? undefined : ratio(sumOfCosts(sale, "loss", "atTake"), fairValue) * 1e4;
}

function toSale(sale: SaleRecord, id: number): SaleResult {
  return {
    id,
    account: sale.account,
    dueAt: sale.dueAt,
    duePrice: priceOf(sale.duePrice),
    startedAt: sale.startedAt,
    startPrice: priceOf(sale.startPrice),
    endedAt: sale.end?.time ?? null,
    ending: endingOf(sale),
    explanation: explain(sale),
    debt: money(sale.debt),
    collateral: collateralOf(sale.collateral),
    reward: money(sale.reward),
    takeCount: sale.takes.length,
    debtRepaid: money(sumOf(sale, "repaid")),
    penaltyPaid: money(sumOf(sale, "penalty")),
    collateralSold: money(sumOfCosts(sale, "fairValue", "atTake")),
    borrowerLoss: money(sumOfCosts(sale, "loss", "atTake")),
    borrowerLossAtDue: money(sumOfCosts(sale, "loss", "atDue")),
    haircutBps: rounded(haircutBps(sale)),
    writtenOff: money(sale.writtenOff),
  };
}

function explain(sale: SaleRecord): string {
  const { end, open, takes, restarts, writtenOff } = sale;
  const lapses = restarts === 0 ? "" : `, after ${restarts} ${restarts === 1 ? "lapse" : "lapses"}`;
  const parts = `${takes.length} ${takes.length === 1 ? "take" : "takes"}`;
  switch (end?.ending) {
    case "sold":
      return `healthy after ${parts}${lapses}`;
    case "recovered":
      return `the price brought it back to health${takes.length === 0 ? " before anybody bought" : ` after ${parts}`}${lapses}`;
    case "cured":
      return `its borrower repaid or added collateral${lapses}`;
    case "empty":
      return `all collateral gone after ${parts}, ${money(writtenOff)} of debt written off${lapses}`;
    case undefined:
      return `still ${open?.isHealthy === true ? "live" : "open"}: ${open?.reason ?? "not looked at"}${lapses}`;
  }
}
