/** Starts of sales: worth it where the reward, and the margin on what there will be to sell, pay for their gas. */
import { BPS, max } from "../../sdk/math.ts";
import { decidingPrice, type PositionView } from "../../sdk/positionView.ts";
import { coveringPrice } from "../../sdk/saleMath.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import { type Rules, sizeAt } from "./sizing.ts";

/** What a start costs, reckoned with before it is sent. */
export const START_GAS = 125_000;

/**
 * Price at which the sale of a position that needs a start opens; where a lapsed one does, the clock has come to hold. Lenders pay
 * for no discount of a young sale.
 */
export function openingPrice(
  view: PositionView,
  { startPremiumBps, holdBps, penaltyBps }: Pick<SaleTerms, "startPremiumBps" | "holdBps" | "penaltyBps">,
): bigint {
  const deciding = decidingPrice(view);
  const off = view.status === "LAPSED" ? holdBps : -startPremiumBps;
  const covering = coveringPrice({ ...view, deciding }, penaltyBps);
  return max((deciding * (BPS - off)) / BPS, covering);
}

/** What a keeper may have of a start, loan units. */
export interface StartPromise {
  /** Margin on what there will be to sell. */
  readonly margin: number;
  /** The vault never pays more than half the penalty on that. */
  readonly mostReward: number;
}

/** @param margin What the keeper wants of what is paid, as a share. */
export function promiseOfStart(view: PositionView, rules: Rules, margin: number): StartPromise {
  const { repay } = sizeAt(view, openingPrice(view, rules.terms), rules);
  return {
    margin: Number(repay) * margin,
    mostReward: Number(repay * rules.terms.penaltyBps) / Number(2n * BPS),
  };
}

/**
 * Whether a start pays for its gas.
 * @param reward What the vault would pay for it, loan units; before it was asked, the most that it could pay.
 * @param cost Worth of `START_GAS`, loan units.
 */
export function isStartWorthIt({ margin }: StartPromise, reward: number, cost: number): boolean {
  return reward + margin >= cost;
}
