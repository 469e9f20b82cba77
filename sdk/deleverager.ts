/** How near liquidation is, and what a rescue sells: contracts/risk/Deleverager.sol on bigint. */
import { closeAmount, collateralFor, maxDebt } from "./saleMath.ts";
import { BPS, ceilDiv, lnWad, MAX_UINT256, mulDivDown, mulDivUp, WAD } from "./math.ts";
import { deviation } from "./riskMath.ts";

/** A rescue repays at least this part of the debt. */
const LEAST_PART = 100n;

export interface RescuePosition {
  /** Debt, loan units. */
  readonly debt: bigint;
  /** Collateral, collateral units. */
  readonly collateral: bigint;
  /** Deciding price. */
  readonly deciding: bigint;
  readonly liquidationLtvBps: bigint;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
}

export interface RescueOrder {
  readonly targetLtvBps: bigint;
  readonly maxCostBps: bigint;
}

export interface RescueSize {
  /** Loan units. */
  readonly repay: bigint;
  /** Collateral units. */
  readonly collateral: bigint;
}

/**
 * Standard deviations between the price and the liquidation price, WAD, rounded down.
 *
 * @param volatility Per sqrt(second), WAD.
 * @param horizon Seconds.
 */
export function distance(
  { debt, collateral, deciding, liquidationLtvBps }: RescuePosition,
  volatility: bigint,
  horizon: bigint,
): bigint {
  if (debt === 0n) return MAX_UINT256;
  const most = maxDebt(collateral, deciding, liquidationLtvBps);
  if (debt >= most) return 0n;
  const over = deviation(volatility, horizon * WAD);
  if (over === 0n) return MAX_UINT256;
  return mulDivDown(lnWad(mulDivDown(most, WAD, debt)), WAD, over);
}

/** Least that the vault may be paid a unit, rounded up. */
export function leastPrice(deciding: bigint, maxCostBps: bigint): bigint {
  return mulDivUp(deciding, BPS - maxCostBps, BPS);
}

/** What a rescue sells at a price; undefined where the position is at its target or the rescue would be too small. */
export function rescueSize(
  position: RescuePosition,
  { targetLtvBps }: RescueOrder,
  price: bigint,
): RescueSize | undefined {
  const { debt, collateral, deciding } = position;
  if (debt <= maxDebt(collateral, deciding, targetLtvBps)) return undefined;
  const { repay } = closeAmount({ ...position, price }, { penaltyBps: 0n, targetLtvBps });
  if (repay < ceilDiv(debt, LEAST_PART)) return undefined;
  return { repay, collateral: collateralFor(repay, 0n, price) };
}
