import { behindDirectSales, calmTerms } from "../../scripts/kit/defaults.ts";
import type { PoolState } from "../../scripts/strategies/order.ts";
import type { GasCost } from "../../scripts/strategies/sizing.ts";
import { reserveForDepth } from "../../scripts/world/pool.ts";
import { closeAmount, collateralOut, maxDebt, value } from "../../sdk/saleMath.ts";
import { PRICE_SCALE, WAD } from "../../sdk/math.ts";
import type { PositionView, Status } from "../../sdk/positionView.ts";
import { numberToLoan, ONE_COLLATERAL, ONE_LOAN, priceToScaled, rawPrice } from "../../sdk/units.ts";

/** A market at 3,000 loan assets a collateral asset, and positions in it, without a chain. */

export const PRICE = 3_000;
export const FEE = 0.0005;
export const LIQUIDATION_LTV_BPS = 8_300n;
const MIN_DEBT = 100n * ONE_LOAN;

const terms = calmTerms(numberToLoan(1_000_000));
/** Of a Dutch auction alone, and behind direct sales. */
export const RULES = { terms, minDebt: MIN_DEBT };
export const BEHIND = { terms: behindDirectSales(terms), minDebt: MIN_DEBT };

/** Gas at so many loan units each. */
export const gasAt =
  (price: number): GasCost =>
  (gas) =>
    gas * price;

/** A pool at a price that pays so many loan assets until it has fallen by 2%. */
export function poolAt(price: number, depth: number): PoolState {
  const root = Math.sqrt(rawPrice(price));
  return { root, liquidity: (reserveForDepth(depth) * Number(ONE_LOAN)) / root };
}

/**
 * A position of so much collateral at an LTV, seen at the deciding price.
 * @param salePrice Price of its sale over the deciding price, where it is for sale.
 */
export function viewOf(
  status: Status,
  {
    collateral,
    ltv,
    salePrice = 1,
  }: { readonly collateral: number; readonly ltv: number; readonly salePrice?: number },
  borrower = "0x01",
): PositionView {
  const deciding = priceToScaled(PRICE);
  const units = BigInt(collateral) * ONE_COLLATERAL;
  const worth = value(units, deciding);
  const debt = (worth * BigInt(Math.round(ltv * 10_000))) / 10_000n;
  const price = status === "FOR_SALE" ? (deciding * BigInt(Math.round(salePrice * 10_000))) / 10_000n : 0n;
  const health = (maxDebt(units, deciding, LIQUIDATION_LTV_BPS) * WAD) / debt;
  const seen = { borrower, status, collateral: units, debt, value: worth, health, salePrice: price };
  if (price === 0n) return { ...seen, closeAmount: 0n, penalty: 0n, collateralOut: 0n };
  const size = closeAmount({ debt, collateral: units, price, deciding, minDebt: MIN_DEBT }, terms);
  const out = collateralOut(size, size.repay, units, price);
  return { ...seen, closeAmount: size.repay, penalty: size.penalty, collateralOut: out };
}

/** A price of 1e36 scale as one of the pool: loan units per collateral unit. */
export const unscaled = (price: bigint): number => Number(price) / Number(PRICE_SCALE);
