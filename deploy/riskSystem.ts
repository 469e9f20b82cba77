import { type Bounds, type Parameter, PARAMETERS, type StewardBase } from "../sdk/stewardMath.ts";
import type { VolatilityConfig } from "../sdk/volatilityOracle.ts";
import type { RiskParameters } from "./riskParameters.ts";
import { type Aggregator, aggregatorOf, type Leg, legOf, wad } from "./scaling.ts";

/** The risk layer in the units of the contracts. */

const DAY = 86_400n;

/** How the monitor takes a source. */
export interface Registration {
  readonly weight: bigint;
  /** Seconds. */
  readonly heartbeat: bigint;
}

export interface Risk {
  readonly volatility: { readonly feed: Aggregator; readonly config: VolatilityConfig };
  readonly depth: {
    readonly factory: string;
    readonly pools: readonly string[];
    readonly window: bigint;
    readonly windows: bigint;
    readonly maxTicks: bigint;
  };
  readonly stress: {
    readonly minLive: bigint;
    /** Seconds that a registration lasts. */
    readonly term: bigint;
    readonly feedDeviation: Registration & {
      readonly base: Leg;
      readonly quote: Leg;
      readonly pool: string;
      readonly window: bigint;
      readonly minLiquidity: bigint;
      readonly fullScale: bigint;
    };
    readonly volatility: Registration & { readonly calm: bigint; readonly wild: bigint };
    readonly vaults: Registration & {
      readonly kink: bigint;
      readonly fullMark: bigint;
      readonly secondsToFull: bigint;
      readonly maxStep: bigint;
    };
  };
  readonly steward: {
    readonly config: StewardBase & {
      readonly notice: bigint;
      readonly rampDuration: bigint;
      readonly maxInputAge: bigint;
      readonly maxGap: bigint;
    };
    readonly bounds: Readonly<Record<Parameter, Bounds>>;
  };
  readonly deleverager: { readonly maxAge: bigint };
}

type StressParameters = RiskParameters["stress"];
type BoundsParameters = RiskParameters["steward"]["bounds"];

const volatilityOf = (given: RiskParameters["volatility"]): Risk["volatility"] => ({
  feed: aggregatorOf(given),
  config: {
    halfLife: BigInt(given.halfLife),
    heartbeat: BigInt(given.heartbeat),
    maxReturn: wad(given.maxReturn),
    deviation: wad(given.deviation),
    floor: wad(given.floor),
    initialVolatility: wad(given.initialVolatility),
  },
});

const registrationOf = ({
  weight,
  heartbeat,
}: {
  readonly weight: number;
  readonly heartbeat: number;
}): Registration => ({
  weight: BigInt(weight),
  heartbeat: BigInt(heartbeat),
});

const stressOf = ({
  minLive,
  termDays,
  feedDeviation,
  volatility,
  vaults,
}: StressParameters): Risk["stress"] => ({
  minLive: BigInt(minLive),
  term: BigInt(termDays) * DAY,
  feedDeviation: {
    ...registrationOf(feedDeviation),
    base: legOf(feedDeviation.base),
    quote: legOf(feedDeviation.quote),
    pool: feedDeviation.pool,
    window: BigInt(feedDeviation.window),
    minLiquidity: BigInt(feedDeviation.minLiquidity),
    fullScale: wad(feedDeviation.fullScale),
  },
  volatility: { ...registrationOf(volatility), calm: wad(volatility.calm), wild: wad(volatility.wild) },
  vaults: {
    ...registrationOf(vaults),
    kink: wad(vaults.kink),
    fullMark: wad(vaults.fullMark),
    secondsToFull: BigInt(vaults.secondsToFull),
    maxStep: BigInt(vaults.maxStep),
  },
});

/** What a number of a parameter means: an amount of the loan asset, a rate, or just itself, bps and seconds. */
const scaleOf = (parameter: Parameter, loanUnits: (value: string) => bigint) => {
  if (parameter === "policyVolatility") return wad;
  return (value: string | number): bigint => (typeof value === "string" ? loanUnits(value) : BigInt(value));
};

const boundsOf = (given: BoundsParameters, loanUnits: (value: string) => bigint): Record<Parameter, Bounds> =>
  Object.fromEntries(
    PARAMETERS.map((parameter): [Parameter, Bounds] => {
      const { range, tight, loose } = given[parameter];
      const scale = scaleOf(parameter, loanUnits) as (value: string | number) => bigint;
      return [
        parameter,
        {
          floor: scale(range[0]),
          ceiling: scale(range[1]),
          tightDelay: BigInt(tight[1]),
          looseDelay: BigInt(loose[1]),
          tightStep: scale(tight[0]),
          looseStep: scale(loose[0]),
        },
      ];
    }),
  ) as Record<Parameter, Bounds>;

const stewardOf = (
  given: RiskParameters["steward"],
  loanUnits: (value: string) => bigint,
): Risk["steward"] => ({
  config: {
    calmVolatility: wad(given.calmVolatility),
    wildVolatility: wad(given.wildVolatility),
    stressVolatility: wad(given.stressVolatility),
    calmDepth: loanUnits(given.calmDepth),
    depthKept: wad(given.depthKept),
    depthKeptStressed: wad(given.depthKeptStressed),
    capPerDepth: wad(given.capPerDepth),
    coverage: wad(given.coverage),
    exposure: wad(given.exposure),
    notice: BigInt(given.notice),
    rampDuration: BigInt(given.rampDuration),
    maxInputAge: BigInt(given.maxInputAge),
    maxGap: BigInt(given.maxGap),
    saleLossBps: BigInt(given.saleLossBps),
    targetShareBps: BigInt(given.targetShareBps),
    targetShareWildBps: BigInt(given.targetShareWildBps),
  },
  bounds: boundsOf(given.bounds, loanUnits),
});

/** Scales what a file says of the risk layer. */
export const riskOf = (given: RiskParameters, loanUnits: (value: string) => bigint): Risk => ({
  volatility: volatilityOf(given.volatility),
  depth: {
    factory: given.depth.factory,
    pools: given.depth.pools,
    window: BigInt(given.depth.window),
    windows: BigInt(given.depth.windows),
    maxTicks: BigInt(given.depth.maxTicks),
  },
  stress: stressOf(given.stress),
  steward: stewardOf(given.steward, loanUnits),
  deleverager: { maxAge: BigInt(given.deleverager.maxAge) },
});
