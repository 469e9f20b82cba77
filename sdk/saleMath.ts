/** Price, pace and size of takes: contracts/libraries/SaleMath.sol on bigint. */
import {
  BPS,
  ceilDiv,
  clamp,
  max,
  min,
  mulDivDown,
  mulDivUp,
  PRICE_SCALE,
  WAD,
  zeroFloorSub,
} from "./math.ts";
import type { SaleTerms } from "./terms.ts";

/** What the size of a take depends on. */
export interface SizeInputs {
  /** Debt, loan units. */
  readonly debt: bigint;
  /** Collateral, collateral units. */
  readonly collateral: bigint;
  /** Sale price. */
  readonly price: bigint;
  /** Deciding price. */
  readonly deciding: bigint;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
}

/** The terms that a size depends on. */
export type SizeTerms = Pick<SaleTerms, "penaltyBps" | "targetLtvBps">;

/** Size of a take. */
export interface Size {
  /** Debt that it repays, loan units. */
  readonly repay: bigint;
  /** Penalty on top, loan units. */
  readonly penalty: bigint;
  /** Penalty for which collateral is sold, WAD: that of the terms, or what the collateral can pay of it. */
  readonly penaltyRate: bigint;
  /** All collateral goes, whatever it pays. */
  readonly sellsAll: boolean;
}

const NOTHING: Size = { repay: 0n, penalty: 0n, penaltyRate: 0n, sellsAll: false };
const WAD_PER_BPS = WAD / BPS;

/** Penalty on a repayment, loan units, rounded up. */
export function penaltyOn(repay: bigint, penaltyBps: bigint): bigint {
  return ceilDiv(repay * penaltyBps, BPS);
}

/** Collateral that a fall of the debt buys, penalty included, collateral units, rounded down. */
export function collateralFor(credited: bigint, penaltyRate: bigint, price: bigint): bigint {
  return mulDivDown((credited * (WAD + penaltyRate)) / WAD, PRICE_SCALE, price);
}

/** Whether the collateral cannot pay debt and penalty at the sale price. */
export function fallsShort(debt: bigint, collateral: bigint, price: bigint, penaltyBps: bigint): boolean {
  return debt * (BPS + penaltyBps) > value(collateral, price) * BPS;
}

/**
 * The largest legal take. Only what restores health: x = (D - T C P) / (1 - T P (1 + f) / p); the whole debt where that has
 * no positive solution or less than `minDebt` would stay; all collateral where it cannot pay debt and penalty.
 */
export function closeAmount(inputs: SizeInputs, terms: SizeTerms): Size {
  const { debt, collateral, price, minDebt } = inputs;
  if (fallsShort(debt, collateral, price, terms.penaltyBps)) {
    const payment = valueUp(collateral, price);
    const repay = min(debt, payment);
    return { repay, penalty: payment - repay, penaltyRate: 0n, sellsAll: true };
  }
  const restoring = restoringRepay(inputs, terms);
  const repay = debt - restoring < minDebt ? debt : restoring;
  return {
    repay,
    penalty: penaltyOn(repay, terms.penaltyBps),
    penaltyRate: terms.penaltyBps * WAD_PER_BPS,
    sellsAll: false,
  };
}

/**
 * A take of less than the maximum; nothing where it would leave something too small to be sold by itself: debt under
 * `minDebt`, or, where the collateral falls short, collateral worth less than that. Each part pays its part of what the
 * collateral can pay of the penalty.
 */
export function part(repay: bigint, inputs: Omit<SizeInputs, "deciding">, terms: SizeTerms): Size {
  const { debt, collateral, price, minDebt } = inputs;
  if (debt - repay < minDebt) return NOTHING;
  if (fallsShort(debt, collateral, price, terms.penaltyBps)) {
    const payment = value(collateral, price);
    const beyond = zeroFloorSub(payment, debt);
    const penalty = ceilDiv(repay * beyond, debt);
    if (payment < repay + penalty + minDebt) return NOTHING;
    return { repay, penalty, penaltyRate: (beyond * WAD) / debt, sellsAll: false };
  }
  return {
    repay,
    penalty: penaltyOn(repay, terms.penaltyBps),
    penaltyRate: terms.penaltyBps * WAD_PER_BPS,
    sellsAll: false,
  };
}

/** The largest legal take of at most `most`, nothing where that would leave too little. */
export function sizeUpTo(most: bigint, inputs: SizeInputs, terms: SizeTerms): Size {
  const size = closeAmount(inputs, terms);
  return most < size.repay ? part(most, inputs, terms) : size;
}

/** Collateral that a take buys for what the debt really falls by. */
export function collateralOut(size: Size, credited: bigint, collateral: bigint, price: bigint): bigint {
  return size.sellsAll ? collateral : min(collateral, collateralFor(credited, size.penaltyRate, price));
}

/** Rounded up, so that a take of the maximum ends at or under the target. */
function restoringRepay(
  { debt, collateral, price, deciding }: SizeInputs,
  { penaltyBps, targetLtvBps }: SizeTerms,
): bigint {
  const safeDebt = maxDebt(collateral, deciding, targetLtvBps);
  if (debt <= safeDebt) return debt;
  const recycled = mulDivUp(deciding, targetLtvBps * (BPS + penaltyBps) * (WAD / (BPS * BPS)), price);
  if (recycled >= WAD) return debt;
  return min(debt, ceilDiv((debt - safeDebt) * WAD, WAD - recycled));
}

/** The sale clock ticks in 1/256 s. */
export const TICKS_PER_SECOND = 256n;

/** No horizon is longer, seconds. */
export const LONGEST_HORIZON = 7_200n;

/** What the clock shows beyond a sale's own horizon is used up by this part of its lot. */
const EXCESS_DIVISOR = 16n;

/** Sale price from anchor and discount, rounded up, never under the floor `low x (1 - maxDiscount)`. */
export function salePrice(anchor: bigint, low: bigint, discount: bigint, maxDiscountBps: bigint): bigint {
  const held = clamp(discount, -WAD, (maxDiscountBps * WAD) / BPS);
  return max(mulDivUp(anchor, WAD - held, WAD), mulDivUp(low, BPS - maxDiscountBps, BPS));
}

/**
 * Where a sale of fair value `sold` leaves the sale clock, in ticks: never past now, path-independent; what it shows beyond the
 * sale's own horizon goes first, in proportion.
 */
export function rewind(
  saleClock: bigint,
  timestamp: bigint,
  sold: bigint,
  horizon: bigint,
  lot: bigint,
): bigint {
  const now = timestamp * TICKS_PER_SECOND;
  const horizonTicks = horizon * TICKS_PER_SECOND;
  const from = max(saleClock, now - LONGEST_HORIZON * TICKS_PER_SECOND);
  const start = now - horizonTicks;
  if (from >= start) return min(now, from + mulDivUp(sold, horizonTicks, lot));
  const pace = LONGEST_HORIZON * TICKS_PER_SECOND * EXCESS_DIVISOR;
  const used = ((start - from) * lot) / pace;
  if (sold <= used) return from + mulDivUp(sold, pace, lot);
  return min(now, start + mulDivUp(sold - used, horizonTicks, lot));
}

/** Price at which all collateral just pays debt and penalty, at most the deciding one, rounded up; the collateral is above 0. */
export function coveringPrice(
  {
    debt,
    collateral,
    deciding,
  }: { readonly debt: bigint; readonly collateral: bigint; readonly deciding: bigint },
  penaltyBps: bigint,
): bigint {
  return collateral === 0n
    ? deciding
    : min(deciding, ceilDiv(debt * (BPS + penaltyBps) * (PRICE_SCALE / BPS), collateral));
}

/** Value of collateral, loan units, rounded down. */
export function value(collateral: bigint, price: bigint): bigint {
  return mulDivDown(collateral, price, PRICE_SCALE);
}

/** Value of collateral, loan units, rounded up. */
export function valueUp(collateral: bigint, price: bigint): bigint {
  return mulDivUp(collateral, price, PRICE_SCALE);
}

/** Most debt that collateral bears at an LTV, loan units, rounded down (against the borrower). */
export function maxDebt(collateral: bigint, price: bigint, ltvBps: bigint): bigint {
  return (value(collateral, price) * ltvBps) / BPS;
}
