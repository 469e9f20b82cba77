import { expect } from "chai";
import { network } from "hardhat";

import { Random } from "../../scripts/world/random.ts";
import { sqrtUp } from "../../sdk/riskMath.ts";
import {
  CONFIG,
  deployVolatility,
  HOUR,
  modelOf,
  restored,
  START_ANSWER,
  type VolatilitySystem,
} from "../helpers/volatility.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const ALL = 2n ** 256n - 1n;
const WAD = 10n ** 18n;
const LN_2 = 693_147_180_559_945_310n;
const BLOCK = 12n;

/** Variance that one clamped return adds at most. */
const MOST_OF_A_RETURN = (CONFIG.maxReturn ** 2n * LN_2) / (WAD * CONFIG.halfLife);

describe("Security: volatility is what the rounds say, whoever pokes", () => {
  const deployed = () => deployVolatility(connection);

  /** A day of rounds, up and down by half a percent to two, minutes apart; complete once consumed. */
  async function day() {
    const system = await deployed();
    const random = new Random(11);
    let at = system.origin;
    let answer = Number(START_ANSWER);
    await time.increaseTo(system.origin + 26n * HOUR);
    while (at < system.origin + 24n * HOUR) {
      at += BigInt(60 + Math.floor(random.uniform() * 1_500));
      answer *= 1 + (random.chance(0.5) ? 1 : -1) * (0.005 + 0.015 * random.uniform());
      await system.made.push(BigInt(Math.round(answer)), at);
    }
    return system;
  }
  const load = async () => restored(await networkHelpers.loadFixture(day));
  const stateOf = async ({ oracle, feed }: VolatilitySystem) => [...(await oracle.stateOf(feed))];

  /** Rounds go on where the feed stands; each some seconds after the one before. */
  async function goOn({ made, feed }: VolatilitySystem, steps: readonly (readonly [bigint, bigint])[]) {
    let [, , , at] = await feed.latestRoundData();
    for (const [seconds, answer] of steps) {
      at += seconds;
      if (at > BigInt(await time.latest())) await time.increaseTo(at);
      await made.push(answer, at);
    }
  }

  it("no schedule of pokes, by whomever, ends anywhere else", async () => {
    const once = await load();
    await once.oracle.poke(once.feed, ALL);
    const wanted = await stateOf(once);
    const users = await ethers.getSigners();
    for (const seed of [1, 2, 3, 4]) {
      const system = await load();
      const random = new Random(seed);
      const { made, oracle, feed } = system;
      while ((await oracle.stateOf(feed)).roundId < made.latestId) {
        const user = users[Math.floor(random.uniform() * 5)];
        await oracle.connect(user).poke(feed, BigInt(Math.floor(random.uniform() * 20)));
      }
      expect(await stateOf(system)).to.deep.equal(wanted);
    }
  });

  it("nor does a choice of which rounds to poke after: those between are made up for", async () => {
    const steps = [
      [300n, (START_ANSWER * 11n) / 10n],
      [300n, (START_ANSWER * 9n) / 10n],
      [300n, (START_ANSWER * 11n) / 10n],
      [300n, (START_ANSWER * 9n) / 10n],
    ] as const;
    const diligent = await load();
    for (const step of steps) {
      await goOn(diligent, [step]);
      await diligent.oracle.poke(diligent.feed, ALL);
    }
    const wanted = await stateOf(diligent);
    // Every second round brings the price back: seen alone they would be calm.
    const selective = await load();
    for (const step of steps) {
      await goOn(selective, [step]);
      if (step === steps[1] || step === steps[3]) await selective.oracle.poke(selective.feed, ALL);
    }
    expect(await stateOf(selective)).to.deep.equal(wanted);
  });

  it("holding pokes back neither lowers the estimate nor hides that rounds wait", async () => {
    const system = await load();
    const { oracle, feed } = system;
    await oracle.poke(feed, ALL);
    await goOn(system, [[60n, START_ANSWER * 2n]]);
    const { perRootSecond, isComplete } = await oracle.volatility(feed);
    expect(isComplete).to.equal(false);
    await time.increase(50n * 60n);
    // Rounds wait: there is no silence from which calm could be concluded.
    expect((await oracle.volatility(feed)).perRootSecond).to.equal(perRootSecond);
    expect(perRootSecond).to.equal(sqrtUp((await oracle.stateOf(feed)).variance));
  });

  it("a false round and its correction add two clamped returns at most, however false", async () => {
    for (const answer of [1n, START_ANSWER / 10n, START_ANSWER * 10n, 2n ** 127n - 1n]) {
      const system = await load();
      const { oracle, feed } = system;
      await oracle.poke(feed, ALL);
      const { variance, answer: right } = await oracle.stateOf(feed);
      await goOn(system, [
        [BLOCK, answer],
        [BLOCK, right],
      ]);
      await expect(oracle.poke(feed, ALL)).to.emit(oracle, "ReturnClamped");
      const raised = (await oracle.stateOf(feed)).variance;
      expect(raised).to.be.greaterThan(variance);
      expect(raised).to.be.at.most(variance + 2n * MOST_OF_A_RETURN);
      // Half of it is gone after a half-life of calm rounds.
      await goOn(
        system,
        Array.from({ length: 6 }, () => [HOUR, right] as const),
      );
      await oracle.poke(feed, ALL);
      expect((await oracle.stateOf(feed)).variance).to.be.at.most(raised / 2n + raised / 1_000n);
    }
  });

  it("what moves the feed by its deviation in every block makes 42% a day of it and no more", async () => {
    const system = await load();
    const { oracle, feed, config } = system;
    await oracle.poke(feed, ALL);
    const { answer } = await oracle.stateOf(feed);
    const other = (answer * 995n) / 1_000n;
    // Two half-lives of it would be 3,600 rounds: what a tenth of one comes to shows where it goes.
    const rounds = 180;
    const before = (await oracle.stateOf(feed)).variance;
    await goOn(
      system,
      Array.from({ length: rounds }, (_, i) => [BLOCK, i % 2 === 0 ? other : answer] as const),
    );
    await oracle.poke(feed, ALL);
    // The log return down 0.5% is 0.50125%.
    const limit = (5_013n * 10n ** 12n) ** 2n / BLOCK;
    const { variance } = await oracle.stateOf(feed);
    expect(variance).to.be.within(before, limit);
    // A tenth of a half-life moves it by 6.7% of the way.
    const way = ((limit - before) * 67n) / 1_000n;
    expect(variance - before).to.be.within((way * 95n) / 100n, (way * 105n) / 100n);
    expect(modelOf(system, BigInt(await time.latest())).variance).to.equal(variance);
    // A 42nd of a hundredth a day: per root second times the root of 86,400.
    const daily = (Math.sqrt(Number(limit)) / 1e18) * Math.sqrt(86_400);
    expect(daily).to.be.within(0.42, 0.43);
    expect(config.deviation).to.be.lessThan(config.maxReturn);
  });

  it("one feed that goes mad leaves the others as they are", async () => {
    const system = await load();
    const { oracle, feed, config } = system;
    await oracle.poke(feed, ALL);
    const other = await ethers.deployContract("MockAggregator", [18n]);
    await other.pushAnswer(1n);
    await oracle.setFeed(other, config);
    const before = [...(await stateOf(system)), ...(await oracle.volatility(feed))];
    for (const answer of [2n ** 126n, -1n, 0n, 1n]) await other.pushAnswer(answer);
    await oracle.poke(other, ALL);
    const state = await stateOf(system);
    expect(state).to.deep.equal(before.slice(0, state.length));
    expect((await oracle.stateOf(other)).missing).to.equal(2n);
  });
});
