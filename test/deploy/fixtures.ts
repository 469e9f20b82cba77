import { readFileSync } from "node:fs";

import { artifacts } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";
import JSON5 from "json5";

import { deploy, type Deployment, readCompiled } from "../../deploy/deployment.ts";
import type { Compiled } from "../../deploy/modules/vaultSystem.ts";
import { type Parameters, parseParameters } from "../../deploy/parameters.ts";
import type { Report } from "../../deploy/verify/report.ts";
import { verify } from "../../deploy/verify/verify.ts";

export const LOCAL_PARAMETERS = "deploy/params/local.json5";

/** What the file says, before anything is checked. */
export function readParametersFile(file: string): Record<string, unknown> {
  return JSON5.parse<Record<string, unknown>>(readFileSync(file, "utf8"));
}

/** The local parameters with some sections replaced. */
export function localParameters(changes: Partial<Parameters> = {}): Parameters {
  return parseParameters({ ...readParametersFile(LOCAL_PARAMETERS), ...changes });
}

export interface Deployed extends Deployment {
  readonly connection: NetworkConnection<"l1">;
  readonly compiled: Compiled;
}

export async function deployLocally(
  connection: NetworkConnection<"l1">,
  parameters: Parameters = localParameters(),
): Promise<Deployed> {
  const compiled = await readCompiled(artifacts);
  const deployment = await deploy(connection, compiled, parameters, { deploymentId: "test" });
  return { ...deployment, connection, compiled };
}

export async function verifyDeployed(deployed: Deployed): Promise<Report> {
  return verify(deployed.connection, artifacts, deployed.compiled, deployed);
}

/** What verification complains about. */
export async function failuresOf(deployed: Deployed): Promise<readonly string[]> {
  return (await verifyDeployed(deployed)).failures;
}
