import { PRICE_SCALE, WAD } from "../../../../sdk/math.ts";
import type { SaleEvent } from "../lending.ts";
import type { PositionView, Status } from "../../../../sdk/positionView.ts";

/** What a protocol's own events say of one liquidation; loan and collateral units. */
export interface Liquidation {
  readonly borrower: string;
  readonly taker: string;
  readonly repaid: bigint;
  /** All that left the position. */
  readonly collateral: bigint;
  /** Part of it that the protocol keeps. */
  readonly keptCollateral: bigint;
  /** Debt that was written off because no collateral is left. */
  readonly badDebt: bigint;
}

/**
 * Sales of a protocol that knows liquidations only: a sale begins with the first one of a position and ends with the one that leaves
 * it healthy, or without collateral.
 */
export class SaleTracker {
  private readonly live = new Set<string>();

  /** @param after The position right after it. */
  eventsOf(liquidation: Liquidation, after: PositionView): readonly SaleEvent[] {
    const { borrower, taker, repaid, collateral, keptCollateral, badDebt } = liquidation;
    const events: SaleEvent[] = [];
    if (!this.live.has(borrower)) {
      this.live.add(borrower);
      const debt = after.debt + repaid + badDebt;
      events.push({ kind: "started", borrower, debt, collateral: after.collateral + collateral, reward: 0n });
    }
    const price = (repaid * PRICE_SCALE) / collateral;
    events.push({ kind: "take", borrower, taker, repaid, penalty: 0n, collateral, keptCollateral, price });
    if (badDebt !== 0n) {
      this.live.delete(borrower);
      events.push(
        { kind: "ended", borrower, ending: "empty" },
        { kind: "loss", borrower, fromReserve: 0n, fromBackstop: 0n, fromLenders: badDebt },
      );
    } else if (after.health >= WAD) {
      this.live.delete(borrower);
      events.push({ kind: "ended", borrower, ending: "sold" });
    }
    return events;
  }

  statusOf(position: {
    readonly borrower: string;
    readonly debt: bigint;
    readonly collateral: bigint;
    readonly health: bigint;
  }): Status {
    const { borrower, debt, collateral, health } = position;
    if (debt === 0n) return "EMPTY";
    if (collateral === 0n) return "EMPTIED";
    if (health < WAD) return "FOR_SALE";
    return this.live.has(borrower) ? "RECOVERED" : "HEALTHY";
  }
}
