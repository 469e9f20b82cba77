import type { SaleTerms } from "../../sdk/terms.ts";
import { decidingPrice, type PositionView } from "../../sdk/positionView.ts";
import { closeAmount, type Size } from "../../sdk/saleMath.ts";

/** What a vault sells by. */
export interface Rules {
  /** Those that new sales get. */
  readonly terms: SaleTerms;
  /** Smallest debt that may stay, loan units. */
  readonly minDebt: bigint;
}

/** Worth of gas now, loan units. */
export type GasCost = (gas: number) => number;

/** The largest legal take of a position at a sale price. */
export function sizeAt(view: PositionView, price: bigint, { terms, minDebt }: Rules): Size {
  const { debt, collateral } = view;
  return closeAmount({ debt, collateral, price, deciding: decidingPrice(view), minDebt }, terms);
}
