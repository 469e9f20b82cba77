import { AbiCoder, type AddressLike, type BaseContract, ZeroAddress } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { BPS } from "../../../../sdk/math.ts";
import { lower } from "../lending.ts";
import { rivalArtifacts } from "./artifacts.ts";
import { Deployer } from "./deployer.ts";

/** A market of Aave v3.6 with two reserves, compiled from its package. */

/**
 * WETH on Aave v3 Ethereum. LTV and threshold as governance.aave.com/t/18997 leaves them there, bonus and the protocol's fee on it
 * as listed in governance.aave.com/t/10238 (10,500 and 10%).
 */
export const WETH = {
  ltvBps: 8_050n,
  liquidationLtvBps: 8_300n,
  bonusBps: 500n,
  protocolFeeBps: 1_000n,
} as const;

/** Rates of a reserve, bps: usage up to which the first slope counts, and rates a year. */
export interface AaveRates {
  readonly optimalUsageBps: bigint;
  readonly baseBps: bigint;
  readonly slopeBps: bigint;
  readonly steepSlopeBps: bigint;
}

/** What a market is made of. */
export interface AaveSetUp {
  /** The connection's first signer. */
  readonly governor: string;
  readonly treasury: string;
  readonly loan: string;
  readonly collateral: string;
  /** Asset → feed. */
  readonly feeds: Readonly<Record<string, AddressLike>>;
  /** What prices are counted in: a currency and its unit. */
  readonly base: { readonly currency: string; readonly unit: bigint };
  readonly rates: AaveRates;
  /** Terms of the collateral. */
  readonly terms: {
    readonly ltvBps: bigint;
    readonly liquidationLtvBps: bigint;
    readonly bonusBps: bigint;
    readonly protocolFeeBps: bigint;
  };
}

/** Addresses of a market of two reserves, lower case. */
export interface AaveMarket {
  readonly pool: string;
  readonly oracle: string;
  readonly treasury: string;
  /** Tokens of lenders' claims, of collateral and of debt. */
  readonly aLoan: string;
  readonly aCollateral: string;
  readonly debt: string;
}

const encodeRates = ({ optimalUsageBps, baseBps, slopeBps, steepSlopeBps }: AaveRates): string =>
  AbiCoder.defaultAbiCoder().encode(
    ["tuple(uint16,uint32,uint32,uint32)"],
    [[optimalUsageBps, baseBps, slopeBps, steepSlopeBps]],
  );

/** In the order of Aave's own set-up: addresses provider, oracle, roles, pool and configurator behind proxies, reserves. */
export async function deployAaveMarket(
  connection: NetworkConnection<"l1">,
  setUp: AaveSetUp,
): Promise<AaveMarket> {
  const { governor, treasury, loan, collateral, feeds, base, rates, terms } = setUp;
  const deployer = new Deployer(connection, rivalArtifacts("aave"));
  const provider = await deployer.deploy("PoolAddressesProvider", ["Replay", governor]);
  const oracle = await deployer.deploy("AaveOracle", [
    provider,
    Object.keys(feeds),
    Object.values(feeds),
    ZeroAddress,
    base.currency,
    base.unit,
  ]);
  const set = async (contract: BaseContract, name: string, ...args: readonly unknown[]): Promise<void> => {
    await contract.getFunction(name)(...args);
  };
  await set(provider, "setPriceOracle", oracle);
  await set(provider, "setACLAdmin", governor);
  const roles = await deployer.deploy("ACLManager", [provider]);
  await set(provider, "setACLManager", roles);
  await set(roles, "addPoolAdmin", governor);

  const strategy = await deployer.deploy("DefaultReserveInterestRateStrategyV2", [provider]);
  const libraries = await deployLibraries(deployer);
  await set(provider, "setPoolImpl", await deployer.deploy("PoolInstance", [provider, strategy], libraries));
  await set(
    provider,
    "setPoolConfiguratorImpl",
    await deployer.deploy("PoolConfiguratorInstance", [], libraries),
  );
  const addressOf = async (contract: BaseContract, name: string, ...args: readonly unknown[]) =>
    lower(await contract.getFunction(name)(...args));
  const pool = await addressOf(provider, "getPool");
  const configurator = await deployer.at(
    "PoolConfiguratorInstance",
    await addressOf(provider, "getPoolConfigurator"),
  );

  const aToken = await deployer.deploy("ATokenInstance", [pool, ZeroAddress, treasury]);
  const debtToken = await deployer.deploy("VariableDebtTokenInstance", [pool, ZeroAddress]);
  const reserve = (asset: string, symbol: string): readonly unknown[] => [
    aToken,
    debtToken,
    asset,
    `Aave ${symbol}`,
    `a${symbol}`,
    `Aave debt ${symbol}`,
    `d${symbol}`,
    "0x",
    encodeRates(rates),
  ];
  await set(configurator, "initReserves", [reserve(loan, "USDC"), reserve(collateral, "WETH")]);
  await set(configurator, "setReserveBorrowing", loan, true);
  await set(
    configurator,
    "configureReserveAsCollateral",
    collateral,
    terms.ltvBps,
    terms.liquidationLtvBps,
    BPS + terms.bonusBps,
  );
  await set(configurator, "setLiquidationProtocolFee", collateral, terms.protocolFeeBps);

  const seen = await deployer.at("PoolInstance", pool);
  return {
    pool,
    oracle: lower(oracle.target),
    treasury,
    aLoan: await addressOf(seen, "getReserveAToken", loan),
    aCollateral: await addressOf(seen, "getReserveAToken", collateral),
    debt: await addressOf(seen, "getReserveVariableDebtToken", loan),
  };
}

async function deployLibraries(deployer: Deployer): Promise<Readonly<Record<string, BaseContract>>> {
  const libraries: Record<string, BaseContract> = {};
  for (const name of [
    "BorrowLogic",
    "ConfiguratorLogic",
    "FlashLoanLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
  ])
    libraries[name] = await deployer.deploy(name, [], libraries);
  return libraries;
}
