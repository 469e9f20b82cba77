import { value } from "../../../sdk/saleMath.ts";
import { BPS } from "../../../sdk/math.ts";

/** One rescue: collateral units sold, and loan units. */
export interface Rescue {
  readonly borrower: string;
  readonly collateral: bigint;
  /** What the vault was paid, and what came back to the borrower besides. */
  readonly repaid: bigint;
  readonly returned: bigint;
  readonly fee: bigint;
  /** Value of the collateral at the market's price, loan units. */
  readonly fairValue: bigint;
  /** Unix seconds. */
  readonly time: number;
  /** Loan assets per collateral asset. */
  readonly marketPrice: number;
}

/** A position as it would be had nobody rescued it: interest aside. */
interface Unrescued {
  readonly debt: bigint;
  readonly collateral: bigint;
  wouldBeSold: boolean;
}

/** Rescues of a run, and which of them nobody would have needed: false alarms. */
export class Rescues {
  readonly all: Rescue[] = [];
  private readonly unrescued = new Map<string, Unrescued>();

  /** @param before The position right before. */
  add(rescue: Rescue, before: { readonly debt: bigint; readonly collateral: bigint }): void {
    this.all.push(rescue);
    if (!this.unrescued.has(rescue.borrower)) {
      this.unrescued.set(rescue.borrower, { ...before, wouldBeSold: false });
    }
  }

  /** The oracle's price is now this: whose position would be unhealthy, had it not been rescued? */
  observe(price: bigint, liquidationLtvBps: bigint): void {
    for (const position of this.unrescued.values()) {
      if (position.debt > (value(position.collateral, price) * liquidationLtvBps) / BPS)
        position.wouldBeSold = true;
    }
  }

  /** Rescues of positions that never would have been for sale. */
  get falseAlarms(): readonly Rescue[] {
    return this.all.filter(({ borrower }) => this.unrescued.get(borrower)?.wouldBeSold === false);
  }
}

/** What rescues cost the borrower, loan units: fair value less what came off the debt or back. */
export function costOf(rescues: readonly Rescue[]): bigint {
  return rescues.reduce((sum, { fairValue, repaid, returned }) => sum + fairValue - repaid - returned, 0n);
}
