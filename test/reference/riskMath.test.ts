import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { WAD } from "../../sdk/math.ts";
import * as fixed from "../../sdk/riskMath.ts";
import * as float from "../../scripts/world/riskModel.ts";
import { batches, bits, sample } from "./inputs.ts";

const { ethers } = await network.create();

const MAX_RATE = 10n * WAD;
const MAX_SECONDS = 10n ** 27n;

const wad = (x: number): bigint => BigInt(Math.round(x * 1e15)) * 1_000n;
const toNumber = (x: bigint): number => Number(x) / 1e18;

/** The matchers of hardhat take `closeTo` for integers only. */
function expectClose(actual: number, expected: number, tolerance: number, label = ""): void {
  const message = `${label}: ${actual} is not within ${tolerance} of ${expected}`;
  expect(Math.abs(actual - expected) <= tolerance, message).to.equal(true);
}

/** Feeds the same inputs to the contract, many a call, and to the model; both must give the same integers. */
async function expectSame<I>(
  inputs: readonly I[],
  contract: (inputs: I[]) => Promise<readonly (bigint | readonly bigint[])[]>,
  model: (input: I) => bigint | readonly bigint[],
): Promise<void> {
  for (const batch of batches(inputs)) {
    const results = await contract(batch);
    for (const [i, input] of batch.entries()) {
      const result = results[i];
      const plain = typeof result === "bigint" ? result : [...(result ?? [])];
      expect(plain, inspect(input)).to.deep.equal(model(input));
    }
  }
}

/** Uniform between two bounds, or of any magnitude up to the upper one. */
const upTo = (most: bigint, least = 0n): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt(least, most),
    bits(most.toString(2).length - 1).map((x) => (x < least ? least : x)),
  );

const share = upTo(WAD);
const amount = bits(127);

describe("Reference: risk maths against its bigint form", () => {
  const deploy = () => ethers.deployContract("RiskMathHarness");

  it("gives the same normal density and distribution", async () => {
    const harness = await deploy();
    const xs = [
      ...sample(fc.bigInt(-10n * WAD, 10n * WAD), 3_000),
      ...sample(bits(254), 300),
      ...sample(bits(254), 300).map((x) => -x),
      -(2n ** 255n),
      2n ** 255n - 1n,
      9n * WAD,
      9n * WAD + 1n,
      -9n * WAD,
      0n,
    ];
    await expectSame(
      xs,
      (batch) => harness.normal(batch),
      (x) => [fixed.normalPdf(x), fixed.normalCdf(x)],
    );
  });

  it("F1: gives the same proceeds, loss and impact", async () => {
    const harness = await deploy();
    const queries = sample(
      fc.tuple(
        amount,
        amount.map((y) => y + 1n),
        share,
      ),
      2_000,
    );
    await expectSame(
      queries,
      (batch) => harness.direct(batch),
      ([value, depth, fee]) => [fixed.directLoss(value, depth, fee), fixed.priceAfterDirect(value, depth)],
    );
  });

  it("F2: gives the same overshoot, loss versus fair and time to fill", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(bits(127), upTo(MAX_RATE, 1n), upTo(MAX_RATE), upTo(MAX_SECONDS)), 2_000);
    await expectSame(
      queries,
      (batch) => harness.dutch(batch),
      ([premium, rate, volatility, time]) => [
        fixed.overshoot(rate, volatility, time),
        fixed.lossVersusFair(rate, volatility, time),
        fixed.fillSeconds(premium, rate, volatility, time),
      ],
    );
  });

  it("F4: gives the same loss of stale prices", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(fc.oneof(bits(127), upTo(MAX_RATE)), upTo(MAX_RATE)), 2_000);
    await expectSame(
      queries,
      (batch) => harness.stale(batch),
      ([buffer, deviation]) => fixed.stalePriceLoss(buffer, deviation),
    );
  });

  it("F5: gives the same bounds of a bonus", async () => {
    const harness = await deploy();
    const queries = sample(
      fc
        .tuple(amount, bits(127), upTo(100n * WAD, 1n), upTo(WAD - 1n), bits(127))
        // `lambda_c` stays under 2^128.
        .map(([value, depth, ...others]) => [value, depth + value / 10n ** 15n + 1n, ...others] as const),
      2_000,
    ).map((query) => [...query] as [bigint, bigint, bigint, bigint, bigint]);
    await expectSame(
      queries,
      (batch) => harness.bonus(batch),
      ([value, depth, ltv, slippage, costs]) => {
        const factor = fixed.impactFactor(value, depth);
        return [factor, fixed.bonusMin(slippage, costs), fixed.bonusMax(ltv, factor)];
      },
    );
  });

  it("F6: gives the same deviation, expected shortfall and hazard", async () => {
    const harness = await deploy();
    const queries = sample(
      fc.tuple(
        fc.oneof(upTo(3n * WAD), bits(254)),
        fc.oneof(upTo(MAX_RATE, 1n), fc.bigInt(10n ** 14n, 10n ** 17n)),
        fc.oneof(upTo(MAX_SECONDS, 1n), fc.bigInt(WAD, 10_000n * WAD)),
      ),
      3_000,
    );
    await expectSame(
      queries,
      (batch) => harness.waiting(batch),
      ([coverage, volatility, time]) => {
        const deviation = fixed.deviation(volatility, time);
        return [
          deviation,
          fixed.expectedShortfall(deviation, coverage),
          fixed.hazard(coverage, volatility, time),
        ];
      },
    );
    await expectSame(
      sample(fc.tuple(bits(126), fc.oneof(upTo(3n * WAD), bits(255))), 1_000),
      (batch) => harness.shortfall(batch),
      ([deviation, coverage]) => fixed.expectedShortfall(deviation, coverage),
    );
  });

  it("F10: gives the same clearing discount and probability of no bid", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(share, amount, fc.oneof(amount, upTo(50n * WAD))), 2_000);
    await expectSame(
      queries,
      (batch) => harness.batch(batch),
      ([spread, lots, bids]) => [fixed.clearingDiscount(spread, lots, bids), fixed.emptyProbability(bids)],
    );
  });
});

describe("Reference: risk maths against arithmetic with 60 digits", () => {
  const ONE = 10n ** 60n;
  const UNIT = ONE / WAD;
  // sqrt(2 pi), sixty digits after the point.
  const SQRT_2_PI = 2_506628274631000502415765284811045253006986740609938316629923n;

  /** e^-x by its series on a 4096th of the exponent. */
  function expOfMinus(x: bigint): bigint {
    const small = x / 4_096n;
    let term = ONE;
    let root = ONE;
    for (let k = 1n; term !== 0n; k++) {
      term = -(term * small) / ONE / k;
      root += term;
    }
    for (let i = 0; i < 12; i++) root = (root * root) / ONE;
    return root;
  }

  const exactPdf = (x: bigint): bigint => (expOfMinus((x * x) / ONE / 2n) * ONE) / SQRT_2_PI;

  function exactCdf(x: bigint): bigint {
    let term = x;
    let sum = x;
    for (let k = 3n; term !== 0n; k += 2n) {
      term = (((term * x) / ONE) * x) / ONE / k;
      sum += term;
    }
    return ONE / 2n + (sum * exactPdf(x)) / ONE;
  }

  const xs = [...sample(fc.bigInt(-9n * WAD, 9n * WAD), 1_500), 9n * WAD, -9n * WAD, 0n, 1n, -1n];

  it("has the normal distribution within its stated error", () => {
    for (const x of xs) {
      const error = fixed.normalCdf(x) * UNIT - exactCdf(x * UNIT);
      const bound = fixed.CDF_ERROR * UNIT;
      expect(error <= bound && -error <= bound, `x ${x}: ${error}`).to.equal(true);
    }
  });

  it("rounds the density up, by less than 3 units", () => {
    for (const x of xs) {
      const excess = fixed.normalPdf(x) * UNIT - exactPdf(x * UNIT);
      expect(excess >= 0n && excess < 3n * UNIT, `x ${x}: ${excess}`).to.equal(true);
    }
  });
});

describe("Reference: risk maths against floating point and the published figures", () => {
  const perSecond = (daily: number): number => daily / Math.sqrt(86_400);

  it("F2: loses what was published, in bps", () => {
    const published = [
      [0.05, 5, 12, 7.35],
      [0.05, 10, 12, 11.5],
      [0.05, 1, 2, 2.27],
      [0.2, 5, 12, 19.32],
      [0.2, 20, 12, 29.35],
      [0.6, 50, 12, 80.25],
      [1, 100, 12, 145.05],
    ] as const;
    for (const [daily, bpsPerBlock, blockTime, expected] of published) {
      const loss = fixed.lossVersusFair(
        wad(bpsPerBlock / 10_000 / blockTime),
        wad(perSecond(daily)),
        wad(blockTime),
      );
      expectClose(toNumber(loss) * 1e4, expected, 0.01);
    }
  });

  it("F2: loses and lasts what was published for a stairstep of 1% in 90 s from 110%", () => {
    const rate = 1.117e-4;
    const published = [
      [0.03, 12, 13.8, 14.4],
      [0.05, 12, 14.6, undefined],
      [0.1, 12, 17.4, undefined],
      [0.2, 12, 24.6, undefined],
      [0.5, 12, 48.7, undefined],
      [1, 12, 89.5, 15.6],
      [0.03, 2, 2.6, undefined],
      [0.1, 2, 4.7, undefined],
      [0.5, 2, 18.1, undefined],
      [1, 2, 35.0, undefined],
    ] as const;
    for (const [daily, blockTime, bps, minutes] of published) {
      const inputs = [wad(rate), wad(perSecond(daily)), wad(blockTime)] as const;
      expectClose(toNumber(fixed.lossVersusFair(...inputs)) * 1e4, bps, 0.06);
      if (minutes === undefined) continue;
      const seconds = fixed.fillSeconds(wad(Math.log(1.1)), ...inputs);
      expectClose(toNumber(seconds) / 60, minutes, 0.06);
    }
  });

  it("F2: has the limits s sqrt(dt / 2) without decay and delta dt without volatility", () => {
    const [s, dt] = [wad(perSecond(0.05)), 12n * WAD];
    expectClose(toNumber(fixed.overshoot(0n, s, dt)), perSecond(0.05) * Math.sqrt(6), 1e-15);
    expect(fixed.overshoot(10n ** 14n, 0n, dt)).to.equal(12n * 10n ** 14n);
  });

  it("F4: loses 0.85% of the deviation behind a buffer of two", () => {
    const deviation = wad(0.01);
    expectClose(toNumber(fixed.stalePriceLoss(2n * deviation, deviation)), 0.0085 * 0.01, 1e-6);
  });

  it("F5: is toxic from the published loan-to-value on", () => {
    const published = [
      [0.05, 100, 0.9337],
      [0.05, 20, 0.8658],
      [0.1, 10, 0.7576],
      [0.08, 4, 0.6173],
    ] as const;
    for (const [bonus, depths, ltv] of published) {
      const factor = fixed.impactFactor(10n ** 12n, BigInt(depths) * 10n ** 12n);
      expectClose(toNumber(fixed.bonusMax(wad(ltv), factor)), bonus, 1.3e-4);
    }
  });

  it("F6: falls short by what was published, in bps of the debt", () => {
    const published = [
      [0.85, 0.5, 1, 0.05, 75.5],
      [0.9, 0.2, 1, 0.04, 10.25],
      [0.83, 1, 2, 0.08, 743.2],
      [0.85, 0.2, 1, 0.05, 0.42],
    ] as const;
    for (const [ltv, daily, hours, loss, expected] of published) {
      const deviation = fixed.deviation(wad(perSecond(daily)), wad(hours * 3_600));
      const shortfall = fixed.expectedShortfall(deviation, wad((1 - loss) / ltv));
      expectClose(toNumber(shortfall) * 1e4, expected, 0.05);
    }
  });

  it("F6: the hazard is the slope of the shortfall", () => {
    for (const coverage of [0.9, 1, 1.05, 1.12, 1.2]) {
      const [s, time] = [wad(perSecond(0.5)), wad(600)];
      const at = (seconds: bigint): number =>
        toNumber(fixed.expectedShortfall(fixed.deviation(s, seconds), wad(coverage)));
      const slope = (at(time + WAD) - at(time - WAD)) / 2;
      expectClose(toNumber(fixed.hazard(wad(coverage), s, time)), slope, 1e-4 * slope);
    }
  });

  it("agrees with floating point wherever that is precise", () => {
    const close = (x: bigint, y: number, label: string): void => {
      expectClose(toNumber(x), y, 1e-9 * Math.abs(y) + 1e-13, label);
    };
    const query = fc.record({
      volatility: fc.bigInt(10n ** 14n, 10n ** 16n),
      time: fc.bigInt(WAD, 10_000n * WAD),
      rate: fc.bigInt(10n ** 12n, 10n ** 15n),
      coverage: fc.bigInt(WAD / 2n, 2n * WAD),
      buffer: fc.bigInt(0n, WAD / 10n),
      bids: fc.bigInt(0n, 30n * WAD),
      lots: fc.bigInt(0n, 10n * WAD),
      x: fc.bigInt(-8n * WAD, 8n * WAD),
    });
    for (const q of sample(query, 1_000)) {
      const [s, t, rate, f] = [q.volatility, q.time, q.rate, q.coverage].map(toNumber) as [
        number,
        number,
        number,
        number,
      ];
      const label = inspect(q);
      const deviation = fixed.deviation(q.volatility, q.time);
      close(fixed.normalCdf(q.x), float.normalCdf(toNumber(q.x)), label);
      close(fixed.lossVersusFair(q.rate, q.volatility, q.time), float.lossVersusFair(rate, s, t), label);
      close(
        fixed.fillSeconds(q.buffer, q.rate, q.volatility, q.time),
        float.fillSeconds(toNumber(q.buffer), rate, s, t),
        label,
      );
      close(
        fixed.stalePriceLoss(q.buffer, deviation),
        float.stalePriceLoss(toNumber(q.buffer), s * Math.sqrt(t)),
        label,
      );
      close(
        fixed.expectedShortfall(deviation, q.coverage),
        float.expectedShortfall(s * Math.sqrt(t), f),
        label,
      );
      close(fixed.hazard(q.coverage, q.volatility, q.time), float.hazard(f, s, t), label);
    }
  });
});
