import type { Opening } from "../../world/book.ts";
import { BPS, ceilDiv, PRICE_SCALE } from "../../../sdk/math.ts";
import type { Chain } from "./chain.ts";
import type { Holders } from "./holders.ts";
import type { Call, Lending } from "../mechanisms/lending.ts";
import type { Tokens } from "./tokens.ts";

/** A borrower on the chain. */
export interface Borrower {
  readonly name: string;
  readonly address: string;
}

/** Name of the account that opens a position. */
export function borrowerName(i: number, { name }: Opening): string {
  return `borrower ${i + 1} (${name})`;
}

/** Least collateral that bears a debt at an LTV, at the price that the vault lends on. */
function collateralFor({ debt, ltvBps }: Opening, low: bigint): bigint {
  return ceilDiv(ceilDiv(debt * BPS, ltvBps) * PRICE_SCALE, low);
}

/** Lenders bring the cash; borrowers bring collateral and borrow. */
export async function openPositions(
  chain: Chain,
  parts: {
    readonly lending: Lending;
    readonly tokens: Tokens;
    readonly holders: Holders;
    /** Price that Gavel's vault lends on: it decides on everybody's collateral, whatever the protocol. */
    readonly low: bigint;
    readonly supply: bigint;
  },
  openings: readonly Opening[],
  onOpened: (count: number) => void,
): Promise<{ readonly lender: string; readonly borrowers: readonly Borrower[] }> {
  const { lending, tokens, holders, low, supply } = parts;
  const send = async (from: string, { to, data }: Call): Promise<void> => {
    await chain.send(from, to, data);
  };
  const lender = await holders.actor("lender");
  await tokens.mintLoan(lender, supply);
  await tokens.approve(lender, "loan", lending.entrance);
  await send(lender, lending.deposit(supply, lender));

  // One purse brings everybody's collateral: two transactions a borrower.
  const purse = await holders.actor("borrowers' purse");
  await tokens.wrap(
    purse,
    openings.reduce((sum, opening) => sum + collateralFor(opening, low), 0n),
  );
  await tokens.approve(purse, "collateral", lending.entrance);
  const borrowers: Borrower[] = [];
  for (const opening of openings) {
    const address = await holders.actor(borrowerName(borrowers.length, opening));
    const collateral = collateralFor(opening, low);
    await send(purse, lending.supplyCollateral(collateral, address));
    await send(address, lending.borrow(opening.debt, address));
    borrowers.push({ name: opening.name, address });
    onOpened(borrowers.length);
  }
  return { lender, borrowers };
}
