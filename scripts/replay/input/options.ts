import { Command, Option } from "commander";
import { z } from "zod";

import { CRASH_NAMES, type CrashName } from "../../world/jumpDiffusion.ts";
import { LOAN_DECIMALS, ONE_LOAN } from "../../../sdk/units.ts";
import type { Span } from "../arena/largestFall.ts";
import type { Fork } from "../world/environment.ts";
import { parseCommand } from "./parseCommand.ts";
import {
  DEFAULT_MARKET,
  type HoldOff,
  MARKET_NAMES,
  MARKETS,
  type MarketSettings,
  marketsTable,
  NATIVE_PRICE,
} from "./markets.ts";
import {
  ALL_NAMES,
  DEFAULT_NAMES,
  generationName,
  GENERATIONS,
  type RunName,
} from "../mechanisms/mechanismNames.ts";
import { BLOCK_SECONDS } from "../world/parameters.ts";
import { mistakes } from "../../../sdk/errors.ts";

export interface Options {
  /** In the order in which they are shown. */
  readonly mechanisms: readonly RunName[];
  /** File of prices; undefined where they are generated. */
  readonly prices: string | undefined;
  /** Crash that is generated where no file is given; of several that are replayed one after the other, the first. */
  readonly crash: CrashName;
  readonly crashes: readonly CrashName[];
  /** Part of the path that is replayed; undefined for all of it. */
  readonly span: Span | undefined;
  readonly positions: string | undefined;
  /** How many borrowers a generated book has. */
  readonly borrowers: number;
  /** Loan units. */
  readonly debt: bigint;
  /** Loan units. */
  readonly depth: bigint;
  readonly noRebound: boolean;
  /** Whether each run has a twin in which the market's price does not follow sales. */
  readonly cascade: boolean;
  readonly json: string | undefined;
  readonly seed: number;
  readonly step: number;
  /** Wei. */
  readonly gasPrice: bigint;
  /** Loan assets that a native coin is worth throughout. */
  readonly nativePrice: number;
  readonly market: MarketSettings;
  readonly fork: Fork | undefined;
  /** File of a deployment. */
  readonly parameters: string | undefined;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_STEP = 3_600;
const MAX_BORROWERS = 10_000;
const GWEI_DECIMALS = 9;

/** A number without sign as decimals, `_` between digits allowed. */
const DECIMAL = /^\d+(_\d+)*(\.\d+)?$/;

function decimal(decimals: number, what: string) {
  return z
    .string()
    .regex(DECIMAL, what)
    .transform((text, context) => {
      const [whole = "", fraction = ""] = text.replaceAll("_", "").split(".");
      if (fraction.length > decimals) context.addIssue({ code: "custom", message: what });
      return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
    });
}

function whole(least: number, most: number) {
  const what = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+$/, what)
    .transform(Number)
    .refine((value) => value >= least && value <= most, what);
}

/** A plain number within bounds. */
function number(least: number, most: number) {
  const what = `a number from ${least} to ${most}`;
  return z
    .string()
    .regex(DECIMAL, what)
    .transform((text) => Number(text.replaceAll("_", "")))
    .refine((value) => value >= least && value <= most, what);
}

/** Per cent as a share. */
const share = number(0, 100).transform((percent) => percent / 100);

const MAX_LAG = 3_600;
const MAX_RISE = 1_000;
/** In the order of the flag's parts. */
const MOST_HOLD_OFF = { bps: 2_000, blocks: 1_000, everySeconds: 86_400 } as const;
const HOLD_OFF =
  "off, or bps:blocks:every such as 50:5:3600 (from 1 to 2000 bps, for 1 to 1000 blocks, every so many seconds up to 86400, which the blocks must fit in)";
const SANDWICH = "one of 0, 60, 95 (per cent of a direct sale's room)";
const BRIDGE = "on or off";

const holdOff = z.string().transform((text, context): HoldOff | undefined => {
  if (text === "off") return undefined;
  const parts = /^(\d+):(\d+):(\d+)$/.exec(text);
  const [bps = 0, blocks = 0, everySeconds = 0] = (parts ?? []).slice(1).map(Number);
  const isInBounds =
    Math.min(bps, blocks) >= 1 &&
    bps <= MOST_HOLD_OFF.bps &&
    blocks <= MOST_HOLD_OFF.blocks &&
    everySeconds <= MOST_HOLD_OFF.everySeconds;
  if (!isInBounds || everySeconds < blocks * BLOCK_SECONDS)
    context.addIssue({ code: "custom", message: HOLD_OFF });
  return { bps, blocks, everySeconds };
});

/** What a market is made of, each setting by its own flag. */
const marketSchema = z.object({
  lag: whole(1, MAX_LAG).optional(),
  arbitrage: share.refine((value) => value > 0, "a number above 0 and at most 100").optional(),
  depthLeft: number(1, 100)
    .transform((percent) => percent / 100)
    .optional(),
  sandwich: z
    .enum(["0", "60", "95"], SANDWICH)
    .transform((percent) => Number(percent) / 100)
    .optional(),
  holdOff: holdOff.optional(),
  gasRise: number(1, MAX_RISE).optional(),
  biddersLeave: share.optional(),
  bridge: z
    .enum(["on", "off"], BRIDGE)
    .transform((text) => text === "on")
    .optional(),
});

const AMOUNT = `an amount of at least 1 with at most ${LOAN_DECIMALS} decimals, such as 50000000`;
/** Above it debts leave the fields that the vault keeps them in. */
const MAX_AMOUNT = 10n ** 21n;
const MAX_GAS_PRICE = 10n ** 15n;
const GAS_PRICE = "a gas price in gwei from 0 to 1000000, such as 30 or 0.5";
const amount = decimal(LOAN_DECIMALS, AMOUNT).refine(
  (units) => units >= ONE_LOAN && units <= MAX_AMOUNT,
  AMOUNT,
);

const GENERATION = `one of ${GENERATIONS.join(", ")}, all`;
const MECHANISM = `one of ${ALL_NAMES.join(", ")}, all`;
const CRASH = `one of ${CRASH_NAMES.join(", ")}, all`;

const schema = z.object({
  mechanism: z
    .enum([...ALL_NAMES, "all"], MECHANISM)
    .transform((name) => (name === "all" ? ALL_NAMES : [name]))
    .optional(),
  generation: z
    .enum(["1", "2", "3", "all"], GENERATION)
    .transform((name) => (name === "all" ? GENERATIONS : GENERATIONS.filter((own) => String(own) === name)))
    .optional(),
  prices: z.string().optional(),
  crash: z
    .enum([...CRASH_NAMES, "all"], CRASH)
    .transform((name) => (name === "all" ? CRASH_NAMES : [name]))
    .optional(),
  cascade: z.boolean().default(false),
  positions: z.string().optional(),
  borrowers: whole(1, MAX_BORROWERS),
  debt: amount,
  depth: amount,
  rebound: z.boolean(),
  json: z.string().optional(),
  seed: whole(0, MAX_SEED),
  step: whole(1, MAX_STEP),
  gasPrice: decimal(GWEI_DECIMALS, GAS_PRICE).refine((wei) => wei <= MAX_GAS_PRICE, GAS_PRICE),
  nativePrice: z
    .string()
    .regex(DECIMAL, "a price above 0")
    .transform((text) => Number(text.replaceAll("_", "")))
    .refine((price) => price > 0, "a price above 0")
    .default(NATIVE_PRICE),
  market: z.enum(MARKET_NAMES, `one of ${MARKET_NAMES.join(", ")}`).default(DEFAULT_MARKET),
  ...marketSchema.shape,
  fork: z
    .string()
    .refine((url) => URL.canParse(url) && /^https?:/.test(url), "the http(s) address of a node")
    .optional(),
  block: whole(0, Number.MAX_SAFE_INTEGER).optional(),
  parameters: z.string().optional(),
});

function command(): Command {
  return new Command("npm start --")
    .description(
      "Replays a crash: deploys Gavel, Uniswap v3 and feeds on an in-process chain, opens a book of borrowers, feeds a price\npath and lets keepers sell what becomes unhealthy, once for each way of selling.\nWrites reports/replay.json and reports/replay.html.",
    )
    .addOption(
      new Option(
        "--mechanism <name>",
        `${ALL_NAMES.join(", ")}, or all (default: ${DEFAULT_NAMES.join(", ")})`,
      ),
    )
    .addOption(
      new Option(
        "--generation <n>",
        "1, 2, 3, or all: this field's generations side by side, instead of mechanisms",
      ),
    )
    .addOption(
      new Option(
        "--prices <file>",
        "CSV with ts,open,high,low,close,volume or ts,price (default: generated crashes)",
      ),
    )
    .addOption(new Option("--crash <name>", "generated crashes: slow, fast, or all (default: all)"))
    .addOption(
      new Option(
        "--cascade",
        "runs everything once more at prices that do not follow sales: how much more is sold because they do",
      ),
    )
    .addOption(new Option("--positions <file>", "CSV with user,collateral,debt (default: a generated book)"))
    .addOption(new Option("--borrowers <n>", "borrowers of a generated book").default("200"))
    .addOption(
      new Option("--debt <amount>", "debt of the whole book, in the loan asset").default("100000000"),
    )
    .addOption(
      new Option(
        "--depth <amount>",
        "what the pool pays until its price has fallen by 2%, in the loan asset",
      ).default("10000000"),
    )
    .addOption(new Option("--no-rebound", "hold the price within 3% of its low so far"))
    .addOption(new Option("--json <file>", "write the JSON to this file too"))
    .addOption(new Option("--seed <n>", "seed of everything random").default("1"))
    .addOption(new Option("--step <seconds>", "seconds between two looks at the market").default("12"))
    .addOption(new Option("--gas-price <gwei>", "what keepers pay for gas").default("30"))
    .addOption(
      new Option(
        "--native-price <amount>",
        `worth of a native coin in the loan asset (default: ${NATIVE_PRICE})`,
      ),
    )
    .addOption(
      new Option(
        "--market <name>",
        `${MARKET_NAMES.join(", ")}: sets all of the following, see the table below (default: ${DEFAULT_MARKET})`,
      ),
    )
    .addOption(new Option("--lag <seconds>", "from a look of the feed at the market to its round on chain"))
    .addOption(
      new Option(
        "--arbitrage <share>",
        "per cent of the way back to the market that the pool goes in a block",
      ),
    )
    .addOption(new Option("--depth-left <share>", "per cent of depth that is left where volatility is wild"))
    .addOption(
      new Option("--sandwich <share>", "per cent of a direct sale's room that its keeper takes: 0, 60, 95"),
    )
    .addOption(
      new Option(
        "--hold-off <bps:blocks:every>",
        "holds the pool below the market, every so many seconds; or off",
      ),
    )
    .addOption(new Option("--gas-rise <factor>", "most by which congestion raises the price of gas"))
    .addOption(
      new Option("--bidders-leave <share>", "per cent of bidders who leave where volatility is wild"),
    )
    .addOption(new Option("--bridge <on|off>", "prices move within candles"))
    .addOption(
      new Option(
        "--parameters <file>",
        "a deployment's parameters, JSON5: measure its oracle, LTVs, terms and policy (default: the measured ones)",
      ),
    )
    .addOption(new Option("--fork <url>", "run on a fork of this node"))
    .addOption(new Option("--block <n>", "block to fork at (default: the latest)"))
    .addHelpText("after", `\n${marketsTable()}`)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false);
}

/** Options from arguments; `undefined` when only help was asked for, and is on the screen. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const program = command();
  return parseCommand(program, args) ? check(program.opts()) : undefined;
}

function check(given: Readonly<Record<string, unknown>>): Options {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue?.path[0]);
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw mistakes.badValue(flag, String(given[key]), issue?.message ?? "right");
  }
  const { rebound, fork, block, mechanism, generation, crash, ...rest } = parsed.data;
  if (mechanism !== undefined && generation !== undefined)
    throw mistakes.onlyWithout("--generation", "--mechanism");
  if (crash !== undefined && rest.prices !== undefined) throw mistakes.onlyWithout("--crash", "--prices");
  if (block !== undefined && fork === undefined) throw mistakes.onlyWith("--block", "--fork URL");
  return {
    mechanisms: generation?.map(generationName) ?? mechanism ?? DEFAULT_NAMES,
    prices: rest.prices,
    crash: crash?.[0] ?? CRASH_NAMES[0],
    crashes: crash ?? CRASH_NAMES,
    span: undefined,
    cascade: rest.cascade,
    positions: rest.positions,
    borrowers: rest.borrowers,
    debt: rest.debt,
    depth: rest.depth,
    noRebound: !rebound,
    json: rest.json,
    seed: rest.seed,
    step: rest.step,
    gasPrice: rest.gasPrice,
    nativePrice: rest.nativePrice,
    market: marketOf(rest),
    parameters: rest.parameters,
    fork: fork === undefined ? undefined : { url: fork, block },
  };
}

/** The named market, with what was set by itself. */
function marketOf(given: Omit<z.infer<typeof schema>, "rebound">): MarketSettings {
  const { lag, arbitrage, depthLeft, sandwich, gasRise, biddersLeave, bridge } = given;
  const named = MARKETS[given.market];
  return {
    ...named,
    lag: lag ?? named.lag,
    arbitrage: arbitrage ?? named.arbitrage,
    depthLeft: depthLeft ?? named.depthLeft,
    sandwich: sandwich ?? named.sandwich,
    // Off is undefined too.
    holdOff: "holdOff" in given ? given.holdOff : named.holdOff,
    gasRise: gasRise ?? named.gasRise,
    biddersLeave: biddersLeave ?? named.biddersLeave,
    bridge: bridge ?? named.bridge,
  };
}
