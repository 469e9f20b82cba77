import type { AuctionOrderStruct } from "../../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";
import type { DutchAuctionLiquidator, IVault } from "../../../typechain-types/index.ts";
import { BPS, PRICE_SCALE } from "../../../sdk/math.ts";
import { type Lot, type Plan, planOrder } from "../../strategies/order.ts";
import type { PositionView } from "../world/lens.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE, FOREVER } from "../world/parameters.ts";
import { sizeAt } from "./sizing.ts";
import type { Trade } from "./crew.ts";
import { type Keeper, TAKE_GAS } from "./keeper.ts";
import { needsStart, openingPrice, START_GAS } from "./starters.ts";

/** What keepers reckon with before they send. */
const LOT_GAS = 45_000;
const MOST_LOTS = 40;

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

  /** Whether the deepest discount on all of it would pay for a take. */
  isWorthIt(desk: Desk, view: PositionView): boolean {
    const most = Number(view.value * this.ground.sizes.terms.maxDiscountBps) / Number(BPS);
    return most > desk.gasCost(TAKE_GAS);
  }

  // ---------------------------------------------------------------------------------------------------------------- buying

  private async buy(desk: Desk, keeper: Keeper, views: readonly PositionView[]): Promise<boolean> {
    const lots = views.flatMap((view) => this.lotOf(view) ?? []);
    const plan = planOrder(lots, this.ground.market.state, {
      fee: FEE,
      margin: keeper.margin,
      minDebt: this.ground.sizes.minDebt,
      lotCost: desk.gasCost(LOT_GAS),
      mostLots: MOST_LOTS,
    });
    const wanted = this.leastProfit(desk, keeper, plan);
    if (plan.lots.length === 0 || plan.proceeds - plan.payment < wanted) return false;

    const order = {
      vault: String(this.vault.target),
      borrowers: plan.lots.map(({ borrower }) => borrower),
      start: plan.lots.some((lot) => lot.needsStart),
      maxRepay: plan.maxRepay,
      pools: [this.ground.market.pool.address],
      minProfit: BigInt(Math.ceil(wanted)),
      receiver: keeper.address,
      deadline: FOREVER,
    };
    const found = await this.quote(keeper, order);
    if (found === undefined || found.profit < order.minProfit) return false;
    await this.execute(desk, keeper, order);
    return true;
  }

  private leastProfit(desk: Desk, keeper: Keeper, plan: Plan): number {
    const starts = plan.lots.filter((lot) => lot.needsStart).length;
    const gas = TAKE_GAS + Math.max(0, plan.lots.length - 1) * LOT_GAS + starts * START_GAS;
    return desk.gasCost(gas) + plan.payment * keeper.margin;
  }

  /** What there is to buy of a position, at its price now. */
  private lotOf(view: PositionView): Lot | undefined {
    const { borrower, debt } = view;
    if (view.status === "FOR_SALE") {
      const { closeAmount: repay, penalty, collateralOut: collateral } = view;
      return { borrower, debt, repay, penalty, collateral, needsStart: false };
    }
    if (!needsStart(view)) return undefined;
    const price = openingPrice(view, this.ground.sizes.terms);
    if (price === 0n) return undefined;
    const { repay, penalty } = sizeAt(view, price, this.ground.sizes);
    return {
      borrower,
      debt,
      repay,
      penalty,
      collateral: ((repay + penalty) * PRICE_SCALE) / price,
      needsStart: true,
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
