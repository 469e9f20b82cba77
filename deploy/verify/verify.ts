import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";

import type { Addresses } from "../contracts.ts";
import type { Compiled } from "../modules/vaultSystem.ts";
import type { System } from "../system.ts";
import { verifyBackstop } from "./backstop.ts";
import { verifyBatchAuction } from "./batchAuction.ts";
import { verifyCode } from "./code.ts";
import type { Context } from "./context.ts";
import { verifyDirectSale } from "./directSale.ts";
import { verifyLiquidator } from "./liquidator.ts";
import { verifyOracle } from "./oracle.ts";
import { verifyPolicy } from "./policy.ts";
import { Report } from "./report.ts";
import { verifyRisk } from "./risk.ts";
import { verifyRoles } from "./roles.ts";
import { verifyVault } from "./vault.ts";

const SECTIONS: Readonly<Record<string, (context: Context) => Promise<void>>> = {
  code: verifyCode,
  roles: verifyRoles,
  oracle: verifyOracle,
  vault: verifyVault,
  liquidator: verifyLiquidator,
  directSale: verifyDirectSale,
  batchAuction: verifyBatchAuction,
  policy: verifyPolicy,
  backstop: verifyBackstop,
  risk: verifyRisk,
};

/**
 * Reads a deployed system back from its chain and holds it against the parameters. Trusts neither the deployment nor its
 * journal: only addresses are taken from it.
 */
export const verify = async (
  { ethers }: NetworkConnection<"l1">,
  artifacts: ArtifactManager,
  compiled: Compiled,
  { system, addresses }: { readonly system: System; readonly addresses: Addresses },
  fromBlock = 0,
): Promise<Report> => {
  const report = new Report();
  const context = { ethers, artifacts, compiled, system, addresses, fromBlock, report };
  for (const [name, check] of Object.entries(SECTIONS)) await report.section(name, () => check(context));
  return report;
};
