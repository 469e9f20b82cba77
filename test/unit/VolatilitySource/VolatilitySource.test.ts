import { expect } from "chai";

import { ethers, loadFixture } from "../../helpers/chain.ts";
import { percent } from "../../helpers/contagion.ts";

/** WAD per sqrt(second): 3% and 15% a day. */
const CALM = 102_062_072_615_965n;
const WILD = 5n * CALM;
const FEED = "0x00000000000000000000000000000000000000fe";

describe("VolatilitySource", () => {
  async function deploy() {
    const oracle = await ethers.deployContract("MockVolatilityOracle");
    const source = await ethers.deployContract("VolatilitySource", [oracle, FEED, CALM, WILD]);
    const set = (perRootSecond: bigint, isComplete = true) =>
      oracle.set(FEED, { perRootSecond, updatedAt: 1_700_000_000n, isComplete });
    return { oracle, source, set };
  }
  const load = () => loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { oracle, source } = await load();
    expect([
      await source.oracle(),
      await source.feed(),
      await source.calm(),
      await source.wild(),
    ]).to.deep.equal([await oracle.getAddress(), ethers.getAddress(FEED), CALM, WILD]);
  });

  const cases: [bigint, bigint][] = [
    [0n, 0n],
    [CALM, 0n],
    [2n * CALM, percent(25n)],
    [4n * CALM, percent(75n)],
    [WILD, percent(100n)],
    [2n ** 64n - 1n, percent(100n)],
  ];
  for (const [volatility, level] of cases) {
    it(`is ${level / percent(1n)}% at ${volatility}`, async () => {
      const { source, set } = await load();
      await set(volatility);
      expect(await source.stress()).to.deep.equal([level, 1_700_000_000n]);
    });
  }

  it("rounds up", async () => {
    const { source, set } = await load();
    await set(CALM + 1n);
    expect((await source.stress()).level).to.equal(percent(100n) / (4n * CALM) + 1n);
  });

  it("RevertWhen the oracle has not seen enough, or nothing of this feed", async () => {
    const { source, set } = await load();
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(FEED);
    await set(WILD, false);
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading");
  });

  it("RevertWhen wild is not above calm", async () => {
    const { oracle, source } = await load();
    for (const wild of [CALM, CALM - 1n, 2n ** 64n]) {
      await expect(
        ethers.deployContract("VolatilitySource", [oracle, FEED, CALM, wild]),
      ).to.be.revertedWithCustomError(source, "InvalidParameter");
    }
  });
});
