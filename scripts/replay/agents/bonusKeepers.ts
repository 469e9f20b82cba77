import type { MockCollateralSeller } from "../../../typechain-types/index.ts";
import { type BonusOrder, bonusOrders, isBonusWorthIt } from "../../strategies/bonus.ts";
import type { PoolState } from "../../strategies/order.ts";
import type { Chain } from "../world/chain.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import type { Desk } from "./agents.ts";
import { FEE } from "../world/parameters.ts";
import type { Trade } from "./crew.ts";
import type { Keeper } from "./keeper.ts";

/** What these keepers know of the chain and its market. */
interface Place {
  readonly market: { readonly state: PoolState };
  readonly chain: Pick<Chain, "tryCall">;
}

/** A keepers' contract, and how a protocol's liquidations are ordered through it. */
export interface Liquidator {
  readonly contract: MockCollateralSeller;
  /** Gas of a liquidation with its sale, as reckoned with before it is sent. */
  readonly gas: number;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
  /** @param repay Debt to repay, at most the view's close amount, loan units. */
  encode(view: PositionView, repay: bigint, minProfit: bigint): string;
}

/**
 * Keepers of protocols that sell at a bonus. They look at all that is for sale at every step, each liquidates as much of a position
 * as pays best and sells it in the market's pool, and goes on to the next position where one does not pay.
 */
export class BonusKeepers implements Trade {
  readonly accounts: readonly string[] = [];
  readonly settled = { payments: 0n, profits: 0n };
  private readonly place: Place;
  private readonly liquidator: Liquidator;
  private readonly address: string;

  constructor(place: Place, liquidator: Liquidator) {
    this.place = place;
    this.liquidator = liquidator;
    this.address = String(liquidator.contract.target);
  }

  async act(desk: Desk, present: readonly Keeper[], found: readonly PositionView[]): Promise<boolean> {
    let views = found;
    for (const keeper of present) {
      while (await this.liquidateOne(desk, keeper, views)) views = await desk.look();
    }
    return views !== found;
  }

  isWorthIt(desk: Desk, view: PositionView): boolean {
    const { gas } = this.liquidator;
    return isBonusWorthIt(view, desk.oraclePrice, gas, (amount) => desk.gasCost(amount));
  }

  whyNot(): string {
    return "the bonus has not paid for gas and the pool's price yet";
  }

  /** The most profitable order that succeeds. */
  private async liquidateOne(desk: Desk, keeper: Keeper, views: readonly PositionView[]): Promise<boolean> {
    for (const { view, plan, wanted } of this.ordersOf(desk, keeper, views)) {
      const data = this.liquidator.encode(view, plan.maxRepay, BigInt(Math.ceil(wanted)));
      const { chain } = this.place;
      if ((await chain.tryCall(this.address, data, keeper.address)) === undefined) continue;
      this.count(await desk.send("take", keeper.address, this.address, data));
      return true;
    }
    return false;
  }

  /** Orders that pay, the best first. */
  private ordersOf(desk: Desk, keeper: Keeper, views: readonly PositionView[]): readonly BonusOrder[] {
    const { gas, minDebt } = this.liquidator;
    const rules = { gas, minDebt, fee: FEE, margin: keeper.margin };
    return bonusOrders(views, this.place.market.state, rules, (amount) => desk.gasCost(amount));
  }

  private count({ logs }: Awaited<ReturnType<Desk["send"]>>): void {
    const { interface: calls } = this.liquidator.contract;
    for (const log of logs) {
      if (log.address.toLowerCase() !== this.address.toLowerCase()) continue;
      const event = calls.parseLog(log);
      if (event?.name !== "Executed") continue;
      const payment = event.args.getValue("payment") as bigint;
      this.settled.payments += payment;
      this.settled.profits += (event.args.getValue("proceeds") as bigint) - payment;
    }
  }
}
