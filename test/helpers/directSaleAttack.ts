import type { AddressLike, BaseContract } from "ethers";

import type { DirectSaleBoundsStructOutput } from "../../typechain-types/contracts/interfaces/IDirectSaleLiquidator.ts";

import { less } from "../../sdk/directSaleMath.ts";
import { max, min, PRICE_SCALE } from "../../sdk/math.ts";
import { type Pool, poolPrice, sqrtPriceX96, wrapEther } from "../../scripts/kit/uniswap.ts";
import { type DirectSystem, offBy, orderOf } from "./directSale.ts";
import { FOREVER, NO_LIMIT } from "./system.ts";

/**
 * Who attacks direct sales with all capital there is: a contract that pushes pools, provides liquidity where the sale lands, sends
 * the sale himself, and takes everything back, in one transaction.
 */

export const UNBOUNDED = 10n ** 27n;
export const GAS = { gasLimit: 16_000_000n };
/** Liquidity beside which a sale of any size here moves the pool by less than a millionth. */
const WALL = 10n ** 22n;
/** Ticks between usable ticks of the pool of 0.05%. */
const SPACING = 10;

export interface Call {
  readonly target: string;
  readonly data: string;
}

/** One call, encoded. */
export const encode = async (
  contract: BaseContract,
  name: string,
  args: readonly unknown[],
): Promise<Call> => ({
  target: await contract.getAddress(),
  data: contract.interface.encodeFunctionData(name, args),
});

export type Attacked = Awaited<ReturnType<typeof withAttacker>>;

/** `hand` trades, executes and is paid; `maker` holds the liquidity. Both belong to the attacker. */
export async function withAttacker<S extends DirectSystem>(system: S) {
  const { connection, uniswap, loan, collateral, stranger } = system;
  const hand = await connection.ethers.deployContract("MockCallee");
  const maker = await connection.ethers.deployContract("MockPoolLiquidity");
  await wrapEther(connection, uniswap, stranger, 2n * UNBOUNDED);
  for (const account of [hand, maker]) {
    await loan.mint(account, UNBOUNDED);
    await collateral.connect(stranger).transfer(account, UNBOUNDED);
  }
  for (const token of [loan, collateral]) {
    const { target, data } = await encode(token, "approve", [await uniswap.router.getAddress(), NO_LIMIT]);
    await hand.execute(target, data);
  }
  return { ...system, hand, maker };
}

/** A trade of the hand that takes the pool to a price, from where it will stand then. */
export const push = async (
  { uniswap, hand }: Attacked,
  pool: Pool,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<readonly Call[]> => {
  if (from === to) return [];
  const [tokenIn, tokenOut] = to < from ? [pool.base, pool.quote] : [pool.quote, pool.base];
  const order = {
    tokenIn,
    tokenOut,
    fee: pool.fee,
    recipient: await hand.getAddress(),
    deadline: FOREVER,
    amountIn: UNBOUNDED / 4n,
    amountOutMinimum: 0n,
    sqrtPriceLimitX96: sqrtPriceX96(to, pool.baseIsToken0),
  };
  return [await encode(uniswap.router, "exactInputSingle", [order])];
};

/** The usable ticks between which a price lies: a wall of liquidity there takes a sale of any size at that price. */
const ticksAround = (pool: Pool, price: bigint): readonly [lower: number, upper: number] => {
  const ratio = Number(price) / Number(PRICE_SCALE);
  const tick = Math.log(pool.baseIsToken0 ? ratio : 1 / ratio) / Math.log(1.0001);
  const lower = Math.floor(tick / SPACING) * SPACING;
  return [lower, lower + SPACING];
};

/** A wall where the pool then stands, for as long as the calls between last. */
export const between = async (
  { maker }: Attacked,
  pool: Pool,
  stand: bigint,
  calls: readonly Call[],
): Promise<readonly Call[]> => {
  const args = [pool.address, ...ticksAround(pool, stand), WALL];
  return [await encode(maker, "deposit", args), ...calls, await encode(maker, "withdraw", args)];
};

/** An order of the hand at a price, of a sale that is live. */
export const handsOrder = async (attacked: Attacked, price: bigint, maxRepay = NO_LIMIT) => ({
  ...(await orderOf(attacked)),
  price,
  maxRepay,
  startsToo: false,
  receiver: await attacked.hand.getAddress(),
});

export const execute = async (
  attacked: Attacked,
  order: Awaited<ReturnType<typeof handsOrder>>,
): Promise<readonly Call[]> => [await encode(attacked.direct, "execute", [order])];

/** The calls in one transaction, in a block without a base fee: no reward for gas blurs the account. */
export const inOneTransaction = async (
  { connection, hand }: Attacked,
  calls: readonly (readonly Call[])[],
) => {
  await connection.networkHelpers.setNextBlockBaseFeePerGas(0n);
  return hand.executeAll(calls.flat(), { ...GAS, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
};

/** Just above a price that a pool may not end under, all of a sale being sold there. */
export const justAbove = (least: bigint): bigint => least + least / 100_000n;

/** What the attacker owns, at a price; `partner` is the borrower where both are one. */
export async function wealth(
  { vault, loan, collateral, hand, maker }: Attacked,
  at: bigint,
  partners: readonly AddressLike[] = [],
): Promise<bigint> {
  let sum = 0n;
  for (const account of [hand, maker, ...partners]) {
    const held = await collateral.balanceOf(account);
    sum += (await loan.balanceOf(account)) + (held * at) / PRICE_SCALE;
    sum += await vault.previewRedeem(await vault.balanceOf(account));
  }
  return sum;
}

/** A position at a price, with a debt that is worth no more than its collateral, and what lenders and reserve have of it. */
export async function accounts({ vault, borrower }: DirectSystem, at: bigint) {
  const { collateral } = await vault.position(borrower);
  const debt = await vault.debtOf(borrower);
  const value = (collateral * at) / PRICE_SCALE;
  const { cash, reserve } = await vault.accruedTotals();
  return { collateral, debt, value, equity: value - debt, lent: cash + min(debt, value), reserve };
}

/** What the one direct sale of a transaction did. */
export async function saleOf(
  { direct, connection }: DirectSystem,
  sent: { readonly hash: string },
): Promise<{ readonly collateral: bigint; readonly proceeds: bigint; readonly payment: bigint }> {
  const receipt = await connection.ethers.provider.getTransactionReceipt(sent.hash);
  const event = receipt?.logs
    .map((log) => direct.interface.parseLog(log))
    .find((log) => log?.name === "DirectSale");
  if (!event) throw new Error("no sale");
  const of = (name: string) => event.args.getValue(name) as bigint;
  return { collateral: of("collateral"), proceeds: of("proceeds"), payment: of("payment") };
}

/** A share of an amount, bps, rounded towards zero. */
export const inBps = (part: bigint, whole: bigint): bigint => (part * 10_000n) / whole;

/** Value of collateral at a price. */
export const worth = (collateral: bigint, at: bigint): bigint => (collateral * at) / PRICE_SCALE;

export interface Sandwich {
  /** What the attacker's own accounts gained, at the price where the pool stood before, loan units. */
  readonly gain: bigint;
  /** What the sale brought less than its collateral was worth there, loan units. */
  readonly loss: bigint;
  readonly value: bigint;
}

/**
 * The best that one transaction does: the pool is brought to the least price that the bounds allow, a wall of the attacker's own
 * liquidity takes all of the sale there, and the pool goes back to where it stood.
 */
export async function sandwich(
  attacked: Attacked,
  bounds: DirectSaleBoundsStructOutput,
  { partners = [], maxRepay = NO_LIMIT }: { partners?: readonly AddressLike[]; maxRepay?: bigint } = {},
): Promise<Sandwich> {
  const { pool } = attacked;
  const truth = await poolPrice(pool);
  // Nobody pushes a pool down further than the highest mean asks; from there on the push eats the sale's room.
  const least = max(max(less(bounds.mean, bounds.impact), bounds.leastPrice), bounds.leastBefore);
  const stand = justAbove(least);
  const order = await handsOrder(
    attacked,
    offBy(min(less(bounds.mean, bounds.maxLoss), stand), 2n),
    maxRepay,
  );
  const before = await wealth(attacked, truth, partners);
  const sale = await execute(attacked, order);
  const sent = await inOneTransaction(attacked, [
    await push(attacked, pool, { from: truth, to: stand }),
    await between(attacked, pool, stand, sale),
    await push(attacked, pool, { from: stand - 1n, to: truth }),
  ]);
  const { collateral, proceeds } = await saleOf(attacked, sent);
  const value = worth(collateral, truth);
  const gain = (await wealth(attacked, truth, partners)) - before;
  return { gain, loss: value - proceeds, value };
}
