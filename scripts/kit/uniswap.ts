import { createRequire } from "node:module";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike, BaseContract, InterfaceAbi } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { IUniswapV3Pool } from "../../typechain-types/index.ts";

import { PRICE_SCALE } from "../../sdk/math.ts";

/** The real Uniswap v3 and WETH9, from the bytecode that their npm packages ship. */

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

const ARTIFACTS = {
  weth: "canonical-weth/build/contracts/WETH9.json",
  factory: "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
  pool: "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json",
  positionManager:
    "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
  router: "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json",
} as const;

const require = createRequire(import.meta.url);
const artifact = (name: keyof typeof ARTIFACTS): Artifact => require(ARTIFACTS[name]) as Artifact;

const FOREVER = 2n ** 40n;
/** Ticks between usable ticks, by the fee in hundredths of a bp. */
const TICK_SPACING: Readonly<Record<string, number>> = { "100": 1, "500": 10, "3000": 60, "10000": 200 };
const MAX_TICK = 887_272;

export interface UniswapV3 {
  readonly weth: BaseContract;
  readonly factory: BaseContract;
  readonly positionManager: BaseContract;
  readonly router: BaseContract;
}

/** A pool seen from one side: prices are units of `quote` per unit of `base`, times 1e36, as the protocol's are. */
export interface Pool {
  readonly address: string;
  readonly contract: IUniswapV3Pool;
  readonly base: string;
  readonly quote: string;
  readonly fee: bigint;
  readonly baseIsToken0: boolean;
}

/** WETH9, factory, position manager and router. */
export async function deployUniswap(connection: NetworkConnection<"l1">): Promise<UniswapV3> {
  const { ethers } = connection;
  const deploy = async (
    name: keyof typeof ARTIFACTS,
    ...args: readonly AddressLike[]
  ): Promise<BaseContract> => {
    const { abi, bytecode } = artifact(name);
    const factory = await ethers.getContractFactory([...(abi as readonly string[])], bytecode);
    return factory.deploy(...args);
  };
  const weth = await deploy("weth");
  const factory = await deploy("factory");
  // The descriptor only draws pictures of positions.
  const positionManager = await deploy("positionManager", factory, weth, ethers.ZeroAddress);
  const router = await deploy("router", factory, weth);
  return { weth, factory, positionManager, router };
}

/** Creates a pool at a price and lets it keep `cardinality` observations. */
export async function createPool(
  connection: NetworkConnection<"l1">,
  uniswap: UniswapV3,
  options: {
    readonly base: string;
    readonly quote: string;
    readonly fee: bigint;
    readonly price: bigint;
    readonly cardinality?: bigint;
  },
): Promise<Pool> {
  const { base, quote, fee, price, cardinality } = options;
  const baseIsToken0 = BigInt(base) < BigInt(quote);
  const [token0, token1] = baseIsToken0 ? [base, quote] : [quote, base];
  await uniswap.positionManager.getFunction("createAndInitializePoolIfNecessary")(
    token0,
    token1,
    fee,
    sqrtPriceX96(price, baseIsToken0),
  );
  const address = (await uniswap.factory.getFunction("getPool")(token0, token1, fee)) as string;
  const contract = await connection.ethers.getContractAt("IUniswapV3Pool", address);
  if (cardinality !== undefined) {
    const [signer] = await connection.ethers.getSigners();
    const raw = await connection.ethers.getContractAt(
      [...(artifact("pool").abi as readonly string[])],
      address,
      signer,
    );
    await raw.getFunction("increaseObservationCardinalityNext")(cardinality);
  }
  return { address, contract, base, quote, fee, baseIsToken0 };
}

/**
 * Adds liquidity between two prices, at most the amounts given, from `owner`, who holds them. Without prices: over the whole
 * range.
 */
export async function addLiquidity(
  connection: NetworkConnection<"l1">,
  uniswap: UniswapV3,
  pool: Pool,
  options: {
    readonly owner: HardhatEthersSigner;
    readonly baseAmount: bigint;
    readonly quoteAmount: bigint;
    readonly range?: { readonly lower: bigint; readonly upper: bigint };
  },
): Promise<void> {
  const { owner, baseAmount, quoteAmount, range } = options;
  const manager = await uniswap.positionManager.getAddress();
  for (const [token, amount] of [
    [pool.base, baseAmount],
    [pool.quote, quoteAmount],
  ] as const) {
    const erc20 = await connection.ethers.getContractAt("MockERC20", token, owner);
    await erc20.approve(manager, amount);
  }
  const [tickLower, tickUpper] = ticks(pool, range);
  const [token0, token1] = pool.baseIsToken0 ? [pool.base, pool.quote] : [pool.quote, pool.base];
  const [amount0Desired, amount1Desired] = pool.baseIsToken0
    ? [baseAmount, quoteAmount]
    : [quoteAmount, baseAmount];
  const signed = uniswap.positionManager.connect(owner);
  await signed.getFunction("mint")({
    token0,
    token1,
    fee: pool.fee,
    tickLower,
    tickUpper,
    amount0Desired,
    amount1Desired,
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: owner.address,
    deadline: FOREVER,
  });
}

/** Sells `amountIn` of one of the pool's tokens through the router, less where the price limit is met first. */
export async function swap(
  connection: NetworkConnection<"l1">,
  uniswap: UniswapV3,
  pool: Pool,
  options: {
    readonly trader: HardhatEthersSigner;
    readonly tokenIn: string;
    readonly amountIn: bigint;
    readonly sqrtPriceLimitX96?: bigint;
  },
): Promise<void> {
  const { trader, tokenIn, amountIn, sqrtPriceLimitX96: limit = 0n } = options;
  const erc20 = await connection.ethers.getContractAt("MockERC20", tokenIn, trader);
  await erc20.approve(await uniswap.router.getAddress(), amountIn);
  const signed = uniswap.router.connect(trader);
  await signed.getFunction("exactInputSingle")({
    tokenIn,
    tokenOut: tokenIn === pool.base ? pool.quote : pool.base,
    fee: pool.fee,
    recipient: trader.address,
    deadline: FOREVER,
    amountIn,
    amountOutMinimum: 0n,
    sqrtPriceLimitX96: limit,
  });
}

/**
 * Trades the pool to a price, through the router. The trader must hold enough: at most `spendable` of either token is
 * spent.
 */
export async function movePrice(
  connection: NetworkConnection<"l1">,
  uniswap: UniswapV3,
  pool: Pool,
  options: { readonly trader: HardhatEthersSigner; readonly price: bigint; readonly spendable: bigint },
): Promise<void> {
  const { trader, price, spendable } = options;
  const limit = sqrtPriceX96(price, pool.baseIsToken0);
  const { sqrtPriceX96: now } = await pool.contract.slot0();
  // Prices that differ by a rounding alone are one price of the pool, which refuses to move to where it stands.
  if (limit === now) return;
  const tokenIn = limit < now === pool.baseIsToken0 ? pool.base : pool.quote;
  await swap(connection, uniswap, pool, { trader, tokenIn, amountIn: spendable, sqrtPriceLimitX96: limit });
}

/** Price of the pool now: units of `quote` per unit of `base`, times 1e36, rounded down. */
export async function poolPrice(pool: Pool): Promise<bigint> {
  const { sqrtPriceX96: sqrtPrice } = await pool.contract.slot0();
  const squared = sqrtPrice * sqrtPrice;
  return pool.baseIsToken0 ? (squared * PRICE_SCALE) >> 192n : (PRICE_SCALE << 192n) / squared;
}

/** Turns `amount` of the owner's ether into WETH, giving the owner the ether first. */
export async function wrapEther(
  connection: NetworkConnection<"l1">,
  uniswap: UniswapV3,
  owner: HardhatEthersSigner,
  amount: bigint,
): Promise<void> {
  const balance = await connection.ethers.provider.getBalance(owner);
  await connection.networkHelpers.setBalance(owner.address, balance + amount);
  const signed = uniswap.weth.connect(owner);
  await signed.getFunction("deposit")({ value: amount });
}

/** Price as the pool stores it: square root of token1 per token0, 96 binary places, rounded down. */
export function sqrtPriceX96(price: bigint, baseIsToken0: boolean): bigint {
  return squareRoot(baseIsToken0 ? (price << 192n) / PRICE_SCALE : (PRICE_SCALE << 192n) / price);
}

/** Rounded down. */
function squareRoot(x: bigint): bigint {
  let root = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The usable ticks that enclose a range of prices. */
function ticks(pool: Pool, range?: { readonly lower: bigint; readonly upper: bigint }): [number, number] {
  const spacing = TICK_SPACING[pool.fee.toString()];
  if (spacing === undefined) throw new Error(`no such fee: ${pool.fee.toString()}`);
  const last = Math.floor(MAX_TICK / spacing) * spacing;
  if (range === undefined) return [-last, last];
  const tickOf = (price: bigint): number => {
    const ratio = Number(price) / Number(PRICE_SCALE);
    return Math.log(pool.baseIsToken0 ? ratio : 1 / ratio) / Math.log(1.0001);
  };
  const [a, b] = [tickOf(range.lower), tickOf(range.upper)];
  const lower = Math.floor(Math.min(a, b) / spacing) * spacing;
  const upper = Math.ceil(Math.max(a, b) / spacing) * spacing;
  return [Math.max(lower, -last), Math.min(upper, last)];
}
