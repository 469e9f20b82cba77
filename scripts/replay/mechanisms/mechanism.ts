import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { AccessManager, MockAggregator, OracleAdapter } from "../../../typechain-types/index.ts";
import type { UniswapV3 } from "../../kit/uniswap.ts";
import type { Book } from "../../world/book.ts";
import type { Chain } from "../world/chain.ts";
import type { Holders } from "../world/holders.ts";
import type { Lending } from "./lending.ts";
import type { Market } from "../world/market.ts";
import type { VaultSizes } from "../world/parameters.ts";
import type { Generation, MechanismName } from "./mechanismNames.ts";
import type { Scenario } from "../input/scenario.ts";
import type { Tokens } from "../world/tokens.ts";

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
