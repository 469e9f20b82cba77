/** Protocols that sell at a bonus: liquidate as much of a position as pays best and sell it in a pool. */
import type { PositionView } from "../../sdk/positionView.ts";
import { rawPrice } from "../../sdk/units.ts";
import { type Lot, type Plan, planOrder, type PoolState } from "./order.ts";
import type { GasCost } from "./sizing.ts";

/** What a keeper would do with one position, loan units. */
export interface BonusOrder {
  readonly view: PositionView;
  readonly plan: Plan;
  /** Least profit that the keeper insists on. */
  readonly wanted: number;
  /** Expected beyond that. */
  readonly gain: number;
}

/** What a keeper liquidates by. */
export interface BonusRules {
  /** Gas of a liquidation with its sale, as reckoned with before it is sent. */
  readonly gas: number;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
  /** Fee of the pool, as a share. */
  readonly fee: number;
  /** Least profit after gas, as a share of what is paid. */
  readonly margin: number;
}

function lotOf(view: PositionView): Lot {
  const { borrower, debt, closeAmount: repay, collateralOut: collateral } = view;
  return { borrower, debt, repay, penalty: 0n, collateral, needsStart: false };
}

/** Whether the bonus at the oracle's price, in whole loan assets, would pay for the gas. */
export function isBonusWorthIt(
  { collateralOut, closeAmount }: PositionView,
  oraclePrice: number,
  gas: number,
  gasCost: GasCost,
): boolean {
  return Number(collateralOut) * rawPrice(oraclePrice) - Number(closeAmount) > gasCost(gas);
}

/** Orders that pay, the best first. */
export function bonusOrders(
  views: readonly PositionView[],
  pool: PoolState,
  { gas, minDebt, fee, margin }: BonusRules,
  gasCost: GasCost,
): readonly BonusOrder[] {
  const lotCost = gasCost(gas);
  const orders = views
    .filter(({ status, collateralOut }) => status === "FOR_SALE" && collateralOut > 0n)
    .map((view): BonusOrder => {
      const plan = planOrder([lotOf(view)], pool, { fee, margin, minDebt, lotCost, mostLots: 1 });
      const wanted = lotCost + plan.payment * margin;
      return { view, plan, wanted, gain: plan.proceeds - plan.payment - wanted };
    });
  return orders
    .filter(({ plan, gain }) => plan.lots.length !== 0 && gain >= 0)
    .sort((a, b) => b.gain - a.gain);
}
