import type { Receipt } from "./chain.ts";
import type { PositionView } from "./lens.ts";
import type { Scenario } from "./scenario.ts";
import type { ReplaySystem } from "./system.ts";

/** What a transaction of an agent is for; the gas of these is the keepers'. */
export type Purpose = "startSale" | "take";

/** What agents see of the moment, and how they act in it. */
export interface Desk {
  /** Unix seconds of the scenario. */
  readonly time: number;
  /** Loan assets per collateral asset, outside of the pool. */
  readonly marketPrice: number;
  /** Worth of gas, loan units. */
  gasCost(gas: number): number;
  /** Positions about which something can be done, as they are now. */
  look(): Promise<readonly PositionView[]>;
  send(purpose: Purpose, from: string, to: string, data: string): Promise<Receipt>;
}

/** Whom agents left undone. */
export interface Interest {
  /** Borrowers who may be worth acting on at the next step, though nothing but time moves. */
  readonly promising: readonly string[];
  /** Borrowers who will not be worth it soon. */
  readonly useless: readonly string[];
}

/** Who carries out sales, and what they did so far. */
export interface Agents {
  readonly keepers: readonly string[];
  /** Paid to the vault and left for keepers, loan units. */
  readonly settled: { readonly payments: bigint; readonly profits: bigint };
  /** @param views Positions about which something can be done now. */
  act(desk: Desk, views: readonly PositionView[]): Promise<Interest>;
  /** Why nobody acted on a position that could be acted on. */
  whyNot(desk: Desk, view: PositionView): string;
}

/** A way of selling out positions: a run is a function of scenario and mechanism. */
export interface Mechanism {
  readonly name: string;
  prepare(system: ReplaySystem, scenario: Scenario): Promise<Agents>;
}
