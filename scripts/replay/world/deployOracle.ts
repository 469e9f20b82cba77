import type { AccessManager, MockAggregator } from "../../../typechain-types/index.ts";
import type { OracleSettings } from "../../kit/oracleDefaults.ts";
import { aggregatorSource, feedSource, oracleConfig } from "../../kit/oracle.ts";
import { priceToScaled } from "../../../sdk/units.ts";
import type { Chain } from "./chain.ts";
import type { Tokens } from "./tokens.ts";

/** Prices that far from the first one are not believed. */
const PRICE_BOUND = 1_000n;

/** Least harmonic-mean liquidity with which the pool's price counts: a part of what the pool has at the start. */
export async function minLiquidityOf(
  { connection: { ethers } }: Chain,
  pool: string,
  { liquidityDivisor }: OracleSettings,
): Promise<bigint> {
  const contract = await ethers.getContractAt("IUniswapV3Pool", pool);
  return (await contract.liquidity()) / liquidityDivisor;
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
    readonly settings: OracleSettings;
  },
) {
  const { ethers } = chain.connection;
  const { authority, tokens, aggregator, pool, startPrice, settings } = parts;
  const twap = await ethers.deployContract("UniswapV3TwapFeed", [
    pool,
    tokens.collateral,
    tokens.loan,
    settings.twapWindow,
    await minLiquidityOf(chain, pool, settings),
  ]);
  const { heartbeat, maxDisagreementBps, primaryGrace } = settings;
  const start = priceToScaled(startPrice);
  const bounds = { heartbeat, minPrice: start / PRICE_BOUND, maxPrice: start * PRICE_BOUND };
  return ethers.deployContract("OracleAdapter", [
    oracleConfig(
      {
        collateralAsset: tokens.collateral,
        loanAsset: tokens.loan,
        primary: aggregatorSource(aggregator, bounds),
        second: feedSource(twap, bounds),
      },
      { maxDisagreementBps, primaryGrace, secondIsPool: true },
    ),
    authority,
  ]);
}
