import { Command, CommanderError, Option } from "commander";
import { z } from "zod";

import { LOAN_DECIMALS, ONE_LOAN } from "../lib/units.ts";
import type { Fork } from "./environment.ts";
import { InputError } from "./inputError.ts";
import { generationName, GENERATIONS, MECHANISM_NAMES, RIVAL_NAMES, type RunName } from "./mechanismNames.ts";

export interface Options {
  /** In the order in which they are shown. */
  readonly mechanisms: readonly RunName[];
  readonly prices: string | undefined;
  readonly positions: string | undefined;
  /** Loan units. */
  readonly debt: bigint;
  /** Loan units. */
  readonly depth: bigint;
  readonly noRebound: boolean;
  readonly json: string | undefined;
  readonly seed: number;
  readonly step: number;
  /** Wei. */
  readonly gasPrice: bigint;
  readonly nativePrice: number | undefined;
  readonly fork: Fork | undefined;
  /** File of a deployment. */
  readonly parameters: string | undefined;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_STEP = 3_600;
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
const MECHANISM = `one of ${[...MECHANISM_NAMES, ...RIVAL_NAMES].join(", ")}, all`;

const schema = z.object({
  mechanism: z
    .enum([...MECHANISM_NAMES, ...RIVAL_NAMES, "all"], MECHANISM)
    .transform((name) => (name === "all" ? MECHANISM_NAMES : [name]))
    .optional(),
  generation: z
    .enum(["1", "2", "3", "all"], GENERATION)
    .transform((name) => (name === "all" ? GENERATIONS : GENERATIONS.filter((own) => String(own) === name)))
    .optional(),
  prices: z.string().optional(),
  positions: z.string().optional(),
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
    .optional(),
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
        "dutch, direct, batch, auto, fixed5, fixed2, or all of these (default: all); aave, morpho, euler, aave4",
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
        "CSV with ts,open,high,low,close,volume or ts,price (default: a generated crash)",
      ),
    )
    .addOption(
      new Option("--positions <file>", "CSV with user,collateral,debt (default: a generated book of 200)"),
    )
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
        "worth of a native coin in the loan asset (default: the collateral's)",
      ),
    )
    .addOption(
      new Option(
        "--parameters <file>",
        "a deployment's parameters, JSON5: measure its oracle, LTVs, terms and policy (default: the measured ones)",
      ),
    )
    .addOption(new Option("--fork <url>", "run on a fork of this node"))
    .addOption(new Option("--block <n>", "block to fork at (default: the latest)"))
    .allowExcessArguments(false)
    .showSuggestionAfterError(false);
}

/** Options from arguments; `undefined` when only help was asked for, and is on the screen. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const program = command();
  program.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new InputError(`${error.message.replace(/^error: /, "").replaceAll("\n", " ")}; see --help`);
  }
  return check(program.opts());
}

function check(given: Readonly<Record<string, unknown>>): Options {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue?.path[0]);
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new InputError(`--${flag}: "${String(given[key])}" is not ${issue?.message ?? "right"}`);
  }
  const { rebound, fork, block, mechanism, generation, ...rest } = parsed.data;
  if (mechanism !== undefined && generation !== undefined)
    throw new InputError("--generation: goes only without --mechanism");
  if (block !== undefined && fork === undefined) throw new InputError("--block: goes only with --fork URL");
  return {
    mechanisms: generation?.map(generationName) ?? mechanism ?? MECHANISM_NAMES,
    prices: rest.prices,
    positions: rest.positions,
    debt: rest.debt,
    depth: rest.depth,
    noRebound: !rebound,
    json: rest.json,
    seed: rest.seed,
    step: rest.step,
    gasPrice: rest.gasPrice,
    nativePrice: rest.nativePrice,
    parameters: rest.parameters,
    fork: fork === undefined ? undefined : { url: fork, block },
  };
}
