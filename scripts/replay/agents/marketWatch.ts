import type { RiskInputsStruct } from "../../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import type { IVault, SalePolicy } from "../../../typechain-types/index.ts";
import { wildMarket } from "../../deployment/defaults.ts";
import { loanToNumber } from "../../lib/units.ts";
import type { Desk, Ground } from "../mechanism.ts";
import { BLOCK_SECONDS, FEED, LASTING_SHARE } from "../parameters.ts";
import type { Watch } from "./crew.ts";

/** Of the volatility's memory. */
const HALF_LIFE = 1_800;
/** Per root of a second: 5% a day to begin with, 3% at least. */
const CALM = 0.05 / Math.sqrt(86_400);
const LEAST = 0.03 / Math.sqrt(86_400);
const MOST = 0.05;
/** A change that is worth telling. */
const STEP = 0.1;
const WAD = 1e18;
/** How far the price falls for debt at risk to be counted. */
const FALL = 0.1;
/** Part of a debt just fallen due that is sold to bring it to the target. */
const PART_SOLD = 0.5;

const wad = (value: number): bigint => BigInt(Math.round(value * WAD));

/** The governor tells the policy what the market is like: volatility of the feed, and depth of the pool. */
export class MarketWatch implements Watch {
  private readonly ground: Ground;
  private readonly policy: SalePolicy;
  private readonly vault: IVault;
  /** Loan units of bids for the vault's collateral. */
  private readonly bids: bigint;
  private readonly told: { volatility: number; depth: number };
  private variance = CALM ** 2;
  private last: { price: number; time: number } | undefined;

  constructor(
    ground: Ground,
    { policy, vault, bids }: { readonly policy: SalePolicy; readonly vault: IVault; readonly bids: bigint },
  ) {
    this.ground = ground;
    this.policy = policy;
    this.vault = vault;
    this.bids = bids;
    this.told = { volatility: CALM, depth: this.depth };
  }

  /** Loan units that fall due to be sold per log fall of the price, from the first price on. */
  private get dueInFall(): number {
    const edge = Number(this.ground.scenario.ltvs.liquidationLtvBps) * (1 - FALL);
    const near = this.ground.book.openings.filter(({ ltvBps }) => Number(ltvBps) >= edge);
    const debt = near.reduce((sum, opening) => sum + Number(opening.debt), 0);
    return (debt * PART_SOLD) / -Math.log(1 - FALL);
  }

  /** Virtual reserve of the pool, loan units. */
  private get depth(): number {
    const { root, liquidity } = this.ground.market.state;
    return root * liquidity;
  }

  /** What the policy is told now. */
  get inputs(): RiskInputsStruct {
    const { sizes, scenario } = this.ground;
    const { volatility, depth } = this.told;
    const seen = { volatility: wad(volatility), depth: BigInt(Math.floor(depth)) };
    if (scenario.deployed !== undefined) return { ...scenario.deployed.policy, ...seen };
    const market = wildMarket(seen.depth, 0n);
    const interval = Number(market.batchInterval);
    const lots = loanToNumber(this.bids) / loanToNumber(sizes.terms.lot);
    // Log fall per loan unit sold, of which a share stays, times what falls due to be sold per log fall.
    const cascade = ((LASTING_SHARE * 2) / depth) * this.dueInFall;
    return {
      ...market,
      ...seen,
      priceMargin: 0n,
      keeperMargin: wad(0.0025),
      cascade: [wad(cascade), wad(cascade), wad(cascade), 0n],
      bidArrival: wad(Math.min(1, lots / interval)),
      blockTime: BigInt(BLOCK_SECONDS * 1_000),
      feedDelay: BigInt(FEED.lag),
    };
  }

  async tend(desk: Desk): Promise<void> {
    this.observe(desk.oraclePrice, desk.time);
    const volatility = Math.min(MOST, Math.max(LEAST, Math.sqrt(this.variance)));
    const { depth, told } = this;
    const hasChanged = (now: number, before: number): boolean => Math.abs(now / before - 1) > STEP;
    if (!hasChanged(volatility, told.volatility) && !hasChanged(depth, told.depth)) return;
    Object.assign(told, { volatility, depth });
    const data = this.policy.interface.encodeFunctionData("setInputs", [
      String(this.vault.target),
      this.inputs,
    ]);
    await this.ground.chain.send(this.ground.governor.address, String(this.policy.target), data);
  }

  /** Mean square of log returns per second, recent ones counting most. */
  private observe(price: number, time: number): void {
    const { last } = this;
    if (last?.price === price) return;
    this.last = { price, time };
    if (last === undefined) return;
    const seconds = time - last.time;
    const kept = 0.5 ** (seconds / HALF_LIFE);
    this.variance = kept * this.variance + ((1 - kept) * Math.log(price / last.price) ** 2) / seconds;
  }
}
