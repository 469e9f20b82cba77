/**
 * `npm start`: a crash replayed end to end on in-process chains, once for each way of selling. A wrong file, column, flag or number ends it with one line
 * and exit code 2.
 */
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { InputError } from "./inputError.ts";
import { type Options, parseOptions } from "./options.ts";
import { progressOn } from "./progress.ts";
import { loadScenario } from "./scenario.ts";

const REPORTS = fileURLToPath(new URL("../../reports/", import.meta.url));

/** Fails before the run, not after it, where the result could not be written: opens the file, and leaves none behind. */
function requireWritable(file: string): void {
  if (existsSync(file) && !statSync(file).isFile()) {
    throw new InputError(`--json: ${file} is not a file; name a file to write`);
  }
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new InputError(`--json: ${file} can't be written (${reason}); name one in a folder that can be`);
  }
  if (isNew) rmSync(file);
}

async function main(options: Options): Promise<void> {
  if (options.json !== undefined) requireWritable(options.json);
  const scenario = loadScenario(options);
  // Hardhat takes a second to load: mistakes are told before.
  const { forgetForks } = await import("./environment.ts");
  const { runAll } = await import("./runs.ts");
  const { toResult } = await import("./result.ts");
  const { renderTable } = await import("./table.ts");
  const { renderPage } = await import("./page.ts");

  if (options.fork !== undefined) forgetForks();
  const { book, runs } = await runAll(
    options,
    progressOn(process.stdout, () => performance.now()),
  );
  const results = runs.map((run) => run.result);
  const result = toResult(scenario, book, results);
  const json = `${JSON.stringify(result, null, 2)}\n`;
  mkdirSync(REPORTS, { recursive: true });
  const files = [join(REPORTS, "replay.json"), ...(options.json === undefined ? [] : [options.json])];
  for (const file of files) writeFileSync(file, json);
  const page = join(REPORTS, "replay.html");
  writeFileSync(page, renderPage(scenario, result, runs));

  console.log(`\n${renderTable(result)}`);
  console.log(`\nWritten: ${[...files, page].map((file) => relative(process.cwd(), file)).join(", ")}`);
  if (result.runs.some(({ conservation }) => !conservation.ok)) {
    console.error("Conservation is broken: see conservation.details in the JSON.");
    process.exitCode = 1;
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options !== undefined) await main(options);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
