/** What is known about each forced sale, from its first start to its end. */
import { type BorrowersCost, type Exchange, rewardBorne, type TakeCost, type Valuation } from "./costs.ts";
import { costOf, type Rescue } from "./rescues.ts";

/** How a sale ended: by its borrower, by takes, by the price, or with the collateral gone and debt left. */
export type Ending = "cured" | "sold" | "recovered" | "empty";

/** In the order of the vault's `EndReason`. */
export const ENDINGS: readonly Ending[] = ["cured", "sold", "recovered", "empty"];

/** When a position fell due: was first seen unhealthy at the protocol's price since it was last seen healthy. */
export interface Due {
  /** Unix seconds. */
  readonly time: number;
  /** Market's price then, loan assets per collateral asset. */
  readonly marketPrice: number;
}

export interface TakeRecord extends Exchange {
  /** Unix seconds of the scenario, as all times here. */
  readonly time: number;
  /** Prices in loan assets per collateral asset. */
  readonly salePrice: number;
  readonly marketPrice: number;
  readonly due: Due;
  /** Who bought from the vault, or sold for it: the contract that called it. */
  readonly taker: string;
  /** What it cost, at the market's price of its moment, and at the one when the position fell due. */
  readonly atTake: TakeCost;
  readonly atDue: TakeCost;
}

export interface SaleRecord {
  /** Name of the account in the book. */
  readonly account: string;
  readonly borrower: string;
  /** When the position was first seen unhealthy at the protocol's price, and the market's price then. */
  readonly dueAt: number;
  readonly duePrice: number;
  /** Seconds for which it was seen unhealthy, until the sale ended or the run did. */
  dueSeconds: number;
  readonly startedAt: number;
  /** Market's price at the start. */
  readonly startPrice: number;
  /** At the start, reward included. */
  readonly debt: bigint;
  readonly collateral: bigint;
  readonly takes: TakeRecord[];
  /** Reward of the starter, on the borrower's debt, loan units. */
  readonly reward: bigint;
  /** Starts after a lapse. */
  restarts: number;
  end: { readonly ending: Ending; readonly time: number } | undefined;
  /** Debt written off after the end, loan units. */
  writtenOff: bigint;
  /** Why it has not ended, where it has not; debt that it still has to repay, loan units; whether its position is healthy again. */
  open: { readonly reason: string; readonly due: bigint; readonly isHealthy: boolean } | undefined;
}

/** Sums over a sale's takes; loan units, collateral in its own. */
export function sumOf(
  sale: SaleRecord,
  field: "repaid" | "penalty" | "collateral" | "keptCollateral",
): bigint {
  return sale.takes.reduce((sum, take) => sum + take[field], 0n);
}

/** Sums over a sale's takes of what they cost, loan units. */
export function sumOfCosts(sale: SaleRecord, field: keyof TakeCost, at: Valuation): bigint {
  return sale.takes.reduce((sum, take) => sum + take[at][field], 0n);
}

/** What all sales and rescues of a run cost the borrowers. */
export function borrowersCostOf(
  sales: readonly SaleRecord[],
  rescues: readonly Rescue[],
  at: Valuation,
): BorrowersCost {
  const sum = (amountOf: (sale: SaleRecord) => bigint): bigint =>
    sales.reduce((total, sale) => total + amountOf(sale), 0n);
  return {
    loss: sum((sale) => sumOfCosts(sale, "loss", at)),
    penalty: sum((sale) => sumOfCosts(sale, "penalty", at)),
    rewards: sum((sale) => rewardBorne(sale, at === "atTake" ? sale.startPrice : sale.duePrice)),
    rescues: costOf(rescues),
  };
}

/**
 * What leaves borrowers, lenders and reserve together, to takers, pools and keepers, loan units: what the takes let go, the rewards,
 * and the rescues' cost. Penalties stay, and what the market's fall takes from a position goes to nobody.
 */
export function leavingSystem(
  sales: readonly SaleRecord[],
  rescues: readonly Rescue[],
  at: Valuation,
): bigint {
  const leaving = sales.reduce((sum, sale) => sum + sumOfCosts(sale, "leaving", at) + sale.reward, 0n);
  return leaving + costOf(rescues);
}
