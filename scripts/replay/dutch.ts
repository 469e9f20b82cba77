import { deployLiquidator } from "../deployment/protocol.ts";
import { Random } from "../lib/random.ts";
import { DutchKeepers, type Keeper } from "./dutchKeepers.ts";
import type { Mechanism } from "./mechanism.ts";
import { STREAMS } from "./scenario.ts";

/** Least profit on what is paid, and the chance to be there in time, of each keeper: cheap ones miss more blocks. */
const KEEPERS = [
  { name: "keeper A", margin: 0.001, presence: 0.5 },
  { name: "keeper B", margin: 0.0025, presence: 0.7 },
  { name: "keeper C", margin: 0.005, presence: 0.9 },
] as const;

/** The Dutch auction: keepers without capital take at the clock's price and sell in the pool. */
export const dutch: Mechanism = {
  name: "dutch",
  async prepare(system, scenario) {
    const { chain, factory, uniswap, authority, market, holders } = system;
    const parts = { factory, poolFactory: uniswap.factory, authority };
    const liquidator = await deployLiquidator(chain.connection, parts, [market.pool.address]);
    holders.add("DutchAuctionLiquidator", String(liquidator.target));
    const keepers: Keeper[] = [];
    for (const keeper of KEEPERS) keepers.push({ ...keeper, address: await holders.actor(keeper.name) });
    return new DutchKeepers(system, liquidator, keepers, new Random(scenario.seed, STREAMS.keepers));
  },
};
