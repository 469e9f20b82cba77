import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { SECONDS_PER_YEAR, WAD } from "../../../sdk/math.ts";
import { type AdaptiveRateConfig, adaptiveRateModel } from "../../../sdk/rateModels.ts";
import { batches, bits, sample } from "../../reference/inputs.ts";

const { ethers } = await network.create();

const perYear = (percent: bigint) => (percent * WAD) / 100n / SECONDS_PER_YEAR;
const DAY = 86_400n;

const config: AdaptiveRateConfig = {
  targetUtilisation: (90n * WAD) / 100n,
  steepness: 4n * WAD,
  speed: perYear(5_000n),
  initialRateAtTarget: perYear(4n),
  minRateAtTarget: perYear(1n) / 10n,
  maxRateAtTarget: perYear(200n),
};

describe("AdaptiveRateModel", () => {
  async function deploy(changes: Partial<AdaptiveRateConfig> = {}) {
    return ethers.deployContract("AdaptiveRateModel", [{ ...config, ...changes }]);
  }

  it("shows its parameters", async () => {
    const model = await deploy();
    expect(await model.targetUtilisation()).to.equal(config.targetUtilisation);
    expect(await model.steepness()).to.equal(config.steepness);
    expect(await model.speed()).to.equal(config.speed);
    expect(await model.initialRateAtTarget()).to.equal(config.initialRateAtTarget);
    expect(await model.minRateAtTarget()).to.equal(config.minRateAtTarget);
    expect(await model.maxRateAtTarget()).to.equal(config.maxRateAtTarget);
  });

  describe("when built", () => {
    const refused: [string, Partial<AdaptiveRateConfig>, string, bigint][] = [
      ["a target of 0", { targetUtilisation: 0n }, "targetUtilisation", 0n],
      ["a target of 1", { targetUtilisation: WAD }, "targetUtilisation", WAD],
      ["a steepness under 1", { steepness: WAD - 1n }, "steepness", WAD - 1n],
      ["a steepness over 100", { steepness: 100n * WAD + 1n }, "steepness", 100n * WAD + 1n],
      ["a speed over 1,000 a year", { speed: perYear(100_000n) + 1n }, "speed", perYear(100_000n) + 1n],
      ["a lowest rate of 0", { minRateAtTarget: 0n }, "minRateAtTarget", 0n],
      [
        "a lowest rate over the highest",
        { minRateAtTarget: config.maxRateAtTarget + 1n },
        "minRateAtTarget",
        config.maxRateAtTarget + 1n,
      ],
      [
        "an initial rate under the lowest",
        { initialRateAtTarget: config.minRateAtTarget - 1n },
        "initialRateAtTarget",
        config.minRateAtTarget - 1n,
      ],
      [
        "an initial rate over the highest",
        { initialRateAtTarget: config.maxRateAtTarget + 1n },
        "initialRateAtTarget",
        config.maxRateAtTarget + 1n,
      ],
      ["rates that the books cannot hold", { maxRateAtTarget: 2n ** 38n }, "maxRateAtTarget", 2n ** 38n],
    ];
    for (const [what, changes, name, value] of refused) {
      it(`RevertWhen given ${what}`, async () => {
        const factory = await ethers.getContractFactory("AdaptiveRateModel");
        await expect(factory.deploy({ ...config, ...changes }))
          .to.be.revertedWithCustomError(factory, "InvalidParameter")
          .withArgs(ethers.encodeBytes32String(name), value);
      });
    }

    it("accepts each parameter at its bounds", async () => {
      const largest = (2n ** 40n - 1n) / 4n;
      await deploy({ targetUtilisation: 1n });
      await deploy({ targetUtilisation: WAD - 1n });
      await deploy({ steepness: WAD });
      await deploy({ steepness: 100n * WAD, maxRateAtTarget: (2n ** 40n - 1n) / 100n });
      await deploy({ speed: perYear(100_000n) });
      await deploy({ speed: 0n });
      await deploy({ minRateAtTarget: largest, initialRateAtTarget: largest, maxRateAtTarget: largest });
    });
  });

  describe("curve", () => {
    it("asks the rate at target at target, a quarter of it when idle and four times it when full", async () => {
      const model = await deploy();
      const start = config.initialRateAtTarget;
      expect(await model.rate(0, config.targetUtilisation, 0)).to.deep.equal([start, start]);
      expect(await model.rate(0, 0, 0)).to.deep.equal([start / 4n, start]);
      expect(await model.rate(0, WAD, 0)).to.deep.equal([4n * start, start]);
      expect(await model.rate(0, (95n * WAD) / 100n, 0)).to.deep.equal([(start * 25n) / 10n, start]);
      expect(await model.rate(0, (45n * WAD) / 100n, 0)).to.deep.equal([(start * 625n) / 1000n, start]);
    });

    it("answers whatever it is asked", async () => {
      const model = await deploy();
      const most = 2n ** 256n - 1n;
      const bound = config.maxRateAtTarget;
      expect(await model.rate(most, most, most)).to.deep.equal([4n * bound, bound]);
      expect(await model.rate(1, 0, most)).to.deep.equal([
        config.minRateAtTarget / 4n,
        config.minRateAtTarget,
      ]);
    });

    it("takes utilisation above 1 for 1", async () => {
      const model = await deploy();
      expect(await model.rate(0, WAD + 1n, DAY)).to.deep.equal(await model.rate(0, WAD, DAY));
      expect(await model.rate(0, 2n ** 256n - 1n, DAY)).to.deep.equal(await model.rate(0, WAD, DAY));
    });
  });

  describe("rate at target", () => {
    it("stands still at target", async () => {
      const model = await deploy();
      const state = perYear(7n);
      expect(await model.rate(state, config.targetUtilisation, 365n * DAY)).to.deep.equal([state, state]);
    });

    it("doubles in five days when full, and halves in five days when idle", async () => {
      const model = await deploy();
      // ln 2 / 50 a year = 5.06 days.
      const time = (693_147_180_559_945_309n * SECONDS_PER_YEAR) / (50n * WAD);
      const start = perYear(10n);
      const [, up] = await model.rate(start, WAD, time);
      const [, down] = await model.rate(start, 0n, time);
      expect(up).to.be.closeTo(2n * start, start / 100_000n);
      expect(down).to.be.closeTo(start / 2n, start / 100_000n);
    });

    it("is charged at its average over the interval: (2 - 1) / ln 2 = 1.4427 of the start while it doubles", async () => {
      const model = await deploy();
      const time = (693_147_180_559_945_309n * SECONDS_PER_YEAR) / (50n * WAD);
      const start = perYear(10n);
      const [rate] = await model.rate(start, WAD, time);
      expect(rate).to.be.closeTo((4n * start * 14_427n) / 10_000n, start / 10_000n);
    });

    it("stops at its bounds, and is charged there from the moment it met them", async () => {
      const model = await deploy();
      const { minRateAtTarget: least, maxRateAtTarget: most } = config;
      const century = 100n * SECONDS_PER_YEAR;
      const [rate, state] = await model.rate(most, WAD, century);
      expect([rate, state]).to.deep.equal([4n * most, most]);
      expect(await model.rate(least, 0, century)).to.deep.equal([least / 4n, least]);
      // From half of the highest rate it takes 5.06 of 50.6 days to double: 0.1 x 1.4427 / 2 + 0.9 of the highest.
      const time = (6_931_471_805_599_453_090n * SECONDS_PER_YEAR) / (50n * WAD);
      const [climbing, end] = await model.rate(most / 2n, WAD, time);
      expect(end).to.equal(most);
      expect(climbing).to.be.closeTo((4n * most * 972_135n) / 1_000_000n, most / 100_000n);
      // From twice the lowest: 0.1 x 1.4427 / 2 x 2 + 0.9 of the lowest.
      const [sinking, bottom] = await model.rate(2n * least, 0n, time);
      expect(bottom).to.equal(least);
      expect(sinking).to.be.closeTo((least * 1_044_270n) / 4_000_000n, least / 100_000n);
    });

    it("takes a state out of bounds for the nearer bound", async () => {
      const model = await deploy();
      const u = config.targetUtilisation;
      expect(await model.rate(1n, u, DAY)).to.deep.equal([config.minRateAtTarget, config.minRateAtTarget]);
      expect(await model.rate(2n ** 40n - 1n, u, DAY)).to.deep.equal([
        config.maxRateAtTarget,
        config.maxRateAtTarget,
      ]);
    });

    it("drifts neither up nor down when touched every 12 seconds around target", () => {
      const model = adaptiveRateModel(config);
      const target = config.targetUtilisation;
      let state = config.initialRateAtTarget;
      for (let i = 0; i < 20_000; i++) {
        // The same error on either side in turn: 0.001 of the room there.
        const u = i % 2 === 0 ? target + (WAD - target) / 1_000n : target - target / 1_000n;
        ({ state } = model(state, u, 12n));
      }
      expect(state).to.be.closeTo(config.initialRateAtTarget, 20_000n);
    });
  });

  describe("over random inputs", () => {
    const query = fc.record({
      state: fc.oneof(bits(40), fc.bigInt(config.minRateAtTarget, config.maxRateAtTarget)),
      utilisation: fc.oneof(
        fc.bigInt(0n, WAD),
        bits(40).map((d) => (d > config.targetUtilisation ? 0n : config.targetUtilisation - d)),
        bits(40).map((d) => config.targetUtilisation + d),
      ),
      dt: fc.oneof(bits(40), fc.bigInt(0n, 30n * DAY)),
    });

    async function deployWithHarness(changes: Partial<AdaptiveRateConfig> = {}) {
      return { model: await deploy(changes), harness: await ethers.deployContract("MathHarness") };
    }

    const others: Partial<AdaptiveRateConfig>[] = [
      {},
      { steepness: WAD, targetUtilisation: 1n },
      {
        steepness: 100n * WAD,
        targetUtilisation: WAD - 1n,
        maxRateAtTarget: (2n ** 40n - 1n) / 100n,
        minRateAtTarget: 1n,
      },
      { speed: perYear(100_000n), minRateAtTarget: 1n },
      { speed: 0n },
    ];

    for (const [i, changes] of others.entries()) {
      it(`equals its bigint form and keeps its bounds, parameters ${i + 1} of ${others.length}`, async () => {
        const { model, harness } = await deployWithHarness(changes);
        const used = { ...config, ...changes };
        const expected = adaptiveRateModel(used);
        for (const batch of batches(sample(query, 1_500))) {
          const { results } = await harness.rates(model, batch);
          for (const [j, { state, utilisation, dt }] of batch.entries()) {
            const answer = expected(state, utilisation, dt);
            expect(results[j]).to.deep.equal([answer.rate, answer.state]);
            expect(answer.state).to.be.within(used.minRateAtTarget, used.maxRateAtTarget);
            expect(answer.rate).to.be.at.most((used.maxRateAtTarget * used.steepness) / WAD);
            expect(answer.rate).to.be.at.least((used.minRateAtTarget * WAD) / used.steepness - 1n);
          }
        }
      });
    }

    it("never falls in utilisation, to the unit that rounding may cost", () => {
      const model = adaptiveRateModel(config);
      fc.assert(
        fc.property(query, bits(60), ({ state, utilisation, dt }, more) => {
          const low = model(state, utilisation, dt);
          const high = model(state, utilisation + more, dt);
          return high.rate + 1n >= low.rate && high.state + 1n >= low.state;
        }),
        { numRuns: 20_000 },
      );
    });

    it("charges the same whether accrued once or many times at the same utilisation", () => {
      const model = adaptiveRateModel(config);
      const steps = fc.array(fc.bigInt(12n, DAY), { minLength: 2, maxLength: 200 });
      fc.assert(
        fc.property(query, steps, ({ state, utilisation }, pieces) => {
          const total = pieces.reduce((sum, dt) => sum + dt, 0n);
          const once = model(state, utilisation, total);
          let current = state;
          let charged = 0n;
          for (const dt of pieces) {
            const answer = model(current, utilisation, dt);
            charged += answer.rate * dt;
            current = answer.state;
          }
          // Each piece rounds the state by half a unit, the charge by one; the curve magnifies the former by up to four.
          const roundings = BigInt(pieces.length) * 8n;
          const grown = 1n + once.state / state0(state);
          expect(current).to.be.closeTo(once.state, roundings * grown);
          expect(charged / total).to.be.closeTo(once.rate, roundings * grown);
        }),
        { numRuns: 500 },
      );
    });

    function state0(state: bigint): bigint {
      if (state === 0n) return config.initialRateAtTarget;
      return state < config.minRateAtTarget ? config.minRateAtTarget : state;
    }
  });

  it("costs at most 4,000 gas a call once warm, on each of its paths @gas", async () => {
    const model = await deploy();
    const harness = await ethers.deployContract("MathHarness");
    const paths = [
      { state: config.initialRateAtTarget, utilisation: (93n * WAD) / 100n, dt: 3_600n },
      { state: config.initialRateAtTarget, utilisation: config.targetUtilisation, dt: 3_600n },
      { state: config.initialRateAtTarget, utilisation: (20n * WAD) / 100n, dt: 12n },
      { state: config.maxRateAtTarget, utilisation: WAD, dt: 365n * DAY },
    ];
    for (const path of paths) {
      const { gasOfLast } = await harness.rates(model, [path, path]);
      expect(gasOfLast).to.be.at.most(4_000n);
    }
  });
});
