import { value } from "../lib/health.ts";
import { max, min } from "../lib/math.ts";
import { priceToScaled, scaledToPrice } from "../lib/units.ts";
import type { SaleEvent } from "./lending.ts";
import type { SaleRecord } from "./sales.ts";

/** A position as it was known right before a transaction; loan and collateral units. */
export interface KnownPosition {
  readonly debt: bigint;
  readonly collateral: bigint;
}

/** What is true at the moment of a transaction. */
export interface Moment {
  readonly time: number;
  readonly marketPrice: number;
  /** By borrower; of those whom the transaction sells. */
  readonly before: ReadonlyMap<string, KnownPosition>;
}

/** Losses that were realized, loan units. */
export interface Losses {
  total: bigint;
  fromReserve: bigint;
  fromLenders: bigint;
}

type EventOf<Kind extends SaleEvent["kind"]> = Extract<SaleEvent, { readonly kind: Kind }>;

/** Reads a protocol's events into sales. */
export class Recorder {
  /** In the order of their start. */
  readonly sales: SaleRecord[] = [];
  readonly losses: Losses = { total: 0n, fromReserve: 0n, fromLenders: 0n };
  /** Shares minted, for rewards. */
  sharesMinted = 0n;
  private readonly live = new Map<string, SaleRecord>();
  private readonly dueSince = new Map<string, number>();
  private readonly emptied = new Map<string, SaleRecord>();
  private readonly accountOf: ReadonlyMap<string, string>;

  /** @param accountOf Name of the account by its address, lower case. */
  constructor(accountOf: ReadonlyMap<string, string>) {
    this.accountOf = accountOf;
  }

  /** Borrowers whose sale is live. */
  get liveBorrowers(): readonly string[] {
    return [...this.live.keys()];
  }

  /** Somebody looked at a position: is it unhealthy at the vault's price? */
  looked(borrower: string, isUnhealthy: boolean, time: number): void {
    if (isUnhealthy) this.dueSince.set(borrower, this.dueSince.get(borrower) ?? time);
    else this.settleDue(borrower, time);
  }

  /** The end of the run finds a sale live. */
  leaveOpen(sale: SaleRecord, open: NonNullable<SaleRecord["open"]>, time: number): void {
    sale.open = open;
    this.settleDue(sale.borrower, time);
  }

  /** The time for which a position was unhealthy counts for its sale. */
  private settleDue(borrower: string, time: number): void {
    const since = this.dueSince.get(borrower);
    this.dueSince.delete(borrower);
    const sale = this.live.get(borrower);
    if (sale !== undefined && since !== undefined) sale.dueSeconds += time - since;
  }

  liveSale(borrower: string): SaleRecord | undefined {
    return this.live.get(borrower);
  }

  /** @returns Borrowers whose position the transaction touched. */
  read(events: readonly SaleEvent[], moment: Moment): readonly string[] {
    const touched = new Set<string>();
    for (const event of events) {
      if (event.kind === "sharesMinted") this.sharesMinted += event.amount;
      else if (this.accountOf.has(event.borrower)) {
        touched.add(event.borrower);
        this.apply(event, moment);
      }
    }
    return [...touched];
  }

  private apply(event: Exclude<SaleEvent, EventOf<"sharesMinted">>, moment: Moment): void {
    switch (event.kind) {
      case "started": {
        this.start(event, moment);
        return;
      }
      case "take": {
        this.take(event, moment);
        return;
      }
      case "ended": {
        this.end(event, moment);
        return;
      }
      case "loss": {
        this.realize(event);
        return;
      }
      case "changed":
        return;
    }
  }

  private start({ borrower, debt, collateral, reward }: EventOf<"started">, { time }: Moment): void {
    const running = this.live.get(borrower);
    if (running !== undefined) {
      ++running.restarts;
      return;
    }
    const dueAt = this.dueSince.get(borrower) ?? time;
    this.dueSince.set(borrower, dueAt);
    const sale: SaleRecord = {
      account: this.accountOf.get(borrower) ?? borrower,
      borrower,
      dueAt,
      dueSeconds: 0,
      startedAt: time,
      debt,
      collateral,
      takes: [],
      reward,
      restarts: 0,
      end: undefined,
      writtenOff: 0n,
      open: undefined,
    };
    this.live.set(borrower, sale);
    this.sales.push(sale);
  }

  private take(event: EventOf<"take">, { time, marketPrice, before }: Moment): void {
    const { borrower, taker, repaid, penalty, collateral, keptCollateral, price } = event;
    const position = before.get(borrower);
    if (position === undefined)
      throw new Error(`a take of ${borrower}, whose position was not looked at before`);
    const market = priceToScaled(marketPrice);
    const fairValue = value(collateral, market);
    const equity = max(0n, value(position.collateral, market) - position.debt);
    this.saleOf(borrower).takes.push({
      time,
      salePrice: scaledToPrice(price),
      marketPrice,
      taker,
      repaid,
      penalty,
      collateral,
      keptCollateral,
      fairValue,
      loss: min(fairValue - repaid - penalty, equity),
    });
  }

  private end({ borrower, ending }: EventOf<"ended">, { time }: Moment): void {
    const sale = this.saleOf(borrower);
    sale.end = { ending, time };
    this.settleDue(borrower, time);
    this.live.delete(borrower);
    if (ending === "empty") this.emptied.set(borrower, sale);
  }

  private realize({ borrower, fromReserve, fromBackstop, fromLenders }: EventOf<"loss">): void {
    this.losses.fromReserve += fromReserve;
    this.losses.fromLenders += fromLenders;
    const writtenOff = fromReserve + fromBackstop + fromLenders;
    this.losses.total += writtenOff;
    const sale = this.emptied.get(borrower);
    if (sale === undefined) throw new Error(`a loss of ${borrower}, whose sale did not end empty`);
    sale.writtenOff += writtenOff;
  }

  private saleOf(borrower: string): SaleRecord {
    const sale = this.live.get(borrower);
    if (sale === undefined) throw new Error(`an event of a sale of ${borrower}, which never started`);
    return sale;
  }
}
