import { expect } from "chai";
import { network } from "hardhat";

import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, HEARTBEAT, Mode, type OracleOptions, SEQUENCER_GRACE } from "../helpers/oracleSystem.ts";
import {
  deployOracleVault,
  EVERYTHING_FRESH,
  openPosition,
  type OracleVault,
  startSale,
  STORY,
  takeOf,
} from "../helpers/oracleVault.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const LATENESS = 300n;
const HORIZON = 1_060n;
const crash = { price: STORY.crash } as const;
const bothCrashed = { primary: crash, second: crash } as const;
const all = { ...bothCrashed, standby: crash } as const;

/**
 * Live seconds: sale clocks count only time in which the oracle was not dead, as the vault and the adapter do it together. A
 * sale that ripened while nobody could act would be sold at the floor to whoever came first.
 */
describe("Sale clocks of a vault on an oracle that dies and returns", () => {
  async function forSale(options: OracleOptions) {
    const system = await deployOracleVault(connection, options);
    await feedsSay(system, { ...EVERYTHING_FRESH, sequencer: { isUp: true, age: SEQUENCER_GRACE } });
    await openPosition(system, system.borrower);
    await feedsSay(system, all);
    await startSale(system);
    return { ...system, startedAt: BigInt(await time.latest()) };
  }
  async function twoSources() {
    return forSale({});
  }
  async function oneSource() {
    return forSale({ hasSecond: false });
  }
  async function withStandby() {
    return forSale({ hasSecond: false, hasStandby: true });
  }
  async function onRollup() {
    return forSale({ hasSequencer: true });
  }
  const load = (fixture: typeof twoSources) => networkHelpers.loadFixture(fixture);

  const ownSeconds = async ({ vault, borrower }: OracleVault) =>
    (await vault.quoteTake(borrower)).liveSeconds;
  const vaultSeconds = async ({ vault, borrower }: OracleVault) =>
    (await vault.quoteTake(borrower)).vaultSeconds;

  it("count on while the feeds keep their heartbeats, whoever looks", async () => {
    const system = await load(twoSources);
    for (let i = 0; i < 4; ++i) {
      await time.increase(HEARTBEAT / 2n);
      const now = await feedsSay(system, bothCrashed);
      expect(await ownSeconds(system)).to.equal(now - system.startedAt);
      expect(await vaultSeconds(system)).to.equal(HORIZON);
    }
  });

  it("restart when the oracle died and returned: at the first round after, both of them, for every sale", async () => {
    const system = await load(twoSources);
    const { vault, borrower, keeper, onePrice } = system;
    await time.increase(3n * HEARTBEAT);
    expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
    await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "OracleStale");

    const back = await feedsSay(system, bothCrashed);
    expect(await ownSeconds(system)).to.equal(0n);
    expect(await vaultSeconds(system)).to.equal(0n);
    // The price opens at the deciding one again instead of at the floor.
    expect((await vault.quoteTake(borrower)).price).to.equal(STORY.crash * onePrice);
    await time.increase(120n);
    expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - back);

    // A take remembers the restart, at the age that counted: rounds that push it out of the feeds' reach change nothing.
    const { ownSeconds: age } = await vault.quoteTake(borrower);
    expect(age).to.equal(63n);
    await vault.connect(keeper).take(takeOf(system, 1_000n * system.oneLoan));
    const taken = BigInt(await time.latest());
    for (let i = 0; i < 30; ++i) await feedsSay(system, bothCrashed);
    expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - taken + age);
  });

  it("restart though nobody touched the vault while the oracle was dead, and rounds have come since", async () => {
    const system = await load(oneSource);
    await time.increase(3n * HEARTBEAT);
    const back = await feedsSay(system, { primary: crash });
    for (let i = 0; i < 40; ++i) await feedsSay(system, { primary: crash });
    expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - back);
  });

  it("restart at the second in which a round was later than a heartbeat and five minutes, and not before", async () => {
    for (const [late, restarts] of [
      [LATENESS, false],
      [LATENESS + 1n, true],
    ] as const) {
      const system = await load(oneSource);
      const [, , , last] = await system.primary.latestRoundData();
      // The oracle is dead in between, whether the round is late by much or by little.
      await time.increaseTo(last + HEARTBEAT + 1n);
      expect((await system.oracle.price()).state).to.equal(OracleState.STALE);
      const due = last + HEARTBEAT + late;
      await time.increaseTo(due + 10n);
      await system.primary.pushRound(STORY.crash * system.oneAnswer, due);
      const now = BigInt(await time.latest());
      expect(await ownSeconds(system)).to.equal(now - (restarts ? due : system.startedAt));
    }
  });

  for (const [steady, flapping] of [
    ["primary", "second"],
    ["second", "primary"],
  ] as const) {
    it(`do not restart while the ${steady} source lives, however often the other dies, returns and disagrees`, async () => {
      const system = await load(twoSources);
      const states: bigint[] = [];
      for (let i = 0; i < 6; ++i) {
        await time.increase(HEARTBEAT / 2n - 100n);
        // Dead for more than a heartbeat, back in agreement, back in disagreement.
        const say = i % 3 === 2 ? { [flapping]: { price: STORY.crash - (i === 2 ? 0n : 100n) } } : {};
        const now = await feedsSay(system, { [steady]: crash, ...say });
        states.push((await system.oracle.price()).state);
        expect(await ownSeconds(system), `after step ${i}`).to.equal(now - system.startedAt);
      }
      expect(states).to.include.members([OracleState.SUSPECT, OracleState.FRESH]);
    });
  }

  it("do not restart when a source reverts for a while and the other lives", async () => {
    const system = await load(twoSources);
    await system.primary.setMode(Mode.REVERT);
    for (let i = 0; i < 3; ++i) {
      await time.increase(HEARTBEAT / 2n);
      await feedsSay(system, { second: crash });
    }
    await system.primary.setMode(Mode.ANSWER);
    const now = await feedsSay(system, bothCrashed);
    expect((await system.oracle.price()).state).to.equal(OracleState.FRESH);
    expect(await ownSeconds(system)).to.equal(now - system.startedAt);
  });

  it("are not restarted by a feed that is busy: a round every twelve seconds, for an hour and more after the last touch", async () => {
    const system = await load(oneSource);
    const start = BigInt(await time.latest());
    for (let at = start + 12n; at < start + 7_200n; at += 12n) {
      await time.setNextBlockTimestamp(at);
      await system.primary.pushAnswer(STORY.crash * system.oneAnswer);
    }
    expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - system.startedAt);
  });

  it("nobody can restart them by touching the vault, reading the oracle or starting other sales", async () => {
    const system = await load(twoSources);
    const { vault, keeper, stranger, startedAt } = system;
    await feedsSay(system, EVERYTHING_FRESH);
    await openPosition(system, stranger);
    for (let i = 0; i < 6; ++i) {
      await time.increase(HEARTBEAT / 3n);
      await feedsSay(system, bothCrashed);
      if (i === 1) await vault.connect(keeper).startSale(stranger, ethers.ZeroAddress);
      if (i > 1)
        await vault.connect(keeper).take({ ...takeOf(system, 200n * system.oneLoan), borrower: stranger });
      await vault.connect(stranger).supplyCollateral(1n, system.borrower);
      expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - startedAt);
    }
  });

  it("restart when the guardian switches to the standby, since the primary may have been dead for long", async () => {
    const system = await load(withStandby);
    const { oracle } = system;
    // The standby keeps its heartbeat all the while; the primary, alone in deciding, is dead.
    for (let i = 0; i < 3; ++i) {
      await time.increase(HEARTBEAT - 100n);
      await feedsSay(system, { standby: crash });
    }
    expect((await oracle.price()).state).to.equal(OracleState.STALE);
    await oracle.setStandbyActive(true);
    const switchedAt = BigInt(await time.latest());
    expect((await oracle.price()).state).to.equal(OracleState.SUSPECT);
    expect(await ownSeconds(system)).to.equal(0n);
    await time.increase(300n);
    expect(await ownSeconds(system)).to.equal(BigInt(await time.latest()) - switchedAt);
  });

  it("restart when the sequencer was down, at its return", async () => {
    const system = await load(onRollup);
    await time.increase(600n);
    await system.sequencer.pushAnswer(1n);
    await time.increase(60n);
    await system.sequencer.pushAnswer(0n);
    const back = BigInt(await time.latest());
    const now = await feedsSay(system, bothCrashed);
    expect(await ownSeconds(system)).to.equal(now - back);
  });
});
