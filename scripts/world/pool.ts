/**
 * Uniswap v3 in terms of the pair instead of token order. Prices are loan units per collateral unit (raw, not scaled by
 * decimals), `root` is their square root, so that a liquidity L holds L x root of the loan asset and L / root of the
 * collateral, both virtual. Floating point: what it sizes is bounded by limits on chain.
 */

const Q96 = 2 ** 96;
const TICK_BASE = 1.0001;
const MIN_TICK = -887_272;
const MAX_TICK = 887_272;

export interface TickRange {
  readonly lower: number;
  readonly upper: number;
}

/** Depth is what the pool pays for collateral until its price has fallen by this much. */
export const DEPTH_FALL = 0.02;

/** Loan assets that liquidity of virtual reserve `reserve` pays until the price has fallen by `fall`. */
export function depthOf(reserve: number, fall: number): number {
  return reserve * (1 - Math.sqrt(1 - fall));
}

/** Virtual reserve of the loan asset that gives a depth at `DEPTH_FALL`. */
export function reserveForDepth(depth: number): number {
  return depth / depthOf(1, DEPTH_FALL);
}

/** What a position with liquidity L holds between two roots of the price. */
export function amountsInRange(
  liquidity: number,
  root: number,
  lower: number,
  upper: number,
): { readonly loan: number; readonly collateral: number } {
  const inside = Math.min(Math.max(root, lower), upper);
  return { loan: liquidity * (inside - lower), collateral: liquidity * (1 / inside - 1 / upper) };
}

/** Collateral that brings the pool from one root of the price down to another. */
export function collateralToReach(liquidity: number, root: number, target: number): number {
  return Math.max(0, liquidity * (1 / target - 1 / root));
}

/** Root after collateral was sold into the pool. */
export function rootAfterSale(liquidity: number, root: number, collateral: number): number {
  return 1 / (1 / root + collateral / liquidity);
}

/** Root of the price from a pool's `sqrtPriceX96`. */
export function rootFromX96(sqrtPriceX96: bigint, collateralIsToken0: boolean): number {
  const ratio = Number(sqrtPriceX96) / Q96;
  return collateralIsToken0 ? ratio : 1 / ratio;
}

/** A pool's `sqrtPriceX96` for a root of the price. */
export function rootToX96(root: number, collateralIsToken0: boolean): bigint {
  return BigInt(Math.round((collateralIsToken0 ? root : 1 / root) * Q96));
}

/** Ticks around two prices, on the grid of the pool and in the order that it wants. */
export function tickRange(
  prices: { readonly lowest: number; readonly highest: number },
  spacing: number,
  collateralIsToken0: boolean,
): TickRange {
  const ticks = [prices.lowest, prices.highest].map((price) => {
    const tick = Math.log(collateralIsToken0 ? price : 1 / price) / Math.log(TICK_BASE);
    const most = Math.floor(MAX_TICK / spacing) * spacing;
    return Math.min(most, Math.max(-most, Math.round(tick / spacing) * spacing));
  });
  return { lower: Math.min(...ticks), upper: Math.max(...ticks) };
}

/** All ticks that a pool has. */
export function fullRange(spacing: number): TickRange {
  const most = Math.floor(MAX_TICK / spacing) * spacing;
  return { lower: Math.ceil(MIN_TICK / spacing) * spacing, upper: most };
}

/** Root of the price at a tick. */
export function rootAtTick(tick: number, collateralIsToken0: boolean): number {
  const root = TICK_BASE ** (tick / 2);
  return collateralIsToken0 ? root : 1 / root;
}
