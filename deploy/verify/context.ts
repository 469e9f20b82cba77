import type { ArtifactManager } from "hardhat/types/artifacts";
import type { NetworkConnection } from "hardhat/types/network";

import type { Addresses } from "../contracts.ts";
import type { Compiled } from "../modules/vaultSystem.ts";
import type { System } from "../system.ts";
import type { Report } from "./report.ts";

/** What the checks look at. */
export interface Context {
  readonly ethers: NetworkConnection<"l1">["ethers"];
  readonly artifacts: ArtifactManager;
  readonly compiled: Compiled;
  readonly system: System;
  readonly addresses: Addresses;
  /** Block of the first transaction of the deployment: events are read from here. */
  readonly fromBlock: number;
  readonly report: Report;
}
