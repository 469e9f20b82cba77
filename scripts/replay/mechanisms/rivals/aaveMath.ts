/** Aave v3's arithmetic for one reserve of collateral and one of debt, as `LiquidationLogic` does it. */
import { BPS, ceilDiv, MAX_UINT256, mulDivUp, WAD } from "../../../../sdk/math.ts";
import { ONE_COLLATERAL, ONE_LOAN } from "../../../../sdk/units.ts";

/** Prices and base currency have 8 decimals; the base currency is the loan asset. */
export const ONE_BASE = 10n ** 8n;
/** Part of a debt that one liquidation may repay, bps, above health `DEEP_HEALTH`. */
const CLOSE_FACTOR_BPS = 5_000n;
const DEEP_HEALTH = (95n * WAD) / 100n;
/** Positions with less collateral or debt may be liquidated whole, base currency. */
const SMALL = 2_000n * ONE_BASE;
/** Loan units that must stay of a debt that is not repaid whole. */
export const LEAST_LEFTOVER = (SMALL / 2n / ONE_BASE) * ONE_LOAN;

/** Loan and collateral units. */
export interface AavePosition {
  readonly debt: bigint;
  readonly collateral: bigint;
}

export interface AaveTerms {
  readonly liquidationBonusBps: bigint;
  /** Protocol's part of the bonus. */
  readonly protocolFeeBps: bigint;
}

export interface AaveSize {
  /** Loan units. */
  readonly repay: bigint;
  /** Collateral units that the liquidator gets. */
  readonly collateral: bigint;
  /** Collateral units that the protocol keeps. */
  readonly fee: bigint;
}

/** Half up, as Aave rounds percentages. */
function percentOf(value: bigint, bps: bigint): bigint {
  return (value * bps + BPS / 2n) / BPS;
}

function overPercent(value: bigint, bps: bigint): bigint {
  return (value * BPS + bps / 2n) / bps;
}

function inBase({ debt, collateral }: AavePosition, price: bigint): AavePosition {
  return { debt: mulDivUp(debt, ONE_BASE, ONE_LOAN), collateral: (collateral * price) / ONE_COLLATERAL };
}

/** WAD, half up; the largest uint256 without debt. */
export function healthOf(position: AavePosition, price: bigint, thresholdBps: bigint): bigint {
  const { debt, collateral } = inBase(position, price);
  return debt === 0n ? MAX_UINT256 : (collateral * thresholdBps * WAD + debt / 2n) / debt / BPS;
}

/**
 * The largest liquidation of an unhealthy position.
 * @param price Base currency per collateral asset.
 */
export function largestLiquidation(
  position: AavePosition & { readonly health: bigint },
  price: bigint,
  terms: AaveTerms,
): AaveSize {
  const { debt, collateral, health } = position;
  const base = inBase(position, price);
  const isPartial = base.collateral >= SMALL && base.debt >= SMALL && health > DEEP_HEALTH;
  const most = isPartial ? (percentOf(base.debt, CLOSE_FACTOR_BPS) * ONE_LOAN) / ONE_BASE : debt;
  const withBonus = BPS + terms.liquidationBonusBps;
  const wanted = percentOf((ONE_BASE * most * ONE_COLLATERAL) / (price * ONE_LOAN), withBonus);
  const sold = wanted > collateral ? collateral : wanted;
  const worth = (price * collateral * ONE_LOAN) / (ONE_BASE * ONE_COLLATERAL);
  const repay = wanted > collateral ? ceilDiv(worth * BPS, withBonus) : most;
  const fee = percentOf(sold - overPercent(sold, withBonus), terms.protocolFeeBps);
  return { repay, collateral: sold - fee, fee };
}
