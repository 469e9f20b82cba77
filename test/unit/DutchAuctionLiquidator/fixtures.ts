import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { AuctionOrderStruct } from "../../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";

import type { MockERC20, MockHostileERC20 } from "../../../typechain-types/index.ts";

import {
  CALM_TERMS,
  createVault,
  deploySystem,
  FOREVER,
  lend,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  POOL_FEE,
  START_PRICE,
  startSale,
  type System,
} from "../../helpers/system.ts";
import { addLiquidity, createPool, type Pool, wrapEther } from "../../../scripts/kit/uniswap.ts";

export const CRASHED_PRICE = 1_840n;
/** Seconds after which calm terms are at a discount of 5%. */
export const RIPE = 200;
const DEBT = 159_000n * ONE_LOAN;

export type Connection = NetworkConnection<"l1">;

/** Three positions of 100 collateral units at LTV 0.795, healthy. */
export async function withPositions(connection: Connection) {
  const system = await deploySystem(connection);
  await lend(system, 5_000_000n * ONE_LOAN);
  const [second, third] = system.others;
  if (!second || !third) throw new Error("too few accounts");
  const borrowers = [system.borrower, second, third] as const;
  for (const borrower of borrowers) await open(system, borrower, 100n * ONE_COLLATERAL, DEBT);
  return { ...system, borrowers };
}

/** The market has fallen by 8%: all three are unhealthy, no sale has started. */
export async function withSunk(connection: Connection) {
  const system = await withPositions(connection);
  await moveMarket(system, CRASHED_PRICE);
  return system;
}

/** All three for sale, at a discount of about 5%. */
export async function withSales(connection: Connection) {
  const system = await withSunk(connection);
  for (const borrower of system.borrowers) await startSale(system, borrower);
  await connection.networkHelpers.time.increase(RIPE);
  return system;
}

/** The same, and a detour: collateral to a third token to the loan asset, once in each direction of a pool. */
export async function withDetour(connection: Connection) {
  const system = await withSunk(connection);
  const { uniswap, governor, liquidator, loan, collateral } = system;
  const ends = [await loan.getAddress(), await collateral.getAddress()].map(BigInt);
  // An address behind both: the first hop then sells token0, the second one token1.
  let middle = await connection.ethers.deployContract("MockERC20", ["Dai", "DAI", 18n]);
  for (let at = 0n; at <= (ends[0] ?? 0n) || at <= (ends[1] ?? 0n); at = BigInt(await middle.getAddress())) {
    middle = await connection.ethers.deployContract("MockERC20", ["Dai", "DAI", 18n]);
  }
  const middleAddress = await middle.getAddress();
  await middle.mint(governor, 200_000_000n * ONE_COLLATERAL);
  await loan.mint(governor, 100_000_000n * ONE_LOAN);
  await wrapEther(connection, uniswap, governor, 50_000n * ONE_COLLATERAL);
  const first = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: middleAddress,
    fee: POOL_FEE,
    price: CRASHED_PRICE * 10n ** 36n,
  });
  await addLiquidity(connection, uniswap, first, {
    owner: governor,
    baseAmount: 50_000n * ONE_COLLATERAL,
    quoteAmount: 100_000_000n * ONE_COLLATERAL,
  });
  const second = await createPool(connection, uniswap, {
    base: middleAddress,
    quote: await loan.getAddress(),
    fee: POOL_FEE,
    price: ONE_PRICE,
  });
  await addLiquidity(connection, uniswap, second, {
    owner: governor,
    baseAmount: 100_000_000n * ONE_COLLATERAL,
    quoteAmount: 100_000_000n * ONE_LOAN,
  });
  for (const pool of [first, second]) await liquidator.setPoolListed(pool.address, true);
  for (const borrower of system.borrowers) await startSale(system, borrower);
  await connection.networkHelpers.time.increase(RIPE);
  return { ...system, middle, detour: [first, second] as const };
}

/** A pool with next to nothing in it. */
export async function createThinPool(connection: Connection, system: System): Promise<Pool> {
  const { uniswap, governor, loan, collateral } = system;
  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: 3_000n,
    price: START_PRICE * ONE_PRICE,
  });
  await loan.mint(governor, 2_000n * ONE_LOAN);
  await wrapEther(connection, uniswap, governor, ONE_COLLATERAL);
  await addLiquidity(connection, uniswap, pool, {
    owner: governor,
    baseAmount: ONE_COLLATERAL,
    quoteAmount: 2_000n * ONE_LOAN,
    range: { lower: (START_PRICE * ONE_PRICE * 9n) / 10n, upper: (START_PRICE * ONE_PRICE * 11n) / 10n },
  });
  return pool;
}

/** Everything that these borrowers have for sale, through the system's pool, for whatever profit. */
export function orderOf(
  system: Pick<System, "vault" | "pool" | "receiver">,
  borrowers: readonly AddressLike[],
  changes: Partial<AuctionOrderStruct> = {},
): AuctionOrderStruct {
  return {
    vault: system.vault,
    borrowers: [...borrowers],
    start: false,
    maxRepay: NO_LIMIT,
    pools: [system.pool.address],
    minProfit: 0n,
    receiver: system.receiver,
    deadline: FOREVER,
    ...changes,
  };
}

/**
 * The same three sales in a vault of its own, whose collateral or loan asset is hostile (and tame until told otherwise), with
 * a real pool. Both tokens have 18 decimals; the price is that of the others.
 */
export async function withHostileToken(connection: Connection, side: "collateral" | "loan") {
  const system = await withPositions(connection);
  const { ethers, networkHelpers } = connection;
  const { factory, config, creationCode, uniswap, governor, liquidator, lender, borrowers, keeper } = system;
  const hostile = await ethers.deployContract("MockHostileERC20");
  const plain = await ethers.deployContract("MockERC20", ["Plain", "PLAIN", 18n]);
  const collateral = side === "collateral" ? hostile : plain;
  const loan = side === "collateral" ? plain : hostile;
  const oracle = await ethers.deployContract("MockOracle", [collateral, loan]);
  const price = (whole: bigint): bigint => whole * 10n ** 36n;
  await oracle.setExactPrice(price(START_PRICE));
  const caps = {
    supplyCap: 10n ** 27n,
    borrowCap: 10n ** 27n,
    maxPositionDebt: 10n ** 25n,
    stressDepth: 4n * 10n ** 26n,
  };
  const vault = await createVault(
    connection,
    factory,
    {
      ...config,
      ...caps,
      asset: await loan.getAddress(),
      collateralAsset: await collateral.getAddress(),
      oracle: await oracle.getAddress(),
      terms: { ...CALM_TERMS, lot: 250_000n * ONE_COLLATERAL },
    },
    creationCode,
  );

  await loan.mint(lender, 10n ** 24n);
  await loan.connect(lender).approve(vault, NO_LIMIT);
  await vault.connect(lender).deposit(10n ** 24n, lender);
  for (const borrower of borrowers) {
    await collateral.mint(borrower, 100n * ONE_COLLATERAL);
    await collateral.connect(borrower).approve(vault, NO_LIMIT);
    await vault.connect(borrower).supplyCollateral(100n * ONE_COLLATERAL, borrower);
    await vault.connect(borrower).borrow(159_000n * ONE_COLLATERAL, borrower, borrower);
  }

  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: POOL_FEE,
    price: price(CRASHED_PRICE),
  });
  await collateral.mint(governor, 10n ** 23n);
  await loan.mint(governor, 10n ** 27n);
  await addLiquidity(connection, uniswap, pool, {
    owner: governor,
    baseAmount: 10n ** 23n,
    quoteAmount: 10n ** 27n,
  });
  await liquidator.setPoolListed(pool.address, true);
  await oracle.setPrice(price(CRASHED_PRICE));
  for (const borrower of borrowers) await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress);
  await networkHelpers.time.increase(RIPE);
  return { ...system, hostile, collateral, loan, oracle, vault, pool };
}

/** A second liquidator, which lists a pool that follows no rules and vouches for itself, with a million to pay out. */
export async function withHostilePool(
  connection: Connection,
  system: Pick<System, "authority" | "factory"> & {
    readonly loan: MockERC20 | MockHostileERC20;
    readonly collateral: MockERC20 | MockHostileERC20;
  },
) {
  const { ethers } = connection;
  const { authority, factory, loan, collateral } = system;
  const [a, b] = [await loan.getAddress(), await collateral.getAddress()];
  const hostilePool = await ethers.deployContract("MockHostilePool", BigInt(a) < BigInt(b) ? [a, b] : [b, a]);
  const exposed = await ethers.deployContract("DutchAuctionLiquidator", [factory, hostilePool, authority]);
  await exposed.setPoolListed(hostilePool, true);
  await loan.mint(hostilePool, 10n ** 6n * 10n ** (await loan.decimals()));
  return { hostilePool, exposed };
}
