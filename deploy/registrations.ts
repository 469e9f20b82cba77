import type { NetworkConnection } from "hardhat/types/network";

import type { Addresses } from "./contracts.ts";
import { ROLES } from "./roles.ts";
import type { System } from "./system.ts";

/** How the sources of stress stand in the monitor: what deployment and verification share. */
export interface SourceRegistration {
  readonly source: string;
  readonly weight: bigint;
  /** Seconds. */
  readonly heartbeat: bigint;
  /** Unix seconds. */
  readonly expiresAt: bigint;
}

/**
 * When the steward got its role, unix seconds: a moment of the deployment that the chain keeps, so that whatever ends some time
 * after it ends at the same moment however often one deploys. 0 where it has no role.
 */
export const readGrantedAt = async (
  { ethers }: Pick<NetworkConnection<"l1">, "ethers">,
  { authority, riskSteward }: Addresses,
): Promise<bigint> => {
  const manager = await ethers.getContractAt("AccessManager", authority);
  const { since } = await manager.getAccess(ROLES.steward, riskSteward);
  return since;
};

/** What the monitor is to hear, in whatever order. */
export const registrationsOf = (
  { risk: { stress } }: System,
  addresses: Addresses,
  grantedAt: bigint,
): readonly SourceRegistration[] => {
  const expiresAt = grantedAt + stress.term;
  return [
    { source: addresses.deviationSource, ...stress.feedDeviation },
    { source: addresses.volatilitySource, ...stress.volatility },
    { source: addresses.dampedVaultSource, ...stress.vaults },
  ].map(({ source, weight, heartbeat }) => ({ source, weight, heartbeat, expiresAt }));
};
