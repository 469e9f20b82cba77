/** Size of a take: contracts/libraries/SaleMath.sol `closeAmount` on bigint. */
import { maxDebt, value, valueUp } from "./health.js";
import { BPS, ceilDiv, min, mulDivDown, mulDivUp, PRICE_SCALE, WAD } from "./math.js";
import type { SaleTerms } from "./terms.js";

/** What the sale of one position stands on. */
export interface CloseInputs {
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

/** The largest legal take. */
export interface Size {
  /** Debt that it repays, loan units. */
  readonly repay: bigint;
  /** Penalty on top, loan units. */
  readonly penalty: bigint;
  /** Collateral that it buys, collateral units. */
  readonly collateral: bigint;
  /** The collateral cannot pay debt and penalty: all of it is sold. */
  readonly shortfall: boolean;
}

/** Penalty on a repayment, loan units, rounded up. */
export function penaltyOn(repay: bigint, penaltyBps: bigint): bigint {
  return ceilDiv(repay * penaltyBps, BPS);
}

/** Collateral for a payment, collateral units, rounded down. */
export function collateralFor(payment: bigint, price: bigint): bigint {
  return mulDivDown(payment, PRICE_SCALE, price);
}

/** Whether the collateral cannot pay debt and penalty at the sale price. */
export function isShortfall(debt: bigint, collateral: bigint, price: bigint, penaltyBps: bigint): boolean {
  return debt * (BPS + penaltyBps) > value(collateral, price) * BPS;
}

/**
 * Only what restores health: x = (D - T C P) / (1 - T P (1 + f) / p); the whole position where that has no positive
 * solution, where less than `minDebt` would stay, or where the collateral cannot pay debt and penalty.
 */
export function closeAmount(
  inputs: CloseInputs,
  terms: Pick<SaleTerms, "penaltyBps" | "targetLtvBps">,
): Size {
  const { debt, collateral, price, minDebt } = inputs;
  if (isShortfall(debt, collateral, price, terms.penaltyBps)) {
    const payment = valueUp(collateral, price);
    const paid = min(debt, payment);
    return { repay: paid, penalty: payment - paid, collateral, shortfall: true };
  }
  const restoring = restoringRepay(inputs, terms);
  const repay = debt - restoring < minDebt ? debt : restoring;
  const penalty = penaltyOn(repay, terms.penaltyBps);
  return { repay, penalty, collateral: min(collateral, collateralFor(repay + penalty, price)), shortfall: false };
}

/** Rounded up, so that a take of the maximum ends at or under the target. */
function restoringRepay(
  { debt, collateral, price, deciding }: CloseInputs,
  { penaltyBps, targetLtvBps }: Pick<SaleTerms, "penaltyBps" | "targetLtvBps">,
): bigint {
  const safeDebt = maxDebt(collateral, deciding, targetLtvBps);
  if (debt <= safeDebt) return debt;
  const recycled = mulDivUp(deciding, targetLtvBps * (BPS + penaltyBps) * (WAD / (BPS * BPS)), price);
  if (recycled >= WAD) return debt;
  return min(debt, mulDivUp(debt - safeDebt, WAD, WAD - recycled));
}
