import type { AuctionOrderStruct } from "../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";
import type { DutchAuctionLiquidator } from "../../typechain-types/index.ts";
import { BPS, PRICE_SCALE } from "../lib/math.ts";
import { type Lot, type Plan, planOrder } from "../lib/order.ts";
import type { Random } from "../lib/random.ts";
import type { PositionView } from "./lens.ts";
import type { Agents, Desk, Interest } from "./mechanism.ts";
import { FEE } from "./parameters.ts";
import { decidingPrice, sizeAt } from "./sizing.ts";
import type { ReplaySystem } from "./system.ts";

export interface Keeper {
  readonly name: string;
  readonly address: string;
  /** Least profit after gas, as a share of what is paid. */
  readonly margin: number;
  /** Chance to get into a block. */
  readonly presence: number;
}

/** What keepers reckon with before they send. */
const START_GAS = 125_000;
const TAKE_GAS = 330_000;
const LOT_GAS = 45_000;
const MOST_LOTS = 40;
const FOREVER = 2n ** 40n;

/**
 * Keepers of the Dutch auction. Each sees the same state through the lens, plans an order, asks the liquidator for a quote,
 * and sends it where the profit pays for its gas and margin. Starts are sent where the reward, and the margin on what there
 * will be to sell, pay for their gas.
 */
export class DutchKeepers implements Agents {
  readonly settled = { payments: 0n, profits: 0n };
  private readonly system: ReplaySystem;
  private readonly liquidator: DutchAuctionLiquidator;
  private readonly team: readonly Keeper[];
  private readonly random: Random;

  constructor(
    system: ReplaySystem,
    liquidator: DutchAuctionLiquidator,
    team: readonly Keeper[],
    random: Random,
  ) {
    this.system = system;
    this.liquidator = liquidator;
    this.team = team;
    this.random = random;
  }

  get keepers(): readonly string[] {
    return this.team.map(({ address }) => address);
  }

  async act(desk: Desk, found: readonly PositionView[]): Promise<Interest> {
    const present = this.random.shuffled(this.team.filter(({ presence }) => this.random.chance(presence)));
    let views = found;
    for (const keeper of present) {
      if (await this.buy(desk, keeper, views)) views = await desk.look();
    }
    for (const view of views.filter(needsStart)) {
      for (const keeper of present) if (await this.start(desk, keeper, view)) break;
    }
    const promising = views.filter((view) => this.isWorthIt(desk, view)).map(({ borrower }) => borrower);
    const useless = views.filter((view) => !this.isWorthIt(desk, view)).map(({ borrower }) => borrower);
    return { promising, useless };
  }

  whyNot(desk: Desk, view: PositionView): string {
    if (!this.isWorthIt(desk, view)) return "too small: even the deepest discount would not pay for the gas";
    return needsStart(view) ? "no keeper has started it yet" : "no keeper's margin has been reached yet";
  }

  /** Whether the deepest discount on all of it would pay for a take. */
  private isWorthIt(desk: Desk, view: PositionView): boolean {
    const most = Number(view.value * this.system.sizes.terms.maxDiscountBps) / Number(BPS);
    return most > desk.gasCost(TAKE_GAS);
  }

  // ---------------------------------------------------------------------------------------------------------------- buying

  private async buy(desk: Desk, keeper: Keeper, views: readonly PositionView[]): Promise<boolean> {
    const lots = views.flatMap((view) => this.lotOf(view) ?? []);
    const plan = planOrder(lots, this.system.market.state, {
      fee: FEE,
      margin: keeper.margin,
      minDebt: this.system.sizes.minDebt,
      lotCost: desk.gasCost(LOT_GAS),
      mostLots: MOST_LOTS,
    });
    const wanted = this.leastProfit(desk, keeper, plan);
    if (plan.lots.length === 0 || plan.proceeds - plan.payment < wanted) return false;

    const order = {
      vault: String(this.system.vault.target),
      borrowers: plan.lots.map(({ borrower }) => borrower),
      start: plan.lots.some((lot) => lot.needsStart),
      maxRepay: plan.maxRepay,
      pools: [this.system.market.pool.address],
      minProfit: BigInt(Math.ceil(wanted)),
      receiver: keeper.address,
      deadline: FOREVER,
    };
    const { profit } = await this.quote(keeper, order);
    if (profit < order.minProfit) return false;
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
    const price = this.openingPrice(view);
    if (price === 0n) return undefined;
    const { repay, penalty } = sizeAt(view, price, this.system.sizes);
    return {
      borrower,
      debt,
      repay,
      penalty,
      collateral: ((repay + penalty) * PRICE_SCALE) / price,
      needsStart: true,
    };
  }

  /** A sale opens at the deciding price; one that lapsed, where the clock comes to hold. */
  private openingPrice(view: PositionView): bigint {
    const deciding = decidingPrice(view);
    return view.status === "LAPSED" ? (deciding * (BPS - this.system.sizes.terms.holdBps)) / BPS : deciding;
  }

  private async quote(keeper: Keeper, order: AuctionOrderStruct) {
    const { interface: calls, target } = this.liquidator;
    const data = calls.encodeFunctionData("quote", [order]);
    const answer = await this.system.chain.call(String(target), data, keeper.address);
    return calls.decodeFunctionResult("quote", answer)[0];
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

  // -------------------------------------------------------------------------------------------------------------- starting

  private async start(desk: Desk, keeper: Keeper, view: PositionView): Promise<boolean> {
    const { chain, vault, sizes } = this.system;
    const { repay } = sizeAt(view, this.openingPrice(view), sizes);
    const hoped = Number(repay) * keeper.margin;
    const cost = desk.gasCost(START_GAS);
    // The vault never pays more than half the penalty on what there is to sell.
    const mostReward = Number(repay * sizes.terms.penaltyBps) / Number(2n * BPS);
    if (mostReward + hoped < cost) return false;
    const data = vault.interface.encodeFunctionData("startSale", [view.borrower, keeper.address]);
    const answer = await chain.call(String(vault.target), data, keeper.address);
    const [reward] = vault.interface.decodeFunctionResult("startSale", answer);
    if (Number(reward) + hoped < cost) return false;
    await desk.send("startSale", keeper.address, String(vault.target), data);
    return true;
  }
}

function needsStart({ status }: PositionView): boolean {
  return status === "STARTABLE" || status === "LAPSED";
}
