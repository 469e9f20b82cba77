import type { AccessManager, MockAggregator } from "../../typechain-types/index.ts";
import { priceToScaled } from "../lib/units.ts";
import type { Chain } from "./chain.ts";
import { FEED, FEED_LATENESS, MAX_DISAGREEMENT_BPS, TWAP_WINDOW } from "./parameters.ts";
import type { Tokens } from "./tokens.ts";

const CHAINLINK = 1n;
const FEED_CONTRACT = 2n;
/** Prices that far from the first one are not believed. */
const PRICE_BOUND = 1_000n;

/** The oracle of two sources: the feed, and the pool's TWAP. */
export async function deployOracle(
  { connection: { ethers } }: Chain,
  parts: {
    readonly authority: AccessManager;
    readonly tokens: Tokens;
    readonly aggregator: MockAggregator;
    readonly pool: string;
    readonly startPrice: number;
  },
) {
  const { authority, tokens, aggregator, pool, startPrice } = parts;
  const twap = await ethers.deployContract("UniswapV3TwapFeed", [
    pool,
    tokens.collateral,
    tokens.loan,
    TWAP_WINDOW,
  ]);
  const heartbeat = BigInt(FEED.heartbeat + FEED_LATENESS);
  const start = priceToScaled(startPrice);
  const bounds = { heartbeat, minPrice: start / PRICE_BOUND, maxPrice: start * PRICE_BOUND };
  return ethers.deployContract("OracleAdapter", [
    {
      collateralAsset: tokens.collateral,
      loanAsset: tokens.loan,
      primary: { kind: CHAINLINK, target: aggregator, ...bounds },
      second: { kind: FEED_CONTRACT, target: twap, ...bounds },
      standby: { kind: 0n, target: ethers.ZeroAddress, heartbeat: 0n, minPrice: 0n, maxPrice: 0n },
      sequencerFeed: ethers.ZeroAddress,
      sequencerGrace: 0n,
      maxDisagreementBps: MAX_DISAGREEMENT_BPS,
      primaryGrace: heartbeat,
    },
    authority,
  ]);
}
