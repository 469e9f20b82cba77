import { expect } from "chai";

import { OracleState, SWITCH_GRACE } from "../../../sdk/oracleAdapter.ts";
import { deployOracle, feedsSay, HEARTBEAT, Mode, PRIMARY_GRACE } from "../../helpers/oracleSystem.ts";
import { connection, networkHelpers } from "./chain.ts";

const { STALE, SUSPECT, FRESH } = OracleState;
const GUARDIAN_ROLE = 7n;

describe("OracleAdapter: standby", () => {
  async function withStandby() {
    return deployOracle(connection, { hasStandby: true });
  }
  const load = () => networkHelpers.loadFixture(withStandby);
  const { time } = networkHelpers;

  it("plays no part until it is switched in", async () => {
    const system = await load();
    await feedsSay(system, {
      primary: { price: 2_000n },
      second: { price: 2_000n },
      standby: { price: 3_000n },
    });
    expect((await system.oracle.price()).deciding).to.equal(2_000n * system.onePrice);
    await feedsSay(system, { primary: { mode: Mode.REVERT }, second: { mode: Mode.REVERT } });
    expect((await system.oracle.price()).state).to.equal(STALE);
  });

  it("decides in the primary's place once it is switched in, and no more once it is switched out", async () => {
    const system = await load();
    await expect(system.oracle.setStandbyActive(true))
      .to.emit(system.oracle, "StandbySwitched")
      .withArgs(true);
    expect(await system.oracle.standbyActive()).to.equal(true);
    await feedsSay(system, {
      primary: { price: 3_000n },
      second: { price: 1_995n },
      standby: { price: 2_000n },
    });
    let price = await system.oracle.price();
    expect(price.deciding).to.equal(2_000n * system.onePrice);
    expect(price.low).to.equal(1_995n * system.onePrice);
    expect(price.high).to.equal(2_000n * system.onePrice);

    await expect(system.oracle.setStandbyActive(false))
      .to.emit(system.oracle, "StandbySwitched")
      .withArgs(false);
    expect(await system.oracle.standbyActive()).to.equal(false);
    price = await system.oracle.price();
    expect(price.deciding).to.equal(3_000n * system.onePrice);
  });

  for (const active of [true, false]) {
    it(`makes the state SUSPECT for an hour after it is switched ${active ? "in" : "out"}, and restarts clocks`, async () => {
      const system = await load();
      if (!active) {
        await system.oracle.setStandbyActive(true);
        await time.increase(2n * SWITCH_GRACE);
      }
      await system.oracle.setStandbyActive(active);
      const switchedAt = BigInt(await time.latest());
      const everything = { primary: {}, second: {}, standby: {} };
      await time.increaseTo(switchedAt + SWITCH_GRACE - 21n);
      expect(await feedsSay(system, everything)).to.be.lessThan(switchedAt + SWITCH_GRACE);
      expect((await system.oracle.price()).state).to.equal(SUSPECT);
      expect((await system.oracle.price()).liveSince).to.equal(switchedAt);

      await time.increaseTo(switchedAt + SWITCH_GRACE);
      const price = await system.oracle.price();
      expect(price.state).to.equal(FRESH);
      expect(price.liveSince).to.equal(switchedAt);
    });
  }

  it("is judged by its own heartbeat and bounds", async () => {
    const base = await load();
    const standby = { ...base.config.standby, heartbeat: 2n * HEARTBEAT, maxPrice: 5_000n * base.onePrice };
    const oracle = await connection.ethers.deployContract("OracleAdapter", [
      { ...base.config, standby },
      base.authority,
    ]);
    await oracle.setStandbyActive(true);
    const system = { ...base, oracle };
    await feedsSay(system, { second: { mode: Mode.REVERT }, standby: { age: 2n * HEARTBEAT } });
    expect((await oracle.price()).state).to.equal(SUSPECT);
    await feedsSay(system, { standby: { age: 2n * HEARTBEAT + 1n } });
    expect((await oracle.price()).state).to.equal(STALE);
    await feedsSay(system, { standby: { price: 5_000n } });
    expect((await oracle.price()).state).to.equal(STALE);
    await feedsSay(system, { standby: { price: 4_999n } });
    expect((await oracle.price()).deciding).to.equal(4_999n * system.onePrice);
  });

  it("binds new starts with its last price when it dies in its turn", async () => {
    const system = await load();
    await system.oracle.setStandbyActive(true);
    await feedsSay(system, {
      second: { price: 1_500n },
      standby: { price: 2_000n, age: HEARTBEAT + PRIMARY_GRACE },
    });
    const price = await system.oracle.price();
    expect(price.startBound).to.equal(2_000n * system.onePrice);
    expect(price.deciding).to.equal(1_960n * system.onePrice);
  });

  it("ends the clamp of the second source to a dead primary's last price", async () => {
    const system = await load();
    await feedsSay(system, {
      primary: { price: 2_000n, age: HEARTBEAT + PRIMARY_GRACE },
      second: { price: 1_500n },
      standby: { price: 1_500n },
    });
    expect((await system.oracle.price()).deciding).to.equal(1_960n * system.onePrice);
    await system.oracle.setStandbyActive(true);
    const { deciding, startBound } = await system.oracle.price();
    expect(deciding).to.equal(1_500n * system.onePrice);
    expect(startBound).to.equal(1_500n * system.onePrice);
  });

  it("is switched by whoever holds the role, and by nobody else", async () => {
    const system = await load();
    const { oracle, authority, stranger } = system;
    await expect(oracle.connect(stranger).setStandbyActive(true))
      .to.be.revertedWithCustomError(oracle, "AccessManagedUnauthorized")
      .withArgs(stranger);
    await authority.setTargetFunctionRole(
      oracle,
      [oracle.interface.getFunction("setStandbyActive").selector],
      GUARDIAN_ROLE,
    );
    await authority.grantRole(GUARDIAN_ROLE, stranger, 0n);
    await oracle.connect(stranger).setStandbyActive(true);
    expect(await oracle.standbyActive()).to.equal(true);
  });

  it("does nothing when it stands as asked already", async () => {
    const system = await load();
    await expect(system.oracle.setStandbyActive(false)).not.to.emit(system.oracle, "StandbySwitched");
    await feedsSay(system, { primary: {}, second: {} });
    expect((await system.oracle.price()).state).to.equal(FRESH);
    expect((await system.oracle.price()).liveSince).to.equal(0n);
  });

  it("cannot be switched in where none was approved", async () => {
    const { oracle } = await deployOracle(connection);
    await expect(oracle.setStandbyActive(true)).to.be.revertedWithCustomError(oracle, "NoStandby");
    await expect(oracle.setStandbyActive(false)).to.be.revertedWithCustomError(oracle, "NoStandby");
  });
});
