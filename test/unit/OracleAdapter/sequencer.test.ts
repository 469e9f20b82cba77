import { expect } from "chai";

import { OracleState } from "../../../sdk/oracleAdapter.ts";
import { deployOracle, feedsSay, Mode, SEQUENCER_GRACE } from "../../helpers/oracleSystem.ts";
import { connection, networkHelpers } from "./chain.ts";

const { STALE, SUSPECT, FRESH } = OracleState;

describe("OracleAdapter: sequencer", () => {
  async function onRollup() {
    return deployOracle(connection, { hasSequencer: true });
  }
  const load = () => networkHelpers.loadFixture(onRollup);
  const { time } = networkHelpers;
  const live = { primary: {}, second: {} };

  it("is STALE while the sequencer is down, whatever the sources say", async () => {
    const system = await load();
    await feedsSay(system, { ...live, sequencer: { isUp: false, age: 5_000n } });
    expect((await system.oracle.price()).state).to.equal(STALE);
    expect((await system.oracle.price()).deciding).to.equal(0n);
  });

  it("is SUSPECT for the grace after its return, and counts clocks from it", async () => {
    const system = await load();
    const now = await feedsSay(system, { ...live, sequencer: { isUp: true, age: SEQUENCER_GRACE - 1n } });
    let price = await system.oracle.price();
    expect(price.state).to.equal(SUSPECT);
    expect(price.liveSince).to.equal(now - SEQUENCER_GRACE + 1n);
    expect(price.deciding).to.equal(2_000n * system.onePrice);
    await time.increase(1);
    price = await system.oracle.price();
    expect(price.state).to.equal(FRESH);
    expect(price.liveSince).to.equal(now - SEQUENCER_GRACE + 1n);
  });

  it("counts clocks from the later of its return and an interruption of the sources", async () => {
    const system = await load();
    await feedsSay(system, { primary: { age: 20_000n }, second: { age: 20_000n } });
    const now = await feedsSay(system, {
      primary: { age: 3_000n },
      second: { age: 2_000n },
      sequencer: { isUp: true, age: 1_000n },
    });
    expect((await system.oracle.priceSince(now - 15_000n)).liveSince).to.equal(now - 1_000n);
    await feedsSay(system, { sequencer: { isUp: true, age: 5_000n } });
    expect((await system.oracle.priceSince(now - 15_000n)).liveSince).to.equal(now - 3_000n);
  });

  for (const [what, mode] of Object.entries(Mode).filter(([, m]) => m !== Mode.ANSWER && m !== Mode.SLOW)) {
    it(`counts as down when its feed answers with ${what}`, async () => {
      const system = await load();
      await feedsSay(system, { ...live, sequencer: { isUp: true, age: 5_000n } });
      expect((await system.oracle.price()).state).to.equal(FRESH);
      await system.sequencer.setMode(mode);
      expect((await system.oracle.price()).state).to.equal(STALE);
    });
  }

  it("counts as down when its feed says so of a time that has not come", async () => {
    const system = await load();
    await feedsSay(system, { ...live, sequencer: { isUp: true, age: -1n } });
    expect((await system.oracle.price()).state).to.equal(STALE);
  });

  it("counts as down before its feed has spoken for the first time", async () => {
    const base = await load();
    const sequencer = await connection.ethers.deployContract("MockAggregator", [0n]);
    const oracle = await connection.ethers.deployContract("OracleAdapter", [
      { ...base.config, sequencerFeed: await sequencer.getAddress() },
      base.authority,
    ]);
    expect((await oracle.price()).state).to.equal(STALE);
  });

  it("is not asked where none is configured", async () => {
    const system = await deployOracle(connection, { hasSequencer: false });
    await feedsSay(system, { ...live, sequencer: { isUp: false, age: 0n } });
    expect((await system.oracle.price()).state).to.equal(FRESH);
  });
});
