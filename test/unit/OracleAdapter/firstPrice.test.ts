import { expect } from "chai";

import { SWITCH_GRACE } from "../../../sdk/oracleAdapter.ts";
import { deployOracle, Mode, type OracleSystem, SEQUENCER_GRACE } from "../../helpers/oracleSystem.ts";
import { connection, networkHelpers } from "./chain.ts";

const { loadFixture, time } = networkHelpers;
const WINDOW = 120n;
/** Seconds between two rounds of a fall. */
const STEP = 20n;

describe("OracleAdapter: what the first source says by itself", () => {
  const withPrimary = () => deployOracle(connection);
  const withSequencer = () => deployOracle(connection, { hasSequencer: true });
  const withStandby = () => deployOracle(connection, { hasStandby: true });

  /** Rounds at 2,000 less 10 for each, a step apart; the last one now. */
  async function fall({ primary, oneAnswer }: OracleSystem, rounds: bigint): Promise<void> {
    for (let i = 0n; i < rounds; ++i) {
      if (i !== 0n) await time.increase(STEP - 1n);
      await primary.pushAnswer((2_000n - 10n * i) * oneAnswer);
    }
  }

  const plain = async ({ oracle, onePrice }: OracleSystem, window: bigint): Promise<[bigint, bigint]> => {
    const [latest, earlier] = await oracle.firstPrice(window);
    return [latest / onePrice, earlier / onePrice];
  };

  it("is the price that decides, twice where nobody asks for a window", async () => {
    const system = await loadFixture(withPrimary);
    await fall(system, 4n);
    expect(await plain(system, 0n)).to.deep.equal([1_970n, 1_970n]);
    expect((await system.oracle.price()).deciding).to.equal(1_970n * system.onePrice);
  });

  it("has the oldest round within the window beside it, not one of before it", async () => {
    const system = await loadFixture(withPrimary);
    await time.increase(1_000n);
    await fall(system, 10n);
    // The latest is 1,910; six rounds lie within the 120 seconds before it.
    expect(await plain(system, WINDOW)).to.deep.equal([1_910n, 1_970n]);
    expect(await plain(system, STEP)).to.deep.equal([1_910n, 1_920n]);
    expect(await plain(system, STEP - 1n)).to.deep.equal([1_910n, 1_910n]);
  });

  it("has nothing earlier once the latest round is older than the window", async () => {
    const system = await loadFixture(withPrimary);
    await fall(system, 4n);
    await time.increase(WINDOW);
    expect(await plain(system, WINDOW)).to.deep.equal([1_970n, 1_970n]);
  });

  it("does not look beyond a change of phase", async () => {
    const system = await loadFixture(withPrimary);
    await fall(system, 3n);
    await system.primary.startPhase();
    await time.increase(STEP);
    await system.primary.pushAnswer(1_900n * system.oneAnswer);
    expect(await plain(system, WINDOW)).to.deep.equal([1_900n, 1_900n]);
  });

  it("stops at a round that does not count: out of bounds, or missing", async () => {
    for (const spoil of [
      async ({ primary }: OracleSystem) => primary.pushAnswer(-1n),
      async ({ primary }: OracleSystem) => primary.skipRounds(1n),
    ]) {
      const system = await loadFixture(withPrimary);
      await fall(system, 2n);
      await spoil(system);
      await time.increase(STEP);
      await system.primary.pushAnswer(1_900n * system.oneAnswer);
      expect(await plain(system, WINDOW)).to.deep.equal([1_900n, 1_900n]);
    }
  });

  it("is nothing while the first source is dead, though another one decides", async () => {
    const system = await loadFixture(withPrimary);
    await system.primary.setMode(Mode.REVERT);
    expect((await system.oracle.price()).deciding).to.be.above(0n);
    expect(await system.oracle.firstPrice(WINDOW)).to.deep.equal([0n, 0n]);
  });

  it("is nothing while the sequencer is down, nor in its grace", async () => {
    const system = await loadFixture(withSequencer);
    await time.increase(SEQUENCER_GRACE);
    expect((await system.oracle.firstPrice(WINDOW)).latest).to.be.above(0n);
    await system.sequencer.pushAnswer(1n);
    expect(await system.oracle.firstPrice(WINDOW)).to.deep.equal([0n, 0n]);
    await system.sequencer.pushAnswer(0n);
    await time.increase(SEQUENCER_GRACE - 1n);
    expect(await system.oracle.firstPrice(WINDOW)).to.deep.equal([0n, 0n]);
    await time.increase(1n);
    expect((await system.oracle.firstPrice(WINDOW)).latest).to.be.above(0n);
  });

  it("is nothing in the grace of a switch, and the standby's after it", async () => {
    const system = await loadFixture(withStandby);
    const { oracle, guardian, standby, oneAnswer, onePrice } = system;
    await oracle.connect(guardian).setStandbyActive(true);
    await standby.pushAnswer(1_990n * oneAnswer);
    expect(await oracle.firstPrice(WINDOW)).to.deep.equal([0n, 0n]);
    await time.increase(SWITCH_GRACE);
    await standby.pushAnswer(1_980n * oneAnswer);
    expect(await oracle.firstPrice(WINDOW)).to.deep.equal([1_980n * onePrice, 1_980n * onePrice]);
  });
});
