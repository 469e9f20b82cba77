/** What a take must cost, from the maths in sdk/ and the vault's stored state. */
import {
  collateralOut,
  coveringPrice,
  maxDebt,
  rewind,
  salePrice,
  sizeUpTo,
  TICKS_PER_SECOND,
  valueUp,
} from "../../sdk/saleMath.ts";
import { discount, halvings, secondsToHold } from "../../sdk/decayCurve.ts";
import { toAssetsDown, toAssetsUp, toScaledDown } from "../../sdk/interestMath.ts";
import { MAX_UINT256, max, min, mulDivUp, WAD } from "../../sdk/math.ts";
import { ageSeconds } from "../../sdk/saleClock.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import { now } from "./chain.ts";
import { CONFIG, ORACLE, type VaultSystem } from "./vault.ts";

/** One take as it must come out. */
export interface ModelTake {
  readonly ownSeconds: bigint;
  readonly vaultSeconds: bigint;
  readonly price: bigint;
  readonly repaid: bigint;
  readonly penalty: bigint;
  readonly collateral: bigint;
  /** Collateral and debt that stay. */
  readonly collateralLeft: bigint;
  readonly debtLeft: bigint;
  readonly saleClock: bigint;
}

/** Sale price of the clocks alone, at a given oracle: what a sale asks once it has been live for a half-life. */
export function modelPrice(
  oracle: { readonly deciding: bigint; readonly low: bigint; readonly high: bigint; readonly state: bigint },
  terms: SaleTerms,
  ownSeconds: bigint,
  vaultSeconds: bigint,
): bigint {
  const gap =
    oracle.state === ORACLE.suspect && oracle.high > oracle.deciding
      ? mulDivUp(oracle.high - oracle.deciding, halvings(ownSeconds, terms.halfLife), WAD)
      : 0n;
  return salePrice(
    oracle.deciding + gap,
    oracle.low,
    discount(terms, ownSeconds, vaultSeconds),
    terms.maxDiscountBps,
  );
}

/** The take of at most `maxRepay` at this second, from the state before it. */
export async function modelTake(
  { vault, oracle, terms, borrower }: Pick<VaultSystem, "vault" | "oracle" | "terms" | "borrower">,
  maxRepay: bigint = MAX_UINT256,
  of: string = borrower.address,
): Promise<ModelTake> {
  const [position, totals, params, said, second] = await Promise.all([
    vault.position(of),
    vault.accruedTotals(),
    vault.params(),
    oracle.price(),
    now(),
  ]);
  const restarted = max(params.clocksRestartedAt, said.liveSince);
  const liveSeconds = second - max(position.saleStartedAt, restarted);
  const bears = maxDebt(position.collateral, said.high, CONFIG.liquidationLtvBps);
  const slidesAnew = said.state === ORACLE.suspect && toAssetsUp(position.scaledDebt, totals.index) <= bears;
  const unproven = slidesAnew ? 0n : secondsToHold(terms);
  const ownSeconds = ageSeconds(position, terms, second, liveSeconds, unproven);
  const ticks = second * TICKS_PER_SECOND - max(totals.saleClock, restarted * TICKS_PER_SECOND);
  const vaultSeconds = min(ticks / TICKS_PER_SECOND, terms.horizon);
  const debt = toAssetsUp(position.scaledDebt, totals.index);
  const covering = coveringPrice(
    { debt, collateral: position.collateral, deciding: said.deciding },
    terms.penaltyBps,
  );
  const atClock = modelPrice(said, terms, ownSeconds, vaultSeconds);
  // A sale younger than a half-life gives no discount at the lenders' expense.
  const price = liveSeconds < terms.halfLife ? max(atClock, covering) : atClock;
  const size = sizeUpTo(
    maxRepay,
    { debt, collateral: position.collateral, price, deciding: said.deciding, minDebt: CONFIG.minDebt },
    terms,
  );
  const scaled = size.repay === debt ? position.scaledDebt : toScaledDown(size.repay, totals.index);
  const credited = size.repay === debt ? debt : toAssetsDown(scaled, totals.index);
  const collateral = collateralOut(size, credited, position.collateral, price);
  return {
    ownSeconds,
    vaultSeconds,
    price,
    repaid: size.repay,
    penalty: size.penalty,
    collateral,
    collateralLeft: position.collateral - collateral,
    debtLeft: toAssetsUp(position.scaledDebt - scaled, totals.index),
    saleClock: rewind(totals.saleClock, second, valueUp(collateral, said.deciding), terms.horizon, terms.lot),
  };
}
