/**
 * How the oracle of a market of ETH's kind is set: the one home of what is deployed, replayed, benched and tested. Parameters files
 * state it once more, since they cannot import; test/kit/oracleDefaults.test.ts holds them against this.
 */
import { WAD } from "../../sdk/math.ts";

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

/**
 * Measured in the replay's default crash (`npm start`, seed 1, -46% within a day; borrowers' loss, bad debt), nobody ending sales for free:
 *
 *   window  disagreement  `auto`      `direct`
 *   300 s   5%            161,537, 0  181,373, 357
 *   600 s   5%            163,179, 0  157,091, 198
 *   600 s   3%            183,452, 0  189,101, 0
 *   1,800 s 5%            233,960, 0  -
 *   1,800 s 2%            365,773, 0  117,462, 3,385,740
 *
 * At 2% the oracle is SUSPECT through most of a crash: direct sales stood still then, as they do no more, so that the clock sold at prices
 * that lag behind rebounds, and direct sales alone left debt under water. A mean over 1,800 s lags so far behind that much of that happens at 5%,
 * too. One over 600 s loses no more than one over 300 where direct sales stand first, as deployments have it (a clock that stands
 * alone loses 665,572 instead of 541,749), and is harder to push: to move it by 5% within a block of 12 s a pool's
 * price must be brought to 11.5 times what it was, instead of 3.4 times. A push makes nobody liquidatable while the feed lives: the
 * deciding price is the feed's. It can stop loans for as long as it is paid for, direct sales where the pool is pushed up, and lower the
 * price that loans and the floor of sales go by, by 5% at most.
 */
export const ORACLE: OracleSettings = {
  // A round that is due lands minutes late where gas is dear.
  heartbeat: ETH_FEED.heartbeat + 5n * MINUTE,
  twapWindow: 10n * MINUTE,
  // In a fall of a third a pool may well lose half of it; a push to where nobody provides any leaves next to nothing.
  liquidityDivisor: 4n,
  maxDisagreementBps: 500n,
  // The longest that the adapter accepts.
  primaryGrace: HOUR,
};
