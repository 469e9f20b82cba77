import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import {
  closeAmount,
  collateralFor,
  rewind,
  salePrice,
  type Size,
  sizeUpTo,
  TICKS_PER_SECOND,
} from "../../sdk/saleMath.ts";
import { decay, discount, halvings, secondsToHold } from "../../sdk/decayCurve.ts";
import {
  accruedIndex,
  growth,
  toAssetsDown,
  toAssetsUp,
  toScaledDown,
  toScaledUp,
} from "../../sdk/interestMath.ts";
import { expWad, lnWad, MAX_UINT256, WAD } from "../../sdk/math.ts";
import { hasLapsed, isProven, prove, provenAt } from "../../sdk/saleClock.ts";
import { anyTerms, batches, bits, plausibleTerms, sample, unhealthyPosition } from "./inputs.ts";

const { ethers } = await network.create();

/** Feeds the same inputs to the contract, many a call, and to the model; both must give the same integers. */
async function expectSame<I, O>(
  inputs: readonly I[],
  contract: (inputs: I[]) => Promise<readonly O[]>,
  model: (input: I) => O,
): Promise<void> {
  for (const batch of batches(inputs)) {
    const results = await contract(batch);
    for (const [i, input] of batch.entries()) {
      expect(results[i], inspect(input)).to.deep.equal(model(input));
    }
  }
}

/** A size as the model writes it. */
function plain(size: Size | undefined): Size | undefined {
  if (size === undefined) return undefined;
  const { repay, penalty, penaltyRate, sellsAll } = size;
  return { repay, penalty, penaltyRate, sellsAll };
}

describe("Reference: libraries against their bigint form", () => {
  async function deploy() {
    return ethers.deployContract("MathHarness");
  }

  it("gives the same e^x, bit for bit, over the whole domain", async () => {
    const harness = await deploy();
    const xs = [
      ...sample(fc.bigInt(-42n * WAD, 135_305_999_368_893_231_588n), 2_000),
      ...sample(bits(65), 1_000),
      ...sample(bits(65), 1_000).map((x) => -x),
      -41_446_531_673_892_822_313n,
      -41_446_531_673_892_822_312n,
      135_305_999_368_893_231_588n,
    ];
    await expectSame(xs, (batch) => harness.expWad(batch), expWad);
  });

  it("gives the same ln x, bit for bit, over the whole domain", async () => {
    const harness = await deploy();
    const xs = [
      ...sample(bits(255), 3_000).map((x) => (x === 0n ? 1n : x)),
      1n,
      WAD - 1n,
      WAD,
      WAD + 1n,
      2n ** 255n - 1n,
    ];
    await expectSame(xs, (batch) => harness.lnWad(batch), lnWad);
  });

  it("throws where the library reverts", async () => {
    const harness = await deploy();
    await expect(harness.expWad([135_305_999_368_893_231_589n])).to.revert(ethers);
    expect(() => expWad(135_305_999_368_893_231_589n)).to.throw(RangeError);
    await expect(harness.lnWad([0n])).to.revert(ethers);
    expect(() => lnWad(0n)).to.throw(RangeError);
  });

  it("grows debt alike, saturation included", async () => {
    const harness = await deploy();
    const pairs = [
      ...sample(fc.tuple(bits(60), bits(40)), 2_000),
      ...sample(fc.tuple(bits(256), bits(256)), 500),
      [MAX_UINT256, MAX_UINT256],
      [18n * 10n ** 23n, 1n],
      [18n * 10n ** 23n + 1n, 1n],
    ] as [bigint, bigint][];
    await expectSame(
      pairs,
      (batch) => harness.growth(batch),
      ([rate, dt]) => growth(rate, dt),
    );
  });

  it("moves the index alike", async () => {
    const harness = await deploy();
    const pairs = sample(fc.tuple(fc.bigInt(WAD, 2n ** 80n - 1n), fc.bigInt(WAD, 10n ** 36n)), 1_000).concat(
      sample(fc.tuple(fc.bigInt(WAD, 10n * WAD), fc.bigInt(WAD, 3n * WAD)), 1_000),
    );
    await expectSame(
      pairs,
      (batch) => harness.accruedIndex(batch),
      ([index, factor]) => accruedIndex(index, factor),
    );
  });

  it("converts between assets and scaled amounts alike, in all four directions", async () => {
    const harness = await deploy();
    const pairs = sample(fc.tuple(bits(96), fc.bigInt(WAD, 2n ** 80n - 1n)), 2_000);
    await expectSame(
      pairs,
      async (batch) => (await harness.conversions(batch)).map((row: bigint[]) => [...row]),
      ([amount, index]) => [
        toAssetsUp(amount, index),
        toAssetsDown(amount, index),
        toScaledUp(amount, index),
        toScaledDown(amount, index),
      ],
    );
  });

  it("halves alike", async () => {
    const harness = await deploy();
    const pairs = [
      ...sample(fc.tuple(bits(40), bits(32)), 2_000),
      ...sample(
        fc
          .bigInt(1n, 2n ** 32n - 1n)
          .chain((halfLife) => fc.tuple(fc.bigInt(0n, 66n * halfLife), fc.constant(halfLife))),
        2_000,
      ),
    ];
    await expectSame(
      pairs,
      (batch) => harness.halvings(batch),
      ([t, halfLife]) => halvings(t, halfLife),
    );
  });

  it("discounts alike, on terms that vaults accept and on any others", async () => {
    const harness = await deploy();
    const queries = [anyTerms, plausibleTerms].flatMap((arbitrary) =>
      sample(
        arbitrary.chain((terms) =>
          fc.record({
            terms: fc.constant(terms),
            own: fc.bigInt(0n, 12n * terms.horizon + 10n),
            vaultSeconds: fc.bigInt(0n, terms.horizon),
          }),
        ),
        1_500,
      ),
    );
    for (const batch of batches(queries)) {
      const { decays, discounts, toHold } = await harness.curve(batch);
      for (const [i, { terms, own, vaultSeconds }] of batch.entries()) {
        expect(decays[i]).to.equal(decay(terms, own));
        expect(discounts[i]).to.equal(discount(terms, own, vaultSeconds));
        expect(toHold[i]).to.equal(secondsToHold(terms));
      }
    }
  });
});

describe("Reference: sale maths against its bigint form", () => {
  it("sizes takes alike, the largest and any part, on plausible positions", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const queries = sample(fc.tuple(unhealthyPosition, plausibleTerms, fc.bigInt(0n, 120n)), 1_500).map(
      ([position, terms, percent]) => ({
        ...position,
        asked: (position.debt * percent) / 100n,
        terms: { ...terms, ...position.terms },
      }),
    );
    for (const batch of batches(queries)) {
      const { largest, parts } = await harness.sizes(batch);
      for (const [i, { asked, terms, ...inputs }] of batch.entries()) {
        expect(plain(largest[i])).to.deep.equal(closeAmount(inputs, terms));
        expect(plain(parts[i])).to.deep.equal(sizeUpTo(asked, inputs, terms));
      }
    }
  });

  it("sizes takes alike on positions and terms of any kind", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const query = fc.record({
      debt: bits(96),
      collateral: bits(104),
      price: bits(140).map((price) => price + 1n),
      deciding: bits(140),
      minDebt: bits(96),
      asked: bits(96),
      terms: anyTerms,
    });
    // The vault never sizes a take of no debt: `minDebt` may then exceed what is there.
    for (const batch of batches(sample(query, 1_500))) {
      const { largest, parts } = await harness.sizes(batch);
      for (const [i, { asked, terms, ...inputs }] of batch.entries()) {
        expect(plain(largest[i])).to.deep.equal(closeAmount(inputs, terms));
        expect(plain(parts[i])).to.deep.equal(sizeUpTo(asked, inputs, terms));
      }
    }
  });

  it("gives the same collateral for a payment", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const queries = sample(
      fc.tuple(
        bits(96),
        bits(62),
        bits(140).map((price) => price + 1n),
      ),
      2_000,
    );
    await expectSame(
      queries,
      (batch) => harness.collateralFor(batch),
      ([credited, penaltyRate, price]) => collateralFor(credited, penaltyRate, price),
    );
  });

  it("prices sales alike, on discounts beyond every bound too", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const query = fc.record({
      anchor: bits(140),
      low: bits(140),
      discount: fc.oneof(
        fc.bigInt(-3n * WAD, 3n * WAD),
        bits(250),
        bits(250).map((discount) => -discount),
      ),
      maxDiscountBps: fc.bigInt(0n, 10_000n),
    });
    await expectSame(
      sample(query, 2_000),
      (batch) => harness.salePrices(batch),
      (q) => salePrice(q.anchor, q.low, q.discount, q.maxDiscountBps),
    );
  });

  it("tells what a sale's proofs are worth alike, and writes them alike (AUC-3)", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const query = fc
      .record({
        terms: plausibleTerms,
        // Around all that a slot remembers, and on both sides of a half-life and of a lapse.
        started: fc.bigInt(0n, 20n * 7_200n),
        proof: bits(8),
        age: fc.bigInt(0n, 20n * 7_200n),
      })
      .map(({ terms, started, proof, age }) => {
        const timestamp = 1_700_000_000n + age;
        return { saleStartedAt: timestamp - started, proof, timestamp, age, terms };
      });
    await expectSame(
      sample(query, 4_000),
      async (batch) =>
        (await harness.clocks(batch)).map((said) => ({
          provenAt: said.provenAt,
          isProven: said.isProven,
          hasLapsed: said.hasLapsed,
          saleStartedAt: said.saleStartedAt,
          proof: said.proof,
        })),
      (q) => ({
        provenAt: provenAt(q, q.terms.horizon),
        isProven: isProven(q, q.terms, q.timestamp),
        hasLapsed: hasLapsed(q, q.terms, q.timestamp),
        ...prove(q.terms.horizon, q.timestamp, q.age),
      }),
    );
  });

  it("rewinds the clock alike", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const query = fc
      .record({
        timestamp: fc.bigInt(1_700_000_000n, 2n ** 32n - 1n),
        age: bits(22),
        sold: bits(112),
        horizon: fc.bigInt(1n, 7_200n),
        lot: bits(111).map((lot) => lot + 1n),
      })
      .map(({ age, ...q }) => ({ ...q, saleClock: q.timestamp * TICKS_PER_SECOND - age }));
    await expectSame(
      sample(query, 2_000),
      (batch) => harness.rewinds(batch),
      (q) => rewind(q.saleClock, q.timestamp, q.sold, q.horizon, q.lot),
    );
  });
});

describe("Reference: rounding against arithmetic with 60 digits", () => {
  const ONE = 10n ** 60n;

  /** ln 2 = sum of 1 / (k 2^k). */
  const ln2 = Array.from({ length: 220 }, (_, i) => BigInt(i + 1)).reduce(
    (sum, k) => sum + ONE / (k << k),
    0n,
  );

  /** 2^(-t / halfLife) by the series of e^x on a 256th of the exponent. */
  function exactHalvings(t: bigint, halfLife: bigint): bigint {
    const x = (t * ln2) / halfLife / 256n;
    let term = ONE;
    let root = ONE;
    for (let k = 1n; term !== 0n && k < 80n; k++) {
      term = -(term * x) / ONE / k;
      root += term;
    }
    let power = root;
    for (let i = 0; i < 8; i++) power = (power * power) / ONE;
    return power;
  }

  it("rounds halvings up, by less than 2 units", () => {
    const pairs = sample(
      fc.bigInt(1n, 2n ** 32n - 1n).chain((h) => fc.tuple(fc.bigInt(1n, 64n * h - 1n), fc.constant(h))),
      3_000,
    );
    const unit = ONE / WAD;
    for (const [t, halfLife] of pairs) {
      const excess = halvings(t, halfLife) * unit - exactHalvings(t, halfLife);
      expect(excess >= 0n && excess < 2n * unit, `t ${t}, half-life ${halfLife}: ${excess}`).to.equal(true);
    }
  });
});
