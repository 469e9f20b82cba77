/** Arguments of `npm run arena`. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { Command, Option } from "commander";

import { CRASH_NAMES } from "../../world/jumpDiffusion.ts";
import { MARKET_NAMES } from "../input/markets.ts";
import { ALL_NAMES } from "../mechanisms/mechanismNames.ts";
import { type Options, parseOptions } from "../input/options.ts";
import { parseCommand } from "../input/parseCommand.ts";
import { loadScenario } from "../input/scenario.ts";
import type { Crash } from "./bouts.ts";
import { largestFall, spanAround } from "./largestFall.ts";
import { mistakes } from "../../../sdk/errors.ts";

export interface ArenaOptions {
  readonly crashes: readonly Crash[];
  /** What every run has in common. */
  readonly base: Options;
  readonly json: string | undefined;
  /** Whether finished runs are run again. */
  readonly isFresh: boolean;
}

/** The fall that counts is the largest within this time, and so much of the path around it is run; seconds. */
const FALL_SECONDS = 3_600;
const SPAN_SECONDS = 7_200;

/** A quick arena has a smaller book, of the same debt. */
const QUICK_BORROWERS = "40";

/** Flags of the replay that hold for all runs, by their names. */
const SHARED = {
  debt: ["--debt <amount>", "debt of the whole book, in the loan asset"],
  depth: ["--depth <amount>", "what the pool pays until its price has fallen by 2%, in the loan asset"],
  seed: ["--seed <n>", "seed of everything random"],
  borrowers: [
    "--borrowers <n>",
    `borrowers of a generated book (default: 200; ${QUICK_BORROWERS} with --quick)`,
  ],
  positions: ["--positions <file>", "CSV with user,collateral,debt (default: a generated book)"],
  parameters: ["--parameters <file>", "a deployment's parameters, JSON5"],
  market: ["--market <name>", `${MARKET_NAMES.join(", ")}: all but lag and arbitrage`],
  sandwich: ["--sandwich <share>", "per cent of a direct sale's room that its keeper takes: 0, 60, 95"],
  mechanism: ["--mechanism <name>", `${ALL_NAMES.join(", ")}, or all (default: all)`],
} as const;

/** As commander gives them. */
interface Given extends Readonly<Partial<Record<keyof typeof SHARED, string>>> {
  readonly prices?: readonly string[];
  readonly quick?: true;
  readonly full?: true;
  readonly json?: string;
  readonly fresh?: true;
}

function command(): Command {
  const program = new Command("npm run arena --")
    .description(
      "Runs crashes under all mechanisms and rivals: each as recorded and without rebound, with a feed that is 12 and 36 seconds late,\nand with an arbitrageur who closes all or 5% of a gap in a block. Finished runs are kept: an arena that was interrupted goes on\nwhere it stopped. Writes reports/arena.json and reports/arena.txt.",
    )
    .addOption(
      new Option(
        "--prices <path...>",
        "CSV files of prices, or folders of them: the two hours around the largest fall of each (default: generated crashes)",
      ),
    )
    .addOption(
      new Option("--quick", "the generated crashes alone, a slow and a fast one, with a smaller book"),
    )
    .addOption(new Option("--full", "whole files, or whole generated crashes"))
    .addOption(new Option("--json <file>", "write the JSON to this file too"))
    .addOption(new Option("--fresh", "run again what has been run"));
  for (const [flag, what] of Object.values(SHARED)) program.addOption(new Option(flag, what));
  return program.allowExcessArguments(false).showSuggestionAfterError(false);
}

/**
 * Options of the arena from its arguments; `undefined` when only help was asked for, and is on the screen. Every file of prices is
 * read before anything runs.
 * @throws InputError For arguments or files that are wrong.
 */
export function parseArenaOptions(args: readonly string[]): ArenaOptions | undefined {
  const program = command();
  if (!parseCommand(program, args)) return undefined;
  const { prices, quick, full, json, fresh, ...shared } = program.opts<Given>();
  if (quick === true && prices !== undefined) throw mistakes.quickIsGenerated();
  const base = parseOptions(
    Object.entries({
      mechanism: "all",
      ...(quick === true ? { borrowers: QUICK_BORROWERS } : {}),
      ...shared,
    }).flatMap(([name, value]) => [`--${name}`, value]),
  );
  if (base === undefined) return undefined;
  const sources =
    prices === undefined
      ? CRASH_NAMES.map((crash) => ({ name: `generated ${crash}`, source: { crash } }))
      : prices.flatMap(filesIn).map((file) => ({ name: basename(file, ".csv"), source: { prices: file } }));
  const crashes = sources.map(({ name, source }): Crash => {
    const { path } = loadScenario({ ...base, ...source });
    const span = spanAround(largestFall(path, FALL_SECONDS), path, SPAN_SECONDS);
    return { name, source, span: full === true ? undefined : span };
  });
  return { crashes, base, json, isFresh: fresh === true };
}

function filesIn(path: string): readonly string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
  const files = readdirSync(path).filter((name) => name.endsWith(".csv"));
  if (files.length === 0) throw mistakes.noPricesIn(path);
  return files.toSorted().map((name) => join(path, name));
}
