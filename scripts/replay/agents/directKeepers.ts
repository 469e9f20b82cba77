import type { DirectSaleOrderStruct } from "../../../typechain-types/contracts/liquidation/DirectSaleLiquidator.ts";
import type { DirectSaleLiquidator, IVault, UniswapV3Venue } from "../../../typechain-types/index.ts";
import { MAX_IMPACT_BPS } from "../../deployment/defaults.ts";
import { BPS, PRICE_SCALE, WAD } from "../../lib/math.ts";
import { type Lot, partOf, type PoolState, proceedsOf } from "../../lib/order.ts";
import { collateralToReach } from "../../lib/pool.ts";
import type { PositionView } from "../lens.ts";
import type { Desk, Ground } from "../mechanism.ts";
import { FEE, FOREVER } from "../parameters.ts";
import { decidingPrice, sizeAt } from "../sizing.ts";
import type { Trade } from "./crew.ts";
import type { Keeper } from "./keeper.ts";
import { Sandwich } from "./sandwich.ts";
import { needsStart } from "./starters.ts";

/** Gas of a sale into one pool, as the liquidator reckons with it. */
const SALE_GAS = 470_000;
/** No sale may lose more than this, WAD: the most impact, and half a per cent. */
const MOST_LOSS = ((MAX_IMPACT_BPS + 50n) * WAD) / BPS;
/** How often the price is brought nearer to what the pool brings at it. */
const ROUNDS = 4;
/** Orders ask for so much less than they expect, so that they are on the safe side. */
const SAFETY = 2e-6;

/** Parts of the push that they would like, tried until a sale behind it is still worth its gas. */
const PUSHES = [1, 0.5, 0.25] as const;

/** Collateral units to ask a pool about itself with. */
const A_LITTLE = 10n ** 12n;
/** Value of `OracleState.FRESH`. */
const FRESH = 2n;
/** How far a pool may be off before a sale, besides its fee. */
const MOST_DEVIATION = 0.003;

/** What an order says that sells all that may be sold. */
const NO_LIMIT = 2n ** 256n - 1n;

/** Keepers put up with this part of what they reckon gas with: the reward is half the penalty at most. */
const ENOUGH = 0.95;

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
  /** Mean price of the pool over the venue's window, loan units per collateral unit. */
  private mean = 0;
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
    if (sellable.length === 0 || !(await this.isOpen())) return false;
    let hasSold = false;
    for (const view of sellable.sort((a, b) => Number(a.health - b.health))) {
      if (await this.sell(desk, keeper, view)) hasSold = true;
    }
    return hasSold;
  }

  /** Whether the oracle and the pool's past let anything be sold now. */
  private async isOpen(): Promise<boolean> {
    const { chain, oracle, tokens } = this.ground;
    const { interface: calls, target } = oracle;
    const price = await chain.call(String(target), calls.encodeFunctionData("price"));
    const [{ state, deciding }] = calls.decodeFunctionResult("price", price);
    if (state !== FRESH) return false;
    const look = this.venue.interface.encodeFunctionData("quote", [tokens.collateral, A_LITTLE]);
    const answer = await chain.tryCall(String(this.venue.target), look);
    if (answer === undefined) return false;
    const [{ priceBefore, twap }] = this.venue.interface.decodeFunctionResult("quote", answer);
    this.mean = Number(twap) / Number(PRICE_SCALE);
    return isNear(Number(priceBefore), Number(twap)) && isNear(Number(priceBefore), Number(deciding));
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

  private async sell(desk: Desk, keeper: Keeper, view: PositionView): Promise<boolean> {
    const pool = this.ground.market.state;
    if (!this.isWorthIt(desk, view) || this.plan(view, MOST_LOSS, pool) === undefined) return false;
    const most = await this.maxLoss(keeper, view.borrower);
    if (most === undefined) return false;
    const target = this.pushFor(desk, view, most);
    if (target === undefined) return this.execute(desk, keeper, { view, most });
    const taken = await this.sandwich.push(desk, keeper, target);
    const hasSold = await this.execute(desk, keeper, { view, most });
    await this.sandwich.buyBack(desk, keeper, taken);
    return hasSold;
  }

  private async execute(
    desk: Desk,
    keeper: Keeper,
    { view, most }: { readonly view: PositionView; readonly most: bigint },
  ): Promise<boolean> {
    const plan = this.payingPlan(desk, { view, most }, this.ground.market.state);
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
  private payingPlan(
    desk: Desk,
    { view, most }: { readonly view: PositionView; readonly most: bigint },
    pool: PoolState,
  ): Plan | undefined {
    const plan = this.plan(view, most, pool);
    if (plan === undefined || Number(this.mostReward(plan.repay)) < desk.gasCost(SALE_GAS) * ENOUGH)
      return undefined;
    // Gas is paid in proportion where less than a lot may be sold.
    return plan.isWhole || plan.repay >= this.ground.sizes.terms.lot ? plan : undefined;
  }

  /**
   * Price of the pool down to which a keeper pushes it before a sale: the market's share of the way to the lowest price at which
   * the sale may end, as far as the liquidator sells into a pool that is so far off, and the sale still pays.
   */
  private pushFor(desk: Desk, view: PositionView, most: bigint): number | undefined {
    const { market, scenario } = this.ground;
    if (scenario.market.sandwich === 0) return undefined;
    const { root, liquidity } = market.state;
    const deciding = Number(decidingPrice(view)) / Number(PRICE_SCALE);
    const way = root ** 2 - lowestRoot(deciding, most, root) ** 2;
    const nearest = Math.max(deciding, this.mean) * (1 - MOST_DEVIATION - FEE + SAFETY);
    for (const part of PUSHES) {
      const target = Math.max(root ** 2 - part * scenario.market.sandwich * way, nearest);
      if (target >= root ** 2) return undefined;
      const left = { root: Math.sqrt(target), liquidity };
      if (this.payingPlan(desk, { view, most }, left) !== undefined) return target;
    }
    return undefined;
  }

  /** WAD; undefined where nothing may be sold directly. */
  private async maxLoss(keeper: Keeper, borrower: string): Promise<bigint | undefined> {
    const { interface: calls, target } = this.direct;
    const data = calls.encodeFunctionData("maxLoss", [String(this.vault.target), borrower]);
    const answer = await this.ground.chain.tryCall(String(target), data, keeper.address);
    return answer === undefined ? undefined : calls.decodeFunctionResult("maxLoss", answer)[0];
  }

  /** As much as the pool takes until it is at the lowest price allowed, or the mean price is. */
  private plan(view: PositionView, mostLoss: bigint, pool: PoolState): Plan | undefined {
    const { sizes } = this.ground;
    const deciding = decidingPrice(view);
    const raw = Number(deciding) / Number(PRICE_SCALE);
    const mean = meanPrice(raw, mostLoss);
    if (!isNear(pool.root ** 2, raw)) return undefined;
    const lowest = lowestRoot(raw, mostLoss, pool.root);
    const room = collateralToReach(pool.liquidity, pool.root, lowest) / (1 - FEE);
    if (room <= 0) return undefined;

    let price = deciding;
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
      if (Number(price) / Number(PRICE_SCALE) < mean) return undefined;
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

/** What a unit must bring at least, in the unit of the deciding price. */
function meanPrice(deciding: number, mostLoss: bigint): number {
  return deciding * (1 - Number(mostLoss) / Number(WAD));
}

/** Root of the lowest price of the pool after a sale that is allowed from a root before it, by its mean price or its end. */
function lowestRoot(deciding: number, mostLoss: bigint, root: number): number {
  // The fee comes off the mean price, and that is the product of both roots.
  const byMean = (meanPrice(deciding, mostLoss) * (1 + 2 * SAFETY)) / (1 - FEE) / root;
  // On the safe side as well: a digit below the bound, and the sale is refused.
  const byImpact = Math.sqrt(deciding * (1 - Number(MAX_IMPACT_BPS) / Number(BPS)) * (1 + SAFETY));
  return Math.max(byMean, byImpact);
}

function isNear(price: number, anchor: number): boolean {
  return Math.abs(price / anchor - 1) <= MOST_DEVIATION + FEE;
}
