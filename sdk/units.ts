/** From floating-point prices to the integers that contracts work with. Collateral has 18 decimals, the loan asset 6. */

export const LOAN_DECIMALS = 6;
export const COLLATERAL_DECIMALS = 18;
export const ONE_LOAN = 10n ** BigInt(LOAN_DECIMALS);
export const ONE_COLLATERAL = 10n ** BigInt(COLLATERAL_DECIMALS);

/** A price as a WAD. */
export function priceToWad(price: number): bigint {
  return BigInt(price.toFixed(18).replace(".", ""));
}

/** A price as the protocol scales it: loan units per collateral unit, times 1e36. */
export function priceToScaled(price: number): bigint {
  return priceToWad(price) * 10n ** BigInt(18 + LOAN_DECIMALS - COLLATERAL_DECIMALS);
}

/** A price in whole tokens from one that the protocol scaled. */
export function scaledToPrice(scaled: bigint): number {
  return Number(scaled) / 10 ** (36 + LOAN_DECIMALS - COLLATERAL_DECIMALS);
}

/** Loan units per collateral unit. */
export function rawPrice(price: number): number {
  return price * 10 ** (LOAN_DECIMALS - COLLATERAL_DECIMALS);
}

/** Whole loan assets as a number, for charts and decisions that need no exactness. */
export function loanToNumber(units: bigint): number {
  return Number(units) / 10 ** LOAN_DECIMALS;
}

/** Loan units of a number of loan assets, rounded down. */
export function numberToLoan(amount: number): bigint {
  return BigInt(Math.floor(amount * 10 ** LOAN_DECIMALS));
}

/** An integer amount as a plain decimal string, without trailing zeros. */
export function toDecimal(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  const whole = digits.slice(0, -decimals);
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
