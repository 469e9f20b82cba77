import type { DirectSaleOrderStruct } from "../../../typechain-types/contracts/liquidation/DirectSaleLiquidator.ts";
import type { DirectSaleLiquidator, IVault, UniswapV3Venue } from "../../../typechain-types/index.ts";
import { fall, impact, leastPrice, urgency } from "../../../sdk/directSaleMath.ts";
import { BPS, max, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { type Lot, partOf, type PoolState, proceedsOf } from "../../strategies/order.ts";
import { collateralToReach } from "../../world/pool.ts";
import type { PositionView } from "../world/lens.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE, FOREVER } from "../world/parameters.ts";
import { decidingPrice, sizeAt } from "./sizing.ts";
import type { Trade } from "./crew.ts";
import type { Keeper } from "./keeper.ts";
import { Sandwich } from "./sandwich.ts";
import { needsStart } from "./starters.ts";

/** Gas of a sale into one pool, as the liquidator reckons with it. */
const SALE_GAS = 275_000;
/** What a sale may lose besides its impact, as the liquidator says. */
const LOSS_ABOVE_IMPACT = 0.005;
/** How often the price is brought nearer to what the pool brings at it. */
const ROUNDS = 4;
/** Orders ask for so much less than they expect, so that they are on the safe side. */
const SAFETY = 2e-6;

/** Parts of the push that they would like, tried until a sale behind it is still worth its gas. */
const PUSHES = [1, 0.5, 0.25] as const;

/** What an order says that sells all that may be sold. */
const NO_LIMIT = 2n ** 256n - 1n;

/** Keepers put up with this part of what they reckon gas with: the reward is half the penalty at most. */
const ENOUGH = 0.95;

/** What oracle and reference venue say now, 1e36 scale; the fall is WAD. */
interface Look {
  readonly deciding: bigint;
  readonly mean: bigint;
  readonly fall: bigint;
}

/** How far a sale may go: contracts/types/DirectSale.sol, in floating point, loan units per collateral unit. */
interface Bounds {
  /** The reference venue's mean price. */
  readonly mean: number;
  /** What the pool may be moved by, as a share. */
  readonly impact: number;
  readonly leastPrice: number;
  readonly leastBefore: number;
  /** What the vault may be paid under the mean, as a share. */
  readonly maxLoss: number;
}

/** What can be sold of a position now, and at which price. */
interface Plan {
  /** Loan units. */
  readonly repay: bigint;
  /** 1e36 scale. */
  readonly price: bigint;
  /** All that may be sold of the position, not what the pool takes of it. */
  readonly isWhole: boolean;
}

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
    const sellable = views.filter((view) => needsStart(view) || view.status === "FOR_SALE");
    if (sellable.length === 0) return false;
    const look = await this.look();
    if (look === undefined) return false;
    let hasSold = false;
    for (const view of sellable.sort((a, b) => Number(a.health - b.health))) {
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
    const data = calls.encodeFunctionData("meanPrices", [tokens.collateral, fallWindow]);
    const answer = await chain.tryCall(String(target), data);
    if (answer === undefined) return undefined;
    const [mean, meanEarlier] = calls.decodeFunctionResult("meanPrices", answer);
    return { deciding: latest, mean, fall: fall(latest, earlier, mean, meanEarlier) };
  }

  /** The widest bounds that the position may have: those of the terms that new sales get, the policy not asked. */
  private widest(view: PositionView, { deciding, mean, fall }: Look): Bounds | undefined {
    const { terms } = this.ground.sizes;
    const { liquidationLtvBps } = this.ground.scenario.ltvs;
    const value = (view.collateral * max(deciding, mean)) / PRICE_SCALE;
    if (view.debt * BPS <= value * liquidationLtvBps) return undefined;
    const most = impact(terms, urgency(view.debt, value, liquidationLtvBps, terms.maxDiscountBps));
    return {
      mean: unscaled(mean),
      impact: asShare(most),
      leastPrice: unscaled(leastPrice(deciding, fall, terms.maxDiscountBps)),
      leastBefore: 0,
      maxLoss: asShare(most) + LOSS_ABOVE_IMPACT,
    };
  }

  /** The liquidator's bounds; undefined where nothing may be sold directly. */
  private async bounds(keeper: Keeper, borrower: string): Promise<Bounds | undefined> {
    const { interface: calls, target } = this.direct;
    const data = calls.encodeFunctionData("bounds", [String(this.vault.target), borrower]);
    const answer = await this.ground.chain.tryCall(String(target), data, keeper.address);
    if (answer === undefined) return undefined;
    const [bounds] = calls.decodeFunctionResult("bounds", answer);
    return {
      mean: unscaled(bounds.mean),
      impact: asShare(bounds.impact),
      leastPrice: unscaled(bounds.leastPrice),
      leastBefore: unscaled(bounds.leastBefore),
      maxLoss: asShare(bounds.maxLoss),
    };
  }

  /** Whether half the penalty on what may be sold now would pay for the gas. */
  isWorthIt(desk: Desk, view: PositionView): boolean {
    const deciding = decidingPrice(view);
    if (deciding === 0n) return false;
    return Number(this.mostReward(this.lotAt(view, deciding).repay)) > desk.gasCost(SALE_GAS);
  }

  private mostReward(repay: bigint): bigint {
    return (repay * this.ground.sizes.terms.penaltyBps) / (2n * BPS);
  }

  private async sell(desk: Desk, keeper: Keeper, view: PositionView, look: Look): Promise<boolean> {
    const pool = this.ground.market.state;
    const widest = this.widest(view, look);
    if (widest === undefined || !this.isWorthIt(desk, view)) return false;
    if (this.payingPlan(desk, view, widest, pool) === undefined) return false;
    const bounds = await this.bounds(keeper, view.borrower);
    if (bounds === undefined) return false;
    const target = this.pushFor(desk, view, bounds);
    if (target === undefined) return this.execute(desk, keeper, view, bounds);
    const taken = await this.sandwich.push(desk, keeper, target);
    const hasSold = await this.execute(desk, keeper, view, bounds);
    await this.sandwich.buyBack(desk, keeper, taken);
    return hasSold;
  }

  private async execute(desk: Desk, keeper: Keeper, view: PositionView, bounds: Bounds): Promise<boolean> {
    const plan = this.payingPlan(desk, view, bounds, this.ground.market.state);
    if (plan === undefined) return false;
    const order: DirectSaleOrderStruct = {
      vault: String(this.vault.target),
      borrower: view.borrower,
      parts: [{ venue: String(this.venue.target), share: WAD }],
      price: plan.price,
      maxRepay: plan.isWhole ? NO_LIMIT : plan.repay,
      startsToo: needsStart(view),
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

  /** What can be sold, where the reward pays for the gas of it. */
  private payingPlan(desk: Desk, view: PositionView, bounds: Bounds, pool: PoolState): Plan | undefined {
    const plan = this.plan(view, bounds, pool);
    if (plan === undefined || Number(this.mostReward(plan.repay)) < desk.gasCost(SALE_GAS) * ENOUGH)
      return undefined;
    // Gas is paid in proportion where less than a lot may be sold.
    return plan.isWhole || plan.repay >= this.ground.sizes.terms.lot ? plan : undefined;
  }

  /**
   * Price of the pool down to which a keeper pushes it before a sale: the market's share of the way to the lowest price at which
   * the sale may end, as far as the sale still pays.
   */
  private pushFor(desk: Desk, view: PositionView, bounds: Bounds): number | undefined {
    const { market, scenario } = this.ground;
    if (scenario.market.sandwich === 0) return undefined;
    const { root, liquidity } = market.state;
    const way = root ** 2 - lowestRoot(bounds, root) ** 2;
    for (const part of PUSHES) {
      const target = Math.max(root ** 2 - part * scenario.market.sandwich * way, bounds.leastBefore);
      if (target >= root ** 2) return undefined;
      const left = { root: Math.sqrt(target), liquidity };
      if (this.payingPlan(desk, view, bounds, left) !== undefined) return target;
    }
    return undefined;
  }

  /** As much as the pool takes until it is at the lowest price allowed, or the mean price is. */
  private plan(view: PositionView, bounds: Bounds, pool: PoolState): Plan | undefined {
    const { sizes } = this.ground;
    if (pool.root ** 2 < bounds.leastBefore) return undefined;
    const lowest = lowestRoot(bounds, pool.root);
    const room = collateralToReach(pool.liquidity, pool.root, lowest) / (1 - FEE);
    if (room <= 0) return undefined;

    let price = decidingPrice(view);
    let repay = 0n;
    let isWhole = false;
    for (let round = 0; round < ROUNDS; ++round) {
      const lot = this.lotAt(view, price);
      const share = Math.min(1, room / Number(lot.collateral));
      isWhole = share === 1;
      repay = isWhole ? lot.repay : partOf(lot, share, sizes.minDebt);
      if (repay === 0n) return undefined;
      const sold = (Number(lot.collateral) * Number(repay)) / Number(lot.repay);
      const net = proceedsOf(pool, FEE, sold) * (1 - SAFETY);
      price = BigInt(Math.max(0, Math.floor((net / sold) * 1e18))) * (PRICE_SCALE / 10n ** 18n);
      if (unscaled(price) < bounds.mean * (1 - bounds.maxLoss)) return undefined;
    }
    return { repay, price, isWhole };
  }

  private lotAt(view: PositionView, price: bigint): Lot {
    const { borrower, debt } = view;
    const { repay, penalty, sellsAll } = sizeAt(view, price, this.ground.sizes);
    const collateral = sellsAll ? view.collateral : ((repay + penalty) * PRICE_SCALE) / price;
    return { borrower, debt, repay, penalty, collateral, needsStart: needsStart(view) };
  }
}

/** A price of 1e36 scale, loan units per collateral unit. */
const unscaled = (price: bigint): number => Number(price) / Number(PRICE_SCALE);

const asShare = (value: bigint): number => Number(value) / Number(WAD);

/** Root of the lowest price of the pool after a sale that is allowed from a root before it, by its mean price or its end. */
function lowestRoot({ mean, impact, leastPrice, maxLoss }: Bounds, root: number): number {
  // The fee comes off the mean price, and that is the product of both roots.
  const byMean = (mean * (1 - maxLoss) * (1 + 2 * SAFETY)) / (1 - FEE) / root;
  // On the safe side as well: a digit below the bound, and the sale is refused.
  const least = Math.max((1 - impact) * Math.max(root ** 2, mean), leastPrice);
  return Math.max(byMean, Math.sqrt(least * (1 + SAFETY)));
}
