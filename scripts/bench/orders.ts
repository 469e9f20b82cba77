import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { WAD } from "../../sdk/math.ts";
import { fill, gasOf, pass, sink } from "./measuring.ts";
import { type BenchMarket, type BenchSystem, deployBenchSystem, ONE_LOAN, openMarket } from "./system.ts";

/** A keeper's whole way: start, take and swap of one position in one transaction, through a real Uniswap v3 pool. */

/**
 * Price of the pool, whole loan tokens a whole collateral token: 3% above the feeds' after the fall, so that a sale at the clock pays
 * for itself from its first second on.
 */
const LAGGING_POOL = 1_940n;
/** One that has fallen with the feeds, as direct sales want it. */
const FALLEN_POOL = 1_879n;
/** Debt that an order repays. */
export const REPAID = 10_000n * ONE_LOAN;
/** Seconds after the start at which a running sale is taken: its start still proves it. */
const RUNNING = 200;
const FOREVER = 2n ** 40n;
const NO_LIMIT = 2n ** 256n - 1n;
/** What a direct sale's reward goes by, wei. */
const BASE_FEE = 10n ** 9n;

export interface SunkMarket {
  readonly connection: NetworkConnection<"l1">;
  readonly system: BenchSystem;
  readonly market: BenchMarket;
}

/** Healthy positions, a pool that will pay for them, and the vault served by both liquidators. */
export const calmMarket = async (poolPrice = LAGGING_POOL): Promise<SunkMarket> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await deployBenchSystem(connection);
  const market = await openMarket(connection, system, poolPrice);
  await fill(connection, system);
  await market.liquidator.serve(system.vault);
  await system.direct.serve(system.vault);
  return { connection, system, market };
};

/** One position that can be sold. */
export const sunkMarket = async (poolPrice = LAGGING_POOL): Promise<SunkMarket> => {
  const ground = await calmMarket(poolPrice);
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

/** All that may be sold of the position directly, at the price of the liquidator's own quote; the keeper holds shares already. */
const sellDirectly = async ({ connection, system, market }: SunkMarket): Promise<number> => {
  const { vault, direct, borrower, keeper } = system;
  const order = {
    vault,
    borrower,
    parts: [{ venue: market.venue, share: WAD }],
    price: 0n,
    maxRepay: NO_LIMIT,
    startsToo: true,
    receiver: keeper,
    deadline: FOREVER,
  };
  const { price } = await direct.quote.staticCall(order);
  await connection.networkHelpers.setNextBlockBaseFeePerGas(BASE_FEE);
  const limits = { gasLimit: 2_000_000n, maxFeePerGas: 2n * BASE_FEE };
  return gasOf(direct.connect(keeper).execute({ ...order, price }, limits));
};

/** A direct sale of a position that is not for sale yet. */
export const measureDirectOrder = async (): Promise<number> => sellDirectly(await sunkMarket(FALLEN_POOL));

/** The same order on a sale that runs already. */
export const measureDirectOrderRunning = async (): Promise<number> => {
  const ground = await sunkMarket(FALLEN_POOL);
  const { connection, system } = ground;
  await system.vault.connect(system.keeper).startSale(system.borrower, system.keeper);
  await pass(connection, RUNNING);
  return sellDirectly(ground);
};
