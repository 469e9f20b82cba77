import { expect } from "chai";
import { network } from "hardhat";

import { quietVariance } from "../../../sdk/volatilityMath.ts";
import type { VolatilityConfig } from "../../../sdk/volatilityOracle.ts";
import { sqrtUp } from "../../../sdk/riskMath.ts";
import { Mode } from "../../helpers/oracleSystem.ts";
import {
  CONFIG,
  DAY,
  deployVolatility,
  expectModel,
  HOUR,
  LATENESS,
  modelOf,
  restored,
  START_ANSWER,
  type VolatilitySystem,
} from "../../helpers/volatility.ts";

// Estimates of gas would be made before the feed is allowed its share.
const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const ALL = 2n ** 256n - 1n;
/** A move of 1%. */
const UP = (START_ANSWER * 101n) / 100n;

/** Unix seconds of the next call. */
const now = async (): Promise<bigint> => BigInt(await time.latest());
const load = async (fixture: () => Promise<VolatilitySystem>) =>
  restored(await networkHelpers.loadFixture(fixture));
const fresh = () => deployVolatility(connection);

/** Rounds a quarter of an hour apart that go up and down by 1%, ending now; complete once consumed. */
async function busy() {
  const system = await fresh();
  const count = 60n;
  await time.increaseTo(system.origin + count * 900n);
  for (let i = 1n; i <= count; ++i)
    await system.made.push(i % 2n === 1n ? UP : START_ANSWER, system.origin + i * 900n);
  await time.increase(1n);
  return system;
}

/** The same, consumed. */
async function consumed() {
  const system = await busy();
  await system.oracle.poke(system.feed, ALL);
  return system;
}

/** Further rounds, each some seconds after the one before, and time passes to the last. */
async function later({ made, feed }: VolatilitySystem, ...steps: readonly (readonly [bigint, bigint])[]) {
  let at = (await feed.latestRoundData())[3];
  const times = steps.map(([seconds]) => (at += seconds));
  const last = times.reduce((a, b) => (a > b ? a : b));
  if (last > (await now())) await time.increaseTo(last);
  for (const [i, [, answer]] of steps.entries()) await made.push(answer, times[i]!);
}

describe("VolatilityOracle", () => {
  describe("setFeed", () => {
    it("starts at the feed's latest round, from the initial volatility, incomplete", async () => {
      const { oracle, feed, config, origin } = await load(fresh);
      expect((await oracle.stateOf(feed)).roundId).to.equal(1n);
      const shown = await oracle.volatility(feed);
      expect(shown.updatedAt).to.equal(origin);
      expect(shown.isComplete).to.equal(false);
      const silence = (await now()) - origin;
      const variance = quietVariance(
        config.initialVolatility ** 2n,
        config.deviation,
        silence,
        config.halfLife,
      );
      expect(shown.perRootSecond).to.equal(sqrtUp(variance));
      const kept = await oracle.configOf(feed);
      for (const [name, value] of Object.entries(config)) {
        expect(kept[name as keyof VolatilityConfig], name).to.equal(value);
      }
    });

    it("says so in an event", async () => {
      const { oracle, feed } = await load(fresh);
      await expect(oracle.setFeed(feed, CONFIG))
        .to.emit(oracle, "FeedSet")
        .withArgs(feed, Object.values(CONFIG), 1n);
    });

    it("forgets what was measured: it starts afresh, and waits a half-life again", async () => {
      const { oracle, feed, made } = await load(consumed);
      expect((await oracle.volatility(feed)).isComplete).to.equal(true);
      await oracle.setFeed(feed, CONFIG);
      const state = await oracle.stateOf(feed);
      expect(state.variance).to.equal(CONFIG.initialVolatility ** 2n);
      expect(state.roundId).to.equal(made.latestId);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
    });

    it("RevertWhen anybody but the governor calls", async () => {
      const { oracle, feed } = await load(fresh);
      const [, stranger] = await ethers.getSigners();
      await expect(oracle.connect(stranger).setFeed(feed, CONFIG))
        .to.be.revertedWithCustomError(oracle, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    const WAD = 10n ** 18n;
    for (const [name, least, most] of [
      ["halfLife", 600n, 30n * DAY],
      ["heartbeat", 1n, 30n * DAY],
      ["maxReturn", WAD / 100n, WAD],
      ["deviation", 1n, CONFIG.maxReturn],
      ["floor", 10n ** 12n, WAD / 20n],
      ["initialVolatility", 10n ** 12n, WAD / 20n],
    ] as const) {
      it(`RevertWhen ${name} is outside of its range`, async () => {
        const { oracle, feed } = await load(fresh);
        for (const value of [least, most]) await oracle.setFeed(feed, { ...CONFIG, [name]: value });
        for (const value of [least - 1n, most + 1n]) {
          await expect(oracle.setFeed(feed, { ...CONFIG, [name]: value }))
            .to.be.revertedWithCustomError(oracle, "InvalidParameter")
            .withArgs(ethers.encodeBytes32String(name), value);
        }
      });
    }

    it("RevertWhen the feed has no code, no positive answer, or does not know its latest round by number", async () => {
      const { oracle, feed, made } = await load(fresh);
      const [, nobody] = await ethers.getSigners();
      await expect(oracle.setFeed(nobody!, CONFIG))
        .to.be.revertedWithCustomError(oracle, "UnusableFeed")
        .withArgs(nobody);
      for (const answer of [0n, -1n]) {
        await made.push(answer, await now());
        await expect(oracle.setFeed(feed, CONFIG)).to.be.revertedWithCustomError(oracle, "UnusableFeed");
      }
      await made.push(1n, await now());
      await oracle.setFeed(feed, CONFIG);
      await made.skip(1n);
      await expect(oracle.setFeed(feed, CONFIG)).to.be.revertedWithCustomError(oracle, "UnusableFeed");
    });

    it("RevertWhen the latest round is dated ahead", async () => {
      const { oracle, feed, made } = await load(fresh);
      await made.push(1n, (await now()) + 1_000n);
      await expect(oracle.setFeed(feed, CONFIG)).to.be.revertedWithCustomError(oracle, "UnusableFeed");
    });
  });

  describe("poke", () => {
    it("consumes every round since, and ends where the model ends", async () => {
      const system = await load(busy);
      const { oracle, feed, made } = system;
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(60n);
      await expect(oracle.poke(feed, ALL))
        .to.emit(oracle, "RoundsConsumed")
        .withArgs(feed, made.latestId, modelOf(system, await now()).variance);
      await expectModel(system, await now());
    });

    it("consumes at most as many as it is told, and none when there is none or none is asked for", async () => {
      const { oracle, feed } = await load(busy);
      for (const [asked, taken] of [
        [0n, 0n],
        [7n, 7n],
        [50n, 50n],
        [50n, 3n],
        [50n, 0n],
      ] as const) {
        expect(await oracle.poke.staticCall(feed, asked)).to.equal(taken);
        const act = oracle.poke(feed, asked);
        if (taken === 0n) await expect(act).not.to.emit(oracle, "RoundsConsumed");
        else await expect(act).to.emit(oracle, "RoundsConsumed");
      }
    });

    it("counts a return beyond the clamp as the clamp, and says so", async () => {
      const system = await load(consumed);
      const { oracle, feed, made } = system;
      await later(system, [60n, START_ANSWER * 2n]);
      await expect(oracle.poke(feed, ALL))
        .to.emit(oracle, "ReturnClamped")
        .withArgs(feed, made.latestId, 693_147_180_559_945_310n, CONFIG.maxReturn);
      await expectModel(system, await now());
    });

    it("does not call a return at the clamp clamped", async () => {
      const system = await load(consumed);
      // e^0.2 is 1.2214027...
      await later(system, [60n, (START_ANSWER * 12_214n) / 10_000n]);
      await expect(system.oracle.poke(system.feed, ALL)).not.to.emit(system.oracle, "ReturnClamped");
      await later(system, [60n, (START_ANSWER * 12_214n * 12_215n) / 100_000_000n]);
      await expect(system.oracle.poke(system.feed, ALL)).to.emit(system.oracle, "ReturnClamped");
    });

    it("takes two rounds of one second as a second apart", async () => {
      const system = await load(consumed);
      const before = modelOf(system, await now());
      await later(system, [60n, UP], [0n, START_ANSWER]);
      await system.oracle.poke(system.feed, ALL);
      await expectModel(system, await now());
      const after = modelOf(system, await now());
      expect(after.missing).to.equal(0n);
      expect(after.variance).to.be.greaterThan(before.variance);
    });

    it("RevertWhen the feed was never registered", async () => {
      const { oracle } = await load(fresh);
      const other = await ethers.deployContract("MockAggregator", [8n]);
      await expect(oracle.poke(other, 1n))
        .to.be.revertedWithCustomError(oracle, "UnknownFeed")
        .withArgs(other);
      await expect(oracle.volatility(other))
        .to.be.revertedWithCustomError(oracle, "UnknownFeed")
        .withArgs(other);
    });

    it("RevertWhen the caller brings less gas than a feed is allowed: none can be starved into a missing round", async () => {
      const { oracle, feed } = await load(busy);
      for (const gasLimit of [110_000n, 125_000n, 140_000n, 200_000n]) {
        const before = (await oracle.stateOf(feed)).roundId;
        await oracle.poke(feed, 3n, { gasLimit }).catch(() => undefined);
        const { roundId, missing, absent } = await oracle.stateOf(feed);
        expect(roundId === before || roundId === before + 3n).to.equal(true);
        expect([missing, absent]).to.deep.equal([0n, 0n]);
      }
      const errors = await ethers.getContractAt("GasGuard", oracle);
      await expect(oracle.poke(feed, 3n, { gasLimit: 125_000n })).to.be.revertedWithCustomError(
        errors,
        "InsufficientGas",
      );
    });
  });

  describe("GivenRoundsThatCannotBeUsed", () => {
    for (const [what, answer] of [
      ["no answer", 0n],
      ["a negative answer", -START_ANSWER],
    ] as const) {
      it(`passes over ${what}, and is incomplete until a half-life of rounds has come after it`, async () => {
        const system = await load(consumed);
        const { oracle, feed, made } = system;
        await later(system, [60n, answer]);
        await expect(oracle.poke(feed, ALL))
          .to.emit(oracle, "RoundsMissing")
          .withArgs(feed, made.latestId, 1n);
        expect((await oracle.volatility(feed)).isComplete).to.equal(false);
        await later(system, [60n, UP]);
        const [, , , ended] = await feed.latestRoundData();
        await oracle.poke(feed, ALL);
        expect((await oracle.stateOf(feed)).gapEndedAt).to.equal(ended);
        const steps = Array.from({ length: 6 }, () => [HOUR - 1n, UP] as const);
        await later(system, ...steps);
        await oracle.poke(feed, ALL);
        expect((await oracle.volatility(feed)).isComplete).to.equal(false);
        await later(system, [5n, UP]);
        await oracle.poke(feed, ALL);
        expect((await oracle.volatility(feed)).isComplete).to.equal(false);
        await later(system, [1n, UP]);
        await oracle.poke(feed, ALL);
        expect((await oracle.volatility(feed)).isComplete).to.equal(true);
        await expectModel(system, await now());
      });
    }

    it("passes over a round dated before the one that was used last", async () => {
      const system = await load(consumed);
      const { oracle, feed } = system;
      await later(system, [60n, UP], [-1n, START_ANSWER * 3n], [61n, START_ANSWER]);
      await oracle.poke(feed, ALL);
      await expectModel(system, await now());
      const { missing, answer } = await oracle.stateOf(feed);
      expect([missing, answer]).to.deep.equal([1n, START_ANSWER]);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
    });

    it("walks over numbers that do not answer, counts them, and goes on", async () => {
      const system = await load(consumed);
      const { oracle, feed, made } = system;
      await made.skip(40n);
      const first = made.latestId - 39n;
      await later(system, [60n, UP]);
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(41n);
      await expect(oracle.poke(feed, 30n)).not.to.emit(oracle, "RoundsMissing");
      await expect(oracle.poke(feed, 11n)).to.emit(oracle, "RoundsMissing").withArgs(feed, first, 40n);
      await expectModel(system, await now());
      expect((await oracle.stateOf(feed)).missing).to.equal(40n);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
    });

    it("waits for a round dated ahead, whoever pokes when, and takes it when its time has come", async () => {
      const system = await load(consumed);
      const { oracle, feed, made } = system;
      const start = await now();
      await made.push(UP, start + 1_000n);
      await made.push(START_ANSWER, start + 10n);
      await made.push(UP, start + 2_000n);
      await time.increaseTo(start + 100n);
      // Nothing at all while the latest is dated ahead.
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(0n);
      await made.push(START_ANSWER, start + 50n);
      // The one dated ahead comes first.
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(0n);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
      await time.increaseTo(start + 1_500n);
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(2n);
      await oracle.poke(feed, ALL);
      await time.increaseTo(start + 2_500n);
      await oracle.poke(feed, ALL);
      await expectModel(system, await now());
      expect((await oracle.stateOf(feed)).missing).to.equal(2n);
    });

    it("takes a round of another number than the one asked for as none", async () => {
      const system = await load(consumed);
      const { oracle, feed } = system;
      const raw = await ethers.deployContract("MockRawAnswer");
      // A registered feed turns into one that gives the same answer to every call.
      await networkHelpers.setCode(await feed.getAddress(), await ethers.provider.getCode(raw));
      const broken = await ethers.getContractAt("MockRawAnswer", feed);
      const say = async (roundId: bigint) =>
        broken.setAnswer(
          0n,
          ethers.AbiCoder.defaultAbiCoder().encode(Array(5).fill("uint256"), [
            roundId,
            UP,
            0n,
            (await now()) - 1n,
            roundId,
          ]),
        );
      // Round numbers have 80 bits.
      await say(2n ** 80n);
      expect(await oracle.poke.staticCall(feed, 5n)).to.equal(0n);
      await say(70n);
      await oracle.poke(feed, ALL);
      const { roundId, missing, answer } = await oracle.stateOf(feed);
      expect([roundId, missing, answer]).to.deep.equal([70n, 8n, UP]);
    });
  });

  describe("GivenAProxyWhoseAggregatorIsReplaced", () => {
    it("goes on with the new one's rounds, incomplete for a half-life", async () => {
      const system = await load(consumed);
      const { oracle, feed, made } = system;
      await later(system, [60n, UP]);
      await made.startPhase();
      // The new one was already at work: its first rounds are older.
      await later(system, [-120n, START_ANSWER], [90n, UP], [60n, START_ANSWER]);
      await expect(oracle.poke(feed, ALL)).to.emit(oracle, "PhaseEntered").withArgs(feed, 1n);
      await expectModel(system, await now());
      const { roundId, missing } = await oracle.stateOf(feed);
      expect([roundId, missing]).to.deep.equal([(1n << 64n) + 3n, 2n]);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
      await later(system, ...Array.from({ length: 6 }, () => [HOUR, UP] as const));
      await oracle.poke(feed, ALL);
      expect((await oracle.volatility(feed)).isComplete).to.equal(true);
    });

    it("takes the old one's last rounds first, over holes of up to fifteen numbers", async () => {
      for (const [hole, reaches] of [
        [15n, true],
        [16n, false],
      ] as const) {
        const system = await load(consumed);
        const { oracle, feed, made } = system;
        await made.skip(hole);
        await later(system, [60n, UP]);
        await made.startPhase();
        await later(system, [60n, START_ANSWER]);
        await oracle.poke(feed, ALL);
        await expectModel(system, await now());
        expect((await oracle.stateOf(feed)).missing).to.equal(reaches ? hole : 0n);
      }
    });

    it("passes a phase without rounds, and waits in one that has none yet", async () => {
      const system = await load(consumed);
      const { oracle, feed, made } = system;
      await made.startPhase();
      await made.startPhase();
      await oracle.poke(feed, ALL);
      expect((await oracle.stateOf(feed)).roundId).to.equal(2n << 64n);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
      await later(system, [60n, UP]);
      expect(await oracle.poke.staticCall(feed, ALL)).to.equal(1n);
      await oracle.poke(feed, ALL);
      await expectModel(system, await now());
    });
  });

  describe("volatility", () => {
    it("is complete once every round up to the latest is consumed, a half-life after the start", async () => {
      const system = await load(busy);
      const { oracle, feed } = system;
      // Twenty-four rounds of a quarter of an hour are six hours.
      for (const [rounds, isComplete] of [
        [59n, false],
        [1n, true],
      ] as const) {
        await oracle.poke(feed, rounds);
        expect((await oracle.volatility(feed)).isComplete).to.equal(isComplete);
      }
      await later(system, [60n, UP]);
      expect((await oracle.volatility(feed)).isComplete).to.equal(false);
      await oracle.poke(feed, 1n);
      expect((await oracle.volatility(feed)).isComplete).to.equal(true);
    });

    it("falls while the feed is silent, as if the price had moved by the deviation, and rises in no silence", async () => {
      const system = await load(consumed);
      const { oracle, feed } = system;
      const { variance, updatedAt } = await oracle.stateOf(feed);
      let last = (await oracle.volatility(feed)).perRootSecond;
      expect(last).to.equal(sqrtUp(variance));
      for (const silence of [100n, 300n, 600n, 1_800n, HOUR]) {
        await time.increaseTo(updatedAt + silence);
        const shown = (await oracle.volatility(feed)).perRootSecond;
        const { deviation, halfLife } = CONFIG;
        expect(shown).to.equal(sqrtUp(quietVariance(variance, deviation, silence, halfLife)));
        // 3.1e-4 per root second: a move of 0.5% is less from 261 seconds on.
        if (silence < 200n) expect(shown).to.equal(last);
        else expect(shown).to.be.lessThan(last);
        last = shown;
      }
    });

    it("is what it will be if the next round has moved by the deviation", async () => {
      const system = await load(consumed);
      const { oracle, feed } = system;
      const { updatedAt, answer } = await oracle.stateOf(feed);
      await time.increaseTo(updatedAt + 1_800n);
      const before = (await oracle.volatility(feed)).perRootSecond;
      await later(system, [1_800n, (answer * 100_502n) / 100_000n]);
      await oracle.poke(feed, ALL);
      const after = sqrtUp((await oracle.stateOf(feed)).variance);
      // The deviation is 0.5%, in logarithms 0.501%.
      expect(after).to.be.greaterThanOrEqual(before);
      expect(after * 10_000n).to.be.lessThan(before * 10_001n);
    });

    it("stands still from the heartbeat on, and is incomplete once the lateness has passed too", async () => {
      const { oracle, feed } = await load(consumed);
      const { updatedAt } = await oracle.stateOf(feed);
      await time.increaseTo(updatedAt + HOUR);
      const atHeartbeat = await oracle.volatility(feed);
      for (const [age, isComplete] of [
        [HOUR + LATENESS, true],
        [HOUR + LATENESS + 1n, false],
        [30n * DAY, false],
      ] as const) {
        await time.increaseTo(updatedAt + age);
        const shown = await oracle.volatility(feed);
        expect(shown.perRootSecond).to.equal(atHeartbeat.perRootSecond);
        expect(shown.isComplete).to.equal(isComplete);
      }
    });

    it("never falls under the floor", async () => {
      const system = await load(consumed);
      await later(system, ...Array.from({ length: 80 }, () => [HOUR, START_ANSWER] as const));
      await system.oracle.poke(system.feed, ALL);
      const { variance } = await system.oracle.stateOf(system.feed);
      expect(sqrtUp(variance)).to.be.lessThan(CONFIG.floor);
      expect((await system.oracle.volatility(system.feed)).perRootSecond).to.equal(CONFIG.floor);
    });

    it("does not take rounds that wait for silence", async () => {
      const system = await load(consumed);
      const { oracle, feed } = system;
      const { variance } = await oracle.stateOf(feed);
      await later(system, [HOUR, UP]);
      const shown = await oracle.volatility(feed);
      expect(shown.perRootSecond).to.equal(sqrtUp(variance));
      expect(shown.isComplete).to.equal(false);
    });

    for (const [name, mode] of Object.entries(Mode)) {
      if (mode === Mode.ANSWER || mode === Mode.SLOW) continue;
      it(`shows the last estimate, incomplete, while the feed says ${name}; nothing is consumed`, async () => {
        const system = await load(consumed);
        const { oracle, feed } = system;
        const { variance, updatedAt } = await oracle.stateOf(feed);
        await later(system, [60n, UP]);
        await feed.setMode(mode);
        const shown = await oracle.volatility(feed);
        expect([shown.perRootSecond, shown.updatedAt, shown.isComplete]).to.deep.equal([
          sqrtUp(variance),
          updatedAt,
          false,
        ]);
        expect(await oracle.poke.staticCall(feed, ALL)).to.equal(0n);
        await feed.setMode(Mode.ANSWER);
        await oracle.poke(feed, ALL);
        await expectModel(system, await now());
        expect((await oracle.volatility(feed)).isComplete).to.equal(true);
      });
    }
  });

  it("costs under 60k gas for a round, 10k for each further one, and 45k for a reading", async () => {
    const system = await load(busy);
    const { oracle, feed } = system;
    const used = async (rounds: bigint) => {
      const receipt = await (await oracle.poke(feed, rounds)).wait();
      return receipt?.gasUsed ?? 0n;
    };
    const [one, ten] = [await used(1n), await used(10n)];
    // The transactions' 21,000 included.
    const [reader] = await ethers.getSigners();
    const call = await oracle.volatility.populateTransaction(feed);
    const read = (await (await reader!.sendTransaction(call)).wait())?.gasUsed ?? 0n;
    expect(one).to.be.lessThan(60_000n);
    expect((ten - one) / 9n).to.be.lessThan(10_000n);
    expect(read).to.be.lessThan(45_000n);
  });
});
