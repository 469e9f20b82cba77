/** Rescues before a sale: who is near liquidation, and and what a pool brings for what a rescue sells. */
import { rescueSize } from "../../sdk/deleverager.ts";
import { PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { decidingPrice, type PositionView } from "../../sdk/positionView.ts";
import { type PoolState, proceedsOf } from "./order.ts";
import type { GasCost } from "./sizing.ts";

/** As the Deleverager reckons its gas. */
const RESCUE_GAS = 405_000;
/** How often the price is brought nearer to what the pool brings at it. */
const ROUNDS = 4;
/** Orders ask for so much less than they expect, so that they are on the safe side. */
const SAFETY = 2e-6;

/** What decides over the size of a rescue: the signed order's part of it, and the vault's. */
export interface RescueRules {
  readonly order: Parameters<typeof rescueSize>[1];
  readonly liquidationLtvBps: bigint;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
  /** Fee of the pool, as a share. */
  readonly fee: number;
}

/** Log of the price over the price at which a position is unhealthy. */
export const distanceOf = ({ health }: PositionView): number => Math.log(Number(health) / Number(WAD));

/** How near a position must be, as such a log: a volatility per root of a second, WAD, over a horizon in seconds. */
export const reachOf = (volatility: bigint, horizon: bigint): number =>
  (Number(volatility) / Number(WAD)) * Math.sqrt(Number(horizon));

/** Positions to rescue, the nearest first. A rescue ends what sale the price has overtaken. */
export function rescuable(views: readonly PositionView[], reach: number): readonly PositionView[] {
  return views
    .filter(({ status }) => status === "HEALTHY" || status === "RECOVERED")
    .filter((view) => distanceOf(view) < reach)
    .sort((a, b) => Number(a.health - b.health));
}

/** What the pool brings a unit of what a rescue sells, after gas, 1e36 scale; undefined where nothing is to be sold, or it brings nothing. */
export function rescuePrice(
  view: PositionView,
  pool: PoolState,
  { order, liquidationLtvBps, minDebt, fee }: RescueRules,
  gasCost: GasCost,
): bigint | undefined {
  const deciding = decidingPrice(view);
  const position = { debt: view.debt, collateral: view.collateral, deciding, liquidationLtvBps, minDebt };
  let price = deciding;
  for (let round = 0; round < ROUNDS; ++round) {
    const size = rescueSize(position, order, price);
    if (size === undefined) return undefined;
    const sold = Number(size.collateral);
    const net = proceedsOf(pool, fee, sold) * (1 - SAFETY) - gasCost(RESCUE_GAS);
    price = BigInt(Math.max(0, Math.floor((net / sold) * 1e18))) * (PRICE_SCALE / 10n ** 18n);
    if (price === 0n) return undefined;
  }
  return price;
}
