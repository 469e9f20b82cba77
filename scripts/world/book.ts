/** A book of borrowers: who owes how much at which LTV. */
import { BPS, min } from "../../sdk/math.ts";
import type { Random } from "./random.ts";

/** A borrower as the source knows it: only LTV and share of the book matter. */
export interface Account {
  readonly name: string;
  /** Debt over collateral value; infinite without collateral. */
  readonly ltv: number;
  /** Share of the book's debt, in any unit. */
  readonly weight: number;
}

/** What a vault admits. */
export interface Admission {
  readonly borrowLtvBps: bigint;
  /** Loan units. */
  readonly minDebt: bigint;
  /** Loan units. */
  readonly maxPositionDebt: bigint;
}

/** A position to open. */
export interface Opening {
  readonly name: string;
  readonly ltvBps: bigint;
  /** Loan units. */
  readonly debt: bigint;
}

export interface Book {
  readonly openings: readonly Opening[];
  /** Accounts read. */
  readonly accounts: number;
  /** Opened at the borrow limit, since their LTV is above it. */
  readonly atBorrowLimit: number;
  /** Opened with the most that one position may owe, since they owe more. */
  readonly atDebtCap: number;
  /** Not opened, since they owe less than the vault lends. */
  readonly tooSmall: number;
}

/** LTVs are kept to the basis point, from one upwards. */
function ltvInBps(ltv: number, limitBps: bigint): bigint {
  const scaled = ltv * Number(BPS);
  if (scaled >= Number(limitBps)) return limitBps;
  return BigInt(Math.max(1, Math.round(scaled)));
}

/** The same accounts with debts that add up to `totalDebt`, as far as the vault admits them. */
export function openBook(accounts: readonly Account[], totalDebt: bigint, admission: Admission): Book {
  const weights = accounts.reduce((sum, account) => sum + account.weight, 0);
  const openings: Opening[] = [];
  const counts = { atBorrowLimit: 0, atDebtCap: 0, tooSmall: 0 };
  for (const account of accounts) {
    const share = BigInt(Math.round((account.weight / weights) * 1e15));
    const wanted = (totalDebt * share) / 10n ** 15n;
    if (wanted < admission.minDebt) {
      ++counts.tooSmall;
      continue;
    }
    const debt = min(wanted, admission.maxPositionDebt);
    if (debt < wanted) ++counts.atDebtCap;
    if (account.ltv * Number(BPS) > Number(admission.borrowLtvBps)) ++counts.atBorrowLimit;
    openings.push({ name: account.name, ltvBps: ltvInBps(account.ltv, admission.borrowLtvBps), debt });
  }
  return { openings, accounts: accounts.length, ...counts };
}

/** Tail index of debts: the largest owes about a tenth of the book and the ten largest over half, as in real ones. */
const TAIL_INDEX = 0.5;
/** The largest debt over the smallest. */
const SPREAD = 500;
const LOWEST_LTV = 0.25;

/** `count` accounts with heavy-tailed debts and LTVs that crowd towards the limit. */
export function heavyTailedBook(random: Random, count: number, borrowLtv: number): readonly Account[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `borrower ${index + 1}`,
    weight: random.boundedPareto(TAIL_INDEX, SPREAD),
    ltv: LOWEST_LTV + (borrowLtv - LOWEST_LTV) * Math.sqrt(random.uniform()),
  }));
}
