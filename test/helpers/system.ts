import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";

import type { IVault, VaultFactory } from "../../typechain-types/index.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";

import { SECONDS_PER_YEAR, WAD } from "../../scripts/lib/math.ts";
import type { SaleTerms } from "../../scripts/lib/terms.ts";
import {
  addLiquidity,
  createPool,
  deployUniswap,
  movePrice,
  type Pool,
  type UniswapV3,
  wrapEther,
} from "./uniswap.ts";

/** The whole system on one chain, of real parts: only the loan asset and the aggregators are mocks. */

export const ONE_LOAN = 10n ** 6n;
export const ONE_COLLATERAL = WAD;
/** Prices: loan units per collateral unit, times 1e36; in whole loan tokens per whole collateral token times this. */
export const ONE_PRICE = 10n ** 24n;
/** Answers of the aggregators: 8 decimals. */
export const ONE_ANSWER = 10n ** 8n;
export const START_PRICE = 2_000n;
export const POOL_FEE = 500n;
export const FOREVER = 2n ** 40n;
export const NO_LIMIT = 2n ** 256n - 1n;

export const CALM_TERMS: SaleTerms = {
  startPremiumBps: 0n,
  holdBps: 150n,
  maxDiscountBps: 800n,
  penaltyBps: 50n,
  targetLtvBps: 7_055n,
  halfLife: 212n,
  horizon: 1_060n,
  lot: 250_000n * ONE_LOAN,
};

export interface Actors {
  /** Admin of the authority: governor and guardian in one. */
  readonly governor: HardhatEthersSigner;
  readonly lender: HardhatEthersSigner;
  readonly borrower: HardhatEthersSigner;
  readonly keeper: HardhatEthersSigner;
  readonly receiver: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
}

export type System = Awaited<ReturnType<typeof deploySystem>>;

const perYear = (percent: bigint): bigint => (percent * WAD) / 100n / SECONDS_PER_YEAR;

export const ADAPTIVE_RATES = {
  targetUtilisation: (9n * WAD) / 10n,
  steepness: 4n * WAD,
  speed: (50n * WAD) / SECONDS_PER_YEAR,
  initialRateAtTarget: perYear(4n),
  minRateAtTarget: perYear(1n) / 10n,
  maxRateAtTarget: perYear(200n),
} as const;

export async function actorsOf(connection: NetworkConnection<"l1">): Promise<Actors> {
  const [governor, lender, borrower, keeper, receiver, stranger] = await connection.ethers.getSigners();
  if (!governor || !lender || !borrower || !keeper || !receiver || !stranger)
    throw new Error("too few accounts");
  return { governor, lender, borrower, keeper, receiver, stranger };
}

/** Authority, tokens, oracle of two aggregators, models, factory with one vault, lens, Uniswap with a deep pool, liquidator. */
export async function deploySystem(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
) {
  const { ethers } = connection;
  const actors = await actorsOf(connection);
  const { governor } = actors;
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const uniswap = await deployUniswap(connection);
  const loan = await ethers.deployContract("MockERC20", ["USD Coin", "USDC", 6n]);
  // WETH9 has no permit, but everything else that the type says, `mint` apart.
  const collateral = await ethers.getContractAt("MockERC20", await uniswap.weth.getAddress());

  const primary = await ethers.deployContract("MockAggregator", [8n]);
  const second = await ethers.deployContract("MockAggregator", [8n]);
  for (const feed of [primary, second]) await feed.pushAnswer(START_PRICE * ONE_ANSWER);
  const source = async (target: { getAddress(): Promise<string> }) => ({
    kind: 1n,
    target: await target.getAddress(),
    heartbeat: 86_400n,
    minPrice: ONE_PRICE,
    maxPrice: 10n ** 6n * ONE_PRICE,
  });
  const oracle = await ethers.deployContract("OracleAdapter", [
    {
      collateralAsset: collateral,
      loanAsset: loan,
      primary: await source(primary),
      second: await source(second),
      standby: { kind: 0n, target: ethers.ZeroAddress, heartbeat: 0n, minPrice: 0n, maxPrice: 0n },
      sequencerFeed: ethers.ZeroAddress,
      sequencerGrace: 0n,
      maxDisagreementBps: 200n,
      primaryGrace: 3_600n,
    },
    authority,
  ]);
  const rateModel = await ethers.deployContract("AdaptiveRateModel", [ADAPTIVE_RATES]);
  const curve = await ethers.deployContract("ExponentialDecayCurve");
  const extension = await ethers.deployContract("VaultExtension");

  const { bytecode: creationCode } = await ethers.getContractFactory("Vault");
  const factory = await ethers.deployContract("VaultFactory", [ethers.keccak256(creationCode), extension]);
  const config: VaultConfigStruct = {
    asset: await loan.getAddress(),
    collateralAsset: await collateral.getAddress(),
    oracle: await oracle.getAddress(),
    rateModel: await rateModel.getAddress(),
    curve: await curve.getAddress(),
    extension: await extension.getAddress(),
    directLiquidator: ethers.ZeroAddress,
    batchLiquidator: ethers.ZeroAddress,
    backstop: ethers.ZeroAddress,
    authority: await authority.getAddress(),
    name: "Gavel USDC/WETH",
    symbol: "gUSDC",
    minDebt: 100n * ONE_LOAN,
    maxOracleStepBps: 300n,
    borrowLtvBps: 8_000n,
    liquidationLtvBps: 8_300n,
    reserveFactorBps: 1_000n,
    supplyCap: 10n ** 9n * ONE_LOAN,
    borrowCap: 10n ** 9n * ONE_LOAN,
    maxPositionDebt: 10n ** 7n * ONE_LOAN,
    stressDepth: 4n * 10n ** 8n * ONE_LOAN,
    reward: { cap: 100n * ONE_LOAN, nativePrice: START_PRICE * ONE_LOAN },
    terms: CALM_TERMS,
    ...changes,
  };
  const vault = await createVault(connection, factory, config, creationCode);

  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: POOL_FEE,
    price: START_PRICE * ONE_PRICE,
    cardinality: 100n,
  });
  await fillPool(connection, { uniswap, loan, governor }, pool);
  const liquidator = await ethers.deployContract("DutchAuctionLiquidator", [
    factory,
    uniswap.factory,
    authority,
  ]);
  await liquidator.setPoolListed(pool.address, true);
  const lens = await ethers.deployContract("VaultLens");

  return {
    connection,
    ...actors,
    authority,
    uniswap,
    loan,
    collateral,
    primary,
    second,
    oracle,
    rateModel,
    curve,
    extension,
    factory,
    creationCode,
    config,
    vault,
    pool,
    liquidator,
    lens,
  };
}

/** Creates a vault through the factory. */
export async function createVault(
  connection: NetworkConnection<"l1">,
  factory: VaultFactory,
  config: VaultConfigStruct,
  creationCode: string,
  salt: string = connection.ethers.ZeroHash,
): Promise<IVault> {
  const [creator] = await connection.ethers.getSigners();
  if (!creator) throw new Error("too few accounts");
  const address = await factory.vaultAddress(config, creationCode, salt, creator);
  await factory.connect(creator).createVault(config, creationCode, salt);
  return connection.ethers.getContractAt("IVault", address);
}

/** Ten million of value on each side, a fifth of it within 10% of the price. */
async function fillPool(
  connection: NetworkConnection<"l1">,
  { uniswap, loan, governor }: Pick<System, "loan"> & { uniswap: UniswapV3; governor: HardhatEthersSigner },
  pool: Pool,
): Promise<void> {
  const quoteAmount = 10_000_000n * ONE_LOAN;
  const baseAmount = 5_000n * ONE_COLLATERAL;
  await loan.mint(governor, quoteAmount);
  await wrapEther(connection, uniswap, governor, baseAmount);
  const price = START_PRICE * ONE_PRICE;
  await addLiquidity(connection, uniswap, pool, {
    owner: governor,
    baseAmount: (baseAmount * 4n) / 5n,
    quoteAmount: (quoteAmount * 4n) / 5n,
  });
  await addLiquidity(connection, uniswap, pool, {
    owner: governor,
    baseAmount: baseAmount / 5n,
    quoteAmount: quoteAmount / 5n,
    range: { lower: (price * 9n) / 10n, upper: (price * 11n) / 10n },
  });
}

/** The lender's deposit. */
export async function lend(system: System, assets: bigint): Promise<void> {
  const { loan, vault, lender } = system;
  await loan.mint(lender, assets);
  await loan.connect(lender).approve(vault, assets);
  await vault.connect(lender).deposit(assets, lender);
}

/** Opens (or adds to) a position. */
export async function open(
  system: System,
  borrower: HardhatEthersSigner,
  collateral: bigint,
  debt: bigint,
): Promise<void> {
  const { vault } = system;
  if (collateral !== 0n) {
    await wrapEther(system.connection, system.uniswap, borrower, collateral);
    await system.collateral.connect(borrower).approve(vault, collateral);
    await vault.connect(borrower).supplyCollateral(collateral, borrower);
  }
  if (debt !== 0n) await vault.connect(borrower).borrow(debt, borrower, borrower);
}

/** The market moves: a round of both aggregators and the pool, in whole loan tokens per whole collateral token. */
export async function moveMarket(system: System, price: bigint): Promise<void> {
  const { connection, uniswap, pool, governor } = system;
  const spendable = 10n ** 27n;
  await system.loan.mint(governor, spendable);
  await wrapEther(connection, uniswap, governor, spendable);
  await movePrice(connection, uniswap, pool, { trader: governor, price: price * ONE_PRICE, spendable });
  await setPrice(system, price);
}

/** A round of both aggregators, in whole loan tokens per whole collateral token. */
export async function setPrice(system: System, price: bigint): Promise<void> {
  await setPrices(system, price * ONE_ANSWER, price * ONE_ANSWER);
}

/** A round of each aggregator, 8 decimals. */
export async function setPrices(system: System, primary: bigint, second: bigint): Promise<void> {
  await system.primary.pushAnswer(primary);
  await system.second.pushAnswer(second);
}
