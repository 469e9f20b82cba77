/** Contracts of a deployment by name, and where they stand. */

/** Runs the modules, and says where things came to stand. */

export const CONTRACTS = [
  "authority",
  "oracle",
  "rateModel",
  "curve",
  "vaultExtension",
  "vaultFactory",
  "vault",
  "liquidator",
  "policy",
  "directLiquidator",
  "batchLiquidator",
  "splitLiquidator",
  "backstop",
  "lens",
  "volatilityOracle",
  "depthOracle",
  "deviationFeed",
  "deviationMarket",
  "deviationSource",
  "volatilitySource",
  "vaultSource",
  "dampedVaultSource",
  "contagionMonitor",
  "riskSteward",
  "deleverager",
] as const;

export type ContractName = (typeof CONTRACTS)[number];

export type Addresses = Readonly<Record<ContractName, string>> & {
  /** In the order of the parameters. */
  readonly venues: readonly string[];
};
