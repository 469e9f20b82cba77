/** How a batch auction clears: contracts/libraries/BatchClearing.sol on bigint. */
import { closeAmount, part, type Size, type SizeTerms, value } from "./saleMath.ts";
import { BPS, min, mulDivUp, zeroFloorSub } from "./math.ts";

/** Discount ticks, from 0 on. */
export const BID_TICKS = 64;

/** One position for sale. */
export interface Lot {
  /** Loan units, rounded up. */
  readonly debt: bigint;
  /** Collateral units. */
  readonly collateral: bigint;
  readonly terms: SizeTerms;
}

/** Everything for sale together, and the least that it may be sold for. */
export interface Batch {
  /** In the order in which they are sold while the money lasts. */
  readonly lots: readonly Lot[];
  readonly deciding: bigint;
  /** Least price. */
  readonly bound: bigint;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
  /** Discount from one tick to the next. */
  readonly tickBps: bigint;
}

/** How a batch clears. */
export interface Clearing {
  readonly tick: number;
  readonly price: bigint;
  /** What all lots would pay at that price, loan units. */
  readonly supply: bigint;
  /** What is bid at that price or a better one, loan units. */
  readonly demand: bigint;
  /** What the lots that are sold pay, loan units. */
  readonly payment: bigint;
  /** Debt to repay of each lot, loan units. */
  readonly repays: readonly bigint[];
}

const NOTHING: Clearing = { tick: 0, price: 0n, supply: 0n, demand: 0n, payment: 0n, repays: [] };

/** Price of a tick, rounded up. */
export function tickPrice(deciding: bigint, tick: number, tickBps: bigint): bigint {
  return mulDivUp(deciding, BPS - BigInt(tick) * tickBps, BPS);
}

/** How many ticks, from 0 on, keep the bound, before any rounding. */
export function ticksWithin(deciding: bigint, bound: bigint, tickBps: bigint): number {
  if (bound > deciding) return 0;
  return Number(min(BigInt(BID_TICKS), ((deciding - bound) * BPS) / (deciding * tickBps) + 1n));
}

/** What all lots pay at a price, and what the one that pays least does, loan units. */
export function supplyAt(batch: Batch, price: bigint): { supply: bigint; least: bigint } {
  const payments = batch.lots
    .filter(({ debt }) => debt !== 0n)
    .map((lot) => sizeOf(batch, lot, price))
    .map(({ repay, penalty }) => repay + penalty);
  return {
    supply: payments.reduce((sum, payment) => sum + payment, 0n),
    least: payments.reduce(min, 2n ** 256n - 1n),
  };
}

/**
 * The best price at which the demand at that price or a better one covers a whole lot, whichever asks least; where none within
 * the bound does, the last tick within it; and what the demand pays for there.
 */
export function clearBatch(batch: Batch, demand: readonly bigint[]): Clearing {
  const within = ticksWithin(batch.deciding, batch.bound, batch.tickBps);
  if (within === 0) return NOTHING;
  let sum = 0n;
  for (let tick = 0; ; ++tick) {
    sum += demand[tick] ?? 0n;
    const price = tickPrice(batch.deciding, tick, batch.tickBps);
    const { supply, least } = supplyAt(batch, price);
    if ((sum === 0n || sum < least) && tick + 1 < within) continue;
    return { tick, price, supply, demand: sum, ...affordable(batch, price, sum) };
  }
}

/** How much each tick pays: the better bids first, the last ones what is left to pay. */
export function splitPayment(demand: readonly bigint[], paid: bigint): bigint[] {
  let left = paid;
  return demand.map((bid) => {
    const fill = min(bid, left);
    left -= fill;
    return fill;
  });
}

function sizeOf({ deciding, minDebt }: Batch, lot: Lot, price: bigint): Size {
  return closeAmount({ ...lot, price, deciding, minDebt }, lot.terms);
}

/** Lots in their order: whole while the money lasts, then the largest legal part of the first that allows one. */
function affordable(batch: Batch, price: bigint, money: bigint): Pick<Clearing, "payment" | "repays"> {
  const repays = batch.lots.map(() => 0n);
  let payment = 0n;
  for (const [i, lot] of batch.lots.entries()) {
    const whole = sizeOf(batch, lot, price);
    const left = money - payment;
    const isPart = whole.repay + whole.penalty > left;
    const size = isPart ? largestPart(batch, lot, whole, price, left) : whole;
    repays[i] = size.repay;
    payment += size.repay + size.penalty;
    if (isPart && size.repay !== 0n) break;
  }
  return { payment, repays };
}

/** The largest part of a lot that the money pays for; nothing where every such part would leave too little. */
function largestPart({ minDebt }: Batch, lot: Lot, whole: Size, price: bigint, money: bigint): Size {
  const worth = value(lot.collateral, price);
  const budget = min(money, zeroFloorSub(worth, minDebt));
  const inShortfall = worth > lot.debt ? (budget * lot.debt) / worth : budget;
  const paid = whole.sellsAll ? inShortfall : (money * BPS) / (BPS + lot.terms.penaltyBps);
  const repay = min(min(paid, whole.repay - 1n), zeroFloorSub(lot.debt, minDebt));
  return repay === 0n
    ? { ...whole, repay: 0n, penalty: 0n }
    : part(repay, { debt: lot.debt, collateral: lot.collateral, price, minDebt }, lot.terms);
}
