import { expect } from "chai";
import fc from "fast-check";

import { closeAmount, collateralOut, fallsShort, part, type Size, value } from "../../sdk/saleMath.ts";
import { isHealthy } from "../../sdk/health.ts";
import { BPS, ceilDiv, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { SEED, unhealthyPosition } from "./inputs.ts";

const RUNS = { numRuns: 10_000, seed: SEED };

type Unhealthy = typeof unhealthyPosition extends fc.Arbitrary<infer T> ? T : never;

/** What a take leaves of a position, where the debt falls by exactly what is repaid. */
function after(position: Unhealthy, size: Size): { debt: bigint; collateral: bigint } {
  const sold = collateralOut(size, size.repay, position.collateral, position.price);
  return { debt: position.debt - size.repay, collateral: position.collateral - sold };
}

/** Runs a property over unhealthy positions, each with a percentage. */
function forAll(property: (position: Unhealthy, percent: bigint) => void): void {
  fc.assert(
    fc.property(unhealthyPosition, fc.bigInt(1n, 99n), (position, percent) => {
      property(position, percent);
    }),
    RUNS,
  );
}

describe("Close amount: laws over random unhealthy positions", () => {
  it("is given unhealthy positions", () => {
    forAll((p) => {
      expect(isHealthy(p.debt, p.collateral, p.deciding, p.liquidationLtvBps)).to.equal(false);
    });
  });

  it("has one legal maximum above 0 for each, and never sells more than there is", () => {
    forAll((position) => {
      const size = closeAmount(position, position.terms);
      expect(size.repay > 0n && size.repay <= position.debt && size.penalty >= 0n).to.equal(true);
      const left = after(position, size);
      expect(left.collateral >= 0n && left.collateral <= position.collateral).to.equal(true);
    });
  });

  it("leaves no debt or at least the smallest one (LIQ-4)", () => {
    forAll((position) => {
      const size = closeAmount(position, position.terms);
      const { debt } = after(position, size);
      if (!size.sellsAll) expect(debt === 0n || debt >= position.minDebt).to.equal(true);
    });
  });

  it("ends at or under the target LTV or leaves nothing (LIQ-3)", () => {
    forAll((position) => {
      const size = closeAmount(position, position.terms);
      const { debt, collateral } = after(position, size);
      if (size.sellsAll) expect(collateral).to.equal(0n);
      else
        expect(
          debt * BPS * PRICE_SCALE <= position.terms.targetLtvBps * collateral * position.deciding,
        ).to.equal(true);
    });
  });

  it("takes no more than restores the target: less than that by its roundings would not have, but for dust", () => {
    forAll((position) => {
      const { debt, collateral, terms, deciding, price } = position;
      const size = closeAmount(position, terms);
      if (size.sellsAll || size.repay === debt) return;
      const less = size.repay - roundings(size.repay, position);
      // (debt - less) / ((collateral - less (1 + f) / p) P) > T, without any rounding.
      const left = (debt - less) * BPS * BPS * price * PRICE_SCALE;
      const borne =
        terms.targetLtvBps *
        deciding *
        (collateral * price * BPS - less * (BPS + terms.penaltyBps) * PRICE_SCALE);
      // With dust the whole would be sold instead; then this branch is not reached.
      expect(left > borne).to.equal(true);
    });
  });

  it("never worsens the LTV while LTV x (1 + f) x P / p <= 1 (LIQ-2), whatever part is taken", () => {
    forAll((position, percent) => {
      const { debt, collateral, price, terms } = position;
      if (debt * (BPS + terms.penaltyBps) * PRICE_SCALE > collateral * price * BPS) return;
      const most = closeAmount(position, terms);
      const less = part((most.repay * percent) / 100n, position, terms);
      for (const size of [most, less]) {
        const left = after(position, size);
        expect(left.debt * collateral <= debt * left.collateral).to.equal(true);
      }
    });
  });

  it("sells everything in a shortfall, debt first, at the collateral's value rounded up", () => {
    forAll((position) => {
      const { debt, collateral, price, terms } = position;
      const size = closeAmount(position, terms);
      expect(size.sellsAll).to.equal(fallsShort(debt, collateral, price, terms.penaltyBps));
      if (!size.sellsAll) return;
      if (size.penalty > 0n) expect(size.repay).to.equal(debt);
      const paid = size.repay + size.penalty;
      expect(
        paid * PRICE_SCALE >= collateral * price && (paid - 1n) * PRICE_SCALE < collateral * price,
      ).to.equal(true);
    });
  });

  it("never sells collateral under the sale price, whatever part is taken", () => {
    forAll((position, percent) => {
      const { collateral, price, terms } = position;
      const most = closeAmount(position, terms);
      for (const size of [most, part((most.repay * percent) / 100n, position, terms)]) {
        const sold = collateral - after(position, size).collateral;
        expect((size.repay + size.penalty) * PRICE_SCALE >= sold * price).to.equal(true);
      }
    });
  });

  it("refuses a part that would leave debt, or in a shortfall collateral, too small to be sold by itself (LIQ-4)", () => {
    forAll((position, percent) => {
      const { debt, minDebt, price, terms } = position;
      const asked = (closeAmount(position, terms).repay * percent) / 100n;
      const size = part(asked, position, terms);
      if (size.repay === 0n) return;
      const left = after(position, size);
      expect(size.repay).to.equal(asked);
      expect(left.debt >= minDebt).to.equal(true);
      if (fallsShort(debt, position.collateral, price, terms.penaltyBps)) {
        const beyond = value(position.collateral, price) - debt;
        expect(size.penalty).to.equal(beyond > 0n ? ceilDiv(asked * beyond, debt) : 0n);
        expect(value(left.collateral, price) >= minDebt).to.equal(true);
      }
    });
  });

  it("pays the same penalty in two parts as at once where the collateral cannot pay all of it (LIQ-6)", () => {
    let seen = 0;
    let borderline = 0;
    forAll((position, percent) => {
      const { debt, collateral, price, terms } = position;
      // Whole units of collateral that are worth much round more than any penalty.
      if (value(1n, price) * 1_000_000n > debt || !fallsShort(debt, collateral, price, terms.penaltyBps))
        return;
      const whole = closeAmount(position, terms);
      const first = part((whole.repay * percent) / 100n, position, terms);
      if (first.repay === 0n) return;
      const second = closeAmount({ ...position, ...after(position, first) }, terms);
      seen++;
      // Rounding, which goes to the position, may just let what stays pay the whole penalty.
      if (!second.sellsAll) borderline++;
      else expect(first.penalty + second.penalty >= whole.penalty).to.equal(true);
    });
    expect(seen).to.be.above(100);
    expect(borderline).to.be.below(seen / 20);
  });

  it("reproduces the worked case of FORMULAS F8: 7,500 where half of the debt would be 55,000", () => {
    const size = closeAmount(
      {
        debt: 110_000_000_000n,
        collateral: 136_000_000_000n,
        price: (PRICE_SCALE * 20n) / 21n,
        deciding: PRICE_SCALE,
        minDebt: 0n,
      },
      { penaltyBps: 0n, targetLtvBps: 8_000n },
    );
    expect(size.repay >= 7_500_000_000n && size.repay <= 7_500_000_001n).to.equal(true);
  });
});

/**
 * Loan units of repayment that roundings are worth, where a unit of it frees 1 - T P (1 + f) / p: the safe debt loses up to
 * 2, what a unit frees loses up to 1e-18, the repayment itself up to 1.
 */
function roundings(repay: bigint, { terms, deciding, price }: Unhealthy): bigint {
  const scale = BPS * BPS * price;
  const freed = scale - terms.targetLtvBps * (BPS + terms.penaltyBps) * deciding;
  return (2n * scale) / freed + (repay * scale) / (freed * WAD) + 3n;
}
