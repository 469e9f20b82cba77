/** What the vault, its oracle and its market are set to, all in proportion to the scenario. */
import { calmTerms } from "../../kit/defaults.ts";
import { STRESS } from "../../kit/riskDefaults.ts";
import { ETH_FEED } from "../../kit/oracleDefaults.ts";
import type { FeedConfig } from "../../world/feedRule.ts";
import { BPS, max, WAD } from "../../../sdk/math.ts";
import { depthOf, reserveForDepth } from "../../world/pool.ts";
import { leastLot, type SaleTerms } from "../../../sdk/terms.ts";
import { loanToNumber, numberToLoan } from "../../../sdk/units.ts";

export const BLOCK_SECONDS = 12;
/** A deadline that is never met, unix seconds. */
export const FOREVER = 2n ** 40n;

/** The feed of the deployments, about a block until a round lands; see `MarketSettings` for how long that really takes. */
export const FEED: FeedConfig = {
  deviation: Number(ETH_FEED.deviation) / Number(WAD),
  heartbeat: Number(ETH_FEED.heartbeat),
  lag: BLOCK_SECONDS,
};
export const POOL_FEE = 500n;
/** POOL_FEE as a share. */
export const FEE = Number(POOL_FEE) / 1e6;

/** Liquidity by the factor from the starting price that it reaches up and down to; depth falls where the price leaves it. */
export const RANGES = [
  { reach: Infinity, share: 0.3 },
  { reach: 4, share: 0.4 },
  { reach: 1.5, share: 0.3 },
] as const;

/** Share of each fall of the pool by forced sales that the market follows, and seconds in which it forgets half of that. */
export const LASTING_SHARE = 0.25;
export const LASTING_HALF_LIFE = 3_600;

/** Half of the weight of a move in the volatility that the market itself sees is gone after so many seconds. */
export const REALISED_HALF_LIFE = 600;
/** Per root of a second: from here on a market is not calm, and from there on as wild as can be. */
export const CALM_VOLATILITY = Number(STRESS.volatility.calm) / Number(WAD);
const WILD_VOLATILITY = Number(STRESS.volatility.wild) / Number(WAD);

/** How wild a market is, from 0 to 1, whose prices move so much per root of a second. */
export function wildnessOf(volatility: number): number {
  const above = (volatility - CALM_VOLATILITY) / (WILD_VOLATILITY - CALM_VOLATILITY);
  return Math.min(1, Math.max(0, above));
}

/** Part of the borrowers who let themselves be rescued, where that can be done. */
export const CLIENTS_SHARE = 0.5;

/** A fall of the price that one lot causes. */
const LOT_IMPACT = 0.0015;
/** What is left of depth under mild stress. */
const STRESS_SHARE = 0.25;
/** Largest position over stress depth: just under what the set-up rule allows with calm terms. */
const EXPOSURE_BPS = 420n;
/** The smallest debt is this part of the book. */
const MIN_DEBT_SHARE = 1_000_000n;
/** Lenders bring so much for each unit that is borrowed: utilisation begins at 80%. */
const SUPPLY_BPS = 12_500n;
/** What a start costs at a gas price of 500 gwei bounds the reward. */
const REWARD_CAP_COINS = 90_000 * 500e-9;

export interface VaultSizes {
  readonly terms: SaleTerms;
  readonly minDebt: bigint;
  readonly maxPositionDebt: bigint;
  readonly stressDepth: bigint;
  readonly supply: bigint;
  /** Loan units per native coin. */
  readonly nativePrice: bigint;
  readonly rewardCap: bigint;
}

/** What the sizes depend on; a scenario has it. */
export interface Proportions {
  /** What the pool pays until its price has fallen by 2%, loan units. */
  readonly depth: bigint;
  /** Debt of the whole book, loan units. */
  readonly totalDebt: bigint;
  /** Loan assets that a native coin is worth. */
  readonly nativePrice: number;
  /** Terms of a deployment, where there is one. */
  readonly deployed: { readonly terms: SaleTerms } | undefined;
}

export function vaultSizes({ depth, totalDebt, deployed, nativePrice }: Proportions): VaultSizes {
  const reserve = reserveForDepth(loanToNumber(depth));
  const stressDepth = numberToLoan(reserve * STRESS_SHARE);
  const maxPositionDebt = (stressDepth * EXPOSURE_BPS) / BPS;
  const terms = deployed?.terms ?? calmTerms(numberToLoan(depthOf(reserve, LOT_IMPACT)));
  return {
    // A deployment's lot suits its own pool; positions of a deeper one need the least lot that a vault admits.
    terms: { ...terms, lot: max(terms.lot, leastLot(maxPositionDebt)) },
    minDebt: totalDebt / MIN_DEBT_SHARE,
    maxPositionDebt,
    stressDepth,
    supply: (totalDebt * SUPPLY_BPS) / BPS,
    nativePrice: numberToLoan(nativePrice),
    rewardCap: numberToLoan(nativePrice * REWARD_CAP_COINS),
  };
}
