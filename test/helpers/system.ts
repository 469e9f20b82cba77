import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";

import { calmTerms } from "../../scripts/kit/defaults.ts";
import { aggregatorSource, oracleConfig } from "../../scripts/kit/oracle.ts";
import { createVault, deployLiquidator, deployProtocol, vaultConfig } from "../../scripts/kit/protocol.ts";
import {
  addLiquidity,
  createPool,
  deployUniswap,
  movePrice,
  type Pool,
  type UniswapV3,
  wrapEther,
} from "../../scripts/kit/uniswap.ts";
import { WAD } from "../../sdk/math.ts";
import type { SaleTerms } from "../../sdk/terms.ts";

export { createVault };

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

export const CALM_TERMS: SaleTerms = calmTerms(250_000n * ONE_LOAN);

export interface Actors {
  /** Admin of the authority: governor and guardian in one. */
  readonly governor: HardhatEthersSigner;
  readonly lender: HardhatEthersSigner;
  readonly borrower: HardhatEthersSigner;
  readonly keeper: HardhatEthersSigner;
  readonly receiver: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
  /** All other accounts of the chain. */
  readonly others: readonly HardhatEthersSigner[];
}

/** Mock contract that the loan asset is made of. */
export type LoanToken = "MockERC20" | "MockBlocklistERC20" | "MockFeeERC20" | "MockNoReturnERC20";

export type System = Awaited<ReturnType<typeof deploySystem>>;

export async function actorsOf(connection: NetworkConnection<"l1">): Promise<Actors> {
  const [governor, lender, borrower, keeper, receiver, stranger, ...others] =
    await connection.ethers.getSigners();
  if (!governor || !lender || !borrower || !keeper || !receiver || !stranger)
    throw new Error("too few accounts");
  return { governor, lender, borrower, keeper, receiver, stranger, others };
}

/** Authority, tokens, oracle of two aggregators, models, factory with one vault, lens, Uniswap with a deep pool, liquidator. */
export async function deploySystem(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
  loanToken: LoanToken = "MockERC20",
) {
  const { ethers } = connection;
  const actors = await actorsOf(connection);
  const { governor } = actors;
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const uniswap = await deployUniswap(connection);
  const deployed = await ethers.deployContract(loanToken, ["USD Coin", "USDC", 6n]);
  const loan = await ethers.getContractAt("MockERC20", await deployed.getAddress());
  // WETH9 has no permit, but everything else that the type says, `mint` apart.
  const collateral = await ethers.getContractAt("MockERC20", await uniswap.weth.getAddress());

  const primary = await ethers.deployContract("MockAggregator", [8n]);
  const second = await ethers.deployContract("MockAggregator", [8n]);
  for (const feed of [primary, second]) await feed.pushAnswer(START_PRICE * ONE_ANSWER);
  // Tests make rounds when the price moves, and let days pass between.
  const bounds = { heartbeat: 86_400n, minPrice: ONE_PRICE, maxPrice: 10n ** 6n * ONE_PRICE };
  const oracle = await ethers.deployContract("OracleAdapter", [
    oracleConfig({
      collateralAsset: collateral,
      loanAsset: loan,
      primary: aggregatorSource(primary, bounds),
      second: aggregatorSource(second, bounds),
    }),
    authority,
  ]);
  const protocol = await deployProtocol(connection);
  const { rateModel, curve, extension, factory, creationCode } = protocol;
  // Addresses alone: tests make further vaults of it.
  const config = vaultConfig(
    {
      rateModel: await rateModel.getAddress(),
      curve: await curve.getAddress(),
      extension: await extension.getAddress(),
    },
    {
      asset: await loan.getAddress(),
      collateralAsset: await collateral.getAddress(),
      oracle: await oracle.getAddress(),
      authority: await authority.getAddress(),
      reward: { cap: 100n * ONE_LOAN, nativePrice: START_PRICE * ONE_LOAN },
      terms: CALM_TERMS,
      ...changes,
    },
  );
  const vault = await createVault(connection, factory, config, creationCode);

  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: POOL_FEE,
    price: START_PRICE * ONE_PRICE,
    cardinality: 100n,
  });
  await fillPool(connection, { uniswap, loan, governor }, pool);
  const liquidator = await deployLiquidator(
    connection,
    { factory, poolFactory: uniswap.factory, authority },
    [pool.address],
  );

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
    ...protocol,
    config,
    vault,
    pool,
    liquidator,
  };
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

/** The keeper starts a sale, without reward. */
export async function startSale(system: System, borrower: AddressLike): Promise<void> {
  await system.vault.connect(system.keeper).startSale(borrower, system.connection.ethers.ZeroAddress);
}

/** The keeper takes up to `maxRepay`, with money of its own. */
export async function take(
  system: System,
  borrower: AddressLike,
  maxRepay: bigint = NO_LIMIT,
): Promise<void> {
  const { loan, vault, keeper } = system;
  await loan.mint(keeper, 10n ** 9n * ONE_LOAN);
  await loan.connect(keeper).approve(vault, NO_LIMIT);
  await vault.connect(keeper).take({
    borrower,
    receiver: keeper,
    maxRepay,
    maxPayment: NO_LIMIT,
    minCollateral: 0n,
    deadline: FOREVER,
    data: "0x",
  });
}
