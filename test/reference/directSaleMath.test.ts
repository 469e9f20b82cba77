import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { fall, impact, isUnderWater, leastPrice, urgency } from "../../sdk/directSaleMath.ts";
import { PRICE_SCALE } from "../../sdk/math.ts";
import { coveringPrice } from "../../sdk/saleMath.ts";
import { batches, bits, plausibleTerms, sample } from "./inputs.ts";

const { ethers } = await network.create();

/** Prices of any magnitude, and prices of one market within half of each other. */
const price = bits(187).map((x) => x + 1n);
const prices = fc.oneof(
  fc.record({ latest: price, earlier: price, mean: price, meanEarlier: fc.oneof(fc.constant(0n), price) }),
  fc
    .tuple(price, fc.array(fc.bigInt(50n, 200n), { minLength: 3, maxLength: 3 }))
    .map(([latest, [a = 1n, b = 1n, c = 1n]]) => ({
      latest,
      earlier: (latest * a) / 100n + 1n,
      mean: (latest * b) / 100n + 1n,
      meanEarlier: (latest * c) / 100n + 1n,
    })),
);

const query = fc
  .record({
    terms: plausibleTerms,
    prices,
    collateral: bits(60).map((x) => x + 1n),
    liquidationLtvBps: fc.bigInt(1n, 9_999n),
    /** LTV of the position, bps, or any debt. */
    ltvBps: fc.bigInt(0n, 15_000n),
    debt: fc.oneof(fc.constant(undefined), bits(128)),
  })
  .map(({ prices, ltvBps, debt, ...rest }) => ({
    ...rest,
    ...prices,
    debt: debt ?? (((rest.collateral * prices.latest) / PRICE_SCALE) * ltvBps) / 10_000n,
  }))
  .filter(({ debt, collateral, latest }) => debt < 2n ** 128n && collateral * latest < 2n ** 255n);

describe("Reference: bounds of direct sales against their bigint form", () => {
  it("gives the same urgency, impact, fall, least price, water line and covering price", async () => {
    const harness = await ethers.deployContract("DirectSaleMathHarness");
    const [falls, waters] = [new Set<boolean>(), new Set<boolean>()];
    for (const batch of batches(sample(query, 3_000))) {
      const results = await harness.bounds(batch);
      for (const [i, input] of batch.entries()) {
        const { terms, debt, collateral, liquidationLtvBps, latest, earlier, mean, meanEarlier } = input;
        const value = (collateral * latest) / PRICE_SCALE;
        const u = urgency(debt, value, liquidationLtvBps, terms.maxDiscountBps);
        const phi = fall(latest, earlier, mean, meanEarlier);
        const isSunk = isUnderWater(debt, value, liquidationLtvBps);
        falls.add(phi > 0n);
        waters.add(isSunk);
        expect([...(results[i] ?? [])]).to.deep.equal([
          u,
          impact(terms, u),
          phi,
          leastPrice(latest, phi, terms.maxDiscountBps),
          isSunk ? 1n : 0n,
          coveringPrice({ debt, collateral, deciding: latest }, terms.penaltyBps),
        ]);
      }
    }
    expect([falls.size, waters.size]).to.deep.equal([2, 2]);
  });

  it("asks for no lower price the calmer the market and the safer the position is", () => {
    for (const { terms, debt, collateral, liquidationLtvBps, latest } of sample(query, 500)) {
      const value = (collateral * latest) / PRICE_SCALE;
      const before = impact(terms, urgency(debt, value, liquidationLtvBps, terms.maxDiscountBps));
      const safer = impact(terms, urgency(debt / 2n, value, liquidationLtvBps, terms.maxDiscountBps));
      expect(safer <= before).to.equal(true);
      expect(
        leastPrice(latest, 0n, terms.maxDiscountBps) >= leastPrice(latest, 10n ** 16n, terms.maxDiscountBps),
      ).to.equal(true);
    }
  });
});
