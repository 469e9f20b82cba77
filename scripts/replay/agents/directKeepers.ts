import type { DirectSaleOrderStruct } from "../../../typechain-types/contracts/liquidation/DirectSaleLiquidator.ts";
import type { DirectSaleLiquidator, IVault, UniswapV3Venue } from "../../../typechain-types/index.ts";
import { fall } from "../../../sdk/directSaleMath.ts";
import { WAD } from "../../../sdk/math.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import {
  type Bounds,
  boundsFrom,
  directOrder,
  type DirectRules,
  isWorthSelling,
  type Look,
  pushFor,
  sellableViews,
  widestBounds,
} from "../../strategies/direct.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE, FOREVER } from "../world/parameters.ts";
import type { Trade } from "./crew.ts";
import type { Keeper } from "./keeper.ts";
import { Sandwich } from "./sandwich.ts";

/**
 * Direct sales: keepers sell for the borrower into the pool, as much of a position as it takes within the bounds, where the
 * reward pays for the gas. The worst position first. In a market that allows it they take part of a sale's room before it.
 */
export class DirectKeepers implements Trade {
  readonly accounts: readonly string[] = [];
  private payments = 0n;
  private rewards = 0n;
  private readonly ground: Ground;
  private readonly sandwich: Sandwich;
  private readonly vault: IVault;
  private readonly direct: DirectSaleLiquidator;
  private readonly venue: UniswapV3Venue;

  private constructor(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly direct: DirectSaleLiquidator;
      readonly venue: UniswapV3Venue;
    },
    sandwich: Sandwich,
  ) {
    this.ground = ground;
    this.sandwich = sandwich;
    this.vault = parts.vault;
    this.direct = parts.direct;
    this.venue = parts.venue;
  }

  static async hire(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly direct: DirectSaleLiquidator;
      readonly venue: UniswapV3Venue;
    },
    keepers: readonly Keeper[],
  ): Promise<DirectKeepers> {
    const pushing = ground.scenario.market.sandwich === 0 ? [] : keepers;
    return new DirectKeepers(ground, parts, await Sandwich.prepare(ground, pushing));
  }

  get settled(): { readonly payments: bigint; readonly profits: bigint } {
    return { payments: this.payments, profits: this.rewards + this.sandwich.profits };
  }

  async act(desk: Desk, present: readonly Keeper[], views: readonly PositionView[]): Promise<boolean> {
    const [keeper] = present;
    if (keeper === undefined) return false;
    const sellable = sellableViews(views);
    if (sellable.length === 0) return false;
    const look = await this.look();
    if (look === undefined) return false;
    let hasSold = false;
    for (const view of sellable) {
      if (await this.sell(desk, keeper, view, look)) hasSold = true;
    }
    return hasSold;
  }

  /** What the market says; undefined where the oracle's first source does not decide, or the pool shows no mean. */
  private async look(): Promise<Look | undefined> {
    const { chain, oracle, tokens, sizes } = this.ground;
    const { fallWindow } = sizes.terms;
    const price = await chain.call(
      String(oracle.target),
      oracle.interface.encodeFunctionData("firstPrice", [fallWindow]),
    );
    const [latest, earlier] = oracle.interface.decodeFunctionResult("firstPrice", price);
    if (latest === 0n) return undefined;
    const { interface: calls, target } = this.venue;
    const { collateral } = tokens;
    const answer = await chain.tryCall(String(target), calls.encodeFunctionData("meanPrice", [collateral]));
    if (answer === undefined) return undefined;
    const [mean] = calls.decodeFunctionResult("meanPrice", answer);
    // A fall of the pool alone counts for nothing.
    if (earlier <= latest) return { deciding: latest, mean, fall: 0n };
    const past = calls.encodeFunctionData("earlierMeanPrice", [collateral, fallWindow]);
    const [meanEarlier] = calls.decodeFunctionResult(
      "earlierMeanPrice",
      await chain.call(String(target), past),
    );
    return { deciding: latest, mean, fall: fall(latest, earlier, mean, meanEarlier) };
  }

  private get rules(): DirectRules {
    const { sizes, scenario } = this.ground;
    const { terms, minDebt } = sizes;
    return { terms, minDebt, liquidationLtvBps: scenario.ltvs.liquidationLtvBps, fee: FEE };
  }

  /** The liquidator's bounds; undefined where nothing may be sold directly. */
  private async bounds(keeper: Keeper, borrower: string): Promise<Bounds | undefined> {
    const { interface: calls, target } = this.direct;
    const data = calls.encodeFunctionData("bounds", [String(this.vault.target), borrower]);
    const answer = await this.ground.chain.tryCall(String(target), data, keeper.address);
    if (answer === undefined) return undefined;
    const [bounds] = calls.decodeFunctionResult("bounds", answer);
    return boundsFrom(bounds);
  }

  isWorthIt(desk: Desk, view: PositionView): boolean {
    return isWorthSelling(view, this.rules, (gas) => desk.gasCost(gas));
  }

  private async sell(desk: Desk, keeper: Keeper, view: PositionView, look: Look): Promise<boolean> {
    const { market, scenario } = this.ground;
    const { rules } = this;
    const gasCost = (gas: number): number => desk.gasCost(gas);
    const widest = widestBounds(view, look, rules);
    if (widest === undefined || !this.isWorthIt(desk, view)) return false;
    if (directOrder(view, widest, market.state, rules, gasCost) === undefined) return false;
    const bounds = await this.bounds(keeper, view.borrower);
    if (bounds === undefined) return false;
    const target = pushFor(view, bounds, market.state, rules, gasCost, scenario.market.sandwich);
    if (target === undefined) return this.execute(desk, keeper, view, bounds);
    const taken = await this.sandwich.push(desk, keeper, target);
    const hasSold = await this.execute(desk, keeper, view, bounds);
    await this.sandwich.buyBack(desk, keeper, taken);
    return hasSold;
  }

  private async execute(desk: Desk, keeper: Keeper, view: PositionView, bounds: Bounds): Promise<boolean> {
    const { state } = this.ground.market;
    const planned = directOrder(view, bounds, state, this.rules, (gas) => desk.gasCost(gas));
    if (planned === undefined) return false;
    const order: DirectSaleOrderStruct = {
      vault: String(this.vault.target),
      borrower: view.borrower,
      parts: [{ venue: String(this.venue.target), share: WAD }],
      ...planned,
      receiver: keeper.address,
      deadline: FOREVER,
    };
    const data = this.direct.interface.encodeFunctionData("execute", [order]);
    const target = String(this.direct.target);
    // Calls see no base fee, and so no reward; what they allow passes with one.
    if ((await this.ground.chain.tryCall(target, data, keeper.address)) === undefined) return false;
    const receipt = await desk.send("take", keeper.address, target, data);
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== target.toLowerCase()) continue;
      const event = this.direct.interface.parseLog(log);
      if (event?.name !== "DirectSale") continue;
      this.payments += event.args.getValue("payment") as bigint;
      this.payments += event.args.getValue("credit") as bigint;
      this.rewards += event.args.getValue("reward") as bigint;
    }
    return true;
  }
}
