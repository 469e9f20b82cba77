import type { LiquidityProvider } from "./liquidity.ts";
import type { Manipulator, MarketMoment } from "./manipulator.ts";
import type { Market } from "./market.ts";
import type { MarketSettings } from "../input/markets.ts";

/** Those who make the pool's price and depth, liquidations apart: who provides liquidity, who arbitrages, who manipulates. */
export class MarketMakers {
  private readonly market: Market;
  private readonly settings: MarketSettings;
  private readonly provider: LiquidityProvider;
  private readonly manipulator: Manipulator | undefined;

  constructor(
    market: Market,
    settings: MarketSettings,
    parts: { readonly provider: LiquidityProvider; readonly manipulator: Manipulator | undefined },
  ) {
    this.market = market;
    this.settings = settings;
    this.provider = parts.provider;
    this.manipulator = parts.manipulator;
  }

  /** What manipulation cost so far, loan units. */
  get manipulationCost(): bigint {
    return BigInt(Math.round(this.manipulator?.cost ?? 0));
  }

  /** Depth first, then the arbitrageur; a manipulator has the last word before anybody sells. */
  async tend(moment: MarketMoment): Promise<void> {
    const { depthLeft } = this.settings;
    await this.provider.follow(1 - (1 - depthLeft) * moment.wildness);
    await this.market.arbitrage(moment.price, moment.time);
    await this.manipulator?.tend(moment);
  }
}
