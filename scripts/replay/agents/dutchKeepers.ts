import type { AuctionOrderStruct } from "../../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";
import type { DutchAuctionLiquidator, IVault } from "../../../typechain-types/index.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import { type DutchOrder, dutchOrder, isWorthTaking } from "../../strategies/dutch.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE, FOREVER } from "../world/parameters.ts";
import type { Trade } from "./crew.ts";
import type { Keeper } from "./keeper.ts";

/**
 * The Dutch auction: keepers without capital take at the clock's price and sell in the pool. Each sees the same state through
 * the lens, plans an order, asks the liquidator for a quote, and sends it where the profit pays for its gas and margin.
 */
export class DutchKeepers implements Trade {
  readonly accounts: readonly string[] = [];
  readonly settled = { payments: 0n, profits: 0n };
  private readonly ground: Ground;
  private readonly vault: IVault;
  private readonly liquidator: DutchAuctionLiquidator;

  constructor(
    ground: Ground,
    { vault, liquidator }: { readonly vault: IVault; readonly liquidator: DutchAuctionLiquidator },
  ) {
    this.ground = ground;
    this.vault = vault;
    this.liquidator = liquidator;
  }

  async act(desk: Desk, present: readonly Keeper[], found: readonly PositionView[]): Promise<boolean> {
    let hasSold = false;
    let views = found;
    for (const keeper of present) {
      if (!(await this.buy(desk, keeper, views))) continue;
      hasSold = true;
      views = await desk.look();
    }
    return hasSold;
  }

  isWorthIt(desk: Desk, view: PositionView): boolean {
    return isWorthTaking(view, this.ground.sizes, (gas) => desk.gasCost(gas));
  }

  // ---------------------------------------------------------------------------------------------------------------- buying

  private async buy(desk: Desk, keeper: Keeper, views: readonly PositionView[]): Promise<boolean> {
    const market = { pool: this.ground.market.state, fee: FEE, margin: keeper.margin };
    const planned = dutchOrder(views, market, this.ground.sizes, (gas) => desk.gasCost(gas));
    if (planned === undefined) return false;
    const order = this.orderOf(keeper, planned);
    const found = await this.quote(keeper, order);
    if (found === undefined || found.profit < order.minProfit) return false;
    await this.execute(desk, keeper, order);
    return true;
  }

  private orderOf(keeper: Keeper, { borrowers, ...order }: DutchOrder) {
    return {
      vault: String(this.vault.target),
      borrowers: [...borrowers],
      ...order,
      pools: [this.ground.market.pool.address],
      receiver: keeper.address,
      deadline: FOREVER,
    };
  }

  /** What the order would bring; undefined where the vault refuses it. */
  private async quote(keeper: Keeper, order: AuctionOrderStruct) {
    const { interface: calls, target } = this.liquidator;
    const data = calls.encodeFunctionData("quote", [order]);
    const answer = await this.ground.chain.tryCall(String(target), data, keeper.address);
    return answer === undefined ? undefined : calls.decodeFunctionResult("quote", answer)[0];
  }

  private async execute(desk: Desk, keeper: Keeper, order: AuctionOrderStruct): Promise<void> {
    const { interface: calls, target } = this.liquidator;
    const data = calls.encodeFunctionData("execute", [order]);
    const receipt = await desk.send("take", keeper.address, String(target), data);
    for (const log of receipt.logs) {
      const event = calls.parseLog(log);
      if (event?.name !== "Executed") continue;
      const payment = event.args.getValue("payment") as bigint;
      this.settled.payments += payment;
      this.settled.profits += (event.args.getValue("proceeds") as bigint) - payment;
    }
  }
}
