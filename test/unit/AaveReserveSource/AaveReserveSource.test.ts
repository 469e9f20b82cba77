import { expect } from "chai";

import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import { percent } from "../../helpers/contagion.ts";

const NOBODY = ethers.ZeroAddress;
const KINK = percent(90n);
const FLOOR = 50_000n;
/** Bits of the bitmap, beside others that mean nothing here. */
const NOISE = (1n << 55n) | (1n << 58n) | (1n << 59n) | (1n << 61n) | (1n << 63n) | (2n ** 16n - 1n);
const ACTIVE = 1n << 56n;
const FROZEN = 1n << 57n;
const PAUSED = 1n << 60n;

describe("AaveReserveSource", () => {
  /** A reserve with 700,000 lent out and 300,000 at hand. */
  async function deploy() {
    const token = () => ethers.deployContract("MockERC20", ["", "", 6n]);
    const [asset, aToken, variableDebt, stableDebt] = [
      await token(),
      await token(),
      await token(),
      await token(),
    ];
    const pool = await ethers.deployContract("MockAavePool");
    await pool.setTokens(asset, aToken, NOBODY, variableDebt);
    await pool.setConfiguration(asset, ACTIVE | NOISE);
    await pool.setVirtualBalance(asset, 300_000n);
    await variableDebt.mint(pool, 700_000n);
    const build = (kink: bigint, floor: bigint) =>
      ethers.deployContract("AaveReserveSource", [pool, asset, kink, floor]);
    const source = await build(KINK, FLOOR);
    return { asset, aToken, variableDebt, stableDebt, pool, build, source };
  }
  const load = () => loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { asset, pool, source } = await load();
    expect([
      await source.pool(),
      await source.asset(),
      await source.kink(),
      await source.floor(),
    ]).to.deep.equal([await pool.getAddress(), await asset.getAddress(), KINK, FLOOR]);
  });

  it("is calm under the kink, whatever else the bitmap says", async () => {
    const { source, pool, asset } = await load();
    expect(await source.stress()).to.deep.equal([0n, await now()]);
    await pool.setConfiguration(asset, 2n ** 256n - 1n - FROZEN - PAUSED);
    expect((await source.stress()).level).to.equal(0n);
  });

  it("rises from the kink to full utilisation", async () => {
    const { variableDebt, pool, asset, build } = await load();
    const source = await build(KINK, 0n);
    await variableDebt.mint(pool, 2_000_000n);
    expect((await source.stress()).level).to.equal(0n);
    await variableDebt.mint(pool, 3_000_000n);
    // 5.7 of 6 million: 95%.
    expect((await source.stress()).level).to.equal(percent(50n));
    await pool.setVirtualBalance(asset, 0n);
    expect((await source.stress()).level).to.equal(percent(100n));
  });

  it("rises as available liquidity falls under the floor", async () => {
    const { source, pool, asset } = await load();
    await pool.setVirtualBalance(asset, FLOOR);
    // 700 of 750: a third of the way from 90% on.
    expect((await source.stress()).level).to.be.closeTo(percent(100n) / 3n, 10n);
    const low = await ethers.deployContract("AaveReserveSource", [pool, asset, percent(99n), FLOOR]);
    expect((await low.stress()).level).to.equal(0n);
    await pool.setVirtualBalance(asset, FLOOR / 5n);
    expect((await low.stress()).level).to.equal(percent(80n));
  });

  for (const [name, bit] of [
    ["frozen", FROZEN],
    ["paused", PAUSED],
  ] as const) {
    it(`is 1 while the reserve is ${name}`, async () => {
      const { source, pool, asset } = await load();
      await pool.setConfiguration(asset, ACTIVE | NOISE | bit);
      expect(await source.stress()).to.deep.equal([percent(100n), await now()]);
    });
  }

  it("is calm while nothing was ever lent", async () => {
    const { pool, asset, aToken, stableDebt } = await load();
    await pool.setTokens(asset, aToken, NOBODY, stableDebt);
    await pool.setVirtualBalance(asset, 0n);
    const source = await ethers.deployContract("AaveReserveSource", [pool, asset, KINK, 0n]);
    expect((await source.stress()).level).to.equal(0n);
  });

  it("counts debt at a stable rate, where a version still has it", async () => {
    const { pool, asset, aToken, stableDebt, variableDebt, build } = await load();
    await pool.setTokens(asset, aToken, stableDebt, variableDebt);
    const source = await build(KINK, 0n);
    await stableDebt.mint(pool, 5_000_000n);
    expect((await source.stress()).level).to.equal(percent(50n));
  });

  it("takes what the aToken holds for liquidity where the pool knows no virtual balance (v3.0)", async () => {
    const { source, pool, asset, aToken, variableDebt } = await load();
    await pool.setFirstVersion(true);
    await variableDebt.mint(pool, 1_200_000n);
    await asset.mint(aToken, 100_000n);
    expect((await source.stress()).level).to.equal(percent(50n));
  });

  it("is not moved by a donation where it does", async () => {
    const { source, asset, aToken, variableDebt, pool } = await load();
    await variableDebt.mint(pool, 5_000_000n);
    const { level } = await source.stress();
    await asset.mint(aToken, 10n ** 12n);
    expect(level).to.be.above(0n);
    expect((await source.stress()).level).to.equal(level);
  });

  it("RevertWhen the reserve is not active", async () => {
    const { source, pool, asset } = await load();
    await pool.setConfiguration(asset, NOISE | PAUSED);
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(asset);
  });

  it("RevertWhen it is built for an asset without reserve, or a kink that is none", async () => {
    const { source, pool, aToken, build } = await load();
    await expect(
      ethers.deployContract("AaveReserveSource", [pool, aToken, KINK, 0n]),
    ).to.be.revertedWithCustomError(source, "NoReading");
    for (const kink of [0n, percent(100n)]) {
      await expect(build(kink, 0n))
        .to.be.revertedWithCustomError(source, "InvalidParameter")
        .withArgs(ethers.encodeBytes32String("kink"), kink);
    }
  });
});
