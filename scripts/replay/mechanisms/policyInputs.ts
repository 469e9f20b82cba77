import type { RiskInputsStruct } from "../../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import { wildMarket } from "../../kit/defaults.ts";
import { volatilityConfig } from "../../kit/riskDefaults.ts";
import { BPS, clamp, WAD } from "../../../sdk/math.ts";
import { loanToNumber } from "../../../sdk/units.ts";
import type { Ground } from "./mechanism.ts";
import type { Market } from "../world/market.ts";
import { BLOCK_SECONDS, FEED, LASTING_SHARE } from "../world/parameters.ts";

/** How far the price falls for debt at risk to be counted. */
const FALL = 0.1;
/** Part of a debt just fallen due that is sold to bring it to the target. */
const PART_SOLD = 0.5;
/** What keepers ask for, WAD. */
const KEEPER_MARGIN = WAD / 400n;
const MOST_DEPTH = 2n ** 128n - 1n;

/** A share in WAD, which the policy takes from 0 to 1. */
const share = (value: number): bigint => BigInt(Math.round(Math.min(1, Math.max(0, value)) * Number(WAD)));

/**
 * What a governor sets a sale policy to at the start, of which only volatility and depth are moved later, by the steward.
 * Everything lies within what the policy takes, however thin the pool is against the book.
 * @param bids Loan units of bids for the vault's collateral.
 */
export function policyInputs(
  {
    scenario,
    sizes,
    market,
    book,
  }: Pick<Ground, "scenario" | "sizes" | "book"> & { readonly market: Pick<Market, "state"> },
  bids: bigint,
): RiskInputsStruct {
  const reserve = market.state.root * market.state.liquidity;
  const seen = {
    volatility: volatilityConfig().initialVolatility,
    depth: clamp(BigInt(Math.floor(reserve)), 1n, MOST_DEPTH),
  };
  if (scenario.deployed !== undefined) return { ...scenario.deployed.policy, ...seen };
  const assumed = wildMarket(seen.depth, 0n);
  const lots = loanToNumber(bids) / loanToNumber(sizes.terms.lot);
  // Log fall per loan unit sold, of which a share stays, times what falls due to be sold per log fall.
  const cascade = share(((LASTING_SHARE * 2) / reserve) * dueInFall({ scenario, book }));
  return {
    ...assumed,
    ...seen,
    priceMargin: 0n,
    keeperMargin: KEEPER_MARGIN,
    cascade: [cascade, cascade, cascade, 0n],
    bidArrival: share(lots / Number(assumed.batchInterval)),
    blockTime: BigInt(BLOCK_SECONDS * 1_000),
    feedDelay: BigInt(FEED.lag),
  };
}

/** Loan units that fall due to be sold per log fall of the price, from the first price on. */
function dueInFall({ scenario, book }: Pick<Ground, "scenario" | "book">): number {
  const edge = (Number(scenario.ltvs.liquidationLtvBps) / Number(BPS)) * (1 - FALL);
  const near = book.openings.filter(({ ltvBps }) => Number(ltvBps) / Number(BPS) >= edge);
  const debt = near.reduce((sum, opening) => sum + Number(opening.debt), 0);
  return (debt * PART_SOLD) / -Math.log(1 - FALL);
}
