/** A volatility oracle with one feed whose rounds a test makes, and the model that has seen the same rounds. */
import { expect } from "chai";
import type { NetworkConnection } from "hardhat/types/network";

import {
  consumeRounds,
  type FeedRound,
  readVolatility,
  startVolatility,
  type VolatilityConfig,
  type VolatilityState,
} from "../../sdk/volatilityOracle.ts";
import type { MockAggregator, VolatilityOracle } from "../../typechain-types/index.ts";

export const HOUR = 3_600n;
export const DAY = 24n * HOUR;
/** Lateness that is forgiven, seconds. */
export const LATENESS = 300n;
/** An answer of 2,000. */
export const START_ANSWER = 2_000n * 10n ** 8n;

/** A feed like ETH/USD: 0.5% or an hour. Volatilities are 5% and 2% a day. */
export const CONFIG: VolatilityConfig = {
  halfLife: 6n * HOUR,
  heartbeat: HOUR,
  maxReturn: 2n * 10n ** 17n,
  deviation: 5n * 10n ** 15n,
  floor: 68n * 10n ** 12n,
  initialVolatility: 170n * 10n ** 12n,
};

/** Rounds as the model sees them, pushed into the aggregator as they are made. */
export class Rounds {
  readonly rounds = new Map<bigint, FeedRound>();
  latestId = 0n;
  private readonly aggregator: MockAggregator;

  constructor(aggregator: MockAggregator) {
    this.aggregator = aggregator;
  }

  copy(): Rounds {
    const copy = new Rounds(this.aggregator);
    copy.latestId = this.latestId;
    for (const [id, round] of this.rounds) copy.rounds.set(id, round);
    return copy;
  }

  async push(answer: bigint, updatedAt: bigint): Promise<void> {
    await this.aggregator.pushRound(answer, updatedAt);
    this.rounds.set(++this.latestId, { answer, updatedAt });
  }

  /** The next numbers never answer. */
  async skip(count: bigint): Promise<void> {
    await this.aggregator.skipRounds(count);
    this.latestId += count;
  }

  async startPhase(): Promise<void> {
    await this.aggregator.startPhase();
    this.latestId = ((this.latestId >> 64n) + 1n) << 64n;
  }
}

/** A system whose chain was restored needs its mirror restored, too: give each test its own copy. */
export function restored(system: VolatilitySystem): VolatilitySystem {
  return { ...system, made: system.made.copy() };
}

export interface VolatilitySystem {
  readonly oracle: VolatilityOracle;
  readonly feed: MockAggregator;
  readonly made: Rounds;
  readonly config: VolatilityConfig;
  /** Where the model stands: at registration. */
  readonly start: VolatilityState;
  /** Unix seconds of the first round. */
  readonly origin: bigint;
}

/** An oracle whose governor is the first account, and a feed registered at its first round. */
export async function deployVolatility(
  { ethers, networkHelpers }: NetworkConnection<"l1">,
  changes: Partial<VolatilityConfig> = {},
  startAnswer = START_ANSWER,
): Promise<VolatilitySystem> {
  const [governor] = await ethers.getSigners();
  if (!governor) throw new Error("too few accounts");
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const oracle = await ethers.deployContract("VolatilityOracle", [authority]);
  const feed = await ethers.deployContract("MockAggregator", [8n]);
  const made = new Rounds(feed);
  const origin = BigInt(await networkHelpers.time.latest());
  await made.push(startAnswer, origin);
  const config = { ...CONFIG, ...changes };
  await oracle.setFeed(feed, config);
  const round = { answer: startAnswer, updatedAt: origin };
  return { oracle, feed, made, config, start: startVolatility(config, 1n, round), origin };
}

/** The model once every round made has been consumed, at `now`. */
export function modelOf({ config, start, made }: VolatilitySystem, now: bigint): VolatilityState {
  return consumeRounds(config, start, made, now);
}

/** The oracle's state, and what it shows at `now`, are the model's to the last digit. */
export async function expectModel(system: VolatilitySystem, now: bigint): Promise<void> {
  const { oracle, feed, config, made } = system;
  const expected = modelOf(system, now);
  const state = await oracle.stateOf(feed);
  for (const [name, value] of Object.entries(expected)) {
    expect(state[name as keyof VolatilityState], name).to.equal(value);
  }
  const shown = await oracle.volatility(feed);
  const { perRootSecond, updatedAt, isComplete } = readVolatility(config, expected, made, now);
  expect([shown.perRootSecond, shown.updatedAt, shown.isComplete]).to.deep.equal([
    perRootSecond,
    updatedAt,
    isComplete,
  ]);
}
