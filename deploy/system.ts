import { ZeroAddress } from "ethers";

import { PRICE_SCALE, SECONDS_PER_YEAR, WAD } from "../sdk/math.ts";
import type { AdaptiveRateConfig, KinkedRateConfig } from "../sdk/rateModels.ts";
import type { RiskInputs } from "../sdk/salePolicy.ts";
import type { SaleTerms } from "../sdk/terms.ts";
import type { Parameters, SourceParameters, VenueParameters } from "./parameters.ts";
import { type Risk, riskOf } from "./riskSystem.ts";
import type { Authority } from "./roles.ts";
import { type Aggregator, aggregatorOf, type Leg, legOf, units, wad } from "./scaling.ts";

/** A vault system in the units of the contracts: what is deployed, and what verification expects to find. */

interface SourceBounds {
  readonly heartbeat: bigint;
  /** 1e36 scale. */
  readonly minPrice: bigint;
  /** 1e36 scale. */
  readonly maxPrice: bigint;
}

export type Source = SourceBounds &
  (
    | { readonly kind: "chainlink"; readonly aggregator: Aggregator }
    | { readonly kind: "chainlinkRatio"; readonly base: Leg; readonly quote: Leg }
    | {
        readonly kind: "uniswapTwap";
        readonly pool: string;
        readonly window: bigint;
        /** Least liquidity, in the pool's own units, as the harmonic mean over the window. */
        readonly minLiquidity: bigint;
      }
  );

export const SOURCE_SLOTS = ["primary", "second", "standby"] as const;
export type SourceSlot = (typeof SOURCE_SLOTS)[number];

export interface Token {
  readonly address: string;
  readonly decimals: bigint;
}

export type RateModel =
  ({ readonly kind: "adaptive" } & AdaptiveRateConfig) | ({ readonly kind: "kinked" } & KinkedRateConfig);

/** A pool that direct sales may sell in. */
export type Venue =
  | {
      readonly kind: "uniswapV3";
      readonly factory: string;
      readonly pool: string;
      /** Window of its mean price, seconds. */
      readonly window: bigint;
    }
  | { readonly kind: "uniswapV2"; readonly factory: string; readonly pair: string };

export interface System {
  readonly authority: Authority;
  readonly loan: Token;
  readonly collateral: Token;
  readonly sources: Readonly<Partial<Record<SourceSlot, Source>>> & { readonly primary: Source };
  readonly oracle: {
    readonly sequencerFeed: string;
    readonly sequencerGrace: bigint;
    readonly maxDisagreementBps: bigint;
    readonly primaryGrace: bigint;
    /** 1e36 scale. */
    readonly expectedPrice: { readonly least: bigint; readonly most: bigint };
  };
  readonly rateModel: RateModel;
  readonly vault: {
    readonly name: string;
    readonly symbol: string;
    readonly minDebt: bigint;
    readonly maxOracleStepBps: bigint;
    readonly borrowLtvBps: bigint;
    readonly liquidationLtvBps: bigint;
    readonly reserveFactorBps: bigint;
    readonly supplyCap: bigint;
    readonly borrowCap: bigint;
    readonly maxPositionDebt: bigint;
    readonly stressDepth: bigint;
    readonly reward: { readonly cap: bigint; readonly nativePrice: bigint };
    readonly terms: SaleTerms;
  };
  readonly poolFactory: string;
  readonly pools: readonly string[];
  readonly directSale: {
    /** Place in `venues` of the deepest, whose mean price says what the market pays. */
    readonly reference: number;
    readonly venues: readonly Venue[];
  };
  readonly batchAuction: { readonly tickBps: bigint; readonly interval: bigint };
  /** What the policy is told of the vault's market. */
  readonly policy: RiskInputs;
  readonly backstop: {
    readonly name: string;
    readonly symbol: string;
    readonly cooldownSeconds: bigint;
    readonly windowSeconds: bigint;
    /** Most that it pays for the vault's losses. */
    readonly cover: bigint;
    readonly resale: SaleTerms;
  };
  readonly risk: Risk;
  readonly seed: { readonly assets: bigint; readonly receiver: string } | undefined;
}

/** A share a year, as a share a second. */
const aYear = (value: string): bigint => wad(value) / SECONDS_PER_YEAR;

/** Brings whole loan tokens per whole collateral token to loan units per collateral unit times 1e36. */
const priceScale = ({ loan, collateral }: Parameters) => {
  const loanUnit = 10n ** BigInt(loan.decimals);
  const collateralUnit = 10n ** BigInt(collateral.decimals);
  return (value: string): bigint => (wad(value) * PRICE_SCALE * loanUnit) / collateralUnit / WAD;
};

const sourceOf = (source: SourceParameters, price: (value: string) => bigint): Source => {
  const bounds = {
    heartbeat: BigInt(source.heartbeat),
    minPrice: price(source.least),
    maxPrice: price(source.most),
  };
  switch (source.kind) {
    case "chainlink":
      return { kind: "chainlink", ...bounds, aggregator: aggregatorOf(source) };
    case "chainlinkRatio":
      return { kind: "chainlinkRatio", ...bounds, base: legOf(source.base), quote: legOf(source.quote) };
    case "uniswapTwap":
      return {
        kind: "uniswapTwap",
        ...bounds,
        pool: source.pool,
        window: BigInt(source.window),
        minLiquidity: BigInt(source.minLiquidity),
      };
  }
};

const rateModelOf = (model: Parameters["rateModel"]): RateModel =>
  model.kind === "adaptive"
    ? {
        kind: "adaptive",
        targetUtilisation: wad(model.targetUtilisation),
        steepness: wad(model.steepness),
        speed: aYear(model.speed),
        initialRateAtTarget: aYear(model.initialRateAtTarget),
        minRateAtTarget: aYear(model.minRateAtTarget),
        maxRateAtTarget: aYear(model.maxRateAtTarget),
      }
    : {
        kind: "kinked",
        base: aYear(model.base),
        slope1: aYear(model.slope1),
        slope2: aYear(model.slope2),
        kink: wad(model.kink),
      };

const termsOf = (terms: Parameters["vault"]["terms"], loanUnits: (value: string) => bigint): SaleTerms => ({
  startPremiumBps: BigInt(terms.startPremiumBps),
  holdBps: BigInt(terms.holdBps),
  maxDiscountBps: BigInt(terms.maxDiscountBps),
  penaltyBps: BigInt(terms.penaltyBps),
  targetLtvBps: BigInt(terms.targetLtvBps),
  halfLife: BigInt(terms.halfLife),
  horizon: BigInt(terms.horizon),
  lot: loanUnits(terms.lot),
  impactBps: BigInt(terms.impactBps),
  urgencyBps: BigInt(terms.urgencyBps),
  fallWindow: BigInt(terms.fallWindow),
});

const NO_LOAN = { penaltyBps: 0, targetLtvBps: 0, impactBps: 0, urgencyBps: 0, fallWindow: 0 } as const;

const venueOf = (venue: VenueParameters): Venue =>
  venue.kind === "uniswapV3" ? { ...venue, window: BigInt(venue.window) } : venue;

const policyOf = ({ policy, batchAuction }: Parameters, loanUnits: (value: string) => bigint): RiskInputs => {
  const { cascade, gas } = policy;
  return {
    volatility: wad(policy.volatility),
    fee: wad(policy.fee),
    priceMargin: wad(policy.priceMargin),
    keeperMargin: wad(policy.keeperMargin),
    bidSpread: wad(policy.bidSpread),
    backstopMargin: wad(policy.backstopMargin),
    forcedLoss: wad(policy.forcedLoss),
    cascade: [cascade.direct, cascade.dutch, cascade.batch, cascade.backstop].map(wad),
    gas: [gas.direct, gas.dutch, gas.batch, gas.backstop].map(BigInt),
    depth: loanUnits(policy.depth),
    backstopCapacity: loanUnits(policy.backstopCapacity),
    bidArrival: wad(policy.bidArrival),
    blockTime: BigInt(policy.blockTimeMilliseconds),
    batchInterval: BigInt(batchAuction.interval),
    feedDelay: BigInt(policy.feedDelay),
  };
};

/** Scales parameters whose addresses are all known. */
export const systemOf = (parameters: Parameters): System => {
  const { authority, loan, collateral, oracle, vault, liquidator, directSale, batchAuction, backstop, seed } =
    parameters;
  const price = priceScale(parameters);
  const loanUnits = (value: string): bigint => units(value, loan.decimals);
  return {
    authority: { ...authority, governorDelay: BigInt(authority.governorDelay) },
    loan: { address: loan.address, decimals: BigInt(loan.decimals) },
    collateral: { address: collateral.address, decimals: BigInt(collateral.decimals) },
    sources: {
      primary: sourceOf(oracle.primary, price),
      ...(oracle.second === undefined ? {} : { second: sourceOf(oracle.second, price) }),
      ...(oracle.standby === undefined ? {} : { standby: sourceOf(oracle.standby, price) }),
    },
    oracle: {
      sequencerFeed: oracle.sequencer?.feed ?? ZeroAddress,
      sequencerGrace: BigInt(oracle.sequencer?.grace ?? 0),
      maxDisagreementBps: BigInt(oracle.maxDisagreementBps),
      primaryGrace: BigInt(oracle.primaryGrace),
      expectedPrice: { least: price(oracle.expectedPrice.least), most: price(oracle.expectedPrice.most) },
    },
    rateModel: rateModelOf(parameters.rateModel),
    vault: {
      name: vault.name,
      symbol: vault.symbol,
      minDebt: loanUnits(vault.minDebt),
      maxOracleStepBps: BigInt(vault.maxOracleStepBps),
      borrowLtvBps: BigInt(vault.borrowLtvBps),
      liquidationLtvBps: BigInt(vault.liquidationLtvBps),
      reserveFactorBps: BigInt(vault.reserveFactorBps),
      supplyCap: loanUnits(vault.supplyCap),
      borrowCap: loanUnits(vault.borrowCap),
      maxPositionDebt: loanUnits(vault.maxPositionDebt),
      stressDepth: loanUnits(vault.stressDepth),
      reward: { cap: loanUnits(vault.reward.cap), nativePrice: loanUnits(vault.reward.nativePrice) },
      terms: termsOf(vault.terms, loanUnits),
    },
    poolFactory: liquidator.poolFactory,
    pools: liquidator.pools,
    directSale: {
      reference: directSale.reference,
      venues: directSale.venues.map(venueOf),
    },
    batchAuction: { tickBps: BigInt(batchAuction.tickBps), interval: BigInt(batchAuction.interval) },
    policy: policyOf(parameters, loanUnits),
    backstop: {
      name: backstop.name,
      symbol: backstop.symbol,
      cooldownSeconds: BigInt(backstop.cooldown),
      windowSeconds: BigInt(backstop.window),
      cover: loanUnits(backstop.cover),
      // A resale has neither penalty nor target, and no pools.
      resale: termsOf({ ...backstop.resale, ...NO_LOAN }, loanUnits),
    },
    risk: riskOf(parameters.risk, loanUnits),
    seed: seed === undefined ? undefined : { assets: loanUnits(seed.assets), receiver: seed.receiver },
  };
};
