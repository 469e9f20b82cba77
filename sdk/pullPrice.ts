/** A price that Pyth signed, in the scale of the oracle, on bigint. */
import { BPS } from "./math.ts";

export interface SignedPrice {
  readonly price: bigint;
  /** Half the width of its interval, in the price's own unit. */
  readonly confidence: bigint;
  /** The unit is 10 to this. */
  readonly exponent: bigint;
}

/** Loan units per collateral unit x 1e36; zeros where the signed price is none. */
export interface PulledPrice {
  readonly middle: bigint;
  readonly upper: bigint;
}

const NONE: PulledPrice = { middle: 0n, upper: 0n };
/** Widest interval on one side, as a part of the price. */
export const MAX_CONFIDENCE_BPS = 50n;
const PRICE_DECIMALS = 36n;
const MAX_EXPONENT = 57n;

/** Decimal places from the unit of a signed price to the oracle's. */
export const shiftOf = (decimals: { readonly loan: bigint; readonly collateral: bigint }): bigint =>
  PRICE_DECIMALS + decimals.loan - decimals.collateral;

const timesTenTo = (exponent: bigint, value: bigint): bigint => {
  if (exponent >= 0n) return value * 10n ** exponent;
  const divisor = 10n ** -exponent;
  return (value + divisor - 1n) / divisor;
};

/** Rounded up, against whoever brings it. */
export function scaledPrice({ price, confidence, exponent }: SignedPrice, shift: bigint): PulledPrice {
  const places = exponent + shift;
  const isCertain = confidence * BPS <= price * MAX_CONFIDENCE_BPS;
  if (price <= 0n || !isCertain || places > MAX_EXPONENT || places < -MAX_EXPONENT) return NONE;
  return { middle: timesTenTo(places, price), upper: timesTenTo(places, price + confidence) };
}
