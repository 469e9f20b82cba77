/** What the oracle of a pair says, on bigint: reading one source, deciding between two, and looking back. */
import { BPS, max, min, PRICE_SCALE } from "./math.ts";

/** Worst first, as the contract counts them. */
export const OracleState = { STALE: 0n, SUSPECT: 1n, FRESH: 2n } as const;
export type OracleState = (typeof OracleState)[keyof typeof OracleState];

/** A round that is late by less than this interrupts nothing, seconds. */
export const LATENESS = 300n;
/** The state is SUSPECT that long after a switch between primary and standby, seconds. */
export const SWITCH_GRACE = 3_600n;
/** Rounds that a look back reads at most. */
export const MAX_PROBES = 24;

export interface Decimals {
  readonly loan: bigint;
  readonly collateral: bigint;
  readonly feed: bigint;
}

export interface Source {
  readonly decimals: Decimals;
  readonly heartbeat: bigint;
  /** Prices at or beyond the bounds are dead. */
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

export interface Round {
  readonly answer: bigint;
  readonly updatedAt: bigint;
}

/** A price and the moment up to which it may be used; undefined where there is none. */
export interface Reading {
  readonly price: bigint;
  readonly expiry: bigint;
}

export interface OracleRules {
  readonly maxDisagreementBps: bigint;
  readonly primaryGrace: bigint;
  readonly sequencerGrace: bigint;
}

export interface World {
  readonly now: bigint;
  readonly primary: Reading | undefined;
  /** Left out where no second source is configured. */
  readonly second?: Reading | undefined;
  /** Since when the sequencer is up; undefined while it is down. Left out where no feed is configured. */
  readonly sequencerUpSince?: bigint | undefined;
  /** When the standby was switched in or out. Left out where none is configured. */
  readonly switchedAt?: bigint;
}

export interface OraclePrice {
  readonly deciding: bigint;
  readonly low: bigint;
  readonly high: bigint;
  readonly startBound: bigint;
  readonly liveSince: bigint;
  readonly aliveUntil: bigint;
  readonly state: OracleState;
}

/** Loan units per collateral unit x 1e36, rounded down, from an answer in whole tokens. */
export function priceOf(answer: bigint, decimals: Decimals): bigint {
  return (answer * PRICE_SCALE * 10n ** decimals.loan) / 10n ** (decimals.feed + decimals.collateral);
}

/** What one round says. */
export function readRound(source: Source, round: Round | undefined, now: bigint): Reading | undefined {
  if (round === undefined || round.answer <= 0n) return undefined;
  if (round.updatedAt === 0n || round.updatedAt > now) return undefined;
  const price = priceOf(round.answer, source.decimals);
  if (price <= source.minPrice || price >= source.maxPrice) return undefined;
  return { price, expiry: round.updatedAt + source.heartbeat };
}

/** What all sources say together. */
export function oraclePrice(rules: OracleRules, world: World): OraclePrice {
  const { now } = world;
  const alive = (reading: Reading | undefined) => (reading && reading.expiry >= now ? reading : undefined);
  const primary = alive(world.primary);
  const second = alive(world.second);
  const decider = primary ?? second;
  const liveSince = max(world.sequencerUpSince ?? 0n, world.switchedAt ?? 0n);
  const isDown = "sequencerUpSince" in world && world.sequencerUpSince === undefined;
  if (isDown || decider === undefined) {
    return {
      deciding: 0n,
      low: 0n,
      high: 0n,
      startBound: 0n,
      liveSince,
      aliveUntil: 0n,
      state: OracleState.STALE,
    };
  }

  const deciding = decider.price;
  const other = primary && second ? second.price : deciding;
  const least = (deciding * (BPS - rules.maxDisagreementBps)) / BPS;
  const most = (deciding * (BPS + rules.maxDisagreementBps)) / BPS;
  const binds = !primary && world.primary && now <= world.primary.expiry + rules.primaryGrace;
  const isSuspect =
    ("second" in world && !(primary && second)) ||
    other < least ||
    other > most ||
    ("sequencerUpSince" in world && now < (world.sequencerUpSince ?? 0n) + rules.sequencerGrace) ||
    (world.switchedAt !== undefined && now < world.switchedAt + SWITCH_GRACE);
  return {
    deciding,
    low: min(deciding, max(other, least)),
    high: max(deciding, min(other, most)),
    startBound: binds ? max(deciding, world.primary.price) : deciding,
    liveSince,
    aliveUntil: max(world.primary?.expiry ?? 0n, world.second?.expiry ?? 0n) + LATENESS,
    state: isSuspect ? OracleState.SUSPECT : OracleState.FRESH,
  };
}

/**
 * End of the last interruption after `since` as the contract finds it, reading few rounds: 0 for none.
 *
 * @param times Times of the rounds, oldest first, undefined for one that does not count; the latest counts.
 */
export function interruptedUntil(
  times: readonly (bigint | undefined)[],
  heartbeat: bigint,
  since: bigint,
): bigint {
  let index = times.length - 1;
  let at = times[index] ?? 0n;
  let leap = 1;
  let grows = true;
  for (let probes = 0; at > since; ++probes) {
    if (probes === MAX_PROBES) return at;
    const earlier = times[index - leap];
    if (earlier !== undefined && earlier <= at && at - earlier <= heartbeat + LATENESS) {
      index -= leap;
      at = earlier;
      if (grows) leap *= 2;
      grows = true;
    } else if (leap === 1) {
      return at;
    } else {
      leap /= 2;
      grows = false;
    }
  }
  return 0n;
}

/** A source and the times of its rounds, as a look back sees them. */
export interface History {
  readonly reading: Reading | undefined;
  readonly times: readonly (bigint | undefined)[];
  readonly heartbeat: bigint;
}

/** End of the last interruption of all sources together: one that lived through is enough. */
export function lookBack(histories: readonly History[], since: bigint, now: bigint): bigint {
  return histories
    .map(({ reading, times, heartbeat }) =>
      reading !== undefined && reading.expiry >= now ? interruptedUntil(times, heartbeat, since) : now,
    )
    .reduce(min);
}
