/** An oracle of aggregators that a test can break, on a chain whose clock the test sets to the second. */
import type { NetworkConnection } from "hardhat/types/network";

import { ETH_FEED } from "../../scripts/kit/oracleDefaults.ts";
import { oracleConfig } from "../../scripts/kit/oracle.ts";
import { BPS, min } from "../../sdk/math.ts";
import { type Decimals, NO_SOURCE, priceOf, SourceKind } from "../../sdk/oracleAdapter.ts";
import type { OracleConfigStruct } from "../../typechain-types/contracts/oracle/OracleAdapter.ts";
import type { MockAggregator, MockERC20 } from "../../typechain-types/index.ts";

export { NO_SOURCE, SourceKind };
/** Ways in which a `MockAggregator` misbehaves. */
export const Mode = {
  ANSWER: 0n,
  REVERT: 1n,
  BURN_GAS: 2n,
  SHORT_ANSWER: 3n,
  HUGE_ANSWER: 4n,
  SLOW: 5n,
} as const;

/**
 * Not the settings of deployments (scripts/kit/oracleDefaults.ts): tests of the adapter tell one limit from another by
 * their sizes. The heartbeat is the feed's bare one, so that its end and that of lateness differ from any round number of minutes;
 * the band is narrower than the 5% an hour by which a pool's price may drift, and the grace shorter than the heartbeat.
 */
export const HEARTBEAT = ETH_FEED.heartbeat;
export const MAX_DISAGREEMENT_BPS = 200n;
export const PRIMARY_GRACE = 1_800n;
export const SEQUENCER_GRACE = 900n;
/** Whole loan tokens per whole collateral token. */
export const START = 2_000n;
/** The highest ceiling that an adapter accepts: with the band on top it stays under what a sale reckons with. */
export const MOST_PRICE = (2n ** 188n / (BPS + MAX_DISAGREEMENT_BPS)) * BPS;

export interface OracleOptions {
  readonly decimals?: Decimals;
  /** Of these decimals; fresh ones where none are given. */
  readonly tokens?: { readonly loan: MockERC20; readonly collateral: MockERC20 };
  /** Whole loan tokens per whole collateral token at the start; bounds lie at 1/2,000 and 500 times it. */
  readonly start?: bigint;
  readonly hasSecond?: boolean;
  readonly hasStandby?: boolean;
  readonly hasSequencer?: boolean;
  readonly changes?: Partial<OracleConfigStruct>;
}

export type OracleSystem = Awaited<ReturnType<typeof deployOracle>>;

/** An adapter, and an aggregator for each place in it, whether it is configured or not. */
export async function deployOracle(connection: NetworkConnection<"l1">, options: OracleOptions = {}) {
  const { ethers } = connection;
  const [guardian, stranger] = await ethers.getSigners();
  if (!guardian || !stranger) throw new Error("too few accounts");
  const {
    decimals = { loan: 6n, collateral: 18n, feed: 8n },
    start = START,
    hasSecond = true,
    hasStandby = false,
    hasSequencer = false,
  } = options;
  const one = 10n ** decimals.feed;

  const { loan, collateral } = options.tokens ?? {
    loan: await ethers.deployContract("MockERC20", ["Loan", "LOAN", decimals.loan]),
    collateral: await ethers.deployContract("MockERC20", ["Collateral", "COLL", decimals.collateral]),
  };
  const authority = await ethers.deployContract("AccessManager", [guardian]);
  const aggregator = () => ethers.deployContract("MockAggregator", [decimals.feed]);
  const [primary, second, standby] = [await aggregator(), await aggregator(), await aggregator()];
  for (const feed of [primary, second, standby]) await feed.pushAnswer(start * one);
  const sequencer = await ethers.deployContract("MockAggregator", [0n]);
  await sequencer.pushAnswer(0n);

  const source = async (feed: MockAggregator) => ({
    kind: SourceKind.CHAINLINK,
    target: await feed.getAddress(),
    heartbeat: HEARTBEAT,
    minPrice: priceOf((start * one) / 2_000n, decimals),
    maxPrice: min(priceOf(start * 500n * one, decimals), MOST_PRICE),
  });
  const config = oracleConfig(
    {
      collateralAsset: await collateral.getAddress(),
      loanAsset: await loan.getAddress(),
      primary: await source(primary),
      second: hasSecond ? await source(second) : NO_SOURCE,
    },
    {
      standby: hasStandby ? await source(standby) : NO_SOURCE,
      sequencerFeed: hasSequencer ? await sequencer.getAddress() : ethers.ZeroAddress,
      sequencerGrace: SEQUENCER_GRACE,
      maxDisagreementBps: MAX_DISAGREEMENT_BPS,
      primaryGrace: PRIMARY_GRACE,
      ...options.changes,
    },
  );
  const oracle = await ethers.deployContract("OracleAdapter", [config, authority]);

  return {
    connection,
    guardian,
    stranger,
    authority,
    loan,
    collateral,
    primary,
    second,
    standby,
    sequencer,
    config,
    oracle,
    decimals,
    /** One whole loan token per whole collateral token, as an answer and as a price. */
    oneAnswer: one,
    onePrice: priceOf(one, decimals),
  };
}

/** What one feed says. */
export interface Say {
  /** Whole loan tokens per whole collateral token; or the raw answer. */
  readonly price?: bigint;
  readonly answer?: bigint;
  /** Seconds before the moment of reading at which the round was made. */
  readonly age?: bigint;
  readonly mode?: bigint;
}

export interface FeedsSay {
  readonly primary?: Say;
  readonly second?: Say;
  readonly standby?: Say;
  readonly sequencer?: { readonly isUp: boolean; readonly age: bigint };
}

/** Lets feeds make a round each and time pass to the moment of reading, which is returned, unix seconds. */
export async function feedsSay(system: OracleSystem, say: FeedsSay): Promise<bigint> {
  const { time } = system.connection.networkHelpers;
  const now = BigInt(await time.latest()) + 20n;
  for (const place of ["primary", "second", "standby"] as const) {
    const {
      price = START,
      answer = price * system.oneAnswer,
      age = 0n,
      mode = Mode.ANSWER,
    } = say[place] ?? {};
    if (say[place] === undefined) continue;
    await system[place].pushRound(answer, now - age);
    await system[place].setMode(mode);
  }
  if (say.sequencer) await system.sequencer.pushRound(say.sequencer.isUp ? 0n : 1n, now - say.sequencer.age);
  await time.increaseTo(now);
  return now;
}
