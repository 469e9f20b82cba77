import type { NetworkConnection } from "hardhat/types/network";

import { calmTerms } from "../kit/defaults.ts";
import { aggregatorSource, oracleConfig } from "../kit/oracle.ts";
import {
  createVault,
  deployBatchLiquidator,
  deployDirectLiquidator,
  deployLiquidator,
  deployProtocol,
  deployV3Venue,
  vaultConfig,
} from "../kit/protocol.ts";
import { addLiquidity, createPool, deployUniswap, swap } from "../kit/uniswap.ts";
import { ROLES } from "../../deploy/roles.ts";
import { PRICE_SCALE, WAD } from "../../sdk/math.ts";

/** The system that gas is measured on: production shape, nothing that a user would not meet. */

export const LOAN_DECIMALS = 6n;
export const ONE_LOAN = 10n ** LOAN_DECIMALS;
export const ONE_COLLATERAL = WAD;

export type BenchSystem = Awaited<ReturnType<typeof deployBenchSystem>>;

/** Vault with the adaptive rate model, an oracle of two Chainlink-type feeds, a batch auction and direct sales. */
export const deployBenchSystem = async (connection: NetworkConnection<"l1">) => {
  const { ethers } = connection;
  const [deployer, lender, borrower, keeper, receiver] = await ethers.getSigners();
  if (!deployer || !lender || !borrower || !keeper || !receiver) throw new Error("too few accounts");

  const loan = await ethers.deployContract("MockERC20", ["USD Coin", "USDC", LOAN_DECIMALS]);
  const collateral = await ethers.deployContract("MockERC20", ["Wrapped Ether", "WETH", 18n]);
  const feeds = [
    await ethers.deployContract("MockAggregator", [8n]),
    await ethers.deployContract("MockAggregator", [8n]),
  ] as const;
  for (const feed of feeds) await feed.pushAnswer(2_000n * 10n ** 8n);
  const authority = await ethers.deployContract("AccessManager", [deployer]);
  // Nobody makes rounds while gas is measured.
  const bounds = { heartbeat: 86_400n, minPrice: 10n ** 24n, maxPrice: 10n ** 30n };
  const oracle = await ethers.deployContract("OracleAdapter", [
    oracleConfig({
      collateralAsset: collateral,
      loanAsset: loan,
      primary: aggregatorSource(feeds[0], bounds),
      second: aggregatorSource(feeds[1], bounds),
    }),
    authority,
  ]);
  const protocol = await deployProtocol(connection);
  const { factory, creationCode } = protocol;
  const batch = await deployBatchLiquidator(connection, factory);
  const { direct } = await deployDirectLiquidator(connection, { factory, authority }, []);
  const config = vaultConfig(protocol, {
    asset: loan,
    collateralAsset: collateral,
    oracle,
    authority,
    directLiquidator: direct,
    batchLiquidator: batch,
    reward: { cap: 100n * ONE_LOAN, nativePrice: 2_000n * ONE_LOAN },
    terms: calmTerms(250_000n * ONE_LOAN),
  });
  const vault = await createVault(connection, factory, config, creationCode);
  await authority.setTargetFunctionRole(
    vault,
    [vault.interface.getFunction("pause").selector],
    ROLES.governor,
  );

  for (const user of [lender, borrower, keeper, receiver]) {
    await loan.mint(user, 10n ** 9n * ONE_LOAN);
    await collateral.mint(user, 10n ** 6n * ONE_COLLATERAL);
    await loan.connect(user).approve(vault, ethers.MaxUint256);
    await collateral.connect(user).approve(vault, ethers.MaxUint256);
  }
  return {
    loan,
    collateral,
    feeds,
    factory,
    authority,
    batch,
    direct,
    vault,
    deployer,
    lender,
    borrower,
    keeper,
    receiver,
  };
};

/** Fee of the pool, hundredths of a bp. */
const POOL_FEE = 500n;
/** Observations that the pool keeps. */
const CARDINALITY = 100n;
/** Over the whole range, so that no swap here crosses a tick. */
const POOL_COLLATERAL = 100_000n;

/**
 * A real Uniswap v3 pool and who sells in it: the public liquidator, direct sales, and a keeper's own contract.
 * @param wholePrice Price of the pool, whole loan tokens a whole collateral token.
 */
export const openMarket = async (
  connection: NetworkConnection<"l1">,
  system: BenchSystem,
  wholePrice: bigint,
) => {
  const { ethers } = connection;
  const { loan, collateral, factory, authority, vault, direct, deployer, keeper, receiver } = system;
  const uniswap = await deployUniswap(connection);
  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: POOL_FEE,
    price: (wholePrice * ONE_LOAN * PRICE_SCALE) / ONE_COLLATERAL,
    cardinality: CARDINALITY,
  });
  const baseAmount = POOL_COLLATERAL * ONE_COLLATERAL;
  const quoteAmount = POOL_COLLATERAL * wholePrice * ONE_LOAN;
  await collateral.mint(deployer, baseAmount);
  await loan.mint(deployer, quoteAmount);
  await addLiquidity(connection, uniswap, pool, { owner: deployer, baseAmount, quoteAmount });
  // Somebody has traded there before, both ways.
  for (const [token, amountIn] of [
    [collateral, ONE_COLLATERAL],
    [loan, wholePrice * ONE_LOAN],
  ] as const) {
    await token.mint(deployer, amountIn);
    await swap(connection, uniswap, pool, { trader: deployer, tokenIn: await token.getAddress(), amountIn });
  }
  const liquidator = await deployLiquidator(
    connection,
    { factory, poolFactory: uniswap.factory, authority },
    [pool.address],
  );
  const venue = await deployV3Venue(connection, { poolFactory: uniswap.factory, pool: pool.address });
  await direct.setVenueListed(venue, true);
  await direct.setReferenceVenue(vault, venue);
  const privateKeeper = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
  // Users hold both tokens already, and a keeper's contract the profit of earlier orders.
  await loan.mint(privateKeeper, ONE_LOAN);
  return { pool, venue, liquidator, privateKeeper, receiver };
};

export type BenchMarket = Awaited<ReturnType<typeof openMarket>>;
