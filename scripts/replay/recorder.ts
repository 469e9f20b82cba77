import type { IVault } from "../../typechain-types/index.ts";
import { value } from "../lib/health.ts";
import { max, min } from "../lib/math.ts";
import { priceToScaled, scaledToPrice } from "../lib/units.ts";
import type { Receipt } from "./chain.ts";
import { ENDINGS, type SaleRecord } from "./sales.ts";

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

/** Arguments of an event. */
interface EventFields {
  amount(name: string): bigint;
  address(name: string): string;
}

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;

/** Reads the vault's events into sales. */
export class Recorder {
  /** In the order of their start. */
  readonly sales: SaleRecord[] = [];
  readonly losses: Losses = { total: 0n, fromReserve: 0n, fromLenders: 0n };
  /** Shares minted, for rewards. */
  sharesMinted = 0n;
  private readonly live = new Map<string, SaleRecord>();
  private readonly dueSince = new Map<string, number>();
  private readonly emptied = new Map<string, SaleRecord>();
  private readonly vault: string;
  private readonly events: IVault["interface"];
  private readonly accountOf: ReadonlyMap<string, string>;

  /** @param accountOf Name of the account by its address, lower case. */
  constructor(vault: IVault, accountOf: ReadonlyMap<string, string>) {
    this.vault = String(vault.target).toLowerCase();
    this.events = vault.interface;
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
  read(receipt: Receipt, moment: Moment): readonly string[] {
    const touched = new Set<string>();
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== this.vault) continue;
      const event = this.events.parseLog(log);
      if (event === null) continue;
      if (event.name === "Transfer") {
        if (event.args.getValue("from") === ZERO_ADDRESS)
          this.sharesMinted += event.args.getValue("value") as bigint;
        continue;
      }
      if (!event.fragment.inputs.some(({ name }) => name === "borrower")) continue;
      const borrower = String(event.args.getValue("borrower")).toLowerCase();
      if (!this.accountOf.has(borrower)) continue;
      touched.add(borrower);
      this.apply(
        event.name,
        borrower,
        {
          amount: (name) => event.args.getValue(name) as bigint,
          address: (name) => String(event.args.getValue(name)),
        },
        moment,
      );
    }
    return [...touched];
  }

  private apply(name: string, borrower: string, event: EventFields, moment: Moment): void {
    switch (name) {
      case "SaleStarted": {
        this.start(borrower, event, moment);
        return;
      }
      case "Take": {
        this.take(borrower, event, moment);
        return;
      }
      case "SaleEnded": {
        this.end(borrower, event, moment);
        return;
      }
      case "LossRealized": {
        this.realize(borrower, event);
        return;
      }
    }
  }

  private start(borrower: string, event: EventFields, { time }: Moment): void {
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
      debt: event.amount("debt"),
      collateral: event.amount("collateral"),
      takes: [],
      reward: event.amount("reward"),
      restarts: 0,
      end: undefined,
      writtenOff: 0n,
      open: undefined,
    };
    this.live.set(borrower, sale);
    this.sales.push(sale);
  }

  private take(borrower: string, event: EventFields, { time, marketPrice, before }: Moment): void {
    const position = before.get(borrower);
    if (position === undefined)
      throw new Error(`a take of ${borrower}, whose position was not looked at before`);
    const [repaid, penalty, collateral] = [
      event.amount("repaid"),
      event.amount("penalty"),
      event.amount("collateral"),
    ];
    const market = priceToScaled(marketPrice);
    const fairValue = value(collateral, market);
    const equity = max(0n, value(position.collateral, market) - position.debt);
    this.saleOf(borrower).takes.push({
      time,
      salePrice: scaledToPrice(event.amount("price")),
      marketPrice,
      taker: event.address("taker"),
      repaid,
      penalty,
      collateral,
      fairValue,
      loss: min(fairValue - repaid - penalty, equity),
    });
  }

  private end(borrower: string, event: EventFields, { time }: Moment): void {
    const sale = this.saleOf(borrower);
    const ending = ENDINGS[Number(event.amount("reason"))];
    if (ending === undefined)
      throw new Error(`a sale ended for reason ${event.amount("reason")}, which is none`);
    sale.end = { ending, time };
    this.settleDue(borrower, time);
    this.live.delete(borrower);
    if (ending === "empty") this.emptied.set(borrower, sale);
  }

  private realize(borrower: string, event: EventFields): void {
    const [fromReserve, fromLenders] = [event.amount("fromReserve"), event.amount("fromLenders")];
    this.losses.fromReserve += fromReserve;
    this.losses.fromLenders += fromLenders;
    const writtenOff = fromReserve + event.amount("fromBackstop") + fromLenders;
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
