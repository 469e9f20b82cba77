/** What agents of a replay see of a moment, and what they can do about it. */
import type { ParameterMove } from "../../../sdk/stewardMath.ts";
import type { Receipt } from "../world/chain.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import type { Rescues } from "../records/rescues.ts";

/** What a transaction of an agent is for; the gas of all is theirs. */
export type Purpose = "startSale" | "take" | "touch" | "upkeep";

/** What agents see of the moment, and how they act in it. */
export interface Desk {
  /** Unix seconds of the scenario. */
  readonly time: number;
  /** Loan assets per collateral asset, outside of the pool. */
  readonly marketPrice: number;
  /** Last answer of the feed, in the same unit. */
  readonly oraclePrice: number;
  /** How wild prices are, from 0 for calm to 1. */
  readonly wildness: number;
  /** Worth of gas now, loan units. */
  gasCost(gas: number): number;
  /** Positions about which something can be done, as they are now. */
  look(): Promise<readonly PositionView[]>;
  send(purpose: Purpose, from: string, to: string, data: string): Promise<Receipt>;
}

/** Who carries out sales, and what they did so far. */
export interface Agents {
  /** Accounts and contracts that keep what sales leave, and what they were brought for. */
  readonly keepers: readonly string[];
  /** Paid to the protocol, and left for keepers beyond what they began with; loan units. */
  readonly settled: { readonly payments: bigint; readonly profits: bigint };
  /** @param views Positions about which something can be done now. */
  act(desk: Desk, views: readonly PositionView[]): Promise<void>;
  /** What they do at every moment, whether or not there is something to sell. */
  tend(desk: Desk): Promise<void>;
  /** Every change of a parameter of the vault or around it, in order. */
  readonly parameterMoves: readonly ParameterMove[];
  /** What was sold before a sale had to be; undefined where nobody rescues. */
  readonly rescues?: Rescues | undefined;
  /** Why nobody acted on a position that could be acted on. */
  whyNot(desk: Desk, view: PositionView): string;
}
