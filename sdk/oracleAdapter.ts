/** What the oracle of a pair says, on bigint: reading one source, deciding between two, and looking back. */
import { BPS, max, min, PRICE_SCALE } from "./math.ts";

/** Worst first, as the contract counts them. */
export const OracleState = { STALE: 0n, SUSPECT: 1n, FRESH: 2n } as const;
export type OracleState = (typeof OracleState)[keyof typeof OracleState];

/** A round that is late by less than this interrupts nothing, seconds. */
export const LATENESS = 300n;
/** The state is SUSPECT that long after a switch between primary and standby, seconds. */
export const SWITCH_GRACE = 3_600n;
/** By how much an hour the band widens in which a pool alone may set the price, bps. */
export const POOL_BPS_PER_HOUR = 500n;
/** Rounds that a look back reads at most. */
export const MAX_PROBES = 48;

/** Kinds of sources, as contracts/types/SourceConfig.sol counts them. */
export const SourceKind = { NONE: 0n, CHAINLINK: 1n, FEED: 2n } as const;

/** A place of an oracle's configuration that stays empty. */
export const NO_SOURCE = {
  kind: SourceKind.NONE,
  target: "0x0000000000000000000000000000000000000000",
  heartbeat: 0n,
  minPrice: 0n,
  maxPrice: 0n,
} as const;

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
  /** Whether the second source is a pool alone. */
  readonly secondIsPool?: boolean;
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

/** Prices alone. */
type Prices = Pick<OraclePrice, "deciding" | "low" | "high" | "startBound">;

const clamp = (value: bigint, least: bigint, most: bigint): bigint => max(least, min(value, most));

/** The primary decides, and the second bounds it as far as the disagreement goes. */
function bandOf(deciding: bigint, other: bigint, maxDisagreementBps: bigint): Prices {
  const least = (deciding * (BPS - maxDisagreementBps)) / BPS;
  const most = (deciding * (BPS + maxDisagreementBps)) / BPS;
  return {
    deciding,
    low: min(deciding, max(other, least)),
    high: max(deciding, min(other, most)),
    startBound: deciding,
  };
}

/** Prices while the second source alone is within its time; undefined where a pool says what it may not decide. */
function standIn(
  rules: OracleRules,
  last: Reading | undefined,
  other: bigint,
  now: bigint,
): Prices | undefined {
  const flat = (deciding: bigint, startBound: bigint): Prices => ({
    deciding,
    low: deciding,
    high: deciding,
    startBound,
  });
  if (last === undefined) return rules.secondIsPool ? undefined : flat(other, other);
  const late = now - last.expiry;
  if (late <= LATENESS) {
    return { ...bandOf(last.price, other, rules.maxDisagreementBps), startBound: max(last.price, other) };
  }
  const isInGrace = late <= rules.primaryGrace;
  if (!isInGrace && !rules.secondIsPool) return flat(other, other);
  const grown = isInGrace ? 0n : ((late - rules.primaryGrace) * POOL_BPS_PER_HOUR) / 3_600n;
  const width = rules.maxDisagreementBps + grown;
  const most = (last.price * (BPS + width)) / BPS;
  if (!isInGrace && other > most) return undefined;
  const deciding = clamp(other, (last.price * max(BPS - width, 0n)) / BPS, most);
  return flat(deciding, max(deciding, isInGrace ? max(last.price, other) : other));
}

/** What all sources say together. */
export function oraclePrice(rules: OracleRules, world: World): OraclePrice {
  const { now } = world;
  const alive = (reading: Reading | undefined) => (reading && reading.expiry >= now ? reading : undefined);
  const primary = alive(world.primary);
  const second = alive(world.second);
  const liveSince = max(world.sequencerUpSince ?? 0n, world.switchedAt ?? 0n);
  const isDown = "sequencerUpSince" in world && world.sequencerUpSince === undefined;
  let prices: Prices | undefined;
  if (primary) prices = bandOf(primary.price, second?.price ?? primary.price, rules.maxDisagreementBps);
  else if (second) prices = standIn(rules, world.primary, second.price, now);
  if (isDown || prices === undefined) {
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

  const disagrees =
    primary !== undefined && second !== undefined && !isWithin(rules, primary.price, second.price);
  const isSuspect =
    ("second" in world && !(primary && second)) ||
    disagrees ||
    ("sequencerUpSince" in world && now < (world.sequencerUpSince ?? 0n) + rules.sequencerGrace) ||
    (world.switchedAt !== undefined && now < world.switchedAt + SWITCH_GRACE);
  return {
    ...prices,
    liveSince,
    aliveUntil: now + LATENESS,
    state: isSuspect ? OracleState.SUSPECT : OracleState.FRESH,
  };
}

/** Whether the other price is no further from the deciding one than the disagreement that is borne. */
function isWithin({ maxDisagreementBps }: OracleRules, deciding: bigint, other: bigint): boolean {
  const least = (deciding * (BPS - maxDisagreementBps)) / BPS;
  const most = (deciding * (BPS + maxDisagreementBps)) / BPS;
  return other >= least && other <= most;
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
  for (let probes = 0; at > since; ++probes) {
    if (probes === MAX_PROBES) return at;
    const earlier = times[index - leap];
    const longest = leap === 1 ? heartbeat + LATENESS : LATENESS;
    if (earlier !== undefined && earlier <= at && at - earlier <= longest) {
      index -= leap;
      if (2n * (at - earlier) <= LATENESS) leap *= 2;
      at = earlier;
    } else if (leap === 1) {
      return at;
    } else {
      leap /= 2;
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
      reading !== undefined && reading.expiry + LATENESS >= now
        ? interruptedUntil(times, heartbeat, since)
        : now,
    )
    .reduce(min);
}
