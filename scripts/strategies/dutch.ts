/** The Dutch auction: take at the clock's price and sell in a pool, without capital. */
import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { needsStart, type PositionView } from "../../sdk/positionView.ts";
import { type Lot, type Plan, planOrder, type PoolState } from "./order.ts";
import { type GasCost, type Rules, sizeAt } from "./sizing.ts";
import { openingPrice, START_GAS } from "./starts.ts";

/** Gas of a sale of one position with its swap, as reckoned with before it is sent. */
export const TAKE_GAS = 330_000;
/** Gas of each further position. */
const LOT_GAS = 45_000;
const MOST_LOTS = 40;

/** What a keeper sells in, and what it wants. */
export interface DutchMarket {
  readonly pool: PoolState;
  /** Fee of the pool, as a share. */
  readonly fee: number;
  /** Least profit after gas, as a share of what is paid. */
  readonly margin: number;
}

/** An order without those who send it. */
export interface DutchOrder {
  readonly borrowers: readonly string[];
  readonly start: boolean;
  /** Debt to repay at most, loan units. */
  readonly maxRepay: bigint;
  /** Least profit, loan units. */
  readonly minProfit: bigint;
}

/** Whether the deepest discount on all of a position would pay for a take. */
export function isWorthTaking(view: PositionView, { terms }: Rules, gasCost: GasCost): boolean {
  return Number(view.value * terms.maxDiscountBps) / Number(BPS) > gasCost(TAKE_GAS);
}

/** What there is to buy of a position, at its price now. */
export function dutchLot(view: PositionView, rules: Rules): Lot | undefined {
  const { borrower, debt } = view;
  if (view.status === "FOR_SALE") {
    const { closeAmount: repay, penalty, collateralOut: collateral } = view;
    return { borrower, debt, repay, penalty, collateral, needsStart: false };
  }
  if (!needsStart(view)) return undefined;
  const price = openingPrice(view, rules.terms);
  if (price === 0n) return undefined;
  const { repay, penalty } = sizeAt(view, price, rules);
  return {
    borrower,
    debt,
    repay,
    penalty,
    collateral: ((repay + penalty) * PRICE_SCALE) / price,
    needsStart: true,
  };
}

/** Gas and margin that an order has to bring, loan units. */
function leastProfit({ lots, payment }: Plan, gasCost: GasCost, margin: number): number {
  const starts = lots.filter((lot) => lot.needsStart).length;
  const gas = TAKE_GAS + Math.max(0, lots.length - 1) * LOT_GAS + starts * START_GAS;
  return gasCost(gas) + payment * margin;
}

/** The order that leaves most of all positions that are seen; undefined where none pays for its gas and margin. */
export function dutchOrder(
  views: readonly PositionView[],
  { pool, fee, margin }: DutchMarket,
  rules: Rules,
  gasCost: GasCost,
): DutchOrder | undefined {
  const plan = planOrder(
    views.flatMap((view) => dutchLot(view, rules) ?? []),
    pool,
    { fee, margin, minDebt: rules.minDebt, lotCost: gasCost(LOT_GAS), mostLots: MOST_LOTS },
  );
  const wanted = leastProfit(plan, gasCost, margin);
  if (plan.lots.length === 0 || plan.proceeds - plan.payment < wanted) return undefined;
  return {
    borrowers: plan.lots.map(({ borrower }) => borrower),
    start: plan.lots.some((lot) => lot.needsStart),
    maxRepay: plan.maxRepay,
    minProfit: BigInt(Math.ceil(wanted)),
  };
}
