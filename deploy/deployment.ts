import { Interface, type InterfaceAbi } from "ethers";
import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";

import { type Addresses, CONTRACTS, type ContractName } from "./contracts.ts";
import { handOverModule } from "./modules/handOver.ts";
import { localMarketModule, localPoolsModule } from "./modules/localMarket.ts";
import { type Compiled, vaultSystemModule, venueId } from "./modules/vaultSystem.ts";
import { type Parameters, withLocalMarket } from "./parameters.ts";
import { readGrantedAt } from "./registrations.ts";
import { type System, systemOf } from "./system.ts";

export interface Deployment {
  /** With addresses of a local market in place of its parts' names. */
  readonly parameters: Parameters;
  readonly system: System;
  readonly addresses: Addresses;
}

export interface DeployOptions {
  /** Where Ignition keeps its journal, so that a second run goes on where the first ended. */
  readonly deploymentId: string;
  readonly displayUi?: boolean;
}

/** What the modules and the verification need of the build. */
export const readCompiled = async (artifacts: ArtifactManager): Promise<Compiled> => {
  const interfaceOf = async (name: string): Promise<Interface> =>
    Interface.from((await artifacts.readArtifact(name)).abi as InterfaceAbi);
  return {
    vaultCreationCode: (await artifacts.readArtifact("Vault")).bytecode,
    interfaces: {
      vault: await interfaceOf("IVault"),
      oracle: await interfaceOf("OracleAdapter"),
      liquidator: await interfaceOf("DutchAuctionLiquidator"),
      directLiquidator: await interfaceOf("DirectSaleLiquidator"),
      policy: await interfaceOf("SalePolicy"),
      backstop: await interfaceOf("Backstop"),
      volatilityOracle: await interfaceOf("VolatilityOracle"),
      depthOracle: await interfaceOf("DepthOracle"),
      vaultSource: await interfaceOf("GavelVaultSource"),
      contagionMonitor: await interfaceOf("ContagionMonitor"),
      riskSteward: await interfaceOf("RiskSteward"),
      deleverager: await interfaceOf("Deleverager"),
    },
  };
};

export const marketId = (deploymentId: string): string => `${deploymentId}-market`;

/** Deploys the local market that the parameters ask for, if any. */
export const deployMarket = async (
  { ignition }: NetworkConnection<"l1">,
  parameters: Parameters,
  deploymentId: string,
): Promise<Parameters> => {
  const market = parameters.localMarket;
  if (market === undefined) return parameters;
  const options = { deploymentId: marketId(deploymentId) };
  const parts = await ignition.deploy(localMarketModule(market), options);
  const addresses = {
    loan: await parts.loan.getAddress(),
    collateral: await parts.collateral.getAddress(),
    poolFactory: await parts.poolFactory.getAddress(),
    positionManager: await parts.positionManager.getAddress(),
    pairFactory: await parts.pairFactory.getAddress(),
  };
  const { pool, widePool, pair } = await ignition.deploy(localPoolsModule(market, addresses), options);
  return withLocalMarket(parameters, {
    "@loan": addresses.loan,
    "@collateral": addresses.collateral,
    "@primary": await parts.primary.getAddress(),
    "@second": await parts.second.getAddress(),
    "@poolFactory": addresses.poolFactory,
    "@pool": await pool.getAddress(),
    "@widePool": await widePool.getAddress(),
    "@pairFactory": addresses.pairFactory,
    "@pair": await pair.getAddress(),
    "@quote": await parts.quote.getAddress(),
  });
};

/** Deploys what is not deployed yet. */
export const deploy = async (
  connection: NetworkConnection<"l1">,
  compiled: Compiled,
  asked: Parameters,
  { deploymentId, displayUi = false }: DeployOptions,
): Promise<Deployment> => {
  const parameters = await deployMarket(connection, asked, deploymentId);
  const system = systemOf(parameters);
  const options = { deploymentId, displayUi };
  const contracts = await connection.ignition.deploy(vaultSystemModule(system, compiled), options);
  const named = Object.fromEntries(
    await Promise.all(CONTRACTS.map(async (name) => [name, await contracts[name].getAddress()] as const)),
  ) as Record<ContractName, string>;
  // How many venues there are is the parameters' business, and so nothing that types know.
  const byId = new Map<string, { getAddress(): Promise<string> }>(Object.entries(contracts));
  const venues = await Promise.all(
    system.directSale.venues.map((_, i) => {
      const venue = byId.get(venueId(i));
      if (venue === undefined) throw new Error(`no ${venueId(i)} was deployed`);
      return venue.getAddress();
    }),
  );
  const addresses = { ...named, venues };
  const grantedAt = await readGrantedAt(connection, addresses);
  await connection.ignition.deploy(handOverModule(system, addresses, grantedAt, compiled), options);
  return { parameters, system, addresses };
};
