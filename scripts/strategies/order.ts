/** What a keeper buys: as much of the cheapest sales as the pool takes at a price that still pays. */
import { collateralToReach, rootAfterSale } from "../world/pool.ts";

/** A position that can be bought from now. Loan and collateral units. */
export interface Lot {
  readonly borrower: string;
  readonly debt: bigint;
  /** The largest legal take: debt that it repays, penalty on top, collateral for both. */
  readonly repay: bigint;
  readonly penalty: bigint;
  readonly collateral: bigint;
  /** Its sale has to be started first. */
  readonly needsStart: boolean;
}

export interface PoolState {
  /** Root of the price, loan units per collateral unit. */
  readonly root: number;
  readonly liquidity: number;
}

/** What the buyer insists on. */
export interface Demands {
  /** Fee of the pool, as a share. */
  readonly fee: number;
  /** Least profit on what is paid, as a share, on the last unit bought. */
  readonly margin: number;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
  /** Gas that each further lot costs, loan units. */
  readonly lotCost: number;
  readonly mostLots: number;
}

export interface Plan {
  readonly lots: readonly Lot[];
  /** Debt to repay at most over all lots, loan units. */
  readonly maxRepay: bigint;
  /** Both in loan units; what the vault asks for lots after the first may be a little more. */
  readonly payment: number;
  readonly proceeds: number;
}

/** Loan units. */
const ROUNDING = 2n;

const NOTHING: Plan = { lots: [], maxRepay: 0n, payment: 0, proceeds: 0 };

/** Loan units per collateral unit. */
function priceOf(lot: Lot): number {
  return Number(lot.repay + lot.penalty) / Number(lot.collateral);
}

/** Loan units that the pool pays for collateral. */
export function proceedsOf(pool: PoolState, fee: number, collateral: number): number {
  return pool.liquidity * (pool.root - rootAfterSale(pool.liquidity, pool.root, collateral * (1 - fee)));
}

/**
 * Debt to repay for a part of a lot so that no remainder is too small; 0 where none is legal. Where the collateral does not pay
 * the debt, `minDebt` worth of it must stay.
 */
export function partOf(lot: Lot, share: number, minDebt: bigint): bigint {
  const repay = (lot.repay * BigInt(Math.floor(share * 1e12))) / 10n ** 12n;
  // Where the collateral falls short a digit more must stay: penalties are rounded up.
  const most = lot.repay < lot.debt ? lot.repay - minDebt - ROUNDING : lot.debt - minDebt;
  if (repay <= most) return repay;
  return most > 0n ? most : 0n;
}

/** The order that leaves most; without lots where none pays. Cheapest lots first, the last one in part. */
export function planOrder(lots: readonly Lot[], pool: PoolState, demands: Demands): Plan {
  const { fee, margin, minDebt, lotCost, mostLots } = demands;
  const best = pool.root ** 2 * (1 - fee);
  const paying = lots
    .filter((lot) => (best - priceOf(lot)) * Number(lot.collateral) > lotCost)
    .sort((a, b) => priceOf(a) - priceOf(b))
    .slice(0, mostLots);
  let plan = NOTHING;
  let sold = 0;
  for (const lot of paying) {
    const lowest = Math.sqrt((priceOf(lot) * (1 + margin)) / (1 - fee));
    const room = collateralToReach(pool.liquidity, pool.root, lowest) / (1 - fee) - sold;
    const share = Math.min(1, room / Number(lot.collateral));
    const repay = share === 1 ? lot.repay : partOf(lot, Math.max(0, share), minDebt);
    if (repay === 0n) break;
    const part = Number(repay) / Number(lot.repay);
    sold += Number(lot.collateral) * part;
    plan = {
      lots: [...plan.lots, lot],
      maxRepay: plan.maxRepay + repay,
      payment: plan.payment + Number(lot.repay + lot.penalty) * part,
      proceeds: proceedsOf(pool, fee, sold),
    };
    if (share < 1) break;
  }
  return plan;
}
