import type { BatchAuctionLiquidator, IVault } from "../../../typechain-types/index.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import { loanToNumber, rawPrice } from "../../../sdk/units.ts";
import {
  biddersAway,
  bidTick,
  claimPays,
  clearingGroup,
  clearingPays,
  isResaleDue,
  isWorthClearing,
  leastBid,
  resaleLimit,
} from "../../strategies/batch.ts";
import type { Receipt } from "../world/chain.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE } from "../world/parameters.ts";
import type { Trade } from "./crew.ts";

const BIDDERS = 10;
const MOST_CLEARINGS = 6;

/** One of those who left comes back after so long, once the market is calmer. */
const RETURN_SECONDS = 900;

interface Bidder {
  readonly address: string;
  readonly tick: bigint;
  readonly bids: bigint[];
  /** Bids that were taken back, and whose money is yet to be fetched. */
  leaving: readonly bigint[];
  isAway: boolean;
  /** Loan units and collateral units in the purse. */
  loan: bigint;
  collateral: bigint;
}

/**
 * Batch auctions: bidders with capital and patience. Their bids stand; whoever of them sees something to clear clears it, they
 * claim what they bought, sell it in the pool bit by bit, and bid the proceeds anew. The wilder the market, the more of them take
 * their bids back; they come back one by one.
 */
export class Bidders implements Trade {
  readonly accounts: readonly string[];
  readonly settled = { payments: 0n, profits: 0n };
  private readonly ground: Ground;
  private readonly vault: IVault;
  private readonly batch: BatchAuctionLiquidator;
  private readonly team: readonly Bidder[];
  private readonly interval: number;
  private readonly tickBps: bigint;
  private hasBought = false;
  private turn = 0;
  private changedAt = 0;

  private constructor(
    ground: Ground,
    parts: { readonly vault: IVault; readonly batch: BatchAuctionLiquidator },
    team: readonly Bidder[],
    clock: { readonly interval: bigint; readonly tickBps: bigint },
  ) {
    this.ground = ground;
    this.vault = parts.vault;
    this.batch = parts.batch;
    this.team = team;
    this.interval = Number(clock.interval);
    this.tickBps = clock.tickBps;
    this.accounts = [...team.map(({ address }) => address), String(parts.batch.target).toLowerCase()];
  }

  /** Brings their capital, and places the first bids. */
  static async hire(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly batch: BatchAuctionLiquidator;
      readonly capital: bigint;
    },
  ): Promise<Bidders> {
    const { holders, tokens, market } = ground;
    const tickBps = await parts.batch.tickBps();
    const team: Bidder[] = [];
    for (let i = 0; i < BIDDERS; ++i) {
      const address = await holders.actor(`bidder ${i + 1}`);
      const loan = parts.capital / BigInt(BIDDERS);
      await tokens.mintLoan(address, loan);
      await tokens.approve(address, "loan", String(parts.batch.target));
      await tokens.approve(address, "collateral", market.routerAddress);
      const tick = bidTick(i, BIDDERS, tickBps);
      team.push({ address, tick, bids: [], leaving: [], isAway: false, loan, collateral: 0n });
    }
    const interval = await parts.batch.interval();
    const bidders = new Bidders(ground, parts, team, { interval, tickBps });
    for (const bidder of team) await bidders.bid(bidder, (data) => bidders.transact(bidder, data));
    return bidders;
  }

  // -------------------------------------------------------------------------------------------------------------- clearing

  async act(desk: Desk, _present: unknown, found: readonly PositionView[]): Promise<boolean> {
    let hasSold = false;
    let views = found;
    for (let n = 0; n < MOST_CLEARINGS; ++n) {
      const group = clearingGroup(views, this.tickBps);
      if (group.length === 0 || !(await this.clear(desk, group))) break;
      hasSold = true;
      views = await desk.look();
    }
    return hasSold;
  }

  isWorthIt(desk: Desk, view: PositionView): boolean {
    return isWorthClearing(view, (gas) => desk.gasCost(gas));
  }

  private async clear(desk: Desk, borrowers: readonly string[]): Promise<boolean> {
    const { interface: calls, target } = this.batch;
    const vault = String(this.vault.target);
    const answer = await this.ground.chain.tryCall(
      String(target),
      calls.encodeFunctionData("preview", [vault, [...borrowers]]),
    );
    if (answer === undefined) return false;
    const [plan] = calls.decodeFunctionResult("preview", answer);
    const gasCost = (gas: number): number => desk.gasCost(gas);
    if (!clearingPays(plan, borrowers.length, rawPrice(desk.marketPrice), gasCost)) return false;
    const caller = this.team[this.turn++ % this.team.length];
    if (caller === undefined) return false;
    const data = calls.encodeFunctionData("clear", [vault, [...borrowers]]);
    const receipt = await desk.send("take", caller.address, String(target), data);
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== String(target).toLowerCase()) continue;
      const event = calls.parseLog(log);
      if (event?.name !== "BatchCleared") continue;
      this.settled.payments += event.args.getValue("payment") as bigint;
      this.settled.profits -= event.args.getValue("payment") as bigint;
      this.hasBought = true;
    }
    return true;
  }

  // --------------------------------------------------------------------------------------------------------- what follows

  async tend(desk: Desk): Promise<void> {
    await this.comeAndGo(desk);
    if (this.hasBought && desk.time % this.interval < this.ground.scenario.stepSeconds) {
      this.hasBought = false;
      for (const bidder of this.team) await this.claim(desk, bidder);
    }
    await this.resell(desk);
  }

  /** Those leave at once who ask for the least; the last to leave is the first to come back. */
  private async comeAndGo(desk: Desk): Promise<void> {
    const away = this.team.filter(({ isAway }) => isAway);
    const wanted = biddersAway(this.team.length, desk.wildness, this.ground.scenario.market.biddersLeave);
    for (const bidder of this.team.slice(away.length, wanted)) await this.leave(desk, bidder);
    const next = away.at(-1);
    if (away.length > wanted && next !== undefined && desk.time >= this.changedAt + RETURN_SECONDS) {
      this.changedAt = desk.time;
      next.isAway = false;
      await this.bidAgain(desk, next);
    }
    for (const bidder of this.team.filter(({ leaving }) => leaving.length > 0))
      await this.fetch(desk, bidder);
  }

  private async leave(desk: Desk, bidder: Bidder): Promise<void> {
    this.changedAt = desk.time;
    bidder.isAway = true;
    const cancelled: bigint[] = [];
    for (const id of bidder.bids) {
      const data = this.batch.interface.encodeFunctionData("cancel", [id]);
      // What was bought in full can't be taken back.
      if ((await this.try(desk, bidder, data)) !== undefined) cancelled.push(id);
    }
    bidder.leaving = [...bidder.leaving, ...cancelled];
  }

  /** The money of a bid that was taken back is there from the next clearing on. */
  private async fetch(desk: Desk, bidder: Bidder): Promise<void> {
    const { interface: calls } = this.batch;
    const left: bigint[] = [];
    for (const id of bidder.leaving) {
      const receipt = await this.try(desk, bidder, calls.encodeFunctionData("withdraw", [id]));
      const events = receipt?.logs.map((log) => calls.parseLog(log)) ?? [];
      const withdrawn = events.find((event) => event?.name === "BidWithdrawn");
      if (withdrawn === undefined || withdrawn === null) left.push(id);
      else bidder.loan += withdrawn.args.getValue("assets") as bigint;
    }
    bidder.leaving = left;
    await this.bidAgain(desk, bidder);
  }

  /** Undefined where the liquidator refuses. */
  private async try(desk: Desk, { address }: Bidder, data: string): Promise<Receipt | undefined> {
    const target = String(this.batch.target);
    if ((await this.ground.chain.tryCall(target, data, address)) === undefined) return undefined;
    return desk.send("upkeep", address, target, data);
  }

  private async claim(desk: Desk, bidder: Bidder): Promise<void> {
    const { interface: calls, target } = this.batch;
    for (const id of [...bidder.bids]) {
      const answer = await this.ground.chain.call(String(target), calls.encodeFunctionData("bid", [id]));
      const [{ claimable, open }] = calls.decodeFunctionResult("bid", answer);
      const isWorthIt = claimPays(claimable, rawPrice(desk.marketPrice), (gas) => desk.gasCost(gas));
      if (claimable !== 0n && isWorthIt) {
        const data = calls.encodeFunctionData("claim", [id]);
        await desk.send("upkeep", bidder.address, String(target), data);
        bidder.collateral += claimable as bigint;
      } else if (claimable !== 0n) this.hasBought = true;
      if (open === 0n) bidder.bids.splice(bidder.bids.indexOf(id), 1);
    }
  }

  /** One of them a step, so that the pool recovers in between. */
  private async resell(desk: Desk): Promise<void> {
    const sellers = this.team.filter(({ collateral }) => collateral !== 0n);
    const seller = sellers[this.turn++ % sellers.length];
    if (seller === undefined) return;
    const { market } = this.ground;
    const lowest = resaleLimit(desk.marketPrice, FEE);
    if (!isResaleDue(market.state.root ** 2, rawPrice(lowest))) return;
    const { address: account, collateral: amount } = seller;
    const data = market.encodeSwap({ account, sells: true, amount, limit: lowest });
    const sold = market.soldIn(await desk.send("upkeep", account, market.routerAddress, data));
    seller.collateral -= sold.collateral;
    seller.loan += sold.loan;
    this.settled.profits += sold.loan;
    const enough = leastBid(this.ground.sizes.minDebt, (gas) => desk.gasCost(gas));
    if (Number(seller.loan) < enough) return;
    await this.bidAgain(desk, seller);
  }

  private async bidAgain(desk: Desk, bidder: Bidder): Promise<void> {
    const target = String(this.batch.target);
    await this.bid(bidder, (data) => desk.send("upkeep", bidder.address, target, data));
  }

  private async bid(bidder: Bidder, send: (data: string) => Promise<unknown>): Promise<void> {
    if (bidder.isAway || bidder.loan < this.ground.sizes.minDebt || loanToNumber(bidder.loan) < 1) return;
    const { interface: calls } = this.batch;
    const args = [String(this.vault.target), bidder.tick, bidder.loan, bidder.address] as const;
    await send(calls.encodeFunctionData("placeBid", [...args]));
    bidder.bids.push(await this.batch.bidCount());
    bidder.loan = 0n;
  }

  private async transact({ address }: Bidder, data: string): Promise<void> {
    await this.ground.chain.send(address, String(this.batch.target), data);
  }
}
