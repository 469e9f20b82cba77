import { parseUnits } from "ethers";

import type { LegParameters } from "./parameters.ts";
import { mistakes } from "../sdk/errors.ts";

/** From what a file says to the units of the contracts. */

/** A Chainlink-type aggregator and the decimals it must have. */
export interface Aggregator {
  readonly address: string;
  readonly decimals: bigint;
}

/** One of the two feeds of a ratio; bounds in the feed's decimals. */
export interface Leg {
  readonly aggregator: Aggregator;
  readonly heartbeat: bigint;
  readonly minAnswer: bigint;
  readonly maxAnswer: bigint;
}

const WAD_DECIMALS = 18;

export const units = (value: string, decimals: number): bigint => {
  if ((value.split(".")[1] ?? "").length > decimals) {
    throw mistakes.tooManyDecimals(value, decimals);
  }
  return parseUnits(value, decimals);
};

export const wad = (value: string): bigint => units(value, WAD_DECIMALS);

export const aggregatorOf = ({
  aggregator,
  decimals,
}: Pick<LegParameters, "aggregator" | "decimals">): Aggregator => ({
  address: aggregator,
  decimals: BigInt(decimals),
});

export const legOf = (leg: LegParameters): Leg => ({
  aggregator: aggregatorOf(leg),
  heartbeat: BigInt(leg.heartbeat),
  minAnswer: units(leg.least, leg.decimals),
  maxAnswer: units(leg.most, leg.decimals),
});
