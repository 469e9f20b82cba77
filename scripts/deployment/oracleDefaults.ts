/**
 * How the oracle of a market of ETH's kind is set: the one home of what is deployed, replayed, benched and tested. Parameters files
 * state it once more, since they cannot import; test/deploy/oracleDefaults.test.ts holds them against this.
 */
import { WAD } from "../lib/math.ts";

const MINUTE = 60n;
const HOUR = 60n * MINUTE;

/** How a feed makes rounds. */
export interface FeedRule {
  /** Seconds. */
  readonly heartbeat: bigint;
  /** WAD. */
  readonly deviation: bigint;
}

/** As Chainlink's ETH/USD on mainnet. */
export const ETH_FEED: FeedRule = { heartbeat: HOUR, deviation: (5n * WAD) / 1_000n };

export interface OracleSettings {
  /** Seconds after which the primary's last round no longer counts. */
  readonly heartbeat: bigint;
  /** Seconds of the pool's mean price, which is the second source. */
  readonly twapWindow: bigint;
  /** Part of the pool's usual liquidity that must stand in that mean: 1 / this. */
  readonly liquidityDivisor: bigint;
  /** How far the two may be apart before the oracle is SUSPECT. */
  readonly maxDisagreementBps: bigint;
  /** Seconds after the primary's death for which its last price binds the second source's. */
  readonly primaryGrace: bigint;
}

export const ORACLE: OracleSettings = {
  // A round that is due lands minutes late where gas is dear.
  heartbeat: ETH_FEED.heartbeat + 5n * MINUTE,
  twapWindow: 5n * MINUTE,
  liquidityDivisor: 4n,
  maxDisagreementBps: 500n,
  // The longest that the adapter accepts.
  primaryGrace: HOUR,
};
