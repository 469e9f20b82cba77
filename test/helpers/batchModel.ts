/** A batch auction bid by bid: what each has left and got, by exact pro rata, without products, sums or epochs. */
import { BID_TICKS, splitPayment } from "../../sdk/batchClearing.ts";

/** Amounts are kept with so many bits more. */
const FINE = 1n << 80n;

export interface ModelBid {
  readonly id: bigint;
  readonly owner: string;
  readonly tick: number;
  readonly assets: bigint;
  readonly placedIn: bigint;
  cancelledIn: bigint;
  withdrawn: boolean;
  /** Collateral units paid out. */
  claimed: bigint;
  /** Loan units left and collateral units got, times `FINE`. */
  open: bigint;
  got: bigint;
}

export class BatchModel {
  readonly bids: ModelBid[] = [];
  /** How often anything was filled: as many roundings. */
  fills = 0n;

  place(owner: string, tick: number, assets: bigint, boundary: bigint): ModelBid {
    const bid: ModelBid = {
      id: BigInt(this.bids.length + 1),
      owner,
      tick,
      assets,
      placedIn: boundary,
      cancelledIn: 0n,
      withdrawn: false,
      claimed: 0n,
      open: assets * FINE,
      got: 0n,
    };
    this.bids.push(bid);
    return bid;
  }

  isActive({ placedIn, cancelledIn, open }: ModelBid, boundary: bigint): boolean {
    return placedIn < boundary && (cancelledIn === 0n || cancelledIn >= boundary) && open !== 0n;
  }

  isPending({ placedIn, cancelledIn }: ModelBid, boundary: bigint): boolean {
    return placedIn === boundary && cancelledIn === 0n;
  }

  isWithdrawable({ cancelledIn, open, withdrawn }: ModelBid, boundary: bigint): boolean {
    return cancelledIn !== 0n && cancelledIn < boundary && open !== 0n && !withdrawn;
  }

  /** Loan units by tick that can be filled, or that come in next. */
  demand(boundary: bigint, which: "active" | "pending" = "active"): bigint[] {
    const ticks = Array.from({ length: BID_TICKS }, () => 0n);
    for (const bid of this.bids) {
      const counts = which === "active" ? this.isActive(bid, boundary) : this.isPending(bid, boundary);
      if (counts) ticks[bid.tick] = (ticks[bid.tick] ?? 0n) + bid.open;
    }
    return ticks.map((open) => open / FINE);
  }

  /** What was paid falls on the better bids first and on those of one tick pro rata. */
  clear(payment: bigint, collateral: bigint, shown: readonly bigint[], boundary: bigint): void {
    const fills = splitPayment(shown, payment);
    this.fills += 1n;
    for (const [tick, fill] of fills.entries()) {
      if (fill === 0n) continue;
      const filled = this.bids.filter((bid) => bid.tick === tick && this.isActive(bid, boundary));
      const total = filled.reduce((sum, { open }) => sum + open, 0n);
      const bought = (collateral * fill) / payment;
      for (const bid of filled) {
        bid.got += (bought * FINE * bid.open) / total;
        // A tick filled whole leaves nothing of its bids, roundings included.
        bid.open = fill === shown[tick] ? 0n : bid.open - (fill * FINE * bid.open) / total;
      }
    }
  }

  openOf({ open, withdrawn }: ModelBid): bigint {
    return withdrawn ? 0n : open / FINE;
  }

  claimableOf({ got, claimed }: ModelBid): bigint {
    return got / FINE - claimed;
  }
}
