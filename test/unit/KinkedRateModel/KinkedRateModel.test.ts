import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { SECONDS_PER_YEAR, WAD } from "../../../sdk/math.ts";
import { type KinkedRateConfig, kinkedRateModel } from "../../../sdk/rateModels.ts";
import { batches, bits, sample } from "../../reference/inputs.ts";

const { ethers } = await network.create();

const perYear = (percent: bigint) => (percent * WAD) / 100n / SECONDS_PER_YEAR;
const MOST = 2n ** 40n - 1n;

const config: KinkedRateConfig = {
  base: perYear(1n),
  slope1: perYear(5n),
  slope2: perYear(80n),
  kink: (85n * WAD) / 100n,
};

describe("KinkedRateModel", () => {
  async function deploy(changes: Partial<KinkedRateConfig> = {}) {
    return ethers.deployContract("KinkedRateModel", [{ ...config, ...changes }]);
  }

  it("shows its parameters", async () => {
    const model = await deploy();
    expect(await model.base()).to.equal(config.base);
    expect(await model.slope1()).to.equal(config.slope1);
    expect(await model.slope2()).to.equal(config.slope2);
    expect(await model.kink()).to.equal(config.kink);
  });

  describe("when built", () => {
    const refused: [string, Partial<KinkedRateConfig>, string, bigint][] = [
      ["a kink at 0", { kink: 0n }, "kink", 0n],
      ["a kink at 1", { kink: WAD }, "kink", WAD],
      ["a base that the books cannot hold", { base: MOST + 1n }, "base", MOST + 1n],
      ["a first slope that the books cannot hold", { slope1: MOST + 1n }, "slope1", MOST + 1n],
      ["a second slope that the books cannot hold", { slope2: MOST + 1n }, "slope2", MOST + 1n],
      ["rates whose sum the books cannot hold", { base: 1n, slope1: MOST, slope2: 0n }, "maxRate", MOST + 1n],
    ];
    for (const [what, changes, name, value] of refused) {
      it(`RevertWhen given ${what}`, async () => {
        const factory = await ethers.getContractFactory("KinkedRateModel");
        await expect(factory.deploy({ ...config, ...changes }))
          .to.be.revertedWithCustomError(factory, "InvalidParameter")
          .withArgs(ethers.encodeBytes32String(name), value);
      });
    }

    it("accepts each parameter at its bounds", async () => {
      await deploy({ kink: 1n });
      await deploy({ kink: WAD - 1n });
      await deploy({ base: MOST, slope1: 0n, slope2: 0n });
      await deploy({ base: 0n, slope1: MOST, slope2: 0n });
      await deploy({ base: 0n, slope1: 0n, slope2: MOST });
    });
  });

  it("rises from base over the kink to the sum of its parts", async () => {
    const model = await deploy();
    const { base, slope1, slope2, kink } = config;
    const rates: [bigint, bigint][] = [
      [0n, base],
      [kink / 2n, base + slope1 / 2n],
      [kink, base + slope1],
      [kink + (WAD - kink) / 2n, base + slope1 + slope2 / 2n],
      [WAD, base + slope1 + slope2],
    ];
    for (const [utilisation, rate] of rates) {
      expect(await model.rate(0, utilisation, 0)).to.deep.equal([rate, rate]);
    }
  });

  it("depends on neither state nor time, and takes utilisation above 1 for 1", async () => {
    const model = await deploy();
    const half = WAD / 2n;
    expect(await model.rate(MOST, half, MOST)).to.deep.equal(await model.rate(0, half, 0));
    expect(await model.rate(0, 2n ** 256n - 1n, 0)).to.deep.equal(await model.rate(0, WAD, 0));
  });

  it("equals its bigint form over random inputs and keeps its bounds", async () => {
    const harness = await ethers.deployContract("MathHarness");
    const query = fc.record({ state: bits(40), utilisation: fc.bigInt(0n, WAD), dt: bits(40) });
    for (const changes of [{}, { kink: 1n }, { kink: WAD - 1n }, { base: 0n, slope1: 0n, slope2: MOST }]) {
      const used = { ...config, ...changes };
      const model = await deploy(changes);
      const expected = kinkedRateModel(used);
      for (const batch of batches(sample(query, 1_000))) {
        const { results } = await harness.rates(model, batch);
        for (const [i, { state, utilisation, dt }] of batch.entries()) {
          const answer = expected(state, utilisation, dt);
          expect(results[i]).to.deep.equal([answer.rate, answer.state]);
          expect(answer.rate).to.be.within(used.base, used.base + used.slope1 + used.slope2);
          expect(answer.state).to.be.at.most(MOST);
        }
      }
    }
  });

  it("never falls in utilisation", () => {
    const model = kinkedRateModel(config);
    fc.assert(
      fc.property(fc.bigInt(0n, WAD), bits(60), (utilisation, more) => {
        return model(0n, utilisation + more, 0n).rate >= model(0n, utilisation, 0n).rate;
      }),
      { numRuns: 5_000 },
    );
  });

  it("costs at most 2,000 gas a call once warm @gas", async () => {
    const model = await deploy();
    const harness = await ethers.deployContract("MathHarness");
    const query = { state: 0n, utilisation: (90n * WAD) / 100n, dt: 12n };
    const { gasOfLast } = await harness.rates(model, [query, query]);
    expect(gasOfLast).to.be.at.most(2_000n);
  });
});
