import type { DebtAtRisk } from "../lib/exposure.ts";
import { FeedRule } from "../lib/feedRule.ts";
import { value } from "../lib/health.ts";
import { PriceImpact } from "../lib/priceImpact.ts";
import { PathReader, type PricePoint } from "../lib/pricePath.ts";
import { RealisedVolatility } from "../lib/realisedVolatility.ts";
import { priceToScaled, priceToWad } from "../lib/units.ts";
import { type Balances, readBalances, type TokenName } from "./balances.ts";
import { Chain, type Receipt } from "./chain.ts";
import type { Check } from "./check.ts";
import { congestionAt, gasPriceAt, lagAt } from "./congestion.ts";
import { checkConservation } from "./conservation.ts";
import type { Fork } from "./environment.ts";
import { isArmed, isUnhealthy, type PositionView, type Status } from "./lens.ts";
import type { Agents, Desk, Mechanism, Purpose } from "./mechanism.ts";
import { Mirror } from "./mirror.ts";
import {
  BLOCK_SECONDS,
  FEED,
  LASTING_HALF_LIFE,
  LASTING_SHARE,
  REALISED_HALF_LIFE,
  wildnessOf,
  CALM_VOLATILITY,
} from "./parameters.ts";
import { type KnownPosition, Recorder } from "./recorder.ts";
import type { Rescues } from "./rescues.ts";
import type { Scenario } from "./scenario.ts";
import { decidingPrice, sizeAt } from "./sizing.ts";
import { deployReplay, type ReplaySystem, warmUp } from "./system.ts";

/** Transactions of one purpose. */
export interface GasUse {
  readonly transactions: number;
  readonly gas: bigint;
}

/** A position that is unhealthy at the end, and whose sale nobody started. */
export interface NeverStarted {
  readonly account: string;
  /** Loan units. */
  readonly debt: bigint;
  readonly reason: string;
}

/** All that a run leaves behind. */
export interface Outcome {
  readonly system: ReplaySystem;
  readonly recorder: Recorder;
  readonly conservation: readonly Check[];
  /** Borrowers that were ever unhealthy at the vault's price. */
  readonly unhealthyEver: number;
  readonly neverStarted: readonly NeverStarted[];
  readonly gas: Readonly<Record<Purpose, GasUse>>;
  /** Price deviation that sales caused, as shares. */
  readonly impact: PriceImpact["summary"];
  /** For the charts: the same over time. */
  readonly deviations: readonly { readonly time: number; readonly deviation: number }[];
  readonly parametersMoved: number;
  /** Of positions before they would be for sale; undefined where nobody rescues. */
  readonly rescues: Rescues | undefined;
  /** What keepers paid for gas, and earned before it, collateral that they still hold at the last price; loan units. */
  readonly gasCost: bigint;
  readonly keeperIncome: bigint;
  /** What holding the pool off the market cost whoever did it, loan units. */
  readonly manipulationCost: bigint;
  /** For the charts. */
  readonly rounds: readonly PricePoint[];
  readonly risk: readonly (DebtAtRisk & { readonly time: number })[];
}

export interface Progress {
  readonly phase: "opening the book" | "running";
  /** Share of the phase that is done. */
  readonly done: number;
  readonly time: number;
  readonly price: number;
  readonly liveSales: number;
  readonly takes: number;
}

const INDEX_SECONDS = 3_600;
/** What agents or lenders can do something about; a sale that could be ended pays nobody for that. */
const ACTIONABLE: ReadonlySet<Status> = new Set(["STARTABLE", "FOR_SALE", "LAPSED", "EMPTIED"]);

/** Runs a scenario under a mechanism, on a chain of its own. */
export async function replay(
  scenario: Scenario,
  mechanism: Mechanism,
  options: {
    readonly fork?: Fork | undefined;
    /** Share of the pool's falls that the market follows. */
    readonly lastingShare?: number;
    readonly onProgress?: (progress: Progress) => void;
  } = {},
): Promise<Outcome> {
  const { fork, lastingShare = LASTING_SHARE, onProgress = () => undefined } = options;
  const [start] = scenario.path;
  if (start === undefined) throw new RangeError("a price path needs a point");
  const chain = await Chain.open({ time: start.time - warmUp(scenario), gasPrice: scenario.gasPrice, fork });
  try {
    const system = await deployReplay(chain, scenario, mechanism, (count) => {
      const done = count / scenario.accounts.length;
      onProgress({ phase: "opening the book", done, ...start, liveSales: 0, takes: 0 });
    });
    const agents = await system.lending.hire();
    const impact = new PriceImpact(
      {
        share: lastingShare,
        halfLife: LASTING_HALF_LIFE,
        refill: 1 - (1 - scenario.market.arbitrage) ** (1 / BLOCK_SECONDS),
      },
      start.time,
    );
    const engine = new Engine(
      scenario,
      { system, agents, impact, mirror: await Mirror.create(system) },
      start,
    );
    return await engine.run(onProgress);
  } finally {
    await chain.close();
  }
}

/** The loop over time: market and arbitrageur, feed, then whoever acts on positions. */
class Engine implements Desk {
  time: number;
  marketPrice: number;
  oraclePrice: number;
  private readonly scenario: Scenario;
  private readonly system: ReplaySystem;
  private readonly agents: Agents;
  private readonly impact: PriceImpact;
  private readonly mirror: Mirror;
  private readonly recorder: Recorder;
  private readonly path: PathReader;
  private readonly feed: FeedRule;
  private readonly volatility = new RealisedVolatility(REALISED_HALF_LIFE, CALM_VOLATILITY);
  /** From 0 to 1. */
  private congestion = 0;
  /** Wei. */
  private gasPrice: bigint;
  private readonly nameOf: ReadonlyMap<string, string>;

  private readonly gas = {
    startSale: { transactions: 0, gas: 0n },
    take: { transactions: 0, gas: 0n },
    touch: { transactions: 0, gas: 0n },
    upkeep: { transactions: 0, gas: 0n },
  };
  private gasCostTotal = 0n;
  private takes = 0;
  private readonly unhealthy = new Set<string>();
  private readonly rounds: PricePoint[];
  private readonly risk: (DebtAtRisk & { time: number })[] = [];
  private readonly deviations: { time: number; deviation: number }[] = [];
  /** Whether price or positions changed in this tick. */
  private isNews = false;
  private readIndexAt = 0;
  /** Whom `look` asks about. */
  private watched: readonly string[] = [];
  private known: ReadonlyMap<string, KnownPosition> = new Map();

  constructor(
    scenario: Scenario,
    parts: {
      readonly system: ReplaySystem;
      readonly agents: Agents;
      readonly impact: PriceImpact;
      readonly mirror: Mirror;
    },
    start: PricePoint,
  ) {
    const { system } = parts;
    this.scenario = scenario;
    this.system = system;
    this.agents = parts.agents;
    this.impact = parts.impact;
    this.mirror = parts.mirror;
    this.time = start.time;
    this.marketPrice = start.price;
    this.oraclePrice = start.price;
    this.nameOf = new Map(system.borrowers.map(({ address, name }) => [address, name]));
    this.recorder = new Recorder(this.nameOf);
    this.path = new PathReader(scenario.path);
    this.feed = new FeedRule(FEED, start.price, start.time);
    this.rounds = [start];
    this.gasPrice = scenario.gasPrice;
  }

  async run(onProgress: (progress: Progress) => void): Promise<Outcome> {
    const opening = await readBalances(this.system);
    const first = this.time;
    const last = this.scenario.path.at(-1)?.time ?? first;
    for (let step = first; step <= last; step += this.scenario.stepSeconds) {
      // Rounds land, and heartbeats fall due, between steps too.
      for (let event = this.feed.nextEvent(); event < step; event = this.feed.nextEvent())
        await this.tick(event);
      await this.tick(step);
      onProgress({
        phase: "running",
        done: last === first ? 1 : (step - first) / (last - first),
        time: step,
        price: this.marketPrice,
        liveSales: this.recorder.liveBorrowers.length,
        takes: this.takes,
      });
    }
    return this.conclude(opening);
  }

  // ------------------------------------------------------------------------------------------------------------ one moment

  private async tick(time: number): Promise<void> {
    this.time = time;
    const price = this.moveMarket(time);
    this.isNews = price !== this.marketPrice || this.risk.length === 0;
    this.marketPrice = price;
    const gasCost = (gas: number): number => this.gasCost(gas);
    await this.system.makers.tend({ time, price, wildness: this.wildness, gasCost });
    await this.feedRound(price);
    if (time >= this.readIndexAt) {
      await this.mirror.refreshIndex();
      this.readIndexAt = time + INDEX_SECONDS;
    }
    await this.act();
    await this.agents.tend(this);
    this.deviations.push({ time, deviation: this.impact.deviation });
    if (this.isNews) this.risk.push({ time, ...this.mirror.atRisk(price) });
  }

  /** @returns What the market says at a moment; what goes with it, the price of gas for one, is set. */
  private moveMarket(time: number): number {
    const { scenario, impact } = this;
    this.congestion = congestionAt(scenario.path, time);
    this.gasPrice = gasPriceAt(scenario.gasPrice, scenario.market, this.congestion);
    this.system.chain.moveTo(time, this.gasPrice);
    impact.moveTo(time);
    const price = this.path.at(time) * impact.factor;
    this.volatility.observe(price, time);
    return price;
  }

  private async feedRound(price: number): Promise<void> {
    const round = this.feed.land(this.time);
    if (round !== undefined) {
      const { aggregator, chain, governor } = this.system;
      const data = aggregator.interface.encodeFunctionData("pushAnswer", [priceToWad(round.answer)]);
      await chain.send(governor.address, String(aggregator.target), data);
      this.oraclePrice = round.answer;
      this.rounds.push({ time: this.time, price: round.answer });
    }
    this.feed.observe(price, this.time, lagAt(this.scenario.market, this.congestion));
  }

  /** Nobody sleeps: whoever may be unhealthy or has a live sale is looked at in every block. */
  private async act(): Promise<void> {
    this.watched = this.atStake();
    if (this.watched.length === 0) return;
    const views: PositionView[] = [];
    for (const view of await this.look()) {
      if (view.status === "EMPTIED") await this.writeOff(view);
      else views.push(view);
    }
    if (views.length > 0) await this.agents.act(this, views);
  }

  /** Borrowers who may be unhealthy, at what the feed says or at what it will say next, or have a live sale. */
  private atStake(): readonly string[] {
    const price = Math.min(this.oraclePrice, this.marketPrice);
    return [...new Set([...this.mirror.nearEdge(price), ...this.recorder.liveBorrowers])];
  }

  /** Lenders write off what is lost. Borrowers do nothing: a sale that the price has overtaken is ended by nobody for free. */
  private async writeOff({ borrower }: PositionView): Promise<void> {
    const { lending, lender, chain } = this.system;
    const { to, data } = lending.writeOff(borrower);
    await this.settle(await chain.send(lender, to, data));
  }

  /** Reads what a transaction did to positions. */
  private async settle(receipt: Receipt): Promise<void> {
    const { time, marketPrice, known } = this;
    this.isNews = true;
    const events = await this.system.lending.eventsIn(receipt);
    await this.mirror.refresh(this.recorder.read(events, { time, marketPrice, before: known }));
  }

  // ------------------------------------------------------------------------------------------------------------------ desk

  get wildness(): number {
    return wildnessOf(this.volatility.perRootSecond);
  }

  gasCost(gas: number): number {
    return Number(this.costOf(BigInt(gas)));
  }

  async look(): Promise<readonly PositionView[]> {
    const views = await this.system.lending.positions(this.watched);
    this.known = new Map(views.map((view) => [view.borrower, view]));
    for (const view of views) {
      const { borrower } = view;
      const isDue = isUnhealthy(view);
      if (isDue) this.unhealthy.add(borrower);
      this.recorder.looked(borrower, isDue, this.time);
    }
    return views.filter(({ status }) => ACTIONABLE.has(status));
  }

  async send(purpose: Purpose, from: string, to: string, data: string): Promise<Receipt> {
    const receipt = await this.system.chain.send(from, to, data);
    const use = this.gas[purpose];
    use.transactions += 1;
    use.gas += receipt.gasUsed;
    this.gasCostTotal += this.costOf(receipt.gasUsed);
    if (purpose === "take") this.takes += 1;
    this.impact.add(this.system.market.follow(receipt));
    await this.settle(receipt);
    return receipt;
  }

  /** Loan units. */
  private costOf(gas: bigint): bigint {
    return value(gas * this.gasPrice, priceToScaled(this.scenario.nativePrice));
  }

  // --------------------------------------------------------------------------------------------------------------- the end

  private async conclude(opening: Balances): Promise<Outcome> {
    const { system, recorder, agents } = this;
    // Positions emptied at the last step are written off now.
    const near = this.mirror.nearEdge(this.oraclePrice);
    for (const view of await system.lending.positions(near)) {
      if (view.status === "EMPTIED") await this.writeOff(view);
    }

    const neverStarted: NeverStarted[] = [];
    for (const view of await system.lending.positions([...new Set([...near, ...recorder.liveBorrowers])])) {
      const sale = recorder.liveSale(view.borrower);
      if (sale !== undefined) {
        const open = { reason: this.whyOpen(view), due: this.dueOf(view), isHealthy: isArmed(view) };
        recorder.leaveOpen(sale, open, this.time);
      }
      if (sale === undefined && view.status === "STARTABLE") {
        const account = this.nameOf.get(view.borrower) ?? view.borrower;
        neverStarted.push({ account, debt: view.debt, reason: agents.whyNot(this, view) });
      }
    }
    const closing = await readBalances(system);
    const conservation = await checkConservation(system, { agents, recorder, opening, closing });
    return {
      system,
      recorder,
      conservation,
      unhealthyEver: this.unhealthy.size,
      neverStarted,
      gas: this.gas,
      impact: this.impact.summary,
      deviations: this.deviations,
      rescues: agents.rescues,
      parametersMoved: agents.parametersMoved,
      gasCost: this.gasCostTotal,
      keeperIncome: await this.keeperIncome(opening, closing),
      manipulationCost: system.makers.manipulationCost,
      rounds: this.rounds,
      risk: this.risk,
    };
  }

  /** Debt that a sale would have to repay now, loan units. */
  private dueOf(view: PositionView): bigint {
    if (view.status === "FOR_SALE") return view.closeAmount;
    return isArmed(view) ? 0n : sizeAt(view, decidingPrice(view), this.system.sizes).repay;
  }

  private whyOpen(view: PositionView): string {
    if (isArmed(view)) {
      const health = (Number(view.health) / 1e18).toFixed(3);
      const who = view.status === "WAITING" ? "it cannot be ended yet" : "nobody is paid for ending it";
      return `healthy again (${health}), and ${who}`;
    }
    return view.status === "FROZEN" ? "the oracle is dead" : this.agents.whyNot(this, view);
  }

  /** What keepers have more than in the beginning: shares at what lenders could withdraw for them, collateral at the market. */
  private async keeperIncome(opening: Balances, closing: Balances): Promise<bigint> {
    const { lending, holders } = this.system;
    const market = priceToScaled(this.marketPrice);
    let income = 0n;
    for (const name of holders.namesOf(this.agents.keepers)) {
      const gain = (token: TokenName): bigint =>
        (closing[token].get(name) ?? 0n) - (opening[token].get(name) ?? 0n);
      income += gain("loan") + value(gain("collateral"), market);
      income += await lending.valueOfShares(gain("shares"));
    }
    return income;
  }
}
