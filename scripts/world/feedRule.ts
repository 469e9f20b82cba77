/** When a Chainlink-type feed makes a round: on a deviation from its last answer or when its heartbeat is due. */
import type { PricePath } from "./pricePath.ts";

export interface FeedConfig {
  /** Deviation from the last answer that makes a new one. */
  readonly deviation: number;
  /** Longest time between answers, seconds. */
  readonly heartbeat: number;
  /** From the observation until the round is on chain, seconds. */
  readonly lag: number;
}

/** A round on its way to the chain. */
export interface PendingRound {
  readonly answer: number;
  readonly dueAt: number;
}

export class FeedRule {
  private readonly config: FeedConfig;
  private answer: number;
  private updatedAt: number;
  private pending: PendingRound | undefined;

  /** @param answer Answer of the first round, on chain since `updatedAt`. */
  constructor(config: FeedConfig, answer: number, updatedAt: number) {
    this.config = config;
    this.answer = answer;
    this.updatedAt = updatedAt;
  }

  /** The operators look at the market; what they see now is on chain after `lag` seconds. */
  observe(price: number, time: number, lag = this.config.lag): void {
    if (this.pending !== undefined) return;
    const hasDeviated = Math.abs(price / this.answer - 1) >= this.config.deviation;
    const isDue = time >= this.updatedAt + this.config.heartbeat;
    if (hasDeviated || isDue) this.pending = { answer: price, dueAt: time + lag };
  }

  /** The round that is on chain by now, once. */
  land(time: number): PendingRound | undefined {
    const round = this.pending;
    if (round === undefined || round.dueAt > time) return undefined;
    this.pending = undefined;
    this.answer = round.answer;
    this.updatedAt = round.dueAt;
    return round;
  }

  /** Moment of the next event that needs no move of the market: a round that lands, or the heartbeat. */
  nextEvent(): number {
    return this.pending?.dueAt ?? this.updatedAt + this.config.heartbeat;
  }
}

/** A round on chain. */
export interface MadeRound {
  readonly answer: number;
  readonly updatedAt: number;
}

/** The rounds that a feed makes of a path, from one at its start on. The operators look at every point of it. */
export function roundsOf(path: PricePath, config: FeedConfig): MadeRound[] {
  const [start] = path;
  if (start === undefined) return [];
  const feed = new FeedRule(config, start.price, start.time);
  const rounds: MadeRound[] = [{ answer: start.price, updatedAt: start.time }];
  for (const { time, price } of path) {
    const landed = feed.land(time);
    if (landed !== undefined) rounds.push({ answer: landed.answer, updatedAt: landed.dueAt });
    feed.observe(price, time);
  }
  return rounds;
}
