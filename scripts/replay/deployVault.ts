import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { MockAggregator } from "../../typechain-types/index.ts";
import { CALM_LTVS } from "../deployment/defaults.ts";
import { createVault, deployProtocol } from "../deployment/protocol.ts";
import { priceToScaled } from "../lib/units.ts";
import type { Chain } from "./chain.ts";
import { FEED, FEED_LATENESS, MAX_DISAGREEMENT_BPS, TWAP_WINDOW, type VaultSizes } from "./parameters.ts";
import type { Tokens } from "./tokens.ts";

const CHAINLINK = 1n;
const FEED_CONTRACT = 2n;
/** Prices that far from the first one are not believed. */
const PRICE_BOUND = 1_000n;
/** Caps are out of the way, at the most that a vault accepts: what bounds the book is the size of one position. */
const CAP = 2n ** 95n;

/** The oracle of two sources, and a vault made by the factory. */
export async function deployVault(
  chain: Chain,
  parts: {
    readonly governor: HardhatEthersSigner;
    readonly tokens: Tokens;
    readonly aggregator: MockAggregator;
    readonly pool: string;
    readonly sizes: VaultSizes;
    readonly startPrice: number;
  },
) {
  const { governor, tokens, aggregator, pool, sizes, startPrice } = parts;
  const { connection } = chain;
  const { ethers } = connection;
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const twap = await ethers.deployContract("UniswapV3TwapFeed", [
    pool,
    tokens.collateral,
    tokens.loan,
    TWAP_WINDOW,
  ]);
  const heartbeat = BigInt(FEED.heartbeat + FEED_LATENESS);
  const start = priceToScaled(startPrice);
  const bounds = { heartbeat, minPrice: start / PRICE_BOUND, maxPrice: start * PRICE_BOUND };
  const oracle = await ethers.deployContract("OracleAdapter", [
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
  const protocol = await deployProtocol(connection);
  const { rateModel, curve, extension, factory, creationCode } = protocol;
  const vault = await createVault(
    connection,
    factory,
    {
      asset: tokens.loan,
      collateralAsset: tokens.collateral,
      oracle,
      rateModel,
      curve,
      extension,
      directLiquidator: ethers.ZeroAddress,
      batchLiquidator: ethers.ZeroAddress,
      backstop: ethers.ZeroAddress,
      authority,
      name: "Gavel USDC/WETH",
      symbol: "gUSDC",
      ...CALM_LTVS,
      reserveFactorBps: 1_000n,
      supplyCap: CAP,
      borrowCap: CAP,
      maxPositionDebt: sizes.maxPositionDebt,
      stressDepth: sizes.stressDepth,
      minDebt: sizes.minDebt,
      reward: { cap: sizes.rewardCap, nativePrice: sizes.nativePrice },
      terms: sizes.terms,
    },
    creationCode,
  );
  return { ...protocol, authority, oracle, vault };
}
