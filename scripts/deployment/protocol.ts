import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";
import type { IVault, VaultFactory } from "../../typechain-types/index.ts";

import { ADAPTIVE_RATES } from "./defaults.ts";

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
