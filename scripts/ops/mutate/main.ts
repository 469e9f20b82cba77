import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import Table from "cli-table3";
import { Command, CommanderError, InvalidArgumentError } from "commander";

import { importClosure } from "../quick/neededContracts.ts";
import { type Mutant, mutantsOf, mutated, sample } from "./mutants.ts";
import { relatedTests } from "./relatedTests.ts";
import { readVerdicts, type Verdict, writeVerdicts } from "./state.ts";
import { Workspace } from "./workspace.ts";
import { mistakes, UserError } from "../../../sdk/errors.ts";

/**
 * `npm run mutate -- <contract> [--max N]`: breaks the contract in one place after the other and shows what its tests did not
 * notice. Works in a copy of the tree. A run that was cut off goes on where it was.
 */

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
/** A mutant gets five times what the sound source took, and a minute for compiling. */
const PATIENCE = 5;
const COMPILE_SECONDS = 60;
const BASELINE_SECONDS = 3_600;

interface Options {
  readonly max: number;
  readonly tests?: readonly string[];
  readonly fresh: boolean;
}

interface Round {
  readonly contract: string;
  readonly source: string;
  readonly stages: readonly (readonly string[])[];
  readonly max: number;
  readonly fresh: boolean;
}

const toCount = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("must be a whole number from 1 to 999999.");
  return Number(text);
};

const readArguments = (): Round => {
  const command = new Command("npm run mutate --")
    .description("Breaks a contract in one place after the other, and lists what its tests do not notice.")
    .argument("<contract>", "name of a contract or library under contracts/")
    .option("--max <n>", "at most so many mutants, spread over the source", toCount, Infinity)
    .option("--tests <files...>", "run these tests, in this order, instead of those that name the contract")
    .option("--fresh", "forget what an earlier run found", false)
    .exitOverride()
    .parse();
  const [contract = ""] = command.args;
  const { max, tests, fresh } = command.opts<Options>();
  const [source, second] = globSync("contracts/**/*.sol").filter(
    (file) => basename(file, ".sol") === contract,
  );
  if (source === undefined) throw mistakes.noContract(contract);
  if (second !== undefined) throw mistakes.contractTwice(contract, source, second);
  const missing = tests?.find((file) => !existsSync(file) || !/\.(ts|t\.sol)$/.test(file));
  if (missing !== undefined) throw mistakes.noTest(missing);
  const stages = tests?.map((file) => [file]) ?? relatedTests(contract, source);
  if (stages.length === 0) throw mistakes.untested(contract);
  return { contract, source, stages, max, fresh };
};

/** Hash of all that a verdict depends on: the contract, what it imports, and the tests with what they import. */
const keyOf = ({ source, stages }: Round): string => {
  const files = new Set([source, ...stages.flat()].flatMap((file) => [...importClosure(file)]));
  const hash = createHash("sha256").update(JSON.stringify(stages));
  for (const file of [...files].sort()) hash.update(readFileSync(file));
  return hash.digest("hex");
};

const judge = async (
  workspace: Workspace,
  stages: readonly (readonly string[])[],
  seconds: readonly number[],
): Promise<Verdict> => {
  for (const [i, stage] of stages.entries()) {
    const outcome = await workspace.run(stage, COMPILE_SECONDS + PATIENCE * (seconds[i] ?? 0));
    if (outcome === "failed") return "killed";
    if (outcome !== "passed") return outcome;
  }
  return "survived";
};

/** Seconds that each stage takes on the sound source; compiles it as well. */
const measure = async (workspace: Workspace, stages: Round["stages"]): Promise<readonly number[]> => {
  const seconds: number[] = [];
  for (const stage of stages) {
    const startedAt = performance.now();
    const outcome = await workspace.run(stage, BASELINE_SECONDS);
    if (outcome !== "passed") throw mistakes.alreadyBroken(stage.join(" "), outcome);
    seconds.push((performance.now() - startedAt) / 1_000);
  }
  return seconds;
};

const oneLine = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, " ");
  return flat.length > 60 ? `${flat.slice(0, 57)}...` : flat;
};

const changeOf = ({ original, replacement }: Mutant): string =>
  `${oneLine(original)} → ${oneLine(replacement)}`;

const report = (
  { source }: Round,
  chosen: readonly Mutant[],
  verdicts: ReadonlyMap<string, Verdict>,
): void => {
  const of = (verdict: Verdict): readonly Mutant[] => chosen.filter(({ id }) => verdicts.get(id) === verdict);
  const [survivors, late] = [of("survived"), of("out of time")];
  if (survivors.length !== 0) {
    const table = new Table({
      head: ["survivor", "kind", "change"],
      style: { head: [], border: [], compact: true },
    });
    for (const mutant of survivors) table.push([`${source}:${mutant.line}`, mutant.kind, changeOf(mutant)]);
    console.log(table.toString());
  }
  const killed = of("killed").length + late.length;
  const tried = killed + survivors.length;
  const share = tried === 0 ? "none" : `${((100 * killed) / tried).toFixed(1)}%`;
  console.log(
    `${killed} of ${tried} mutants killed (${share}), ${late.length} of them by time; ${of("not compiled").length} do not compile.`,
  );
};

const run = async (round: Round): Promise<void> => {
  const { contract, source, stages, max, fresh } = round;
  const text = readFileSync(source, "utf8");
  const all = mutantsOf(text);
  const chosen = sample(all, max);
  const file = `cache/mutate/${contract}.json`;
  const key = keyOf(round);
  const verdicts = fresh ? new Map<string, Verdict>() : readVerdicts(file, key);
  const left = chosen.filter(({ id }) => !verdicts.has(id));
  console.log(
    `${source}: ${chosen.length} of ${all.length} mutants, ${chosen.length - left.length} known; ${stages.flat().length} test files`,
  );
  if (left.length !== 0) {
    // Before the copy is made: whatever comes while it is made is heard once it can be removed.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        console.log(`Interrupted. The same command goes on from here (${file}).`);
        process.exit(EXIT_INTERRUPTED);
      });
    }
    const workspace = new Workspace();
    const remove = (): void => {
      workspace.remove();
    };
    process.once("exit", remove);
    const seconds = await measure(workspace, stages);
    for (const [i, mutant] of left.entries()) {
      const startedAt = performance.now();
      workspace.write(source, mutated(text, mutant));
      const verdict = await judge(workspace, stages, seconds);
      verdicts.set(mutant.id, verdict);
      writeVerdicts(file, key, verdicts);
      const took = ((performance.now() - startedAt) / 1_000).toFixed(0);
      console.log(
        `${i + 1}/${left.length} ${verdict} (${took} s) line ${mutant.line}, ${mutant.kind}: ${changeOf(mutant)}`,
      );
    }
    remove();
  }
  report(round, chosen, verdicts);
};

const main = async (): Promise<void> => {
  try {
    await run(readArguments());
  } catch (error) {
    // Commander has said what is wrong.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exit(error.exitCode);
  }
};

await main();
