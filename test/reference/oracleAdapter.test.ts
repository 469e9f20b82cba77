import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { max } from "../../sdk/math.ts";
import {
  type Decimals,
  lookBack,
  oraclePrice,
  readRound,
  type Reading,
  type Round,
  type Source,
} from "../../sdk/oracleAdapter.ts";
import {
  deployOracle,
  HEARTBEAT,
  MAX_DISAGREEMENT_BPS,
  Mode,
  type OracleOptions,
  PRIMARY_GRACE,
  SEQUENCER_GRACE,
  START,
} from "../helpers/oracleSystem.ts";
import { sample, SEED } from "./inputs.ts";

const rules = {
  maxDisagreementBps: MAX_DISAGREEMENT_BPS,
  primaryGrace: PRIMARY_GRACE,
  sequencerGrace: SEQUENCER_GRACE,
};

/** What a feed does next, relative to the moment of reading. */
interface Push {
  readonly answer: bigint;
  readonly age: bigint;
}
interface Behaviour {
  readonly mode: bigint;
  /** Rounds that it makes, oldest first, perhaps none. */
  readonly rounds: readonly Push[];
}
interface Step {
  /** Seconds that pass. */
  readonly pass: bigint;
  readonly feeds: readonly [Behaviour, Behaviour, Behaviour];
  readonly sequencer: { readonly isUp: boolean; readonly age: bigint } | undefined;
  readonly standby: boolean | undefined;
  /** Age of the moment that the look back goes to. */
  readonly since: bigint;
}

const LATENESS = 300n;
const edges = (...at: readonly bigint[]) => fc.constantFrom(...at.flatMap((x) => [x - 1n, x, x + 1n]));
const age = fc.oneof(
  { arbitrary: fc.bigInt(0n, 900n), weight: 4 },
  { arbitrary: edges(HEARTBEAT, HEARTBEAT + LATENESS, HEARTBEAT + PRIMARY_GRACE), weight: 2 },
  { arbitrary: fc.bigInt(-50n, 20_000n), weight: 1 },
);

/** Answers around the start, on the edges of the band and of the bounds, and nonsense; in hundredths of a bp of one. */
const answerOf = (decimals: Decimals): fc.Arbitrary<bigint> => {
  const one = 10n ** decimals.feed;
  return fc.oneof(
    { arbitrary: fc.bigInt(9_700n, 10_300n).map((bps) => (START * one * bps) / 10_000n), weight: 5 },
    { arbitrary: fc.constant(START * one), weight: 3 },
    { arbitrary: edges((START * one * 98n) / 100n, (START * one * 102n) / 100n), weight: 3 },
    { arbitrary: edges(one, 1_000_000n * one, 0n), weight: 1 },
    { arbitrary: fc.bigInt(-(2n ** 127n), 2n ** 127n - 1n), weight: 1 },
  );
};

const behaviour = (decimals: Decimals): fc.Arbitrary<Behaviour> =>
  fc.record({
    mode: fc.oneof(
      { arbitrary: fc.constant(Mode.ANSWER), weight: 9 },
      {
        arbitrary: fc.constantFrom(Mode.REVERT, Mode.BURN_GAS, Mode.SHORT_ANSWER, Mode.HUGE_ANSWER),
        weight: 1,
      },
    ),
    rounds: fc
      .array(fc.record({ answer: answerOf(decimals), age }), { maxLength: 6 })
      .map((rounds) => rounds.toSorted((a, b) => Number(b.age - a.age))),
  });

const step = (decimals: Decimals): fc.Arbitrary<Step> =>
  fc.record({
    pass: fc.constantFrom(60n, 600n, 3_000n, 3_599n, 20_000n),
    feeds: fc.tuple(behaviour(decimals), behaviour(decimals), behaviour(decimals)),
    sequencer: fc.option(
      fc.record({
        isUp: fc.integer({ min: 0, max: 3 }).map((x) => x > 0),
        age: fc.oneof(edges(SEQUENCER_GRACE), fc.bigInt(0n, 5_000n)),
      }),
      { nil: undefined },
    ),
    standby: fc.option(fc.boolean(), { nil: undefined }),
    since: fc.bigInt(-10n, 15_000n),
  });

const places = fc.record({
  hasSecond: fc.integer({ min: 0, max: 3 }).map((x) => x > 0),
  hasStandby: fc.boolean(),
  hasSequencer: fc.integer({ min: 0, max: 2 }).map((x) => x === 0),
  decimals: fc
    .record({
      loan: fc.constantFrom(6n, 8n, 18n),
      collateral: fc.constantFrom(6n, 8n, 18n, 27n),
      feed: fc.constantFrom(0n, 8n, 18n),
    })
    // Prices of thousands at more decimals than that are too high to sell at.
    .filter(({ loan, collateral }) => loan <= collateral + 2n),
});

/** The three feeds on chain and what the model knows of them. */
async function deployWorld(options: OracleOptions & { readonly decimals: Decimals }) {
  const system = await deployOracle(
    await network.create({ network: "sim", chainType: "l1", override: { gas: 5_000_000n } }),
    options,
  );
  const { time } = system.connection.networkHelpers;
  const feeds = [system.primary, system.second, system.standby] as const;
  const sources = [system.config.primary, system.config.second, system.config.standby].map(
    (source): Source => ({
      decimals: options.decimals,
      heartbeat: BigInt(source.heartbeat),
      minPrice: BigInt(source.minPrice),
      maxPrice: BigInt(source.maxPrice),
    }),
  );
  const histories: Round[][] = [];
  for (const feed of feeds) {
    const [, answer, , updatedAt] = await feed.latestRoundData();
    histories.push([{ answer, updatedAt }]);
  }
  const modes: bigint[] = [Mode.ANSWER, Mode.ANSWER, Mode.ANSWER];
  let sequencer = { isUp: true, at: (await system.sequencer.latestRoundData())[3] };
  let standbyActive = false;
  let switchedAt = 0n;

  return {
    oracle: system.oracle,
    /** Does a step on chain and in the model. Returns the moment of reading. */
    async advance({ pass, feeds: behaviours, sequencer: nextSequencer, standby }: Step): Promise<bigint> {
      if (options.hasStandby && standby !== undefined && standby !== standbyActive) {
        await system.oracle.setStandbyActive(standby);
        standbyActive = standby;
        switchedAt = BigInt(await time.latest());
      }
      // Transactions take a second each: none of them comes after the moment of reading.
      const now = BigInt(await time.latest()) + 40n + pass;
      for (const [i, { mode, rounds }] of behaviours.entries()) {
        for (const { answer, age: roundAge } of rounds) {
          const updatedAt = max(now - roundAge, 0n);
          await feeds[i]?.pushRound(answer, updatedAt);
          histories[i]?.push({ answer, updatedAt });
        }
        await feeds[i]?.setMode(mode);
        modes[i] = mode;
      }
      if (nextSequencer !== undefined) {
        sequencer = { isUp: nextSequencer.isUp, at: now - nextSequencer.age };
        await system.sequencer.pushRound(sequencer.isUp ? 0n : 1n, sequencer.at);
      }
      await time.increaseTo(now);
      return now;
    },
    model(now: bigint, since: bigint) {
      const readings = histories.map((rounds, i): Reading | undefined => {
        const source = sources[i];
        return source && modes[i] === Mode.ANSWER ? readRound(source, rounds.at(-1), now) : undefined;
      });
      const first = standbyActive ? 2 : 0;
      const expected = oraclePrice(rules, {
        now,
        primary: readings[first],
        ...(options.hasSecond ? { second: readings[1] } : {}),
        ...(options.hasSequencer ? { sequencerUpSince: sequencer.isUp ? sequencer.at : undefined } : {}),
        ...(options.hasStandby ? { switchedAt } : {}),
      });
      if (expected.state === 0n || since <= 0n || since >= now) return expected;
      const used = options.hasSecond ? [first, 1] : [first];
      const interruption = lookBack(
        used.map((i) => ({
          reading: readings[i],
          heartbeat: HEARTBEAT,
          times: (histories[i] ?? []).map((round) =>
            sources[i] && readRound(sources[i], round, now) !== undefined ? round.updatedAt : undefined,
          ),
        })),
        since,
        now,
      );
      return { ...expected, liveSince: max(expected.liveSince, interruption) };
    },
  };
}

describe("Reference: the oracle against its bigint form", () => {
  const CONFIGURATIONS = 16;
  const STEPS = 30;

  it("says the same in every state of its feeds, to the last digit and second", async () => {
    const seen = new Map<bigint, number>();
    for (const [i, options] of sample(places, CONFIGURATIONS).entries()) {
      const world = await deployWorld(options);
      for (const next of fc.sample(step(options.decimals), { numRuns: STEPS, seed: SEED + i })) {
        const now = await world.advance(next);
        for (const since of [0n, now - next.since]) {
          const { deciding, low, high, startBound, liveSince, aliveUntil, state } =
            await world.oracle.priceSince(since);
          const expected = world.model(now, since);
          seen.set(state, (seen.get(state) ?? 0) + 1);
          // Of a STALE price nothing else is used.
          if (expected.state === 0n) expect(state).to.equal(0n);
          else {
            expect(
              { deciding, low, high, startBound, liveSince, aliveUntil, state },
              inspect({ options, next, now }, { depth: 6 }),
            ).to.deep.equal(expected);
          }
        }
      }
    }
    for (const state of [0n, 1n, 2n]) expect(seen.get(state) ?? 0, `state ${state}`).to.be.greaterThan(100);
  });

  it("says the same of a second source that stands in, a pool alone or not, at every age of the last price", async () => {
    const HOUR = 3_600n;
    const connection = await network.create({ network: "sim", chainType: "l1" });
    const { time } = connection.networkHelpers;
    const base = await deployOracle(connection);
    const feed = await connection.ethers.deployContract("MockPriceFeed", [base.collateral, base.loan]);
    await feed.set(START * base.onePrice, 0n);
    const second = { ...base.config.second, kind: 2n, target: await feed.getAddress() };
    const graces = [0n, 200n, LATENESS, PRIMARY_GRACE, HOUR];
    const seen = new Map<bigint, number>();
    for (const [i, primaryGrace] of graces.entries()) {
      const pairs = [];
      // An adapter is built on a source that is alive.
      await base.primary.setMode(Mode.ANSWER);
      await base.primary.pushAnswer(START * base.oneAnswer);
      for (const secondIsPool of [true, false]) {
        const changed = { ...base.config, second, primaryGrace, secondIsPool };
        const oracle = await connection.ethers.deployContract("OracleAdapter", [changed, base.authority]);
        pairs.push({ oracle, secondIsPool });
      }
      const late = fc.oneof(
        edges(0n, LATENESS, primaryGrace, primaryGrace + HOUR, primaryGrace + 20n * HOUR),
        fc.bigInt(-HOUR, 2n * HOUR),
        fc.bigInt(0n, 30n * HOUR),
      );
      const bps = fc.oneof(
        fc.bigInt(9_000n, 11_000n),
        fc.bigInt(1n, 30_000n),
        edges(9_800n, 10_200n, 10_000n),
      );
      const cases = fc.record({ late, bps, isReadable: fc.integer({ min: 0, max: 9 }).map((x) => x > 0) });
      for (const { late: after, bps: share, isReadable } of fc.sample(cases, {
        numRuns: 40,
        seed: SEED + i,
      })) {
        const other = max((START * base.onePrice * share) / 10_000n, 2n * base.onePrice);
        await feed.set(other, 0n);
        await base.primary.setMode(isReadable ? Mode.ANSWER : Mode.REVERT);
        const now = BigInt(await time.latest()) + 30n;
        const updatedAt = now - HEARTBEAT - after;
        await base.primary.pushRound(START * base.oneAnswer, updatedAt);
        await time.increaseTo(now);
        const primary = isReadable
          ? { price: START * base.onePrice, expiry: updatedAt + HEARTBEAT }
          : undefined;
        for (const { oracle, secondIsPool } of pairs) {
          const world = { now, primary, second: { price: other, expiry: now } };
          const expected = oraclePrice({ ...rules, primaryGrace, secondIsPool }, world);
          const { deciding, low, high, startBound, liveSince, aliveUntil, state } = await oracle.price();
          seen.set(state, (seen.get(state) ?? 0) + 1);
          if (expected.state === 0n) expect(state, inspect(world)).to.equal(0n);
          else {
            expect(
              { deciding, low, high, startBound, liveSince, aliveUntil, state },
              inspect({ world, primaryGrace, secondIsPool }),
            ).to.deep.equal(expected);
          }
        }
      }
    }
    for (const state of [0n, 1n, 2n]) expect(seen.get(state) ?? 0, `state ${state}`).to.be.greaterThan(10);
  });
});
