import type { AccessManager, MockAggregator } from "../../typechain-types/index.ts";
import { priceToScaled } from "../lib/units.ts";
import type { Chain } from "./chain.ts";
import { FEED, FEED_LATENESS, MAX_DISAGREEMENT_BPS, TWAP_WINDOW } from "./parameters.ts";
import type { Tokens } from "./tokens.ts";

const CHAINLINK = 1n;
const FEED_CONTRACT = 2n;
/** Prices that far from the first one are not believed. */
const PRICE_BOUND = 1_000n;

/** Seconds after its death that the feed's last price binds the pool's: the longest that the adapter accepts. */
const PRIMARY_GRACE = 3_600n;
/** Of the liquidity at the start: with less in the mean the pool is not believed. */
const TRUSTED_SHARE = 20n;

/** Least harmonic-mean liquidity with which the pool's price counts. */
export async function minLiquidityOf({ connection: { ethers } }: Chain, pool: string): Promise<bigint> {
  const contract = await ethers.getContractAt("IUniswapV3Pool", pool);
  return (await contract.liquidity()) / TRUSTED_SHARE;
}

/** The oracle of two sources: the feed, and the pool's TWAP. */
export async function deployOracle(
  chain: Chain,
  parts: {
    readonly authority: AccessManager;
    readonly tokens: Tokens;
    readonly aggregator: MockAggregator;
    readonly pool: string;
    readonly startPrice: number;
  },
) {
  const { ethers } = chain.connection;
  const { authority, tokens, aggregator, pool, startPrice } = parts;
  const twap = await ethers.deployContract("UniswapV3TwapFeed", [
    pool,
    tokens.collateral,
    tokens.loan,
    TWAP_WINDOW,
    await minLiquidityOf(chain, pool),
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
      primaryGrace: PRIMARY_GRACE,
      secondIsPool: true,
    },
    authority,
  ]);
}
