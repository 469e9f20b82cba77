import { SourceKind } from "../../sdk/oracleAdapter.ts";
import type { Aggregator, Leg } from "../scaling.ts";
import { type Source, SOURCE_SLOTS, type SourceSlot } from "../system.ts";
import { isBuiltFrom, type OwnContract } from "./code.ts";
import type { Context } from "./context.ts";
import { verifyMemory } from "./memory.ts";

const STATE_FRESH = 2n;
/** Rounds that are looked at for a price that moves. */
const ROUNDS = 24n;

const FEEDS = {
  chainlinkRatio: "ChainlinkRatioFeed",
  uniswapTwap: "UniswapV3TwapFeed",
} as const satisfies Record<Exclude<Source["kind"], "chainlink">, OwnContract>;

/** A market moves, and a feed has rounds that show it. What always says the same is a peg that somebody wrote down. */
const verifyMoves = async (context: Context, name: string, { address }: Aggregator): Promise<void> => {
  const { report, ethers } = context;
  const aggregator = await ethers.getContractAt("IAggregatorV3", address);
  const [latest, answer] = await aggregator.latestRoundData();
  let walked = 1n;
  let moved = false;
  for (; walked < ROUNDS && walked < latest && !moved; walked += 1n) {
    const round = await aggregator.getRoundData(latest - walked).catch(() => undefined);
    if (round === undefined || round.updatedAt === 0n) break;
    moved = round.answer !== answer;
  }
  report.holds(
    moved,
    `${name}: ${address} answered ${answer} in each of its last ${walked} rounds: a constant-price adapter has no place here`,
  );
};

export const verifyAggregator = async (
  context: Context,
  name: string,
  aggregator: Aggregator,
): Promise<void> => {
  const feed = await context.ethers.getContractAt("IAggregatorV3", aggregator.address);
  context.report.equal(`${name}: decimals`, await feed.decimals(), aggregator.decimals);
  await verifyMoves(context, name, aggregator);
};

const verifyLeg = async (
  context: Context,
  name: string,
  found: { aggregator: string; heartbeat: bigint; minAnswer: bigint; maxAnswer: bigint },
  leg: Leg,
): Promise<void> => {
  const { report } = context;
  report.equal(`${name}: aggregator`, found.aggregator, leg.aggregator.address);
  report.equal(`${name}: heartbeat`, found.heartbeat, leg.heartbeat);
  report.equal(`${name}: least answer`, found.minAnswer, leg.minAnswer);
  report.equal(`${name}: most answer`, found.maxAnswer, leg.maxAnswer);
  await verifyAggregator(context, name, leg.aggregator);
};

/** What a feed of ours reads, as far as it says so itself. */
type FeedSource =
  | Pick<Extract<Source, { kind: "chainlinkRatio" }>, "kind" | "base" | "quote">
  | Pick<Extract<Source, { kind: "uniswapTwap" }>, "kind" | "pool" | "window" | "minLiquidity">;

export const verifyFeed = async (
  context: Context,
  name: string,
  target: string,
  source: FeedSource,
): Promise<void> => {
  const { report, ethers, system } = context;
  const contract = FEEDS[source.kind];
  const isOurs = await isBuiltFrom(context, target, contract);
  report.holds(isOurs, `${name}: ${target} is no ${contract}: a constant-price adapter would look like this`);
  if (!isOurs) return;
  if (source.kind === "chainlinkRatio") {
    const feed = await ethers.getContractAt("ChainlinkRatioFeed", target);
    await verifyLeg(context, `${name}: base`, await feed.base(), source.base);
    await verifyLeg(context, `${name}: quote`, await feed.quote(), source.quote);
  } else {
    const feed = await ethers.getContractAt("UniswapV3TwapFeed", target);
    report.equal(`${name}: pool`, await feed.pool(), source.pool);
    report.equal(`${name}: window`, await feed.window(), source.window);
    report.equal(`${name}: least liquidity`, await feed.minLiquidity(), source.minLiquidity);
    await verifyMemory(context, name, source.pool, source.window);
  }
  const feed = await ethers.getContractAt("IPriceFeed", target);
  report.equal(`${name}: collateral asset`, await feed.collateralAsset(), system.collateral.address);
  report.equal(`${name}: loan asset`, await feed.loanAsset(), system.loan.address);
};

interface FoundSource {
  readonly kind: bigint;
  readonly target: string;
  readonly heartbeat: bigint;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

const verifySource = async (context: Context, slot: SourceSlot, found: FoundSource): Promise<void> => {
  const { report, system } = context;
  const name = `oracle.${slot}`;
  const source = system.sources[slot];
  if (source === undefined) {
    report.equal(`${name}: kind`, found.kind, SourceKind.NONE);
    return;
  }
  const isAggregator = source.kind === "chainlink";
  report.equal(`${name}: kind`, found.kind, isAggregator ? SourceKind.CHAINLINK : SourceKind.FEED);
  report.equal(`${name}: heartbeat`, found.heartbeat, source.heartbeat);
  report.equal(`${name}: least price`, found.minPrice, source.minPrice);
  report.equal(`${name}: most price`, found.maxPrice, source.maxPrice);
  if (isAggregator) {
    report.equal(`${name}: aggregator`, found.target, source.aggregator.address);
    await verifyAggregator(context, name, source.aggregator);
  } else {
    await verifyFeed(context, name, found.target, source);
  }
};

/** The oracle reads what the parameters say, in their units, and its price is one that people expect. */
export const verifyOracle = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const oracle = await ethers.getContractAt("OracleAdapter", addresses.oracle);
  const config = await oracle.config();
  report.equal("oracle.collateralAsset", config.collateralAsset, system.collateral.address);
  report.equal("oracle.loanAsset", config.loanAsset, system.loan.address);
  report.equal("oracle.sequencerFeed", config.sequencerFeed, system.oracle.sequencerFeed);
  report.equal("oracle.sequencerGrace", config.sequencerGrace, system.oracle.sequencerGrace);
  report.equal("oracle.maxDisagreementBps", config.maxDisagreementBps, system.oracle.maxDisagreementBps);
  report.equal("oracle.primaryGrace", config.primaryGrace, system.oracle.primaryGrace);
  const secondIsPool = system.sources.second?.kind === "uniswapTwap";
  report.equal("oracle.secondIsPool", config.secondIsPool, secondIsPool);
  report.equal("oracle.standbyActive", await oracle.standbyActive(), false);
  for (const slot of SOURCE_SLOTS) {
    await report.section(`oracle.${slot}`, () => verifySource(context, slot, config[slot]));
  }

  const { deciding, state } = await oracle.price();
  const { least, most } = system.oracle.expectedPrice;
  report.equal("oracle.price: state", state, STATE_FRESH);
  report.holds(
    deciding >= least && deciding <= most,
    `oracle.price: ${deciding} is outside of the expected ${least} to ${most} (1e36 scale): a wrong unit, feed or token?`,
  );
};
