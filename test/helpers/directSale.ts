import { createRequire } from "node:module";

import type { BaseContract, InterfaceAbi } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { RiskInputsStruct } from "../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";

import { BPS, PRICE_SCALE, WAD } from "../../scripts/lib/math.ts";
import {
  createVault,
  deploySystem,
  FOREVER,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  lend,
  type System,
} from "./system.ts";
import {
  addLiquidity,
  createPool,
  type Pool,
  poolPrice,
  wrapEther,
} from "../../scripts/deployment/uniswap.ts";

/** Direct sales on the whole system: policy, liquidators, venues over real Uniswap v3 and v2 pools. */

const require = createRequire(import.meta.url);

/** Window of the venues' mean prices, seconds. */
export const WINDOW = 30n;
export const SUNK_PRICE = 1_840n;
export const MAX_IMPACT_BPS = 100n;

/** A wild day: 50% a day, 12 s blocks. */
export const MARKET: RiskInputsStruct = {
  volatility: 17n * 10n ** 14n,
  fee: 5n * 10n ** 14n,
  priceMargin: 3n * 10n ** 15n,
  keeperMargin: 3n * 10n ** 15n,
  bidSpread: 2n * 10n ** 16n,
  backstopMargin: 10n ** 16n,
  forcedLoss: 2n * 10n ** 16n,
  cascade: [2n * 10n ** 17n, 10n ** 17n, 5n * 10n ** 16n, 0n],
  gas: [500_000n, 350_000n, 200_000n, 200_000n],
  depth: 40_000_000n * ONE_LOAN,
  backstopCapacity: 1_000_000n * ONE_LOAN,
  bidArrival: 10n ** 14n,
  blockTime: 12_000n,
  batchInterval: 600n,
  feedDelay: 12n,
};

export type DirectSystem = Awaited<ReturnType<typeof deployDirectSales>>;

/** The system with a second vault, which knows the liquidator of direct sales; one v3 venue is listed. */
export async function deployDirectSales(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
) {
  const { ethers } = connection;
  const base = await deploySystem(connection);
  const policy = await ethers.deployContract("SalePolicy", [base.authority]);
  const direct = await ethers.deployContract("DirectSaleLiquidator", [base.factory, policy, base.authority]);
  const split = await ethers.deployContract("SplitLiquidator", [policy, direct, base.liquidator]);
  const config = { ...base.config, directLiquidator: await direct.getAddress(), ...changes };
  const vault = await createVault(connection, base.factory, config, base.creationCode, ethers.id("direct"));
  const venue = await deployV3Venue(base, base.pool);
  await direct.setVenueListed(venue, true);
  await direct.setMaxImpact(vault, MAX_IMPACT_BPS);
  await policy.setInputs(vault, MARKET);
  return { ...base, config, vault, policy, direct, split, venue };
}

/** One position at the borrow limit, sunk by a fall of 8% that the pool has had the time to forget. Its sale is not started. */
export async function deployUnhealthy(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
) {
  const system = await deployDirectSales(connection, changes);
  await lend(system, 5_000_000n * ONE_LOAN);
  await open(system, system.borrower, 100n * ONE_COLLATERAL, 159_000n * ONE_LOAN);
  await moveMarket(system, SUNK_PRICE);
  await connection.networkHelpers.time.increase(2n * WINDOW);
  return system;
}

/** The same with two more venues at the market's price: a v3 pool of 0.3% and a v2 pair. */
export async function deployManyVenues(connection: NetworkConnection<"l1">) {
  const system = await deployUnhealthy(connection);
  const { uniswap, collateral, loan, governor, direct } = system;
  const wide = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: 3_000n,
    price: SUNK_PRICE * ONE_PRICE,
    cardinality: 100n,
  });
  const quoteAmount = 18_400_000n * ONE_LOAN;
  const baseAmount = 10_000n * ONE_COLLATERAL;
  await loan.mint(governor, quoteAmount);
  await wrapEther(connection, uniswap, governor, baseAmount);
  await addLiquidity(connection, uniswap, wide, { owner: governor, baseAmount, quoteAmount });
  const wideVenue = await deployV3Venue(system, wide);
  const { factory: pairFactory, pair } = await createPair(system, baseAmount, quoteAmount);
  const pairVenue = await connection.ethers.deployContract("UniswapV2Venue", [pairFactory, pair]);
  for (const listed of [wideVenue, pairVenue]) await direct.setVenueListed(listed, true);
  await connection.networkHelpers.time.increase(2n * WINDOW);
  return { ...system, wide, wideVenue, pairFactory, pair, pairVenue };
}

export async function deployV3Venue(system: Pick<System, "connection" | "uniswap">, pool: Pool) {
  return system.connection.ethers.deployContract("UniswapV3Venue", [
    system.uniswap.factory,
    pool.address,
    WINDOW,
  ]);
}

/** The real Uniswap v2 factory and a pair with these reserves. */
export async function createPair(
  system: Pick<System, "connection" | "uniswap" | "collateral" | "loan" | "governor">,
  baseAmount: bigint,
  quoteAmount: bigint,
): Promise<{ factory: BaseContract; pair: BaseContract }> {
  const { connection, uniswap, collateral, loan, governor } = system;
  const { ethers } = connection;
  const build = (name: string) =>
    require(`@uniswap/v2-core/build/${name}.json`) as { abi: InterfaceAbi; bytecode: string };
  const { abi, bytecode } = build("UniswapV2Factory");
  const deployer = await ethers.getContractFactory([...(abi as readonly string[])], `0x${bytecode}`);
  const factory = await deployer.deploy(governor);
  await factory.getFunction("createPair")(collateral, loan);
  const address = (await factory.getFunction("getPair")(collateral, loan)) as string;
  const pair = await ethers.getContractAt([...(build("UniswapV2Pair").abi as readonly string[])], address);
  await loan.mint(pair, quoteAmount);
  await wrapEther(connection, uniswap, governor, baseAmount);
  await collateral.connect(governor).transfer(pair, baseAmount);
  await pair.getFunction("mint")(governor);
  return { factory, pair };
}

/** An order for everything that may be closed; the price is left to a quote. */
export async function orderOf(
  system: DirectSystem,
  venues: readonly { getAddress(): Promise<string> }[] = [system.venue],
) {
  const parts = await Promise.all(
    venues.map(async (venue, i) => ({
      venue: await venue.getAddress(),
      share: i === 0 ? WAD : 0n,
    })),
  );
  return {
    vault: await system.vault.getAddress(),
    borrower: system.borrower.address,
    parts,
    price: 0n,
    maxRepay: NO_LIMIT,
    startsToo: true,
    receiver: system.receiver.address,
    deadline: FOREVER,
  };
}

/** The same with the split and price of the liquidator's own quote. */
export async function quotedOrder(
  system: DirectSystem,
  venues: readonly { getAddress(): Promise<string> }[] = [system.venue],
  maxRepay = NO_LIMIT,
) {
  const order = { ...(await orderOf(system, venues)), maxRepay };
  const quote = await system.direct.quote.staticCall(order);
  const parts = quote.parts.map(({ venue, share }) => ({ venue, share })).filter(({ share }) => share !== 0n);
  return { order: { ...order, parts, price: quote.price }, quote };
}

/** A share of a price, in bps over or under it. */
export function offBy(price: bigint, bps: bigint): bigint {
  return (price * (BPS + bps)) / BPS;
}

/** Value of collateral at the sunk price, loan units, rounded up. */
export function sunkValue(collateral: bigint): bigint {
  return (collateral * SUNK_PRICE * ONE_PRICE + PRICE_SCALE - 1n) / PRICE_SCALE;
}

export { poolPrice };
