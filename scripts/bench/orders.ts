import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { fill, gasOf, pass, sink } from "./measuring.ts";
import { type BenchMarket, type BenchSystem, deployBenchSystem, ONE_LOAN, openMarket } from "./system.ts";

/** A keeper's whole way: start, take and swap of one position in one transaction, through a real Uniswap v3 pool. */

/** Price of the pool, whole loan tokens a whole collateral token: above the feeds' after the fall. */
export const POOL_PRICE = 1_940n;
/** Debt that an order repays. */
export const REPAID = 10_000n * ONE_LOAN;
/** Seconds after the start at which a running sale is taken: its start still proves it. */
const RUNNING = 200;
const FOREVER = 2n ** 40n;
const NO_LIMIT = 2n ** 256n - 1n;

export interface SunkMarket {
  readonly connection: NetworkConnection<"l1">;
  readonly system: BenchSystem;
  readonly market: BenchMarket;
}

/** Healthy positions, a pool that will pay for them, and the vault served. */
export const calmMarket = async (): Promise<SunkMarket> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await deployBenchSystem(connection);
  const market = await openMarket(connection, system, POOL_PRICE);
  await fill(connection, system);
  await market.liquidator.serve(system.vault);
  return { connection, system, market };
};

/** One position that can be sold. */
export const sunkMarket = async (): Promise<SunkMarket> => {
  const ground = await calmMarket();
  await sink(ground.connection, ground.system);
  return ground;
};

export const orderOf = ({ vault, borrower, receiver }: BenchSystem, pool: string) => ({
  vault,
  borrowers: [borrower],
  start: true,
  maxRepay: REPAID,
  pools: [pool],
  minProfit: 1n,
  receiver,
  deadline: FOREVER,
});

/** The public liquidator, on a position that is not for sale yet. */
export const measureDutchOrder = async (): Promise<number> => {
  const { system, market } = await sunkMarket();
  const { keeper } = system;
  return gasOf(market.liquidator.connect(keeper).execute(orderOf(system, market.pool.address)));
};

/** The same order on a sale that runs already. */
export const measureDutchOrderRunning = async (): Promise<number> => {
  const { connection, system, market } = await sunkMarket();
  const { vault, borrower, keeper } = system;
  await vault.connect(keeper).startSale(borrower, keeper);
  await pass(connection, RUNNING);
  return gasOf(market.liquidator.connect(keeper).execute(orderOf(system, market.pool.address)));
};

/** What the vault gives a keeper who starts and takes, collateral units; less a little, since interest accrues until he does. */
export const startedTake = async ({ vault, borrower, keeper }: BenchSystem): Promise<bigint> => {
  const params = {
    borrower,
    receiver: keeper,
    maxRepay: REPAID,
    maxPayment: NO_LIMIT,
    minCollateral: 0n,
    deadline: FOREVER,
    data: "0x",
  };
  const { collateral } = await vault.connect(keeper).startAndTake.staticCall(params);
  return collateral - collateral / 100_000n;
};

/** A keeper's own contract, on a position that is not for sale yet. */
export const measurePrivateKeeper = async (): Promise<number> => {
  const { system, market } = await sunkMarket();
  const { borrower, keeper } = system;
  const sold = await startedTake(system);
  return gasOf(market.privateKeeper.connect(keeper).execute(borrower, true, REPAID, sold, 1n));
};
