import type { DebtAtRisk } from "../../world/exposure.ts";
import { FeedRule } from "../../world/feedRule.ts";
import { value } from "../../../sdk/saleMath.ts";
import { PriceImpact } from "../../world/priceImpact.ts";
import { PathReader, type PricePoint } from "../../world/pricePath.ts";
import { RealisedVolatility } from "../../world/realisedVolatility.ts";
import type { ParameterMove } from "../../../sdk/stewardMath.ts";
import { priceToScaled, priceToWad } from "../../../sdk/units.ts";
import { type Balances, readBalances } from "../world/balances.ts";
import type { TokenName } from "../world/tokenNames.ts";
import { Chain, type Receipt } from "../world/chain.ts";
import type { Check } from "./check.ts";
import { congestionAt, gasPriceAt, lagAt } from "../world/congestion.ts";
import { checkConservation } from "./conservation.ts";
import type { Holding } from "../records/costs.ts";
import type { Fork } from "../world/environment.ts";
import {
  decidingPrice,
  isArmed,
  isUnhealthy,
  type PositionView,
  type Status,
} from "../../../sdk/positionView.ts";
import type { Agents, Desk, Purpose } from "../agents/agents.ts";
import type { Mechanism } from "../mechanisms/mechanism.ts";
import { Mirror } from "./mirror.ts";
import {
  BLOCK_SECONDS,
  FEED,
  LASTING_HALF_LIFE,
  LASTING_SHARE,
  REALISED_HALF_LIFE,
  wildnessOf,
  CALM_VOLATILITY,
} from "../world/parameters.ts";
import { Recorder } from "../records/recorder.ts";
import type { Rescues } from "../records/rescues.ts";
import type { Scenario } from "../input/scenario.ts";
import { sizeAt } from "../../strategies/sizing.ts";
import { deployReplay, type ReplaySystem, warmUp } from "../world/system.ts";

/** Transactions of one purpose. */
export interface GasUse {
  readonly transactions: number;
  readonly gas: bigint;
  /** What the gas cost at the prices of its moments, loan units. */
  readonly cost: bigint;
}

/** What one of those who carry out sales has more than in the beginning. */
export interface Gain {
  readonly name: string;
  /** Loan units. */
  readonly loan: bigint;
  /** Collateral units. */
  readonly collateral: bigint;
  /** What lenders could withdraw for its shares, loan units. */
  readonly shares: bigint;
}

/** A borrower's position from one end of the run to the other. */
export interface PositionRecord {
  readonly account: string;
  readonly borrower: string;
  readonly opening: Holding;
  readonly closing: Holding;
  /** At the end, at the protocol's price. */
  readonly isUnhealthy: boolean;
}

/** A position that is unhealthy at the end, and whose sale nobody started. */
export interface NeverStarted {
  readonly account: string;
  /** Loan units. */
  readonly debt: bigint;
  /** Since when it has been unhealthy without a break, unix seconds. */
  readonly dueAt: number;
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
  /** Records of all borrowers, in the order of the book. */
  readonly positions: readonly PositionRecord[];
  readonly gas: Readonly<Record<Purpose, GasUse>>;
  /** Price deviation that sales caused, as shares. */
  readonly impact: PriceImpact["summary"];
  /** For the charts: the same over time. */
  readonly deviations: readonly { readonly time: number; readonly deviation: number }[];
  readonly parameterMoves: readonly ParameterMove[];
  /** Rescues of positions before they would be for sale; undefined where nobody rescues. */
  readonly rescues: Rescues | undefined;
  /** What keepers earned before they paid for gas. */
  readonly gains: readonly Gain[];
  /** What holding the pool off the market cost whoever did it, loan units. */
  readonly manipulationCost: bigint;
  /** Market's price at the end. */
  readonly endPrice: number;
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
/** How often those are looked at whom the market alone calls unhealthy. */
const LOOK_SECONDS = 120;
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
  private readonly borrowers: readonly string[];

  private readonly gas = {
    startSale: { transactions: 0, gas: 0n, cost: 0n },
    take: { transactions: 0, gas: 0n, cost: 0n },
    touch: { transactions: 0, gas: 0n, cost: 0n },
    upkeep: { transactions: 0, gas: 0n, cost: 0n },
  };
  private takes = 0;
  private readonly unhealthy = new Set<string>();
  private readonly rounds: PricePoint[];
  private readonly risk: (DebtAtRisk & { time: number })[] = [];
  private readonly deviations: { time: number; deviation: number }[] = [];
  /** Whether price or positions changed in this tick. */
  private isNews = false;
  private readIndexAt = 0;
  private lookAllAt = 0;
  /** Whom `look` asks about. */
  private watched: readonly string[] = [];
  private known: ReadonlyMap<string, Holding> = new Map();

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
    this.borrowers = [...this.nameOf.keys()];
    this.recorder = new Recorder(this.nameOf);
    this.path = new PathReader(scenario.path);
    this.feed = new FeedRule(FEED, start.price, start.time);
    this.rounds = [start];
    this.gasPrice = scenario.gasPrice;
  }

  async run(onProgress: (progress: Progress) => void): Promise<Outcome> {
    const opening = await readBalances(this.system);
    const positions = await this.system.lending.positions(this.borrowers);
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
    return this.conclude(opening, positions);
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

  /**
   * Borrowers who may be unhealthy at what the feed says, or have a live sale. Nobody can do anything about others, whatever the
   * market says: now and then they are looked at all the same, since another source may decide.
   */
  private atStake(): readonly string[] {
    const isTime = this.time >= this.lookAllAt;
    if (isTime) this.lookAllAt = this.time + LOOK_SECONDS;
    const price = isTime ? Math.min(this.oraclePrice, this.marketPrice) : this.oraclePrice;
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
    this.judge(views);
    return views.filter(({ status }) => ACTIONABLE.has(status));
  }

  /** Keeps who is unhealthy, and since when. */
  private judge(views: readonly PositionView[]): void {
    for (const view of views) {
      const isDue = isUnhealthy(view);
      if (isDue) this.unhealthy.add(view.borrower);
      this.recorder.looked(view.borrower, isDue, this);
    }
  }

  async send(purpose: Purpose, from: string, to: string, data: string): Promise<Receipt> {
    const receipt = await this.system.chain.send(from, to, data);
    const use = this.gas[purpose];
    use.transactions += 1;
    use.gas += receipt.gasUsed;
    use.cost += this.costOf(receipt.gasUsed);
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

  private async conclude(opening: Balances, opened: readonly PositionView[]): Promise<Outcome> {
    const { system, recorder, agents } = this;
    // Positions emptied at the last step are written off now.
    for (const view of await system.lending.positions(this.mirror.nearEdge(this.oraclePrice))) {
      if (view.status === "EMPTIED") await this.writeOff(view);
    }

    const closed = await this.system.lending.positions(this.borrowers);
    this.judge(closed);
    const neverStarted: NeverStarted[] = [];
    for (const view of closed) {
      const sale = recorder.liveSale(view.borrower);
      if (sale !== undefined) {
        const open = { reason: this.whyOpen(view), due: this.dueOf(view), isHealthy: isArmed(view) };
        recorder.leaveOpen(sale, open, this.time);
      } else if (isUnhealthy(view)) {
        const { debt } = view;
        const dueAt = recorder.dueSinceOf(view.borrower)?.time ?? this.time;
        neverStarted.push({ account: this.accountOf(view), debt, dueAt, reason: this.whyOpen(view) });
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
      positions: this.positionsBetween(opened, closed),
      gas: this.gas,
      impact: this.impact.summary,
      deviations: this.deviations,
      rescues: agents.rescues,
      parameterMoves: agents.parameterMoves,
      gains: await this.gainsOfKeepers(opening, closing),
      manipulationCost: system.makers.manipulationCost,
      endPrice: this.marketPrice,
      rounds: this.rounds,
      risk: this.risk,
    };
  }

  private accountOf({ borrower }: PositionView): string {
    return this.nameOf.get(borrower) ?? borrower;
  }

  private positionsBetween(
    opened: readonly PositionView[],
    closed: readonly PositionView[],
  ): readonly PositionRecord[] {
    const endOf = new Map(closed.map((view) => [view.borrower, view]));
    return opened.flatMap((opening) => {
      const closing = endOf.get(opening.borrower);
      if (closing === undefined) return [];
      const { borrower } = opening;
      return [
        { account: this.accountOf(opening), borrower, opening, closing, isUnhealthy: isUnhealthy(closing) },
      ];
    });
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

  private async gainsOfKeepers(opening: Balances, closing: Balances): Promise<readonly Gain[]> {
    const { lending, holders } = this.system;
    const gains: Gain[] = [];
    for (const name of holders.namesOf(this.agents.keepers)) {
      const gain = (token: TokenName): bigint =>
        (closing[token].get(name) ?? 0n) - (opening[token].get(name) ?? 0n);
      const shares = await lending.valueOfShares(gain("shares"));
      gains.push({ name, loan: gain("loan"), collateral: gain("collateral"), shares });
    }
    return gains;
  }
}
