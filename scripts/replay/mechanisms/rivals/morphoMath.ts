/** Morpho Blue's arithmetic, as `Morpho.sol`, `SharesMathLib` and `ConstantsLib` do it. */
import { min, mulDivDown, mulDivUp, PRICE_SCALE, WAD } from "../../../../sdk/math.ts";

const VIRTUAL_SHARES = 10n ** 6n;
const VIRTUAL_ASSETS = 1n;
const LIQUIDATION_CURSOR = (3n * WAD) / 10n;
const MOST_INCENTIVE = (115n * WAD) / 100n;

/** Total borrowed of a market, loan units and shares. */
export interface BorrowTotals {
  readonly assets: bigint;
  readonly shares: bigint;
}

export function assetsUp(shares: bigint, totals: BorrowTotals): bigint {
  return mulDivUp(shares, totals.assets + VIRTUAL_ASSETS, totals.shares + VIRTUAL_SHARES);
}

function assetsDown(shares: bigint, totals: BorrowTotals): bigint {
  return mulDivDown(shares, totals.assets + VIRTUAL_ASSETS, totals.shares + VIRTUAL_SHARES);
}

function sharesUp(assets: bigint, totals: BorrowTotals): bigint {
  return mulDivUp(assets, totals.shares + VIRTUAL_SHARES, totals.assets + VIRTUAL_ASSETS);
}

/** Collateral that a liquidator gets per value repaid, WAD: it follows from the market's LLTV. */
export function incentiveOf(lltv: bigint): bigint {
  const rest = WAD - mulDivDown(LIQUIDATION_CURSOR, WAD - lltv, WAD);
  return min(MOST_INCENTIVE, mulDivDown(WAD, WAD, rest));
}

export interface MorphoSize {
  /** Debt that it repays, loan units. */
  readonly repay: bigint;
  /** Collateral units. */
  readonly collateral: bigint;
  /** All collateral goes, and what debt is left is lost. */
  readonly seizesAll: boolean;
}

/**
 * The largest liquidation: the whole debt, or all collateral where that is worth less than the debt with the incentive.
 * @param price 1e36 scale.
 */
export function largestLiquidation(
  position: { readonly borrowShares: bigint; readonly collateral: bigint },
  totals: BorrowTotals,
  price: bigint,
  incentive: bigint,
): MorphoSize {
  const { borrowShares, collateral } = position;
  const worth = mulDivDown(assetsDown(borrowShares, totals), incentive, WAD);
  const sold = mulDivDown(worth, PRICE_SCALE, price);
  if (sold <= collateral)
    return { repay: assetsUp(borrowShares, totals), collateral: sold, seizesAll: false };
  const quoted = mulDivUp(collateral, price, PRICE_SCALE);
  const shares = sharesUp(mulDivUp(quoted, WAD, incentive), totals);
  return { repay: assetsUp(shares, totals), collateral, seizesAll: true };
}
