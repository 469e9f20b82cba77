import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { scaledPrice, shiftOf } from "../../sdk/pullPrice.ts";
import { batches, bits, sample } from "./inputs.ts";

const { ethers } = await network.create({ network: "sim", chainType: "l1" });

const INT64 = 2n ** 63n;
const INT32 = 2n ** 31n;

interface Query {
  readonly price: bigint;
  readonly confidence: bigint;
  readonly exponent: bigint;
  readonly shift: bigint;
}

const anyShift = fc
  .record({ loan: fc.bigInt(0n, 36n), collateral: fc.bigInt(0n, 36n) })
  .map((decimals) => shiftOf(decimals));
/** Every bit pattern, and prices as they are. */
const anything: fc.Arbitrary<Query> = fc.record({
  price: fc.oneof(fc.bigInt(-INT64, INT64 - 1n), bits(63), fc.constantFrom(-INT64, -1n, 0n, 1n, INT64 - 1n)),
  confidence: fc.oneof(bits(64), fc.constantFrom(0n, 2n ** 64n - 1n)),
  exponent: fc.oneof(
    fc.bigInt(-INT32, INT32 - 1n),
    fc.bigInt(-120n, 40n),
    fc.constantFrom(-INT32, INT32 - 1n),
  ),
  shift: anyShift,
});
/** A confidence at the limit, one unit under it and one above. */
const certain: fc.Arbitrary<Query> = fc
  .record({ price: bits(63), off: fc.bigInt(-1n, 1n), exponent: fc.bigInt(-60n, 20n), shift: anyShift })
  .map(({ price, off, ...rest }) => ({ price, confidence: price / 200n + off, ...rest }))
  .filter(({ confidence }) => confidence >= 0n);
/** Exponents at both ends of what is taken. */
const edges: fc.Arbitrary<Query> = fc
  .record({
    price: fc.constantFrom(1n, 199n, 200n, INT64 - 1n),
    places: fc.constantFrom(-58n, -57n, -56n, -1n, 0n, 1n, 56n, 57n, 58n),
    shift: anyShift,
  })
  .map(({ price, places, shift }) => ({ price, confidence: price / 200n, exponent: places - shift, shift }));

describe("PullPrice against its twin on bigint", () => {
  for (const [name, arbitrary, count] of [
    ["any bits", anything, 4_000],
    ["confidences around the limit", certain, 4_000],
    ["exponents around the limits", edges, 1_000],
  ] as const) {
    it(name, async () => {
      const harness = await ethers.deployContract("PullPriceHarness");
      let taken = 0;
      for (const queries of batches(sample(arbitrary, count))) {
        const answers = await harness.scaled(queries);
        for (const [i, query] of queries.entries()) {
          const { middle, upper } = scaledPrice(query, query.shift);
          expect([answers[i]?.middle, answers[i]?.upper]).to.deep.equal([middle, upper]);
          if (upper !== 0n) taken += 1;
        }
      }
      // Both answers occur.
      expect(taken).to.be.within(count / 20, (count * 19) / 20);
    });
  }

  it("rounds up, by less than a unit, and never to less than what was signed", () => {
    for (const { price, confidence, exponent, shift } of sample(certain, 4_000)) {
      const { middle, upper } = scaledPrice({ price, confidence, exponent }, shift);
      if (upper === 0n) continue;
      const places = exponent + shift;
      const [up, down] = places < 0n ? [1n, 10n ** -places] : [10n ** places, 1n];
      expect(middle * down >= price * up && (middle - 1n) * down < price * up).to.equal(true);
      expect(upper >= middle).to.equal(true);
      expect(upper * down < (price + confidence) * up + down).to.equal(true);
    }
  });
});
