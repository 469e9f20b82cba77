import { expect } from "chai";

import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import { Mode, percent, say } from "../../helpers/contagion.ts";
import { DAY } from "../../helpers/vault.ts";

const TO_FULL = 3_600n;
const MAX_STEP = 600n;
/** What `MAX_STEP` moves. */
const STEP = percent(100n) / 6n;

describe("DampedSource", () => {
  async function deploy() {
    const inner = await ethers.deployContract("MockRawAnswer");
    const source = await ethers.deployContract("DampedSource", [inner, TO_FULL, MAX_STEP]);
    const levelOf = async () => (await source.stress()).level;
    return { inner, source, levelOf };
  }
  const load = () => loadFixture(deploy);

  /** At 50%, reached in four steps. */
  async function half() {
    const system = await deploy();
    for (let i = 0; i < 4; i++) {
      await pass(MAX_STEP);
      await say(system.inner, percent(50n));
      await system.source.poke();
    }
    return system;
  }

  it("shows what it follows, and how fast", async () => {
    const { inner, source } = await load();
    expect(await source.source()).to.equal(await inner.getAddress());
    expect([await source.secondsToFull(), await source.maxStep(), await source.pokedAt()]).to.deep.equal([
      TO_FULL,
      MAX_STEP,
      await now(),
    ]);
  });

  it("RevertWhen it was not poked yet", async () => {
    const { inner, source } = await load();
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(inner);
  });

  it("moves up by what has passed since the poke before", async () => {
    const { inner, source, levelOf } = await load();
    await pass(360n);
    await say(inner, percent(100n));
    expect(await source.poke.staticCall()).to.equal(percent(10n));
    await expect(source.poke())
      .to.emit(source, "Poked")
      .withArgs(percent(10n), await now());
    expect(await source.pokedAt()).to.equal(await now());
    expect(await levelOf()).to.equal(percent(10n));
  });

  it("moves down as fast, and not under the other's level", async () => {
    const { inner, source, levelOf } = await loadFixture(half);
    expect(await levelOf()).to.equal(percent(50n));
    await pass(360n);
    await say(inner, 0n);
    await source.poke();
    expect(await levelOf()).to.equal(percent(40n));
    await pass(360n);
    await say(inner, percent(35n));
    await source.poke();
    expect(await levelOf()).to.equal(percent(35n));
    await pass(MAX_STEP);
    await say(inner, 0n);
    for (let i = 0; i < 4; i++) {
      await source.poke();
      await pass(MAX_STEP);
    }
    expect(await levelOf()).to.equal(0n);
  });

  it("stops at the other's level on the way up", async () => {
    const { inner, source, levelOf } = await load();
    await pass(MAX_STEP);
    await say(inner, percent(3n));
    await source.poke();
    expect(await levelOf()).to.equal(percent(3n));
  });

  it("reaches 1, and stays", async () => {
    const { inner, source, levelOf } = await load();
    for (let i = 0; i < 7; i++) {
      await pass(MAX_STEP);
      await say(inner, percent(100n));
      await source.poke();
    }
    expect(await levelOf()).to.equal(percent(100n));
  });

  it("makes up for at most a step, however long nobody poked", async () => {
    const { inner, source, levelOf } = await load();
    await pass(DAY);
    await say(inner, percent(100n));
    await source.poke();
    expect(await levelOf()).to.equal(STEP);
  });

  it("a second poke in the same block moves nothing", async () => {
    const { inner, source, levelOf } = await load();
    await pass(MAX_STEP);
    await say(inner, percent(100n));
    await source.poke();
    for (let i = 0; i < 5; i++) await source.poke();
    expect(await levelOf()).to.equal(STEP);
    await say(inner, 0n);
    await source.poke();
    expect(await levelOf()).to.equal(STEP);
  });

  it("is as old as what it read", async () => {
    const { inner, source } = await load();
    await pass(MAX_STEP);
    const time = (await now()) - 500n;
    await say(inner, percent(3n), time);
    await source.poke();
    expect(await source.stress()).to.deep.equal([percent(3n), time]);
    await pass(MAX_STEP);
    expect(await source.stress()).to.deep.equal([percent(3n), time]);
  });

  it("RevertWhen the source has nothing to say, and keeps what it knew", async () => {
    const { inner, source, levelOf } = await loadFixture(half);
    await pass(MAX_STEP);
    await inner.setAnswer(Mode.REVERT, "0x");
    await expect(source.poke()).to.be.revertedWithCustomError(inner, "Broken");
    await say(inner, percent(100n) + 1n);
    await expect(source.poke()).to.be.revertedWithCustomError(source, "NoReading").withArgs(inner);
    await say(inner, 0n, (await now()) + 1n);
    await expect(source.poke()).to.be.revertedWithCustomError(source, "NoReading");
    expect(await levelOf()).to.equal(percent(50n));
  });

  it("RevertWhen it is built on nothing, too slow, or with steps too large", async () => {
    const { inner, source } = await load();
    await expect(
      ethers.deployContract("DampedSource", [ethers.ZeroAddress, TO_FULL, MAX_STEP]),
    ).to.be.revertedWithCustomError(source, "NoReading");
    for (const [name, value, toFull, maxStep] of [
      ["secondsToFull", 7n * DAY + 1n, 7n * DAY + 1n, MAX_STEP],
      ["maxStep", 901n, TO_FULL, 901n],
      ["maxStep", 0n, TO_FULL, 0n],
    ] as const) {
      await expect(ethers.deployContract("DampedSource", [inner, toFull, maxStep]))
        .to.be.revertedWithCustomError(source, "InvalidParameter")
        .withArgs(ethers.encodeBytes32String(name), value);
    }
    await ethers.deployContract("DampedSource", [inner, TO_FULL, 900n]);
  });
});
