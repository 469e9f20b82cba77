import { closeAmount, type Size } from "../../../sdk/saleMath.ts";
import { PRICE_SCALE } from "../../../sdk/math.ts";
import type { PositionView } from "../world/lens.ts";
import type { VaultSizes } from "../world/parameters.ts";

/** Deciding price that a position was shown at, 1e36 scale. */
export function decidingPrice({ value, collateral }: PositionView): bigint {
  return collateral === 0n ? 0n : (value * PRICE_SCALE) / collateral;
}

/** The largest legal take of a position at a sale price. */
export function sizeAt(view: PositionView, price: bigint, { terms, minDebt }: VaultSizes): Size {
  const { debt, collateral } = view;
  return closeAmount({ debt, collateral, price, deciding: decidingPrice(view), minDebt }, terms);
}
