import { expect } from "chai";
import fc from "fast-check";

import { closeAmount, collateralFor, penaltyOn } from "../../scripts/lib/closeAmount.js";
import { isHealthy, value } from "../../scripts/lib/health.js";
import { BPS, PRICE_SCALE, WAD } from "../../scripts/lib/math.js";
import { SEED } from "./inputs.js";

const RUNS = { numRuns: 5_000, seed: SEED };

/** An unhealthy position and a sale price inside the band of its terms. */
const unhealthy = fc
  .record({
    liquidationLtvBps: fc.bigInt(3_000n, 9_500n),
    targetShare: fc.bigInt(50n, 97n),
    penaltyBps: fc.bigInt(0n, 300n),
    premiumOrDiscountBps: fc.bigInt(-500n, 2_000n),
    collateral: fc.integer({ min: 0, max: 27 }).chain((e) => fc.bigInt(10n ** BigInt(e), 10n ** BigInt(e + 1))),
    price: fc.integer({ min: 15, max: 45 }).chain((e) => fc.bigInt(10n ** BigInt(e), 10n ** BigInt(e + 1))),
    excessBps: fc.bigInt(0n, 10_000n),
    minDebt: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 10n)),
  })
  .map(({ liquidationLtvBps, targetShare, premiumOrDiscountBps, price, excessBps, ...rest }) => {
    const most = (value(rest.collateral, price) * liquidationLtvBps) / BPS;
    return {
      ...rest,
      liquidationLtvBps,
      deciding: price,
      price: (price * (BPS - premiumOrDiscountBps)) / BPS,
      debt: most + (most * excessBps) / BPS + 1n,
      terms: { penaltyBps: rest.penaltyBps, targetLtvBps: (liquidationLtvBps * targetShare) / 100n },
    };
  });

describe("Close amount: laws over random unhealthy positions", () => {
  it("is given unhealthy positions", () => {
    fc.assert(
      fc.property(unhealthy, (p) => !isHealthy(p.debt, p.collateral, p.deciding, p.liquidationLtvBps)),
      RUNS,
    );
  });

  it("has one legal maximum above 0 for each, and never sells more than there is", () => {
    fc.assert(
      fc.property(unhealthy, (position) => {
        const size = closeAmount(position, position.terms);
        expect(size.repay > 0n && size.repay <= position.debt).to.equal(true);
        expect(size.collateral >= 0n && size.collateral <= position.collateral).to.equal(true);
        expect(size.penalty >= 0n).to.equal(true);
      }),
      RUNS,
    );
  });

  it("leaves no debt or at least the smallest one (LIQ-4)", () => {
    fc.assert(
      fc.property(unhealthy, (position) => {
        const size = closeAmount(position, position.terms);
        const left = position.debt - size.repay;
        if (!size.shortfall) expect(left === 0n || left >= position.minDebt).to.equal(true);
      }),
      RUNS,
    );
  });

  it("ends at or under the target LTV, to one loan unit, or leaves nothing (LIQ-3)", () => {
    fc.assert(
      fc.property(unhealthy, (position) => {
        const { terms, deciding } = position;
        const size = closeAmount(position, terms);
        if (size.shortfall) return;
        const debt = position.debt - size.repay;
        const collateral = position.collateral - size.collateral;
        if (debt === 0n) return;
        // The penalty's rounding up buys the one unit.
        expect((debt - 1n) * BPS * PRICE_SCALE <= terms.targetLtvBps * collateral * deciding).to.equal(true);
      }),
      RUNS,
    );
  });

  it("takes no more than restores the target: what the roundings are worth less would not have, but for dust", () => {
    fc.assert(
      fc.property(unhealthy, (position) => {
        const { debt, collateral, terms, deciding, price } = position;
        const size = closeAmount(position, terms);
        if (size.shortfall || size.repay === debt) return;
        const less = size.repay - roundings(size.repay, terms, deciding, price);
        // (debt - less) / ((collateral - less (1 + f) / p) P) > T, without any rounding.
        const left = (debt - less) * BPS * BPS * price * PRICE_SCALE;
        const borne =
          terms.targetLtvBps * deciding * (collateral * price * BPS - less * (BPS + terms.penaltyBps) * PRICE_SCALE);
        expect(left > borne).to.equal(true);
      }),
      RUNS,
    );
  });

  it("never worsens the LTV while LTV x (1 + f) x P / p <= 1, to one loan unit (LIQ-2), whatever part is taken", () => {
    fc.assert(
      fc.property(unhealthy, fc.bigInt(1n, 100n), (position, percent) => {
        const { debt, collateral, price, terms } = position;
        if (debt * (BPS + terms.penaltyBps) * PRICE_SCALE > collateral * price * BPS) return;
        const most = closeAmount(position, terms);
        const repay = percent === 100n ? most.repay : (most.repay * percent) / 100n;
        const sold = collateralFor(repay + penaltyOn(repay, terms.penaltyBps), price);
        const collateralLeft = collateral - (sold < collateral ? sold : collateral);
        // debtLeft / collateralLeft <= debt / collateral, with the unit that the penalty's rounding may cost given back.
        expect((debt - repay) * collateral * price <= debt * (collateralLeft * price + PRICE_SCALE)).to.equal(true);
      }),
      RUNS,
    );
  });

  it("sells everything in a shortfall, debt first", () => {
    fc.assert(
      fc.property(unhealthy, (position) => {
        const size = closeAmount(position, position.terms);
        if (!size.shortfall) return;
        expect(size.collateral).to.equal(position.collateral);
        if (size.penalty > 0n) expect(size.repay).to.equal(position.debt);
        // The payment is the collateral's value at the sale price, rounded against the taker.
        expect((size.repay + size.penalty) * PRICE_SCALE >= position.collateral * position.price).to.equal(true);
      }),
      RUNS,
    );
  });

  it("reproduces the worked case of FORMULAS F8: 7,500 where half of the debt would be 55,000", () => {
    const size = closeAmount(
      { debt: 110_000_000_000n, collateral: 136_000_000_000n, price: (PRICE_SCALE * 20n) / 21n, deciding: PRICE_SCALE, minDebt: 0n },
      { penaltyBps: 0n, targetLtvBps: 8_000n },
    );
    expect(size.repay >= 7_500_000_000n && size.repay <= 7_500_000_001n).to.equal(true);
  });
});

/**
 * Loan units of repayment that roundings are worth, where a unit of it frees 1 - T P (1 + f) / p: the safe debt loses up to
 * 2, what a unit frees loses up to 1e-18, the repayment itself up to 1.
 */
function roundings(
  repay: bigint,
  terms: { penaltyBps: bigint; targetLtvBps: bigint },
  deciding: bigint,
  price: bigint,
): bigint {
  const scale = BPS * BPS * price;
  const freed = scale - terms.targetLtvBps * (BPS + terms.penaltyBps) * deciding;
  return (2n * scale) / freed + (repay * scale) / (freed * WAD) + 3n;
}
