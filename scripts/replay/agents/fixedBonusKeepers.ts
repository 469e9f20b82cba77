import type { MockFixedBonusKeeper } from "../../../typechain-types/index.ts";
import { planOrder } from "../../lib/order.ts";
import type { PositionView } from "../lens.ts";
import type { Desk, Ground } from "../mechanism.ts";
import { FEE } from "../parameters.ts";
import type { Trade } from "./crew.ts";
import { type Keeper, TAKE_GAS } from "./keeper.ts";

/** Keepers of a pool with a fixed bonus: whoever is there in time liquidates as much as pays, and sells it in the market's pool. */
export class FixedBonusKeepers implements Trade {
  readonly accounts: readonly string[] = [];
  readonly settled = { payments: 0n, profits: 0n };
  private readonly ground: Ground;
  private readonly contract: MockFixedBonusKeeper;

  constructor(ground: Ground, contract: MockFixedBonusKeeper) {
    this.ground = ground;
    this.contract = contract;
  }

  async act(desk: Desk, present: readonly Keeper[], found: readonly PositionView[]): Promise<boolean> {
    let views = found;
    for (const keeper of present) {
      while (await this.liquidate(desk, keeper, views)) views = await desk.look();
    }
    return views !== found;
  }

  isWorthIt(desk: Desk, view: PositionView): boolean {
    const bonus = Number(view.collateralOut) * this.ground.market.state.root ** 2 - Number(view.closeAmount);
    return bonus > desk.gasCost(TAKE_GAS) / 2;
  }

  private async liquidate(desk: Desk, keeper: Keeper, views: readonly PositionView[]): Promise<boolean> {
    const lots = views.flatMap(({ status, borrower, debt, closeAmount: repay, collateralOut: collateral }) =>
      status === "FOR_SALE" && collateral > 0n
        ? [{ borrower, debt, repay, penalty: 0n, collateral, needsStart: false }]
        : [],
    );
    const { market, sizes } = this.ground;
    const { margin } = keeper;
    const demands = {
      fee: FEE,
      margin,
      minDebt: sizes.minDebt,
      lotCost: desk.gasCost(TAKE_GAS),
      mostLots: 1,
    };
    const plan = planOrder(lots, market.state, demands);
    const [lot] = plan.lots;
    const wanted = desk.gasCost(TAKE_GAS) + plan.payment * margin;
    if (lot === undefined || plan.proceeds - plan.payment < wanted) return false;
    const { interface: calls, target } = this.contract;
    const data = calls.encodeFunctionData("execute", [
      lot.borrower,
      plan.maxRepay,
      BigInt(Math.ceil(wanted)),
    ]);
    if ((await this.ground.chain.tryCall(String(target), data, keeper.address)) === undefined) return false;
    const receipt = await desk.send("take", keeper.address, String(target), data);
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== String(target).toLowerCase()) continue;
      const event = calls.parseLog(log);
      if (event?.name !== "Executed") continue;
      const payment = event.args.getValue("payment") as bigint;
      this.settled.payments += payment;
      this.settled.profits += (event.args.getValue("proceeds") as bigint) - payment;
    }
    return true;
  }
}
