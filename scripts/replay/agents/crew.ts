import type { Random } from "../../world/random.ts";
import type { ParameterMove } from "../../../sdk/stewardMath.ts";
import { needsStart, type PositionView } from "../../../sdk/positionView.ts";
import type { Agents, Desk } from "./agents.ts";
import type { Keeper } from "./keeper.ts";
import type { Rescues } from "../records/rescues.ts";
import type { Rescuers } from "./rescuers.ts";
import type { Starters } from "./starters.ts";
import type { Touchers } from "./touchers.ts";

/** One way of selling, and those who live on it. */
export interface Trade {
  /** What it brought along besides keepers: accounts and contracts. */
  readonly accounts: readonly string[];
  readonly settled: { readonly payments: bigint; readonly profits: bigint };
  /** @returns Whether anything was sold. */
  act(desk: Desk, present: readonly Keeper[], views: readonly PositionView[]): Promise<boolean>;
  tend?(desk: Desk): Promise<void>;
  /** Whether a position is large enough to be worth selling at all. */
  isWorthIt(desk: Desk, view: PositionView): boolean;
  /** Why it did not sell a position, where that is not for its size. */
  whyNot?(): string;
}

/** What is told about the market, and kept up to date. */
export interface Watch {
  tend(desk: Desk): Promise<void>;
  /** Every change of a parameter of the vault or around it, in order. */
  readonly moves: readonly ParameterMove[];
}

/**
 * Keepers with the ways of selling that they have, best first. Whoever is there in time acts, each seeing what the ones before
 * left; then sales that nobody sold from are started, and those that go on are kept going.
 */
export class Crew implements Agents {
  private readonly team: readonly Keeper[];
  private readonly random: Random;
  private readonly starters: Starters | undefined;
  private readonly touchers: Touchers | undefined;
  private readonly trades: readonly Trade[];
  private readonly watch: Watch | undefined;
  private readonly rescuers: Rescuers | undefined;

  constructor(parts: {
    readonly keepers: readonly Keeper[];
    readonly random: Random;
    readonly trades: readonly Trade[];
    /** Where sales have to be started. */
    readonly starters?: Starters;
    /** Where a sale's price falls with its age. */
    readonly touchers?: Touchers | undefined;
    readonly watch?: Watch;
    readonly rescuers?: Rescuers | undefined;
  }) {
    this.team = parts.keepers;
    this.random = parts.random;
    this.starters = parts.starters;
    this.touchers = parts.touchers;
    this.trades = parts.trades;
    this.watch = parts.watch;
    this.rescuers = parts.rescuers;
  }

  get keepers(): readonly string[] {
    const rescuers = this.rescuers === undefined ? [] : [this.rescuers.account];
    return [
      ...this.team.map(({ address }) => address),
      ...rescuers,
      ...this.trades.flatMap(({ accounts }) => accounts),
    ];
  }

  get settled(): { readonly payments: bigint; readonly profits: bigint } {
    let [payments, profits] = [0n, 0n];
    const settling = this.rescuers === undefined ? this.trades : [...this.trades, this.rescuers];
    for (const { settled } of settling) {
      payments += settled.payments;
      profits += settled.profits;
    }
    return { payments, profits };
  }

  get parameterMoves(): readonly ParameterMove[] {
    return this.watch?.moves ?? [];
  }

  get rescues(): Rescues | undefined {
    return this.rescuers?.rescues;
  }

  async tend(desk: Desk): Promise<void> {
    await this.watch?.tend(desk);
    await this.rescuers?.tend(desk);
    for (const trade of this.trades) await trade.tend?.(desk);
  }

  async act(desk: Desk, found: readonly PositionView[]): Promise<void> {
    const present = this.random.shuffled(this.team.filter(({ presence }) => this.random.chance(presence)));
    let views = found;
    for (const trade of this.trades) {
      if (await trade.act(desk, present, views)) views = await desk.look();
    }
    for (const view of views.filter(needsStart)) {
      for (const keeper of present) if (await this.starters?.start(desk, keeper, view)) break;
    }
    await this.touchers?.act(desk, present, views);
  }

  whyNot(desk: Desk, view: PositionView): string {
    if (!this.trades.some((trade) => trade.isWorthIt(desk, view)))
      return "too small: even the deepest discount would not pay for the gas";
    const [reason] = this.trades.flatMap((trade) => trade.whyNot?.() ?? []);
    if (reason !== undefined) return reason;
    return needsStart(view) ? "no keeper has started it yet" : "nobody's price has been reached yet";
  }
}
