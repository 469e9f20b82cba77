import { type AddressLike, ZeroAddress } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { RiskInputsStruct } from "../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";
import type { DirectSaleLiquidator, IVault, SalePolicy, VaultFactory } from "../../typechain-types/index.ts";

import { ADAPTIVE_RATES, BATCH_AUCTION, ROOMY_VAULT, VENUE_WINDOW } from "./defaults.ts";

export type Protocol = Awaited<ReturnType<typeof deployProtocol>>;

/** What all vaults share: rate model, curve, extension, the factory and the lens. */
export async function deployProtocol(connection: NetworkConnection<"l1">) {
  const { ethers } = connection;
  const rateModel = await ethers.deployContract("AdaptiveRateModel", [ADAPTIVE_RATES]);
  const curve = await ethers.deployContract("ExponentialDecayCurve");
  const extension = await ethers.deployContract("VaultExtension");
  const { bytecode: creationCode } = await ethers.getContractFactory("Vault");
  const factory = await ethers.deployContract("VaultFactory", [ethers.keccak256(creationCode), extension]);
  const lens = await ethers.deployContract("VaultLens");
  return { rateModel, curve, extension, factory, creationCode, lens };
}

type OwnConfig = "asset" | "collateralAsset" | "oracle" | "authority" | "reward" | "terms";

/** Configuration of a vault on the shared parts: caps out of the way, and neither liquidators nor backstop, but for what is named. */
export function vaultConfig(
  { rateModel, curve, extension }: Pick<VaultConfigStruct, "rateModel" | "curve" | "extension">,
  own: Pick<VaultConfigStruct, OwnConfig> & Partial<VaultConfigStruct>,
): VaultConfigStruct {
  return {
    rateModel,
    curve,
    extension,
    directLiquidator: ZeroAddress,
    batchLiquidator: ZeroAddress,
    backstop: ZeroAddress,
    ...ROOMY_VAULT,
    ...own,
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

/** A Dutch auction liquidator that may sell in `pools`. The first signer must govern the authority. */
export async function deployLiquidator(
  connection: NetworkConnection<"l1">,
  parts: {
    readonly factory: AddressLike;
    readonly poolFactory: AddressLike;
    readonly authority: AddressLike;
  },
  pools: readonly string[],
) {
  const { factory, poolFactory, authority } = parts;
  const liquidator = await connection.ethers.deployContract("DutchAuctionLiquidator", [
    factory,
    poolFactory,
    authority,
  ]);
  for (const pool of pools) await liquidator.setPoolListed(pool, true);
  return liquidator;
}

/** A Uniswap v3 pool to sell in directly; its mean price is that of the last `window` seconds. */
export async function deployV3Venue(
  { ethers }: NetworkConnection<"l1">,
  { poolFactory, pool }: { readonly poolFactory: AddressLike; readonly pool: AddressLike },
  window: bigint = VENUE_WINDOW,
) {
  return ethers.deployContract("UniswapV3Venue", [poolFactory, pool, window]);
}

/** A Uniswap v2 pair to sell in directly. */
export async function deployV2Venue(
  { ethers }: NetworkConnection<"l1">,
  { pairFactory, pair }: { readonly pairFactory: AddressLike; readonly pair: AddressLike },
) {
  return ethers.deployContract("UniswapV2Venue", [pairFactory, pair]);
}

/**
 * The policy, and the liquidator of direct sales that may sell in `venues`. The first signer must govern the authority. A vault
 * must name the liquidator when it is created, and `openDirectSales` be called for it then.
 */
export async function deployDirectLiquidator(
  { ethers }: NetworkConnection<"l1">,
  { factory, authority }: { readonly factory: AddressLike; readonly authority: AddressLike },
  venues: readonly AddressLike[],
) {
  const policy = await ethers.deployContract("SalePolicy", [authority]);
  const direct = await ethers.deployContract("DirectSaleLiquidator", [factory, authority]);
  for (const venue of venues) await direct.setVenueListed(venue, true);
  return { policy, direct };
}

/** Tells policy and liquidator what they need to know of a vault, and has that served. The first signer must govern both. */
export async function openDirectSales(
  { policy, direct }: { readonly policy: SalePolicy; readonly direct: DirectSaleLiquidator },
  vault: AddressLike,
  { reference, inputs }: { readonly reference: AddressLike; readonly inputs: RiskInputsStruct },
): Promise<void> {
  await direct.setReferenceVenue(vault, reference);
  await direct.serve(vault);
  await policy.setInputs(vault, inputs);
}

/** Splits lots over direct sales and the Dutch auction as the policy allows. */
export async function deploySplitLiquidator(
  { ethers }: NetworkConnection<"l1">,
  parts: { readonly policy: AddressLike; readonly direct: AddressLike; readonly liquidator: AddressLike },
) {
  return ethers.deployContract("SplitLiquidator", [parts.policy, parts.direct, parts.liquidator]);
}

/** The batch auction of the factory's vaults; each must name it when it is created. */
export async function deployBatchLiquidator(
  { ethers }: NetworkConnection<"l1">,
  factory: AddressLike,
  { tickBps, interval }: { readonly tickBps: bigint; readonly interval: bigint } = BATCH_AUCTION,
) {
  return ethers.deployContract("BatchAuctionLiquidator", [factory, tickBps, interval]);
}
