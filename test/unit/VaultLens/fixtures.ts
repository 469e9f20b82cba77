import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { PositionViewStructOutput } from "../../../typechain-types/contracts/periphery/VaultLens.ts";
import type { IVault } from "../../../typechain-types/index.ts";

import { deploySystem, lend, ONE_LOAN, type System } from "../../helpers/system.ts";

export type PositionView = PositionViewStructOutput;

/** `PositionStatus`, in its order. */
export const Status = {
  EMPTY: 0n,
  HEALTHY: 1n,
  STARTABLE: 2n,
  FOR_SALE: 3n,
  RECOVERED: 4n,
  WAITING: 5n,
  LAPSED: 6n,
  EMPTIED: 7n,
  FROZEN: 8n,
} as const;

/** `OracleState`, in its order. */
export const State = { STALE: 0n, SUSPECT: 1n, FRESH: 2n } as const;

/** `MockRawAnswer.Mode`, in its order. */
export const Mode = { ANSWER: 0n, REVERT: 1n, BURN_GAS: 2n } as const;

export const SALES_BIT = 8n;
export const HEARTBEAT = 86_400n;

/** The system with a million lent, its vault on a rate model that charges nothing: debts stay what they are. */
export async function deployWithoutInterest(connection: NetworkConnection<"l1">): Promise<System> {
  const rateModel = await connection.ethers.deployContract("MockRateModel");
  const system = await deploySystem(connection, { rateModel: await rateModel.getAddress() });
  await lend(system, 1_000_000n * ONE_LOAN);
  return system;
}

export async function show(
  { lens, vault }: Pick<System, "lens"> & { readonly vault: IVault },
  borrower: AddressLike,
): Promise<PositionView> {
  const [shown] = await lens.positions(vault, [borrower]);
  if (shown === undefined) throw new Error("the lens shows no position");
  return shown;
}

/** Puts answers of the test's choice in the place of a contract. */
export async function breakContract(
  connection: NetworkConnection<"l1">,
  address: AddressLike,
  mode: bigint,
  answer = "0x",
): Promise<void> {
  const { ethers, networkHelpers } = connection;
  const at = await ethers.resolveAddress(address);
  const { deployedBytecode } = await (await import("hardhat")).artifacts.readArtifact("MockRawAnswer");
  await networkHelpers.setCode(at, deployedBytecode);
  const broken = await ethers.getContractAt("MockRawAnswer", at);
  await broken.setAnswer(mode, answer);
}
