/** What a forced sale costs and whom, each definition once. Amounts in loan units, prices in whole loan assets per collateral asset. */
import { value } from "../../../sdk/saleMath.ts";
import { max, min } from "../../../sdk/math.ts";
import { priceToScaled } from "../../../sdk/units.ts";

/** A position; loan and collateral units. */
export interface Holding {
  readonly debt: bigint;
  readonly collateral: bigint;
}

/** What a take exchanged, and the position right before it. */
export interface Exchange {
  readonly before: Holding;
  /** What came off the debt, and what the taker paid besides. */
  readonly repaid: bigint;
  readonly penalty: bigint;
  /** What came off the debt in the same transaction because the sale brought more than it had to. */
  readonly returned: bigint;
  /** Collateral units sold, and the part of them that the protocol kept for itself. */
  readonly collateral: bigint;
  readonly keptCollateral: bigint;
}

/** A take, reckoned at one market price. */
export interface TakeCost {
  /** Worth of the collateral sold. */
  readonly fairValue: bigint;
  /** What the borrower had before: the collateral's worth less the debt, at least 0. */
  readonly equity: bigint;
  /**
   * Loss at market: fair value less all that came off the debt and the penalty, at most the equity; what is beyond is the lenders',
   * and shows as bad debt. Negative where the sale price was above the market price.
   */
  readonly loss: bigint;
  /** Part of the penalty that the equity bears besides the loss: all of it, unless the position is nearly under water. */
  readonly penalty: bigint;
  /** What leaves borrower, lenders and reserve together: fair value of what the taker got, less all that he paid. */
  readonly leaving: bigint;
}

/** Times at which a cost is reckoned: at the take's market price, or at the one when its position fell due. */
export type Valuation = "atTake" | "atDue";

/** Borrowers' whole cost, in parts that exclude each other. */
export interface BorrowersCost {
  /** Sum of the takes' losses at market. */
  readonly loss: bigint;
  /** Sum of the penalties, as far as borrowers bore them. */
  readonly penalty: bigint;
  /** Sum of starters' rewards, as far as borrowers bore them. */
  readonly rewards: bigint;
  /** Sum of the rescues' costs, at the market price of each: a rescue comes before anything is due. */
  readonly rescues: bigint;
}

/** A start that a reward was paid for. */
export interface RewardedStart {
  readonly reward: bigint;
  /** Debt and collateral of the position right after the start, the reward included in the debt. */
  readonly debt: bigint;
  readonly collateral: bigint;
}

/** The collateral's worth less the debt, at least 0. */
export function equityOf({ debt, collateral }: Holding, price: number): bigint {
  return max(0n, value(collateral, priceToScaled(price)) - debt);
}

/** The debt less the collateral's worth, at least 0. */
export function shortfallOf({ debt, collateral }: Holding, price: number): bigint {
  return max(0n, debt - value(collateral, priceToScaled(price)));
}

export function costOfTake(take: Exchange, price: number): TakeCost {
  const { before, repaid, penalty, returned, collateral, keptCollateral } = take;
  const paid = repaid + penalty + returned;
  const fairValue = value(collateral, priceToScaled(price));
  const equity = equityOf(before, price);
  const loss = min(fairValue - paid, equity);
  return {
    fairValue,
    equity,
    loss,
    penalty: min(penalty, equity - loss),
    leaving: value(collateral - keptCollateral, priceToScaled(price)) - paid,
  };
}

/** Part of a starter's reward that the borrower's equity bears: the rest is the lenders'. */
export function rewardBorne({ reward, debt, collateral }: RewardedStart, price: number): bigint {
  return min(reward, equityOf({ debt: debt - reward, collateral }, price));
}

export function totalCost({ loss, penalty, rewards, rescues }: BorrowersCost): bigint {
  return loss + penalty + rewards + rescues;
}
