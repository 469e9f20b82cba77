/** What is known about each forced sale, from its first start to its end. */

/** How a sale ended: by its borrower, by takes, by the price, or with the collateral gone and debt left. */
export type Ending = "cured" | "sold" | "recovered" | "empty";

/** In the order of the vault's `EndReason`. */
export const ENDINGS: readonly Ending[] = ["cured", "sold", "recovered", "empty"];

export interface TakeRecord {
  /** Unix seconds of the scenario, as all times here. */
  readonly time: number;
  /** Prices in loan assets per collateral asset. */
  readonly salePrice: number;
  readonly marketPrice: number;
  /** Who bought from the vault, or sold for it: the contract that called it. */
  readonly taker: string;
  /** Loan units; the penalty net of the reward of a taker who started the sale in the same call. */
  readonly repaid: bigint;
  readonly penalty: bigint;
  /** Collateral units. */
  readonly collateral: bigint;
  /** Part of it that the protocol keeps as its fee. */
  readonly keptCollateral: bigint;
  /** Of the collateral at the market's price, loan units. */
  readonly fairValue: bigint;
  /**
   * What the borrower lost by it, loan units: fair value less what it repaid and the penalty, at most the equity that the
   * borrower had before it (what is beyond is the lenders'). Negative where the sale price was above the market.
   */
  readonly loss: bigint;
}

export interface SaleRecord {
  /** Name of the account in the book. */
  readonly account: string;
  readonly borrower: string;
  /** When the position was first seen unhealthy at the vault's price. */
  readonly dueAt: number;
  /** Seconds for which it was seen unhealthy, until the sale ended or the run did. */
  dueSeconds: number;
  readonly startedAt: number;
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

export function sumOf(
  sale: SaleRecord,
  field: "repaid" | "penalty" | "collateral" | "keptCollateral" | "fairValue" | "loss",
): bigint {
  return sale.takes.reduce((sum, take) => sum + take[field], 0n);
}
