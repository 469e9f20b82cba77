import { expect } from "chai";

import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import { Mode, percent, say } from "../../helpers/contagion.ts";
import { DAY } from "../../helpers/vault.ts";

const TO_FULL = 3_600n;
const MAX_STEP = 600n;
/** What a period moves. */
const STEP = percent(100n) / 6n;

describe("DampedSource", () => {
  async function deploy() {
    const inner = await ethers.deployContract("MockRawAnswer");
    const source = await ethers.deployContract("DampedSource", [inner, TO_FULL, MAX_STEP]);
    const levelOf = async () => (await source.stress()).level;
    return { inner, source, levelOf };
  }
  const load = () => loadFixture(deploy);

  /** To so many seconds into the next period. */
  const nextPeriod = async (offset = 0n): Promise<void> => {
    const at = await now();
    await pass(MAX_STEP - (at % MAX_STEP) + offset);
  };

  /** At 50%, reached in four periods; the next one has begun, and its first reading is 50% too. */
  async function half() {
    const system = await deploy();
    for (let i = 0; i < 5; i++) {
      await nextPeriod();
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

  it("moves up by a step when a period is over, whoever poked how often in it", async () => {
    const { inner, source, levelOf } = await load();
    await nextPeriod();
    await say(inner, percent(100n));
    for (let i = 0; i < 5; i++) await source.poke();
    await pass(MAX_STEP - 1n);
    await source.poke();
    expect(await levelOf()).to.equal(0n);
    await pass(1n);
    expect(await levelOf()).to.equal(STEP);
    expect(await source.poke.staticCall()).to.equal(STEP);
    await say(inner, percent(90n), 7n);
    await expect(source.poke()).to.emit(source, "Poked").withArgs(STEP, 7n);
    expect(await source.pokedAt()).to.equal(await now());
    expect(await levelOf()).to.equal(STEP);
  });

  it("the period of its construction counts as calm", async () => {
    const { inner, source, levelOf } = await load();
    await say(inner, percent(100n));
    await source.poke();
    await nextPeriod();
    expect(await levelOf()).to.equal(0n);
  });

  it("moves down as fast, and not under the other's level", async () => {
    const { inner, source, levelOf } = await loadFixture(half);
    expect(await levelOf()).to.equal(percent(50n));
    await say(inner, 0n);
    await source.poke();
    expect(await levelOf()).to.equal(percent(50n));
    await nextPeriod();
    expect(await levelOf()).to.equal(percent(50n) - STEP);
    await say(inner, percent(25n));
    await source.poke();
    await nextPeriod();
    expect(await levelOf()).to.equal(percent(25n));
    for (let i = 0; i < 2; i++) {
      await say(inner, 0n);
      await source.poke();
      await nextPeriod();
    }
    expect(await levelOf()).to.equal(0n);
  });

  it("stops at the other's level on the way up", async () => {
    const { inner, source, levelOf } = await load();
    await nextPeriod();
    await say(inner, percent(3n));
    await source.poke();
    await nextPeriod();
    expect(await levelOf()).to.equal(percent(3n));
  });

  it("reaches 1, and stays", async () => {
    const { inner, source, levelOf } = await load();
    for (let i = 0; i < 8; i++) {
      await nextPeriod();
      await say(inner, percent(100n));
      await source.poke();
    }
    expect(await levelOf()).to.equal(percent(100n));
  });

  it("makes one step for a period, however long nobody poked after it", async () => {
    const { inner, source, levelOf } = await load();
    await pass(DAY);
    await say(inner, percent(100n));
    await source.poke();
    expect(await levelOf()).to.equal(0n);
    await pass(DAY);
    expect(await levelOf()).to.equal(STEP);
  });

  for (const [name, pokes] of [
    ["before it", [100n, 0n]],
    ["after it", [0n, 100n]],
    ["on both sides of it", [100n, 0n, 100n]],
    ["again and again", [100n, 100n, 0n, 100n, 100n, 100n]],
  ] as const) {
    it(`one honest poke a period holds it at what is true, pushed ${name}`, async () => {
      const { inner, source, levelOf } = await load();
      for (let i = 0; i < 80; i++) {
        await nextPeriod();
        for (const level of pokes) {
          await say(inner, percent(level));
          await source.poke();
          await pass(MAX_STEP / 10n);
        }
        expect(await levelOf()).to.equal(0n);
      }
    });
  }

  it("honest pokes take back what was pushed while they were away, whatever is pushed beside them", async () => {
    const { inner, source, levelOf } = await loadFixture(half);
    for (let i = 0; i < 4; i++) {
      await say(inner, percent(100n));
      await source.poke();
      await say(inner, 0n);
      await source.poke();
      await say(inner, percent(100n));
      await source.poke();
      await nextPeriod(MAX_STEP / 2n);
    }
    expect(await levelOf()).to.equal(0n);
  });

  it("is as old as what it read", async () => {
    const { inner, source } = await load();
    await nextPeriod();
    const time = (await now()) - 500n;
    await say(inner, percent(3n), time);
    await source.poke();
    expect(await source.stress()).to.deep.equal([0n, time]);
    await nextPeriod();
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
