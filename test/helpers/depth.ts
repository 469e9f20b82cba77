/** Real Uniswap v3 pools of one pair, positions in them to the tick, and an oracle of their depth. Time stands still between steps. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { Range } from "../../sdk/depthMath.ts";
import { createPool, deployUniswap, movePrice, type Pool, sqrtPriceX96 } from "../../scripts/kit/uniswap.ts";
import type { MockERC20, MockPoolLiquidity } from "../../typechain-types/index.ts";
import { connection, ethers, now, pass } from "./chain.ts";

export const WINDOW = 600n;
export const WINDOWS = 4n;
export const MAX_TICKS = 64n;
/** Loan units per collateral unit x 1e36: 2,000 of a token with 6 decimals for one with 18. */
export const PRICE = 2_000n * 10n ** 24n;
export const PLENTY = 10n ** 40n;
/** A pool's liquidity over the whole range: some 4.5 million loan tokens of virtual reserve. */
export const LIQUIDITY = 10n ** 17n;
/** The usable ticks of a spacing of 60, 10 or 1 furthest out are no further than this. */
const FAR = 887_220n;

export type DepthSystem = Awaited<ReturnType<typeof deployDepth>>;

async function deployPair(collateralIsToken0: boolean): Promise<{ collateral: MockERC20; loan: MockERC20 }> {
  const collateral = await ethers.deployContract("MockERC20", ["", "", 18n]);
  for (;;) {
    const loan = await ethers.deployContract("MockERC20", ["", "", 6n]);
    if (BigInt(await collateral.getAddress()) < BigInt(await loan.getAddress()) === collateralIsToken0) {
      return { collateral, loan };
    }
  }
}

export interface DepthOptions {
  readonly collateralIsToken0?: boolean;
  readonly fees?: readonly bigint[];
  readonly cardinality?: bigint;
}

/** One empty pool a fee tier, listed, at the start of a window. */
export async function deployDepth(options: DepthOptions = {}) {
  const { collateralIsToken0 = true, fees = [3_000n], cardinality = 500n } = options;
  const [governor, stranger] = await ethers.getSigners();
  if (!governor || !stranger) throw new Error("too few accounts");
  const uniswap = await deployUniswap(connection);
  const { collateral, loan } = await deployPair(collateralIsToken0);
  const [base, quote] = [await collateral.getAddress(), await loan.getAddress()];
  // The tier with a spacing of 1, which the first factory did not have from the start.
  await uniswap.factory.getFunction("enableFeeAmount")(100n, 1n);
  const pools: Pool[] = [];
  for (const fee of fees) {
    const depth = cardinality === 1n ? {} : { cardinality };
    pools.push(await createPool(connection, uniswap, { base, quote, fee, price: PRICE, ...depth }));
  }
  const provider = await ethers.deployContract("MockPoolLiquidity");
  const manipulator = await ethers.deployContract("MockPoolManipulator");
  for (const token of [collateral, loan]) {
    for (const owner of [provider, manipulator, governor]) await token.mint(owner, PLENTY);
  }
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const oracle = await ethers.deployContract("DepthOracle", [uniswap.factory, authority]);
  const config = {
    window: WINDOW,
    windows: WINDOWS,
    maxTicks: MAX_TICKS,
    pools: pools.map(({ address }) => address),
  };
  await oracle.setPair(collateral, loan, config);
  await toNextWindow();
  const pair = [collateral, loan] as const;
  return {
    uniswap,
    collateral,
    loan,
    pair,
    pools,
    provider,
    manipulator,
    oracle,
    config,
    collateralIsToken0,
    governor,
    stranger,
  };
}

/** The whole range of a pool. */
export function everywhere(liquidity: bigint, fee = 3_000n): Range {
  const upper = fee === 10_000n ? 887_200n : FAR;
  return { lower: -upper, upper, liquidity };
}

export async function deposit(
  provider: MockPoolLiquidity,
  pool: Pool,
  { lower, upper, liquidity }: Range,
): Promise<void> {
  await provider.deposit(pool.address, lower, upper, liquidity);
}

export async function withdraw(
  provider: MockPoolLiquidity,
  pool: Pool,
  { lower, upper, liquidity }: Range,
): Promise<void> {
  await provider.withdraw(pool.address, lower, upper, liquidity);
}

/** Time passes to the first second of the next window. */
export async function toNextWindow(): Promise<void> {
  await pass(WINDOW - ((await now()) % WINDOW));
}

/** Number of the youngest window that is over. */
export async function lastWindow(): Promise<bigint> {
  return (await now()) / WINDOW - 1n;
}

export async function passWindows(count: bigint): Promise<void> {
  await pass(count * WINDOW);
}

/** Trades a pool to a price. */
export async function trade(system: DepthSystem, pool: Pool, price: bigint): Promise<void> {
  const trader: HardhatEthersSigner = system.governor;
  const { sqrtPriceX96: standing } = await pool.contract.slot0();
  if (standing === sqrtPriceX96(price, pool.baseIsToken0)) return;
  await movePrice(connection, system.uniswap, pool, { trader, price, spendable: PLENTY / 1_000n });
}
