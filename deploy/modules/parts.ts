import type { NamedArtifactContractDeploymentFuture } from "@nomicfoundation/ignition-core";

import type { Leg } from "../scaling.ts";

/** A contract of ours within a module. */
export type Contract = NamedArtifactContractDeploymentFuture<string>;

export const legArgument = ({ aggregator, heartbeat, minAnswer, maxAnswer }: Leg) => ({
  aggregator: aggregator.address,
  heartbeat,
  minAnswer,
  maxAnswer,
});
