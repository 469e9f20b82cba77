/** What kinds of market a crash is replayed in: one home for every number that makes a market kind or hard. */
import { BLOCK_SECONDS } from "../world/parameters.ts";

/** A manipulator who holds the pool down, again and again. */
export interface HoldOff {
  /** Below the market. */
  readonly bps: number;
  /** For so many blocks. */
  readonly blocks: number;
  /** From one beginning to the next, seconds. */
  readonly everySeconds: number;
}

/** Shares are from 0 to 1. */
export interface MarketSettings {
  /** Where the settings come from; single ones may differ from the table's. */
  readonly name: MarketName;
  /** From a look of the feed's operators until the round is on chain, while nobody is in a hurry; seconds. */
  readonly lag: number;
  /** By how much congestion stretches that at most. */
  readonly lagRise: number;
  /** Share of the way back to the market that the arbitrageur trades the pool in a block. */
  readonly arbitrage: number;
  /** Share of the calm depth that is left where volatility is wild. */
  readonly depthLeft: number;
  /** Share of a direct sale's room that its keeper takes away before it. */
  readonly sandwich: number;
  readonly holdOff: HoldOff | undefined;
  /** By how much congestion raises the price of gas at most. */
  readonly gasRise: number;
  /** Capital of those who bid in batch auctions, as a share of the book's debt. */
  readonly bidders: number;
  /** Share of them who take their bids back where volatility is wild. */
  readonly biddersLeave: number;
  /** Whether prices move within candles. */
  readonly bridge: boolean;
}

export const MARKET_NAMES = ["calm", "stressed", "harsh"] as const;
export type MarketName = (typeof MARKET_NAMES)[number];

/** What every replay is measured in unless it says otherwise. */
export const DEFAULT_MARKET: MarketName = "stressed";

/** Loan assets that a native coin is worth throughout, whatever the collateral is: fees are paid in the chain's coin. */
export const NATIVE_PRICE = 3_000;

export const MARKETS: Readonly<Record<MarketName, MarketSettings>> = {
  calm: {
    name: "calm",
    lag: BLOCK_SECONDS,
    lagRise: 1,
    arbitrage: 1,
    depthLeft: 1,
    sandwich: 0,
    holdOff: undefined,
    gasRise: 1,
    bidders: 0.05,
    biddersLeave: 0,
    bridge: true,
  },
  stressed: {
    name: "stressed",
    lag: BLOCK_SECONDS,
    lagRise: 3,
    arbitrage: 0.3,
    depthLeft: 0.33,
    sandwich: 0.6,
    holdOff: { bps: 50, blocks: 5, everySeconds: 3_600 },
    gasRise: 5,
    bidders: 0.02,
    biddersLeave: 0.5,
    bridge: true,
  },
  harsh: {
    name: "harsh",
    lag: 2 * BLOCK_SECONDS,
    lagRise: 3,
    arbitrage: 0.05,
    depthLeft: 0.1,
    sandwich: 0.95,
    holdOff: { bps: 150, blocks: 10, everySeconds: 1_800 },
    gasRise: 20,
    bidders: 0.005,
    biddersLeave: 0.9,
    bridge: true,
  },
};

const percent = (share: number): string => `${Number((share * 100).toFixed(2))}%`;

function holdOffText(holdOff: HoldOff | undefined): string {
  return holdOff === undefined ? "off" : `${holdOff.bps}:${holdOff.blocks}:${holdOff.everySeconds}`;
}

/** A market in a line: its name, and what differs from the table. */
export function marketText(market: MarketSettings): string {
  const named = MARKETS[market.name];
  const changes = ROWS.filter(([, show]) => show(market) !== show(named)).map(
    ([name, show]) => `${name.trim()} ${show(market)}`,
  );
  return [market.name, ...changes].join("; ");
}

/** Rows of the table, by what sets them. */
const ROWS: readonly (readonly [name: string, show: (market: MarketSettings) => string])[] = [
  ["--lag, seconds", ({ lag }) => String(lag)],
  ["  stretched in congestion up to", ({ lagRise }) => `x${lagRise}`],
  ["--arbitrage, a block", ({ arbitrage }) => percent(arbitrage)],
  ["--depth-left where it is wild", ({ depthLeft }) => percent(depthLeft)],
  ["--sandwich, of a sale's room", ({ sandwich }) => percent(sandwich)],
  ["--hold-off, bps:blocks:every", ({ holdOff }) => holdOffText(holdOff)],
  ["--gas-rise in congestion up to", ({ gasRise }) => `x${gasRise}`],
  ["  bids, of the book's debt", ({ bidders }) => percent(bidders)],
  ["--bidders-leave where it is wild", ({ biddersLeave }) => percent(biddersLeave)],
  ["--bridge within candles", ({ bridge }) => (bridge ? "on" : "off")],
];

const NAME_WIDTH = 34;
const VALUE_WIDTH = 14;

/** The table for people; a native coin is worth the same everywhere. */
export function marketsTable(): string {
  const line = (name: string, values: readonly string[]): string =>
    `  ${name.padEnd(NAME_WIDTH)}${values.map((value) => value.padEnd(VALUE_WIDTH)).join("")}`.trimEnd();
  const rows = ROWS.map(([name, show]) =>
    line(
      name,
      MARKET_NAMES.map((market) => show(MARKETS[market])),
    ),
  );
  return ["Markets:", line("--market", MARKET_NAMES), ...rows].join("\n");
}
