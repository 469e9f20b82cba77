/** Direct sales: how much of a position to sell for its borrower in a pool, within the bounds, where the reward pays for the gas. */
import { impact, leastPrice, urgency } from "../../sdk/directSaleMath.ts";
import { BPS, max, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { decidingPrice, needsStart, type PositionView } from "../../sdk/positionView.ts";
import { collateralToReach } from "../world/pool.ts";
import { type Lot, partOf, type PoolState, proceedsOf } from "./order.ts";
import { type GasCost, type Rules, sizeAt } from "./sizing.ts";

/** Gas of a sale into one pool, as the liquidator reckons with it. */
const SALE_GAS = 275_000;
/** What a sale may lose besides its impact, as the liquidator says. */
const LOSS_ABOVE_IMPACT = 0.005;
/** How often the price is brought nearer to what the pool brings at it. */
const ROUNDS = 4;
/** Orders ask for so much less than they expect, so that they are on the safe side. */
const SAFETY = 2e-6;

/** Parts of the push that they would like, tried until a sale behind it is still worth its gas. */
const PUSHES = [1, 0.5, 0.25] as const;

/** What an order says that sells all that may be sold. */
const NO_LIMIT = 2n ** 256n - 1n;

/** Keepers put up with this part of what they reckon gas with: the reward is half the penalty at most. */
const ENOUGH = 0.95;

/** What oracle and reference venue say now, 1e36 scale; the fall is WAD. */
export interface Look {
  readonly deciding: bigint;
  readonly mean: bigint;
  readonly fall: bigint;
}

/** How far a sale may go: contracts/types/DirectSale.sol, in floating point, loan units per collateral unit. */
export interface Bounds {
  /** The reference venue's mean price. */
  readonly mean: number;
  /** What the pool may be moved by, as a share. */
  readonly impact: number;
  readonly leastPrice: number;
  readonly leastBefore: number;
  /** What the vault may be paid under the mean, as a share. */
  readonly maxLoss: number;
}

/** The liquidator's bounds: prices of 1e36 scale, shares WAD. */
export type BoundsAnswer = Readonly<Record<keyof Bounds, bigint>>;

/** What can be sold of a position now, and at which price. */
interface Plan {
  /** Loan units. */
  readonly repay: bigint;
  /** 1e36 scale. */
  readonly price: bigint;
  /** All that may be sold of the position, not what the pool takes of it. */
  readonly isWhole: boolean;
}

/** What a sale is ordered with. */
export interface DirectOrder {
  /** 1e36 scale. */
  readonly price: bigint;
  /** Loan units. */
  readonly maxRepay: bigint;
  readonly startsToo: boolean;
}

/** Rules of direct sales, and the fee of the pool as a share. */
export interface DirectRules extends Rules {
  readonly liquidationLtvBps: bigint;
  readonly fee: number;
}

/** A price of 1e36 scale, loan units per collateral unit. */
const unscaled = (price: bigint): number => Number(price) / Number(PRICE_SCALE);

const asShare = (value: bigint): number => Number(value) / Number(WAD);

/** The liquidator's bounds in floating point. */
export function boundsFrom(answer: BoundsAnswer): Bounds {
  return {
    mean: unscaled(answer.mean),
    impact: asShare(answer.impact),
    leastPrice: unscaled(answer.leastPrice),
    leastBefore: unscaled(answer.leastBefore),
    maxLoss: asShare(answer.maxLoss),
  };
}

/** Positions that may be sold, the worst first. */
export function sellableViews(views: readonly PositionView[]): readonly PositionView[] {
  return views
    .filter((view) => needsStart(view) || view.status === "FOR_SALE")
    .sort((a, b) => Number(a.health - b.health));
}

/** Whether half the penalty on what may be sold now would pay for the gas. */
export function isWorthSelling(view: PositionView, rules: DirectRules, gasCost: GasCost): boolean {
  const deciding = decidingPrice(view);
  if (deciding === 0n) return false;
  return Number(mostReward(lotAt(view, deciding, rules).repay, rules)) > gasCost(SALE_GAS);
}

/** The widest bounds that a position may have: those of the terms that new sales get, the policy not asked. */
export function widestBounds(
  view: PositionView,
  { deciding, mean, fall }: Look,
  { terms, liquidationLtvBps }: DirectRules,
): Bounds | undefined {
  const value = (view.collateral * max(deciding, mean)) / PRICE_SCALE;
  if (view.debt * BPS <= value * liquidationLtvBps) return undefined;
  const most = impact(terms, urgency(view.debt, value, liquidationLtvBps, terms.maxDiscountBps));
  return {
    mean: unscaled(mean),
    impact: asShare(most),
    leastPrice: unscaled(leastPrice(deciding, fall, terms.maxDiscountBps)),
    leastBefore: 0,
    maxLoss: asShare(most) + LOSS_ABOVE_IMPACT,
  };
}

/** The order to send; undefined where nothing can be sold whose reward pays for the gas. */
export function directOrder(
  view: PositionView,
  bounds: Bounds,
  pool: PoolState,
  rules: DirectRules,
  gasCost: GasCost,
): DirectOrder | undefined {
  const plan = payingPlan(view, bounds, pool, rules, gasCost);
  if (plan === undefined) return undefined;
  return {
    price: plan.price,
    maxRepay: plan.isWhole ? NO_LIMIT : plan.repay,
    startsToo: needsStart(view),
  };
}

/**
 * Price of the pool down to which a keeper pushes it before a sale: a share of the way to the lowest price at which the sale may
 * end, as far as the sale still pays. Undefined where it does not push.
 */
export function pushFor(
  view: PositionView,
  bounds: Bounds,
  { root, liquidity }: PoolState,
  rules: DirectRules,
  gasCost: GasCost,
  share: number,
): number | undefined {
  if (share === 0) return undefined;
  const way = root ** 2 - lowestRoot(bounds, root, rules.fee) ** 2;
  for (const part of PUSHES) {
    const target = Math.max(root ** 2 - part * share * way, bounds.leastBefore);
    if (target >= root ** 2) return undefined;
    const left = { root: Math.sqrt(target), liquidity };
    if (payingPlan(view, bounds, left, rules, gasCost) !== undefined) return target;
  }
  return undefined;
}

function mostReward(repay: bigint, { terms }: DirectRules): bigint {
  return (repay * terms.penaltyBps) / (2n * BPS);
}

/** What can be sold, where the reward pays for the gas of it. */
function payingPlan(
  view: PositionView,
  bounds: Bounds,
  pool: PoolState,
  rules: DirectRules,
  gasCost: GasCost,
): Plan | undefined {
  const found = plan(view, bounds, pool, rules);
  if (found === undefined || Number(mostReward(found.repay, rules)) < gasCost(SALE_GAS) * ENOUGH)
    return undefined;
  // Gas is paid in proportion where less than a lot may be sold.
  return found.isWhole || found.repay >= rules.terms.lot ? found : undefined;
}

/** As much as the pool takes until it is at the lowest price allowed, or the mean price is. */
function plan(view: PositionView, bounds: Bounds, pool: PoolState, rules: DirectRules): Plan | undefined {
  const { fee, minDebt } = rules;
  if (pool.root ** 2 < bounds.leastBefore) return undefined;
  const lowest = lowestRoot(bounds, pool.root, fee);
  const room = collateralToReach(pool.liquidity, pool.root, lowest) / (1 - fee);
  if (room <= 0) return undefined;

  let price = decidingPrice(view);
  let repay = 0n;
  let isWhole = false;
  for (let round = 0; round < ROUNDS; ++round) {
    const lot = lotAt(view, price, rules);
    const share = Math.min(1, room / Number(lot.collateral));
    isWhole = share === 1;
    repay = isWhole ? lot.repay : partOf(lot, share, minDebt);
    if (repay === 0n) return undefined;
    const sold = (Number(lot.collateral) * Number(repay)) / Number(lot.repay);
    const net = proceedsOf(pool, fee, sold) * (1 - SAFETY);
    price = BigInt(Math.max(0, Math.floor((net / sold) * 1e18))) * (PRICE_SCALE / 10n ** 18n);
    if (unscaled(price) < bounds.mean * (1 - bounds.maxLoss)) return undefined;
  }
  return { repay, price, isWhole };
}

function lotAt(view: PositionView, price: bigint, rules: DirectRules): Lot {
  const { borrower, debt } = view;
  const { repay, penalty, sellsAll } = sizeAt(view, price, rules);
  const collateral = sellsAll ? view.collateral : ((repay + penalty) * PRICE_SCALE) / price;
  return { borrower, debt, repay, penalty, collateral, needsStart: needsStart(view) };
}

/** Root of the lowest price of the pool after a sale that is allowed from a root before it, by its mean price or its end. */
function lowestRoot({ mean, impact, leastPrice, maxLoss }: Bounds, root: number, fee: number): number {
  // The fee comes off the mean price, and that is the product of both roots.
  const byMean = (mean * (1 - maxLoss) * (1 + 2 * SAFETY)) / (1 - fee) / root;
  // On the safe side as well: a digit below the bound, and the sale is refused.
  const least = Math.max((1 - impact) * Math.max(root ** 2, mean), leastPrice);
  return Math.max(byMean, Math.sqrt(least * (1 + SAFETY)));
}
