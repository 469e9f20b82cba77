/** Volatility from the rounds of a feed: contracts/risk/VolatilityOracle.sol on bigint, to the last digit. */
import { max, min } from "./math.ts";
import { sqrtUp } from "./riskMath.ts";
import { logReturn, quietVariance, updateVariance } from "./volatilityMath.ts";

/** Returns and volatilities are WAD, times seconds. */
export interface VolatilityConfig {
  readonly halfLife: bigint;
  readonly heartbeat: bigint;
  readonly maxReturn: bigint;
  readonly deviation: bigint;
  readonly floor: bigint;
  readonly initialVolatility: bigint;
}

export interface VolatilityState {
  readonly roundId: bigint;
  readonly updatedAt: bigint;
  readonly answer: bigint;
  readonly hasGap: boolean;
  readonly variance: bigint;
  readonly gapEndedAt: bigint;
  readonly missing: bigint;
  readonly absent: bigint;
}

export interface FeedRound {
  readonly answer: bigint;
  readonly updatedAt: bigint;
}

/** What a feed answers: its latest round and every round by its number. */
export interface FeedRounds {
  readonly latestId: bigint;
  readonly rounds: ReadonlyMap<bigint, FeedRound>;
}

/** A round late by less than this does not make a feed dead. */
const LATENESS = 300n;
const MAX_ANSWER = 2n ** 128n - 1n;
const PHASE_END = 16n;
const PHASE_BITS = 64n;

export function startVolatility(
  config: VolatilityConfig,
  roundId: bigint,
  round: FeedRound,
): VolatilityState {
  return {
    ...round,
    roundId,
    hasGap: false,
    variance: config.initialVolatility ** 2n,
    gapEndedAt: round.updatedAt,
    missing: 0n,
    absent: 0n,
  };
}

/** The state once every round up to the latest has been consumed. */
export function consumeRounds(
  config: VolatilityConfig,
  start: VolatilityState,
  feed: FeedRounds,
  now: bigint,
): VolatilityState {
  let state = start;
  while (state.roundId < feed.latestId) {
    const next = step(config, state, feed, now);
    if (next === undefined) break;
    state = next;
  }
  return state;
}

function step(
  config: VolatilityConfig,
  state: VolatilityState,
  feed: FeedRounds,
  now: bigint,
): VolatilityState | undefined {
  const roundId = state.roundId + 1n;
  const round = feed.rounds.get(roundId);
  if (round === undefined || round.updatedAt === 0n) {
    const absent = state.absent + 1n;
    const isReplaced = feed.latestId >> PHASE_BITS > roundId >> PHASE_BITS;
    if (!isReplaced || absent < PHASE_END) return { ...state, roundId, absent };
    return { ...state, roundId: ((roundId >> PHASE_BITS) + 1n) << PHASE_BITS, absent: 0n, hasGap: true };
  }
  const { answer, updatedAt } = round;
  const isUsable = answer > 0n && answer <= MAX_ANSWER && updatedAt >= state.updatedAt;
  if (isUsable && updatedAt > now) return undefined;
  const passed = state.absent + (isUsable ? 0n : 1n);
  const hasGap = state.hasGap || passed !== 0n;
  const counted = { ...state, roundId, absent: 0n, missing: state.missing + passed, hasGap };
  if (!isUsable) return counted;
  const size = min(logReturn(state.answer, answer), config.maxReturn);
  const dt = max(updatedAt - state.updatedAt, 1n);
  return {
    ...counted,
    answer,
    updatedAt,
    variance: updateVariance(state.variance, size, dt, config.halfLife),
    hasGap: false,
    gapEndedAt: hasGap ? updatedAt : state.gapEndedAt,
  };
}

/** What the oracle shows of a feed that is at its latest round, read at `now`. */
export function readVolatility(
  config: VolatilityConfig,
  state: VolatilityState,
  feed: FeedRounds,
  now: bigint,
): { readonly perRootSecond: bigint; readonly updatedAt: bigint; readonly isComplete: boolean } {
  const isLatest = feed.latestId === state.roundId;
  const isCurrent = isLatest && feed.rounds.get(feed.latestId)?.updatedAt === state.updatedAt;
  const silence = isCurrent ? now - state.updatedAt : 0n;
  const { deviation, heartbeat, halfLife, floor } = config;
  const variance = quietVariance(state.variance, deviation, min(silence, heartbeat), halfLife);
  return {
    perRootSecond: max(sqrtUp(variance), floor),
    updatedAt: state.updatedAt,
    isComplete:
      isCurrent &&
      silence <= heartbeat + LATENESS &&
      !state.hasGap &&
      state.updatedAt >= state.gapEndedAt + halfLife,
  };
}
