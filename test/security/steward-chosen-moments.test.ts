import { expect } from "chai";

import { abs, WAD } from "../../sdk/math.ts";
import { Random } from "../../scripts/world/random.ts";
import { isTighterAbove, PARAMETERS, type Parameter } from "../../sdk/stewardMath.ts";
import { connection, ethers, loadFixture, now, pass } from "../helpers/chain.ts";
import {
  BOUNDS,
  boundsWith,
  CALM_DEPTH,
  CALM_VOLATILITY,
  CONFIG,
  DAY,
  deploySteward,
  HOUR,
  type StewardSystem,
} from "../helpers/steward.ts";
import { deployVolatility } from "../helpers/volatility.ts";

/** Hours of one story: a storm, a calm, a smaller storm, a calm. */
const HOURS = 96;
const LOOSE_DELAY = 6n * HOUR;
/** When honest keepers look, in each hour. */
const HONEST_SECOND = 2_400n;
/** When a second round of the feed comes; nobody pokes it before the honest look. */
const ROUND_SECOND = 1_800n;
const PACED = Object.fromEntries(
  PARAMETERS.map((parameter) => [parameter, { looseDelay: LOOSE_DELAY }]),
) as Record<Parameter, { looseDelay: bigint }>;

/** What one steward reads, and the vault that it moves: the feed is the same for all. */
async function deployWorld(feedOracle: Awaited<ReturnType<typeof deployVolatility>>) {
  const [governor] = await ethers.getSigners();
  if (governor === undefined) throw new Error("no signer");
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const volatility = await ethers.deployContract("VolatilityOracle", [authority]);
  await volatility.setFeed(feedOracle.feed, feedOracle.config);
  const system = await deploySteward({ volatilityOracle: volatility });
  const config = { ...CONFIG, feed: await feedOracle.feed.getAddress(), notice: DAY, rampDuration: DAY };
  await system.steward.connect(system.governor).configure(system.vault, config, boundsWith(PACED));
  return { ...system, volatility };
}

async function twoWorlds() {
  const source = await deployVolatility(connection, {
    halfLife: 2n * HOUR,
    floor: CALM_VOLATILITY / 4n,
    initialVolatility: CALM_VOLATILITY / 2n,
  });
  const honest = await deployWorld(source);
  const steered = await deployWorld(source);
  return { source, honest, steered };
}

interface Weather {
  /** Of the feed, each round, 1/10,000. */
  readonly move: bigint;
  readonly depth: bigint;
  readonly stress: bigint;
}

/** First hour of each weather. */
const CHANGES = [0, 4, 16, 60, 66] as const;

/** The hour's market, the same for both stewards: storms differ, but each goes on as it began. */
function weatherAt(hour: number, random: Random): Weather {
  const isStorm = (hour >= CHANGES[1] && hour < CHANGES[2]) || (hour >= CHANGES[3] && hour < CHANGES[4]);
  const share = BigInt(Math.floor(random.uniform() * 100));
  const isFirst = hour < CHANGES[3];
  return isStorm
    ? { move: 300n + 5n * share, depth: CALM_DEPTH / (isFirst ? 12n : 5n), stress: isFirst ? WAD / 2n : 0n }
    : { move: share / 20n, depth: CALM_DEPTH + share, stress: 0n };
}

async function tellInputs({ inputs }: StewardSystem, weather: Weather, isComplete: boolean): Promise<void> {
  await inputs.setDepth({ reserve: weather.depth, updatedAt: await now(), isComplete });
  await inputs.setStress({ level: weather.stress, live: 3n, isKnown: isComplete });
}

type Act = () => Promise<unknown>;
interface Due {
  readonly second: bigint;
  readonly act: Act;
}

/** Does everything of one hour in its order; what falls on one second in the order of the list. */
async function playHour(acts: readonly Due[]): Promise<void> {
  let at = 0n;
  for (const { second, act } of [...acts].sort((a, b) => Number(a.second - b.second))) {
    await pass(second - at);
    at = second;
    await act();
  }
  await pass(HOUR - at);
}

/** Seconds of an hour at which the adversary looks. */
type Strategy = (pokedAt: bigint, random: Random, hour: number) => readonly bigint[];

const anySecond = (random: Random): bigint => BigInt(Math.floor(random.uniform() * 3_600));

const STRATEGIES: readonly (readonly [string, Strategy])[] = [
  ["right after each round, before anybody has poked", () => [1n, ROUND_SECOND + 1n]],
  [
    "just before and just after every poke and every honest look",
    (pokedAt) => [pokedAt - 1n, pokedAt, HONEST_SECOND - 1n, HONEST_SECOND + 1n],
  ],
  ["in bursts of five at a moment by chance", (_, random) => Array<bigint>(5).fill(anySecond(random))],
  [
    "at up to six moments by chance",
    (_, random) => Array.from({ length: Math.floor(random.uniform() * 7) }, () => anySecond(random)),
  ],
  [
    "in the first second of a storm and of a calm, and not again",
    (_, __, hour) => ((CHANGES as readonly number[]).includes(hour) ? [0n, 0n, 1n] : []),
  ],
];

describe("Security: a steward that is called at chosen moments", () => {
  const load = () => loadFixture(twoWorlds);

  /**
   * At the end of any hour the steered one is at most a step tighter; where honest keepers look at it, too, at most a step apart:
   * alone it follows a storm as late as it is looked at.
   */
  async function play(strategy: Strategy, isAlone: boolean, seed: number) {
    const { source, honest, steered } = await load();
    const random = new Random(seed);
    const adversary = new Random(seed, 1);
    let answer = 2_000n * 10n ** 8n;
    let moves = 0;
    const trade = async (weather: Weather): Promise<void> => {
      const sign = random.chance(0.5) ? 1n : -1n;
      answer = (answer * (10_000n + sign * weather.move)) / 10_000n;
      await source.feed.pushRound(answer, await now());
    };
    const apply = async ({ steward, vault, stranger }: StewardSystem): Promise<void> => {
      await steward.connect(stranger).applyTo(vault);
    };
    for (let hour = 0; hour < HOURS; ++hour) {
      const weather = weatherAt(hour, random);
      const pokedAt = 60n + BigInt(Math.floor(random.uniform() * 1_200));
      const before = await honest.values();
      await playHour([
        {
          second: 0n,
          act: async () => {
            for (const world of [honest, steered]) await tellInputs(world, weather, false);
            await trade(weather);
          },
        },
        {
          second: pokedAt,
          act: async () => {
            for (const world of [honest, steered]) {
              await tellInputs(world, weather, true);
              await world.volatility.poke(source.feed, 100n);
            }
          },
        },
        { second: ROUND_SECOND, act: () => trade(weather) },
        ...strategy(pokedAt, adversary, hour).map((second) => ({ second, act: () => apply(steered) })),
        { second: HONEST_SECOND, act: () => apply(honest) },
        ...(isAlone ? [] : [{ second: HONEST_SECOND, act: () => apply(steered) }]),
      ]);
      const [was, is] = [await honest.values(), await steered.values()];
      for (const parameter of PARAMETERS) {
        if (was[parameter] !== before[parameter]) ++moves;
        const isTighter = is[parameter] > was[parameter] === isTighterAbove(parameter);
        const apart = isTighter || !isAlone ? abs(is[parameter] - was[parameter]) : 0n;
        const { tightStep } = BOUNDS[parameter];
        expect(
          apart <= tightStep,
          `${parameter} in hour ${hour}: ${was[parameter]} ${is[parameter]}`,
        ).to.equal(true);
      }
    }
    return { moves, honest: await honest.values(), steered: await steered.values() };
  }

  for (const [name, strategy] of STRATEGIES) {
    it(`RISK-2: looks ${name} leave no parameter more than a step from where an honest hourly look leaves it`, async () => {
      const { moves } = await play(strategy, false, 1);
      expect(moves).to.be.greaterThan(100);
    });
  }

  it("RISK-2: nor do looks by chance, at most an hour apart, where nobody else ever looks", async () => {
    const { moves } = await play(
      (pokedAt, random) => [pokedAt + (anySecond(random) * (HOUR - 1n - pokedAt)) / HOUR],
      true,
      2,
    );
    expect(moves).to.be.greaterThan(100);
  });
});
