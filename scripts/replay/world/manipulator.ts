import { rawPrice } from "../../../sdk/units.ts";
import type { Market } from "./market.ts";
import type { HoldOff } from "../input/markets.ts";
import { BLOCK_SECONDS } from "./parameters.ts";

/** What is true of the market at a moment. */
export interface MarketMoment {
  /** Unix seconds of the scenario. */
  readonly time: number;
  /** Loan assets per collateral asset, outside of the pool. */
  readonly price: number;
  /** How wild prices are, from 0 for calm to 1. */
  readonly wildness: number;
  /** Worth of gas, loan units. */
  gasCost(gas: number): number;
}

/**
 * Somebody who holds the pool down against the arbitrageur for some blocks, again and again. What is sold for less than the market
 * pays is lost to whoever buys it, and counts with the gas as the cost.
 */
export class Manipulator {
  private readonly market: Market;
  private readonly account: string;
  private readonly rule: HoldOff;
  private nextAt: number;
  private heldUntil = -Infinity;
  private spent = 0;

  /** @param start The first time comes a whole interval after it, unix seconds. */
  constructor(market: Market, account: string, rule: HoldOff, start: number) {
    this.market = market;
    this.account = account;
    this.rule = rule;
    this.nextAt = start + rule.everySeconds;
  }

  /** So far, loan units. */
  get cost(): number {
    return this.spent;
  }

  async tend({ time, price, gasCost }: Omit<MarketMoment, "wildness">): Promise<void> {
    const { bps, blocks, everySeconds } = this.rule;
    if (time >= this.nextAt) {
      this.heldUntil = this.nextAt + blocks * BLOCK_SECONDS;
      this.nextAt += everySeconds;
    }
    const target = price * (1 - bps / 10_000);
    if (time >= this.heldUntil || this.market.state.root ** 2 <= rawPrice(target)) return;
    const { collateral, loan, gasUsed } = await this.market.sellDownTo(this.account, target);
    this.spent += Number(collateral) * rawPrice(price) - Number(loan) + gasCost(Number(gasUsed));
  }
}
