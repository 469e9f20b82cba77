/** Value, LTV and health of a position. Prices are loan units per collateral unit, times 1e36. */
import { MAX_UINT256, mulDivDown, mulDivUp, WAD } from "./math.ts";
import { maxDebt, value } from "./saleMath.ts";

/** Whether a position's LTV is at or under the liquidation LTV. */
export function isHealthy(
  debt: bigint,
  collateral: bigint,
  price: bigint,
  liquidationLtvBps: bigint,
): boolean {
  return debt <= maxDebt(collateral, price, liquidationLtvBps);
}

/** Debt over collateral value, WAD, rounded up; the largest uint256 for debt without collateral value, 0 without debt. */
export function ltv(debt: bigint, collateral: bigint, price: bigint): bigint {
  if (debt === 0n) return 0n;
  const worth = value(collateral, price);
  return worth === 0n ? MAX_UINT256 : mulDivUp(debt, WAD, worth);
}

/** Liquidation LTV over LTV, WAD, rounded down; the largest uint256 without debt. At least 1 when and only when healthy. */
export function health(debt: bigint, collateral: bigint, price: bigint, liquidationLtvBps: bigint): bigint {
  if (debt === 0n) return MAX_UINT256;
  return mulDivDown(maxDebt(collateral, price, liquidationLtvBps), WAD, debt);
}
