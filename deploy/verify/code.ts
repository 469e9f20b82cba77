import { getBytes } from "ethers";
import type { Artifact } from "hardhat/types/artifacts";

import type { Context } from "./context.ts";

/** Names of the artifacts that contracts of our own were built from. */
export type OwnContract =
  | "AccessManager"
  | "AdaptiveRateModel"
  | "Backstop"
  | "BatchAuctionLiquidator"
  | "ChainlinkRatioFeed"
  | "ContagionMonitor"
  | "DampedSource"
  | "Deleverager"
  | "DepthOracle"
  | "DirectSaleLiquidator"
  | "DutchAuctionLiquidator"
  | "ExponentialDecayCurve"
  | "FeedDeviationSource"
  | "GavelVaultSource"
  | "KinkedRateModel"
  | "OracleAdapter"
  | "RiskSteward"
  | "SalePolicy"
  | "SplitLiquidator"
  | "UniswapV2Venue"
  | "UniswapV3TwapFeed"
  | "UniswapV3Venue"
  | "Vault"
  | "VaultExtension"
  | "VaultFactory"
  | "VaultLens"
  | "VolatilityOracle"
  | "VolatilitySource";

/** Deployed code with immutables, which differ from one deployment to the next, at zero. */
const withoutImmutables = (code: string, { immutableReferences = {} }: Artifact): string => {
  const bytes = getBytes(code);
  for (const { start, length } of Object.values(immutableReferences).flat())
    bytes.fill(0, start, start + length);
  return Buffer.from(bytes).toString("hex");
};

/** Whether the code at an address is what this repository builds. */
export const isBuiltFrom = async (
  { ethers, artifacts }: Context,
  address: string,
  name: OwnContract,
): Promise<boolean> => {
  const artifact = await artifacts.readArtifact(name);
  const code = await ethers.provider.getCode(address);
  return withoutImmutables(code, artifact) === withoutImmutables(artifact.deployedBytecode, artifact);
};

/** Every contract of ours runs the code that was built and tested. */
export const verifyCode = async (context: Context): Promise<void> => {
  const { report, addresses, system, compiled, ethers } = context;
  const expected = {
    authority: "AccessManager",
    oracle: "OracleAdapter",
    rateModel: system.rateModel.kind === "adaptive" ? "AdaptiveRateModel" : "KinkedRateModel",
    curve: "ExponentialDecayCurve",
    vaultExtension: "VaultExtension",
    vaultFactory: "VaultFactory",
    vault: "Vault",
    liquidator: "DutchAuctionLiquidator",
    policy: "SalePolicy",
    directLiquidator: "DirectSaleLiquidator",
    batchLiquidator: "BatchAuctionLiquidator",
    splitLiquidator: "SplitLiquidator",
    backstop: "Backstop",
    lens: "VaultLens",
    volatilityOracle: "VolatilityOracle",
    depthOracle: "DepthOracle",
    deviationSource: "FeedDeviationSource",
    volatilitySource: "VolatilitySource",
    vaultSource: "GavelVaultSource",
    dampedVaultSource: "DampedSource",
    contagionMonitor: "ContagionMonitor",
    riskSteward: "RiskSteward",
    deleverager: "Deleverager",
  } as const;
  for (const name of Object.keys(expected) as readonly (keyof typeof expected)[]) {
    const isOurs = await isBuiltFrom(context, addresses[name], expected[name]);
    report.holds(isOurs, `${name}: the code at ${addresses[name]} is not that of ${expected[name]}`);
  }
  const factory = await ethers.getContractAt("VaultFactory", addresses.vaultFactory);
  report.equal(
    "vaultFactory.creationCodeHash",
    await factory.creationCodeHash(),
    ethers.keccak256(compiled.vaultCreationCode),
  );
};
