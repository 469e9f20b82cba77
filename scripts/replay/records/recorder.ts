import { scaledToPrice } from "../../../sdk/units.ts";
import { costOfTake, type Holding } from "./costs.ts";
import type { SaleEvent } from "../mechanisms/lending.ts";
import type { Due, SaleRecord } from "./sales.ts";

/** What is true at the moment of a transaction. */
export interface Moment {
  readonly time: number;
  readonly marketPrice: number;
  /** By borrower, as known right before; of those whom the transaction sells. */
  readonly before: ReadonlyMap<string, Holding>;
}

/** Losses that were realized, loan units. */
export interface Losses {
  total: bigint;
  fromReserve: bigint;
  fromLenders: bigint;
}

type EventOf<Kind extends SaleEvent["kind"]> = Extract<SaleEvent, { readonly kind: Kind }>;

/** What is known within a transaction, by borrower: positions as they are now, and what is returned to their next takes. */
interface State {
  readonly before: Map<string, Holding>;
  readonly returned: Map<string, bigint>;
}

function returnedIn(events: readonly SaleEvent[]): Map<string, bigint> {
  const returned = new Map<string, bigint>();
  for (const event of events) {
    if (event.kind !== "repaid") continue;
    returned.set(event.borrower, (returned.get(event.borrower) ?? 0n) + event.amount);
  }
  return returned;
}

/** Reads a protocol's events into sales. */
export class Recorder {
  /** In the order of their start. */
  readonly sales: SaleRecord[] = [];
  readonly losses: Losses = { total: 0n, fromReserve: 0n, fromLenders: 0n };
  /** Shares minted, for rewards. */
  sharesMinted = 0n;
  private readonly live = new Map<string, SaleRecord>();
  /** Since when a position is seen unhealthy without a break, and since when it first was. */
  private readonly dueSince = new Map<string, Due>();
  private readonly firstDue = new Map<string, Due>();
  private readonly writtenOff = new Map<string, Losses>();
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

  /** Since when a position is seen unhealthy without a break; undefined where it is not. */
  dueSinceOf(borrower: string): Due | undefined {
    return this.dueSince.get(borrower);
  }

  /** Somebody looked at a position: is it unhealthy at the protocol's price? */
  looked(borrower: string, isUnhealthy: boolean, moment: Due): void {
    if (isUnhealthy) this.dueFrom(borrower, moment);
    else this.settleDue(borrower, moment.time);
  }

  /** When a position was first seen unhealthy; undefined where it never was. */
  firstDueOf(borrower: string): Due | undefined {
    return this.firstDue.get(borrower);
  }

  /** What was written off of a borrower's debt. */
  lossesOf(borrower: string): Readonly<Losses> {
    return this.writtenOff.get(borrower) ?? { total: 0n, fromReserve: 0n, fromLenders: 0n };
  }

  /** @returns Since when the position is due: from now on, unless it already is. */
  private dueFrom(borrower: string, { time, marketPrice }: Due): Due {
    const due = this.dueSince.get(borrower) ?? { time, marketPrice };
    this.dueSince.set(borrower, due);
    if (!this.firstDue.has(borrower)) this.firstDue.set(borrower, due);
    return due;
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
    if (sale !== undefined && since !== undefined) sale.dueSeconds += time - since.time;
  }

  liveSale(borrower: string): SaleRecord | undefined {
    return this.live.get(borrower);
  }

  /** @returns Borrowers whose position the transaction touched. */
  read(events: readonly SaleEvent[], moment: Moment): readonly string[] {
    const touched = new Set<string>();
    const state = { before: new Map(moment.before), returned: returnedIn(events) };
    for (const event of events) {
      if (event.kind === "sharesMinted") this.sharesMinted += event.amount;
      else if (this.accountOf.has(event.borrower)) {
        touched.add(event.borrower);
        this.apply(event, moment, state);
      }
    }
    return [...touched];
  }

  private apply(
    event: Exclude<SaleEvent, EventOf<"sharesMinted">>,
    moment: Moment,
    { before, returned }: State,
  ): void {
    switch (event.kind) {
      case "started": {
        before.set(event.borrower, { debt: event.debt, collateral: event.collateral });
        this.start(event, moment);
        return;
      }
      case "take": {
        const position = before.get(event.borrower);
        if (position === undefined)
          throw new Error(`a take of ${event.borrower}, whose position was not looked at before`);
        this.take(event, moment, { before: position, returned: returned.get(event.borrower) ?? 0n });
        returned.delete(event.borrower);
        const { debt, collateral } = position;
        before.set(event.borrower, {
          debt: debt - event.repaid,
          collateral: collateral - event.collateral,
        });
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
      case "repaid":
      case "changed":
        return;
    }
  }

  private start({ borrower, debt, collateral, reward }: EventOf<"started">, moment: Moment): void {
    const running = this.live.get(borrower);
    if (running !== undefined) {
      ++running.restarts;
      return;
    }
    const due = this.dueFrom(borrower, moment);
    const sale: SaleRecord = {
      account: this.accountOf.get(borrower) ?? borrower,
      borrower,
      dueAt: due.time,
      duePrice: due.marketPrice,
      dueSeconds: 0,
      startedAt: moment.time,
      startPrice: moment.marketPrice,
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

  private take(
    event: EventOf<"take">,
    moment: Moment,
    known: { readonly before: Holding; readonly returned: bigint },
  ): void {
    const { time, marketPrice } = moment;
    const { borrower, taker, repaid, penalty, collateral, keptCollateral, price } = event;
    const exchange = { ...known, repaid, penalty, collateral, keptCollateral };
    const due = this.dueFrom(borrower, moment);
    this.saleOf(borrower).takes.push({
      time,
      salePrice: scaledToPrice(price),
      marketPrice,
      due,
      taker,
      ...exchange,
      atTake: costOfTake(exchange, marketPrice),
      atDue: costOfTake(exchange, due.marketPrice),
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
    const total = fromReserve + fromBackstop + fromLenders;
    const own = { ...this.lossesOf(borrower) };
    this.writtenOff.set(borrower, own);
    for (const losses of [this.losses, own]) {
      losses.fromReserve += fromReserve;
      losses.fromLenders += fromLenders;
      losses.total += total;
    }
    const sale = this.emptied.get(borrower);
    if (sale === undefined) throw new Error(`a loss of ${borrower}, whose sale did not end empty`);
    sale.writtenOff += total;
  }

  private saleOf(borrower: string): SaleRecord {
    const sale = this.live.get(borrower);
    if (sale === undefined) throw new Error(`an event of a sale of ${borrower}, which never started`);
    return sale;
  }
}
