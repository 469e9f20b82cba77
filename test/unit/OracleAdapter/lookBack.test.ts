import { expect } from "chai";

import { OracleState } from "../../../sdk/oracleAdapter.ts";
import {
  deployOracle,
  HEARTBEAT,
  Mode,
  NO_SOURCE,
  type OracleSystem,
  START,
} from "../../helpers/oracleSystem.ts";
import type { MockAggregator } from "../../../typechain-types/index.ts";
import { connection, networkHelpers } from "./chain.ts";

/** The longest time between two rounds that interrupts nothing: a heartbeat, and five minutes of lateness. */
const LONGEST = HEARTBEAT + 300n;
const DAY = 86_400n;

describe("OracleAdapter: interruptions that rounds remember", () => {
  const { time } = networkHelpers;

  async function one() {
    return deployOracle(connection, { hasSecond: false });
  }
  async function two() {
    return deployOracle(connection);
  }
  const load = (fixture: () => Promise<OracleSystem>) => networkHelpers.loadFixture(fixture);

  /** Makes rounds of these ages as seen from the moment of reading, oldest first. Returns that moment. */
  async function rounds(
    feeds: readonly (readonly [MockAggregator, readonly (bigint | { age: bigint; answer: bigint })[]])[],
  ): Promise<bigint> {
    const now = BigInt(await time.latest()) + 2n * DAY;
    for (const [feed, made] of feeds) {
      for (const round of made) {
        const { age, answer } = typeof round === "bigint" ? { age: round, answer: START * 10n ** 8n } : round;
        await feed.pushRound(answer, now - age);
      }
    }
    await time.increaseTo(now);
    return now;
  }
  const since = async ({ oracle }: OracleSystem, moment: bigint) =>
    (await oracle.priceSince(moment)).liveSince;

  it("sees none where no round was later than a heartbeat and five minutes", async () => {
    const system = await load(one);
    const ages = [4n * LONGEST, 3n * LONGEST, 2n * LONGEST, LONGEST, 0n];
    const now = await rounds([[system.primary, ages]]);
    expect(await since(system, now - 4n * LONGEST)).to.equal(0n);
  });

  it("sees one that was a second longer, and where it ended", async () => {
    const system = await load(one);
    const ages = [2n * LONGEST + 1n, LONGEST, 0n];
    const now = await rounds([[system.primary, ages]]);
    expect(await since(system, now - 2n * LONGEST - 1n)).to.equal(now - LONGEST);
    expect(await since(system, now - LONGEST - 1n)).to.equal(now - LONGEST);
    expect(await since(system, now - LONGEST)).to.equal(0n);
  });

  it("sees the last of several", async () => {
    const system = await load(one);
    const now = await rounds([
      [
        system.primary,
        [60_000n, 40_000n, 39_000n, 20_000n, 19_000n, 18_000n, 15_000n, 12_000n, 9_000n, 6_000n, 3_000n, 10n],
      ],
    ]);
    expect(await since(system, now - 50_000n)).to.equal(now - 20_000n);
    expect(await since(system, now - 19_999n)).to.equal(0n);
  });

  it("asks for nothing before `since`, nor for what is not before now", async () => {
    const system = await load(one);
    const now = await rounds([[system.primary, [20_000n, 10n]]]);
    expect(await since(system, now - 10n)).to.equal(0n);
    expect(await since(system, now - 11n)).to.equal(now - 10n);
    for (const moment of [0n, now, now + 1n, 2n ** 256n - 1n])
      expect(await since(system, moment)).to.equal(0n);
    expect((await system.oracle.price()).liveSince).to.equal(0n);
  });

  it("takes no busy feed for an interrupted one: a round every twelve seconds for two hours", async () => {
    const system = await load(one);
    const ages = Array.from({ length: 900 }, (_, i) => 12n * BigInt(900 - i));
    const now = await rounds([[system.primary, ages]]);
    expect(await since(system, now - 8_500n)).to.equal(0n);
    // What it does not reach any more counts as interrupted.
    expect(await since(system, now - 10_700n)).to.be.within(now - 9_000n, now - 8_500n);
  });

  it("finds the interruption behind hundreds of rounds to the round", async () => {
    const system = await load(one);
    const busy = Array.from({ length: 300 }, (_, i) => 12n * BigInt(300 - i));
    const now = await rounds([
      [system.primary, [busy[0] ?? 0n].map((age) => age + LONGEST + 1n).concat(busy)],
    ]);
    expect(await since(system, now - 7_400n)).to.equal(now - 3_600n);
  });

  it("counts what lies behind its last reading as interrupted, which is hours ago", async () => {
    const system = await load(one);
    const ages = Array.from({ length: 60 }, (_, i) => HEARTBEAT * BigInt(60 - i));
    const now = await rounds([[system.primary, ages]]);
    // Rounds so far apart are read one by one.
    expect(await since(system, now - 60n * HEARTBEAT)).to.equal(now - 49n * HEARTBEAT);
    expect(await since(system, now - 49n * HEARTBEAT)).to.equal(0n);
  });

  it("leaps over no dead round that stood for more than five minutes, however many rounds came since", async () => {
    const dead = { answer: 0n };
    for (const after of [1, 2, 3, 5, 9, 17, 40]) {
      for (const [spacing, stood] of [
        [7n, 301n],
        [60n, 301n],
        [60n, 3_000n],
        [400n, 3_000n],
      ] as const) {
        const system = await load(one);
        const last = spacing * BigInt(after);
        // Good rounds in quick succession, a dead one that stands, and good ones again, the last of them now.
        const before = Array.from({ length: 20 }, (_, i) => last + stood + spacing * BigInt(20 - i));
        const since_ = Array.from({ length: after + 1 }, (_, i) => spacing * BigInt(after - i));
        const now = await rounds([[system.primary, [...before, { ...dead, age: last + stood }, ...since_]]]);
        const from = now - last - stood - spacing;
        expect(await since(system, from), `${after} rounds of ${spacing} s`).to.equal(now - last);
      }
    }
  });

  it("counts a new phase of the proxy as the end of an interruption", async () => {
    const system = await load(one);
    const now = BigInt(await time.latest()) + DAY;
    await system.primary.pushRound(START * 10n ** 8n, now - 3_000n);
    await system.primary.startPhase();
    for (const age of [2_000n, 1_500n, 1_000n, 500n])
      await system.primary.pushRound(START * 10n ** 8n, now - age);
    await time.increaseTo(now);
    expect(await since(system, now - 2_500n)).to.equal(now - 2_000n);
    expect(await since(system, now - 2_000n)).to.equal(0n);
  });

  it("counts a round out of bounds as dead time", async () => {
    const system = await load(one);
    const floor = system.oneAnswer;
    for (const answer of [floor, 0n, -1n, 1_000_000n * system.oneAnswer]) {
      const made = [4_000n, { age: 3_000n, answer }, { age: 2_000n, answer }, 1_000n, 500n];
      const now = await rounds([[system.primary, made]]);
      expect(await since(system, now - 3_500n)).to.equal(now - 1_000n);
    }
  });

  it("does not follow rounds that run backwards in time, have no time or one to come", async () => {
    const system = await load(one);
    for (const odd of [500n, -1n]) {
      const now = await rounds([[system.primary, [3_000n, odd, 1_000n]]]);
      expect(await since(system, now - 2_000n)).to.equal(now - 1_000n);
    }
    await system.primary.pushRound(START * 10n ** 8n, 0n);
    const now = await rounds([[system.primary, [1_000n]]]);
    expect(await since(system, now - 2_000n)).to.equal(now - 1_000n);
  });

  describe("GivenTwoSources", () => {
    it("one that lived through is enough, whichever it is", async () => {
      const gap = [20_000n, 10n];
      const steady = [20_000n, 17_000n, 14_000n, 11_000n, 8_000n, 5_000n, 2_000n];
      let system = await load(two);
      let now = await rounds([
        [system.primary, gap],
        [system.second, steady],
      ]);
      expect(await since(system, now - 19_000n)).to.equal(0n);
      system = await load(two);
      now = await rounds([
        [system.primary, steady],
        [system.second, gap],
      ]);
      expect(await since(system, now - 19_000n)).to.equal(0n);
    });

    it("clocks restart where the first of them came back", async () => {
      const system = await load(two);
      const now = await rounds([
        [system.primary, [20_000n, 3_000n]],
        [system.second, [20_000n, 1_000n]],
      ]);
      expect(await since(system, now - 19_000n)).to.equal(now - 3_000n);
    });

    it("also where they were dead one after the other, on the safe side", async () => {
      const system = await load(two);
      const now = await rounds([
        [system.primary, [20_000n, 17_000n, 9_000n, 6_000n, 3_000n, 0n]],
        [system.second, [20_000n, 12_000n, 9_000n, 6_000n, 3_000n, 0n]],
      ]);
      // The primary is silent from 17,000 s ago to 9,000, the second from 20,000 to 12,000.
      expect(await since(system, now - 19_000n)).to.equal(now - 12_000n);
    });

    it("the one that is dead now proves nothing", async () => {
      const system = await load(two);
      const now = await rounds([
        [system.primary, [20_000n, 17_000n, 14_000n, 11_000n, 8_000n]],
        [system.second, [20_000n, 1_000n]],
      ]);
      expect(await since(system, now - 19_000n)).to.equal(now - 1_000n);
    });

    it("a standby that is first is looked back over in the primary's place", async () => {
      const { config, authority, ...base } = await load(two);
      const { standby } = base;
      const oracle = await connection.ethers.deployContract("OracleAdapter", [
        { ...config, standby: { ...config.primary, target: await standby.getAddress() } },
        authority,
      ]);
      await oracle.setStandbyActive(true);
      const switchedAt = BigInt(await time.latest());
      const now = await rounds([
        [base.primary, [30_000n, 10n]],
        [base.second, [30_000n, 10n]],
        [standby, [30_000n, 27_000n, 24_000n, 3_000n, 10n]],
      ]);
      expect((await oracle.priceSince(now - 30_000n)).liveSince).to.equal(now - 3_000n);
      expect(now - 3_000n).to.be.greaterThan(switchedAt);
    });
  });

  describe("GivenAFeed", () => {
    async function withFeed() {
      const base = await deployOracle(connection);
      const feed = await connection.ethers.deployContract("MockPriceFeed", [base.collateral, base.loan]);
      await feed.set(START * base.onePrice, 0n);
      const source = { ...base.config.primary, kind: 2n, target: await feed.getAddress() };
      const oracle = await connection.ethers.deployContract("OracleAdapter", [
        { ...base.config, second: source },
        base.authority,
      ]);
      return { ...base, feed, oracle };
    }

    it("its word counts as that of rounds does", async () => {
      const system = await networkHelpers.loadFixture(withFeed);
      const now = await rounds([[system.primary, [20_000n, 10n]]]);
      expect(await since(system, now - 19_000n)).to.equal(0n);
      await system.feed.setInterruptedUntil(now - 5_000n);
      await time.increaseTo(now + 30n);
      expect(await since(system, now - 19_000n)).to.equal(now - 5_000n);
      expect(await since(system, now - 5_000n)).to.equal(0n);
    });

    /** An adapter on the feed alone: its word is the only one. */
    async function alone() {
      const system = await networkHelpers.loadFixture(withFeed);
      const primary = { ...system.config.primary, kind: 2n, target: await system.feed.getAddress() };
      const oracle = await connection.ethers.deployContract("OracleAdapter", [
        { ...system.config, primary, second: NO_SOURCE },
        system.authority,
      ]);
      return { ...system, oracle };
    }

    it("an interruption that it places in the future, or cannot place, lasts until now", async () => {
      const system = await alone();
      const moment = BigInt(await time.latest());
      // The feed has a price at every moment here: what it says of the past is all that is judged.
      expect((await system.oracle.price()).state).to.equal(OracleState.FRESH);
      expect(await since(system, moment - 10n)).to.equal(0n);
      await system.feed.setInterruptedUntil(moment + 100_000n);
      let now = BigInt(await time.latest());
      expect(await since(system, now - 10n)).to.equal(now);
      await time.increase(50n);
      now = BigInt(await time.latest());
      expect(await since(system, now - 10n)).to.equal(now);
      await system.feed.setInterruptedUntil(2n ** 256n - 1n);
      now = BigInt(await time.latest());
      expect(await since(system, now - 10n)).to.equal(now);
      await system.feed.setInterruptedUntil(0n);
      expect(await since(system, now - 10n)).to.equal(0n);
      await system.feed.setBroken(false, true);
      now = BigInt(await time.latest());
      expect(await since(system, now - 10n)).to.equal(now);
    });

    it("does not hide an interruption of the rounds that came first, where it knows of a later one itself", async () => {
      const system = await networkHelpers.loadFixture(withFeed);
      const now = await rounds([[system.primary, [20_000n, 3_000n, 10n]]]);
      await system.feed.setInterruptedUntil(now - 1_000n);
      await time.increaseTo(now + 30n);
      expect(await since(system, now - 19_000n)).to.equal(now - 3_000n);
    });
  });

  describe("GivenAPrimaryThatIsLate", () => {
    it("a look back takes it for alive for five minutes after its heartbeat, and no longer", async () => {
      const system = await load(two);
      const now = await rounds([
        [system.primary, [LONGEST + 3_000n, LONGEST]],
        [system.second, [20_000n, 10n]],
      ]);
      expect((await system.oracle.price()).state).to.equal(OracleState.SUSPECT);
      expect(await since(system, now - LONGEST - 3_000n)).to.equal(0n);
      await time.increaseTo(now + 1n);
      expect(await since(system, now - LONGEST - 3_000n)).to.equal(now - 10n);
    });
  });

  describe("GivenAnOutageThatRoundsDoNotShow", () => {
    it("counts where somebody wrote it down, in a look back alone, and only after the moment asked for", async () => {
      const system = await load(two);
      const { oracle, primary, second } = system;
      await rounds([
        [primary, [10n]],
        [second, [10n]],
      ]);
      const before = BigInt(await time.latest());
      for (const feed of [primary, second]) await feed.setMode(Mode.REVERT);
      await time.increase(1_000n);
      await expect(oracle.recordOutage()).to.emit(oracle, "OutageRecorded");
      const deadAt = BigInt(await time.latest());
      await time.increase(1_000n);
      for (const feed of [primary, second]) await feed.setMode(Mode.ANSWER);
      expect((await oracle.price()).state).to.equal(OracleState.FRESH);
      expect((await oracle.price()).liveSince).to.equal(0n);
      expect(await since(system, before)).to.equal(deadAt);
      expect(await since(system, deadAt - 1n)).to.equal(deadAt);
      expect(await since(system, deadAt)).to.equal(0n);
    });

    it("is written down by nobody while one source is alive or late by five minutes", async () => {
      const system = await load(two);
      const { oracle } = system;
      const expectAlive = () =>
        expect(oracle.recordOutage()).to.be.revertedWithCustomError(oracle, "StillAlive");
      await expectAlive();
      await system.primary.setMode(Mode.REVERT);
      await expectAlive();
      await system.primary.setMode(Mode.ANSWER);
      await system.second.setMode(Mode.REVERT);
      await expectAlive();
      const [, , , updatedAt] = await system.primary.latestRoundData();
      await time.setNextBlockTimestamp(updatedAt + LONGEST);
      await expectAlive();
      await time.setNextBlockTimestamp(updatedAt + LONGEST + 1n);
      await oracle.recordOutage();
    });
  });
});
