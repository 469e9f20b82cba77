import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { roundsOf } from "../../scripts/world/feedRule.ts";
import { CRASHES, jumpDiffusion } from "../../scripts/world/jumpDiffusion.ts";
import { WAD } from "../../sdk/math.ts";
import { Random } from "../../scripts/world/random.ts";
import { sqrtUp } from "../../sdk/riskMath.ts";
import { logReturn, quietVariance, updateVariance } from "../../sdk/volatilityMath.ts";
import { varianceModel } from "../../scripts/world/riskModel.ts";
import { CONFIG, deployVolatility, expectModel, modelOf, START_ANSWER } from "../helpers/volatility.ts";
import { batches, bits, sample } from "./inputs.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;

const MOST_VARIANCE = 2n ** 128n - 1n;
const ONE_ANSWER = 10 ** 8;

const variance = bits(127);
const size = fc.oneof(fc.bigInt(0n, WAD), bits(59));
const seconds = fc.oneof(fc.bigInt(1n, 100_000n), bits(32)).map((x) => x + 1n);
const halfLife = fc.bigInt(600n, 2_592_000n);
const queries = sample(fc.tuple(variance, size, seconds, halfLife), 3_000);

describe("Reference: volatility against its bigint form", () => {
  it("gives the same log returns, rounded up, the same both ways", async () => {
    const harness = await ethers.deployContract("VolatilityHarness");
    const answer = bits(127).map((x) => x + 1n);
    const pairs = [
      ...sample(fc.tuple(answer, answer), 1_500),
      ...sample(
        fc.tuple(fc.bigInt(10n ** 6n, 10n ** 13n), fc.bigInt(9_000n, 11_000n)).map(([x, bps]) => {
          return [x, (x * bps) / 10_000n] as [bigint, bigint];
        }),
        1_500,
      ),
      [1n, 2n ** 128n - 1n] as [bigint, bigint],
    ];
    for (const batch of batches(pairs)) {
      const results = await harness.logReturns(batch);
      const back = await harness.logReturns(batch.map(([from, to]) => [to, from]));
      for (const [i, [from, to]] of batch.entries()) {
        expect(results[i], `${from} to ${to}`).to.equal(logReturn(from, to));
        expect(back[i]).to.equal(results[i]);
      }
    }
  });

  it("gives the same variances and volatilities", async () => {
    const harness = await ethers.deployContract("VolatilityHarness");
    for (const batch of batches(queries)) {
      const results = await harness.updates(batch);
      for (const [i, query] of batch.entries()) {
        const updated = updateVariance(...query);
        expect([...results[i]!], inspect(query)).to.deep.equal([
          updated,
          quietVariance(...query),
          sqrtUp(updated),
        ]);
      }
    }
  });

  it("stays inside its slot: no return makes more of a variance than both were", () => {
    for (const [before, move, dt, life] of queries) {
      const after = updateVariance(before, move, dt, life);
      const most = before > move * move ? before : move * move;
      // The two weights add up to at most 1 + 4e-18.
      expect(after <= most + (most * 4n) / WAD + 2n, inspect([before, move, dt, life])).to.equal(true);
      expect(after <= MOST_VARIANCE).to.equal(true);
    }
  });
});

describe("Reference: volatility over the rounds of a crash", () => {
  const FEED = { deviation: 0.005, heartbeat: 3_600, lag: 12 };

  for (const seed of [1, 2, 3]) {
    it(`the oracle, the bigint model and floating point agree after every few rounds (seed ${seed})`, async () => {
      const system = await deployVolatility(connection);
      const { oracle, feed, made, config, origin } = system;
      const path = jumpDiffusion(
        new Random(seed),
        { time: Number(origin), price: Number(START_ANSWER) / ONE_ANSWER },
        60,
        CRASHES.slow,
      );
      const [, ...rounds] = roundsOf(path, FEED);
      expect(rounds.length).to.be.greaterThan(100);
      const random = new Random(seed, 1);
      const answers = [{ answer: Number(START_ANSWER), updatedAt: Number(origin) }];
      const exact = (answer: number) => BigInt(Math.round(answer * ONE_ANSWER));
      for (const { answer, updatedAt } of rounds) {
        answers.push({ answer: Number(exact(answer)), updatedAt });
        const at = BigInt(updatedAt);
        if (at > BigInt(await networkHelpers.time.latest())) await networkHelpers.time.increaseTo(at);
        await made.push(exact(answer), at);
        // Now and then somebody takes some of what has gathered.
        if (random.chance(0.2)) await oracle.poke(feed, BigInt(Math.floor(random.uniform() * 8)));
      }
      await oracle.poke(feed, 10n ** 6n);
      await expectModel(system, BigInt(await networkHelpers.time.latest()));

      const float = varianceModel((Number(config.initialVolatility) / 1e18) ** 2, answers, {
        halfLife: Number(config.halfLife),
        maxReturn: Number(config.maxReturn) / 1e18,
      });
      const last = float.at(-1) ?? 0;
      const state = modelOf(system, BigInt(answers.at(-1)!.updatedAt));
      const error = Math.abs(Number(state.variance) / 1e36 / last - 1);
      expect(error < 1e-9, `relative error ${error}`).to.equal(true);
    });
  }

  it("finds the volatility of a price that keeps one, seen through a feed with a deviation, within a tenth", () => {
    // Three hundred half-lives at 20% a day; the estimate itself scatters, its mean does not.
    const daily = 0.2;
    const phase = {
      seconds: 300 * 3_600,
      drift: 0,
      dailyVolatility: daily,
      jumpsPerHour: 0,
      jumpMean: 0,
      jumpDeviation: 0,
    };
    const path = jumpDiffusion(new Random(7), { time: 0, price: 2_000 }, 6, [phase]);
    const rounds = roundsOf(path, { ...FEED, lag: 0 });
    const variances = varianceModel(daily ** 2 / 86_400, rounds, { halfLife: 3_600, maxReturn: 1 });
    const mean = variances.reduce((a, b) => a + b, 0) / variances.length;
    expect(Math.sqrt(mean * 86_400)).to.be.within(daily * 0.9, daily * 1.1);
    expect(CONFIG.maxReturn).to.be.greaterThan(0n);
  });

  it("models nothing of no rounds", () => {
    expect(varianceModel(1, [], { halfLife: 1, maxReturn: 1 })).to.deep.equal([]);
  });
});
