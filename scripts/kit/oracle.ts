import type { AddressLike } from "ethers";
import { ZeroAddress } from "ethers";

import { NO_SOURCE, SourceKind } from "../../sdk/oracleAdapter.ts";
import type {
  OracleConfigStruct,
  SourceConfigStruct,
} from "../../typechain-types/contracts/oracle/OracleAdapter.ts";
import { ORACLE } from "./oracleDefaults.ts";

/** How an oracle is configured: in the settings of deployments, but for what somebody names. */

/** How long a source lives, seconds, and between which prices of 1e36 scale it is believed. */
export interface SourceBounds {
  readonly heartbeat: bigint;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

/** A Chainlink-type aggregator as source. */
export const aggregatorSource = (target: AddressLike, bounds: SourceBounds): SourceConfigStruct => ({
  kind: SourceKind.CHAINLINK,
  target,
  ...bounds,
});

/** A feed contract as source. */
export const feedSource = (target: AddressLike, bounds: SourceBounds): SourceConfigStruct => ({
  kind: SourceKind.FEED,
  target,
  ...bounds,
});

/** Two sources, of which the first decides; no standby and no sequencer. */
export function oracleConfig(
  parts: Pick<OracleConfigStruct, "collateralAsset" | "loanAsset" | "primary" | "second">,
  changes: Partial<OracleConfigStruct> = {},
): OracleConfigStruct {
  return {
    ...parts,
    standby: NO_SOURCE,
    sequencerFeed: ZeroAddress,
    sequencerGrace: 0n,
    maxDisagreementBps: ORACLE.maxDisagreementBps,
    primaryGrace: ORACLE.primaryGrace,
    secondIsPool: false,
    ...changes,
  };
}
