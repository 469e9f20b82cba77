import type { BaseContract } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { RiskInputsStruct } from "../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";

import { VENUE_WINDOW, wildMarket } from "../../scripts/kit/defaults.ts";
import {
  deployDirectLiquidator,
  deploySplitLiquidator,
  deployV2Venue,
  deployV3Venue as deployVenue,
  openDirectSales,
} from "../../scripts/kit/protocol.ts";
import { createPair as createFilledPair, deployPairFactory } from "../../scripts/kit/uniswapV2.ts";
import { BPS, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import {
  createVault,
  deploySystem,
  FOREVER,
  type LoanToken,
  moveMarket,
  NO_LIMIT,
  ONE_ANSWER,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  setPrices,
  lend,
  type System,
} from "./system.ts";
import {
  addLiquidity,
  createPool,
  movePrice,
  type Pool,
  poolPrice,
  wrapEther,
} from "../../scripts/kit/uniswap.ts";

/** Direct sales on the whole system: policy, liquidators, venues over real Uniswap v3 and v2 pools. */

/** Window of the venues' mean prices, seconds. */
export const WINDOW = VENUE_WINDOW;
export const SUNK_PRICE = 1_840n;

/** Boundaries ten minutes apart. */
export const MARKET: RiskInputsStruct = {
  ...wildMarket(40_000_000n * ONE_LOAN, 1_000_000n * ONE_LOAN),
  batchInterval: 600n,
};

export type DirectSystem = Awaited<ReturnType<typeof deployDirectSales>>;

/** The system with a second vault, which knows the liquidator of direct sales; one v3 venue is listed. */
export async function deployDirectSales(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
  loanToken: LoanToken = "MockERC20",
) {
  const base = await deploySystem(connection, {}, loanToken);
  const venue = await deployV3Venue(base, base.pool);
  const { policy, direct } = await deployDirectLiquidator(connection, base, [venue]);
  const { liquidator } = base;
  const split = await deploySplitLiquidator(connection, { policy, direct, liquidator });
  const config = { ...base.config, directLiquidator: await direct.getAddress(), ...changes };
  const vault = await createVault(
    connection,
    base.factory,
    config,
    base.creationCode,
    connection.ethers.id("direct"),
  );
  // The pool must look back over the venue's window: blocks of a second have nearly passed it by now.
  await connection.networkHelpers.time.increase(12n);
  await openDirectSales({ policy, direct }, vault, { reference: venue, inputs: MARKET });
  return { ...base, config, vault, policy, direct, split, venue };
}

/** One position at the borrow limit, sunk by a fall of 8% that the pool has had the time to forget. Its sale is not started. */
export async function deployUnhealthy(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
  loanToken: LoanToken = "MockERC20",
) {
  const system = await deployDirectSales(connection, changes, loanToken);
  await lend(system, 5_000_000n * ONE_LOAN);
  await open(system, system.borrower, 100n * ONE_COLLATERAL, 159_000n * ONE_LOAN);
  await moveMarket(system, SUNK_PRICE);
  // The sources agree, but not to the unit: the second one is 0.8% lower.
  await setPrices(system, SUNK_PRICE * ONE_ANSWER, (SUNK_PRICE * ONE_ANSWER * 992n) / 1_000n);
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
  const pairVenue = await deployV2Venue(connection, { pairFactory, pair });
  for (const listed of [wideVenue, pairVenue]) await direct.setVenueListed(listed, true);
  await connection.networkHelpers.time.increase(2n * WINDOW);
  return { ...system, wide, wideVenue, pairFactory, pair, pairVenue };
}

export async function deployV3Venue(
  { connection, uniswap }: Pick<System, "connection" | "uniswap">,
  pool: Pool,
) {
  return deployVenue(connection, { poolFactory: uniswap.factory, pool: pool.address });
}

/** The real Uniswap v2 factory and a pair with these reserves. */
export async function createPair(
  system: Pick<System, "connection" | "uniswap" | "collateral" | "loan" | "governor">,
  baseAmount: bigint,
  quoteAmount: bigint,
): Promise<{ factory: BaseContract; pair: BaseContract }> {
  const { connection, uniswap, collateral, loan, governor } = system;
  const factory = await deployPairFactory(connection, governor);
  await loan.mint(governor, quoteAmount);
  await wrapEther(connection, uniswap, governor, baseAmount);
  const pair = await createFilledPair(connection, factory, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    owner: governor,
    baseAmount,
    quoteAmount,
  });
  return { factory, pair };
}

/** Brings the pool so far above the sunk price, in bps, and lets it stand there for two windows: room for a large sale. */
export async function liftPool(system: DirectSystem, bps: bigint): Promise<void> {
  const { connection, uniswap, pool, loan, stranger } = system;
  const spendable = 10n ** 27n;
  await loan.mint(stranger, spendable);
  const price = offBy(SUNK_PRICE * ONE_PRICE, bps);
  await movePrice(connection, uniswap, pool, { trader: stranger, price, spendable });
  await connection.networkHelpers.time.increase(2n * WINDOW);
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
