/** Positions as contracts/periphery/VaultLens.sol shows them. */
import { PRICE_SCALE, WAD } from "./math.ts";

/** In the order of the contracts' `PositionStatus`. */
export const STATUSES = [
  "EMPTY",
  "HEALTHY",
  "STARTABLE",
  "FOR_SALE",
  "RECOVERED",
  "WAITING",
  "LAPSED",
  "EMPTIED",
  "FROZEN",
] as const;

export type Status = (typeof STATUSES)[number];

/** A position as the lens shows it; loan and collateral units. */
export interface PositionView {
  readonly borrower: string;
  readonly status: Status;
  readonly collateral: bigint;
  readonly debt: bigint;
  /** Value of the collateral at the deciding price. */
  readonly value: bigint;
  /** WAD. */
  readonly health: bigint;
  /** 1e36 scale; 0 unless FOR_SALE. */
  readonly salePrice: bigint;
  readonly closeAmount: bigint;
  readonly penalty: bigint;
  readonly collateralOut: bigint;
}

/** Unhealthy at the deciding price, whether or not it can be sold now. A price that nobody knows makes nothing unhealthy. */
export function isUnhealthy({ status, value, health }: PositionView): boolean {
  if (status === "FROZEN") return value !== 0n && health < WAD;
  return status === "STARTABLE" || status === "FOR_SALE" || status === "LAPSED";
}

/** Healthy, with a sale that somebody could end, or only the price can: it goes on as soon as the position is unhealthy again. */
export function isArmed({ status }: PositionView): boolean {
  return status === "RECOVERED" || status === "WAITING";
}

/** Whether somebody has to start its sale before anybody can buy. */
export function needsStart({ status }: PositionView): boolean {
  return status === "STARTABLE" || status === "LAPSED";
}

/** Deciding price that a position was shown at, 1e36 scale. */
export function decidingPrice({ value, collateral }: PositionView): bigint {
  return collateral === 0n ? 0n : (value * PRICE_SCALE) / collateral;
}
