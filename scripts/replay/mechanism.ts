import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { AccessManager, MockAggregator, OracleAdapter } from "../../typechain-types/index.ts";
import type { UniswapV3 } from "../deployment/uniswap.ts";
import type { Book } from "../world/book.ts";
import type { ParameterMove } from "../../sdk/stewardMath.ts";
import type { Chain, Receipt } from "./chain.ts";
import type { Holders } from "./holders.ts";
import type { Lending } from "./lending.ts";
import type { PositionView } from "./lens.ts";
import type { Market } from "./market.ts";
import type { VaultSizes } from "./parameters.ts";
import type { Generation, MechanismName } from "./mechanismNames.ts";
import type { Rescues } from "./rescues.ts";
import type { Scenario } from "./scenario.ts";
import type { Tokens } from "./tokens.ts";

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

/** What a lending protocol is built on: tokens, market, oracle. */
export interface Ground {
  readonly chain: Chain;
  readonly scenario: Scenario;
  readonly governor: HardhatEthersSigner;
  readonly authority: AccessManager;
  readonly tokens: Tokens;
  readonly uniswap: UniswapV3;
  readonly market: Market;
  readonly aggregator: MockAggregator;
  readonly oracle: OracleAdapter;
  readonly sizes: VaultSizes;
  readonly book: Book;
  readonly holders: Holders;
}

/** A way of selling out positions: a run is a function of scenario and mechanism. */
export interface Mechanism<Protocol extends Lending = Lending> {
  readonly name: MechanismName;
  /** Undefined where it is no generation, but a way of selling alone. */
  readonly generation?: Generation;
  deploy(ground: Ground): Promise<Protocol>;
}
