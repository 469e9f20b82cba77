/**
 * The books of a run as JSON: every take, rescue and position, from which its money figures can be reckoned again. Amounts are decimal
 * strings: loan assets with 6 decimals at most, collateral assets and prices with 18.
 */
import { COLLATERAL_DECIMALS, LOAN_DECIMALS, priceToWad, toDecimal } from "../../../sdk/units.ts";
import type { Holding } from "./costs.ts";
import type { Outcome } from "../run/engine.ts";
import type { Rescues } from "./rescues.ts";
import type { SaleRecord, TakeRecord } from "./sales.ts";

/** One take of one position. */
export interface TakeResult {
  /** Unix seconds, as all times here. */
  readonly time: number;
  readonly account: string;
  /** The sale's `id`. */
  readonly sale: number;
  /** Contract that bought from the protocol, or sold for it. */
  readonly seller: string;
  /** Loan assets per collateral asset, as all prices here; rounded to what a double holds. */
  readonly salePrice: string;
  /** Market's price of the moment. */
  readonly marketPrice: string;
  /**
   * When the position fell due, and the market's price then: first seen unhealthy at the protocol's price since it was last seen
   * healthy.
   */
  readonly dueAt: number;
  readonly duePrice: string;
  /** What came off the debt. */
  readonly repaid: string;
  /** What the taker paid besides, into the reserve. */
  readonly penalty: string;
  /** What came off the debt besides, because the sale brought more than it had to. */
  readonly returned: string;
  /** Sold, collateral assets, and the part of it that the protocol kept for itself. */
  readonly collateral: string;
  readonly keptCollateral: string;
  /** Debt and collateral of the position right before. */
  readonly debtBefore: string;
  readonly collateralBefore: string;
  /** Worth of the collateral less the debt right before, at least 0: at `marketPrice`, and at `duePrice`. */
  readonly equityBefore: string;
  readonly equityBeforeAtDue: string;
  /** Fair value less `repaid`, `penalty` and `returned`, at most the equity: at `marketPrice`, and at `duePrice`. */
  readonly borrowerLoss: string;
  readonly borrowerLossAtDue: string;
}

/** One sale of collateral at its borrower's wish, before a sale was due. */
export interface RescueResult {
  readonly time: number;
  readonly account: string;
  readonly marketPrice: string;
  /** Collateral assets. */
  readonly collateral: string;
  /** What the protocol was paid, and what came off the debt or back to the borrower besides. */
  readonly repaid: string;
  readonly returned: string;
  /** For whoever carried it out. */
  readonly fee: string;
  /** Whether the position would never have been unhealthy without it. */
  readonly isFalseAlarm: boolean;
}

/** A borrower's position, from the opening of the book to the end. Debts grow by interest too. */
export interface PositionResult {
  readonly account: string;
  readonly debtAtOpening: string;
  readonly collateralAtOpening: string;
  readonly debtAtEnd: string;
  readonly collateralAtEnd: string;
  /** Whether it was ever seen unhealthy at the protocol's price; when first, and the market's price then; null for never. */
  readonly everUnhealthy: boolean;
  readonly dueAt: number | null;
  readonly duePrice: string | null;
  /** At the end, at the protocol's price: its debt is unsold. */
  readonly unhealthyAtEnd: boolean;
  /** Its sales' `id`s. */
  readonly sales: readonly number[];
  /** Rewards of starters that were added to its debt. */
  readonly reward: string;
  /** Debt that was written off, and who bore it. */
  readonly writtenOff: string;
  readonly fromReserve: string;
  readonly fromLenders: string;
}

/** What one of those who carry out sales has more than in the beginning. */
export interface KeeperResult {
  readonly name: string;
  readonly loan: string;
  /** Collateral assets; they count at the market's price of the end, `endPrice`. */
  readonly collateral: string;
  /** What lenders could withdraw for its shares, loan assets. */
  readonly shares: string;
}

export const money = (units: bigint): string => toDecimal(units, LOAN_DECIMALS);
export const collateralOf = (units: bigint): string => toDecimal(units, COLLATERAL_DECIMALS);
export const priceOf = (price: number): string => toDecimal(priceToWad(price), 18);

/** What a contract or account is called. */
export function nameIn({ system }: Outcome, address: string): string {
  return system.holders.namesOf([address])[0] ?? address;
}

/** All takes in the order of their time. */
export function toTakes(outcome: Outcome): readonly TakeResult[] {
  const { sales } = outcome.recorder;
  return sales
    .flatMap((sale, id) => sale.takes.map((take) => toTake(outcome, sale, id, take)))
    .sort((a, b) => a.time - b.time);
}

function toTake(outcome: Outcome, { account }: SaleRecord, sale: number, take: TakeRecord): TakeResult {
  const { time, due, before, atTake, atDue } = take;
  return {
    time,
    account,
    sale,
    seller: nameIn(outcome, take.taker),
    salePrice: priceOf(take.salePrice),
    marketPrice: priceOf(take.marketPrice),
    dueAt: due.time,
    duePrice: priceOf(due.marketPrice),
    repaid: money(take.repaid),
    penalty: money(take.penalty),
    returned: money(take.returned),
    collateral: collateralOf(take.collateral),
    keptCollateral: collateralOf(take.keptCollateral),
    debtBefore: money(before.debt),
    collateralBefore: collateralOf(before.collateral),
    equityBefore: money(atTake.equity),
    equityBeforeAtDue: money(atDue.equity),
    borrowerLoss: money(atTake.loss),
    borrowerLossAtDue: money(atDue.loss),
  };
}

export function toRescueList(
  { positions }: Outcome,
  { all, falseAlarms }: Pick<Rescues, "all" | "falseAlarms">,
): readonly RescueResult[] {
  const accounts = new Map(positions.map(({ borrower, account }) => [borrower, account]));
  const alarms = new Set(falseAlarms);
  return all.map((rescue) => ({
    time: rescue.time,
    account: accounts.get(rescue.borrower) ?? rescue.borrower,
    marketPrice: priceOf(rescue.marketPrice),
    collateral: collateralOf(rescue.collateral),
    repaid: money(rescue.repaid),
    returned: money(rescue.returned),
    fee: money(rescue.fee),
    isFalseAlarm: alarms.has(rescue),
  }));
}

export function toPositions({ positions, recorder }: Outcome): readonly PositionResult[] {
  return positions.map(({ account, borrower, opening, closing, isUnhealthy }) => {
    const own = recorder.sales.filter((sale) => sale.borrower === borrower);
    const due = recorder.firstDueOf(borrower);
    const { total, fromReserve, fromLenders } = recorder.lossesOf(borrower);
    return {
      account,
      ...holding("AtOpening", opening),
      ...holding("AtEnd", closing),
      everUnhealthy: due !== undefined,
      dueAt: due?.time ?? null,
      duePrice: due === undefined ? null : priceOf(due.marketPrice),
      unhealthyAtEnd: isUnhealthy,
      sales: own.map((sale) => recorder.sales.indexOf(sale)),
      reward: money(own.reduce((sum, { reward }) => sum + reward, 0n)),
      writtenOff: money(total),
      fromReserve: money(fromReserve),
      fromLenders: money(fromLenders),
    };
  });
}

function holding<When extends "AtOpening" | "AtEnd">(when: When, { debt, collateral }: Holding) {
  return {
    [`debt${when}`]: money(debt),
    [`collateral${when}`]: collateralOf(collateral),
  } as Record<`${"debt" | "collateral"}${When}`, string>;
}

export function toKeepers({ gains }: Outcome): readonly KeeperResult[] {
  return gains.map(({ name, loan, collateral, shares }) => ({
    name,
    loan: money(loan),
    collateral: collateralOf(collateral),
    shares: money(shares),
  }));
}
