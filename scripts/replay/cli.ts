/**
 * `npm start`: a crash replayed end to end on in-process chains, once for each way of selling. A wrong file, column, flag or number ends it with one line
 * and exit code 2.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { type Options, parseOptions } from "./input/options.ts";
import { progressOn } from "./run/progress.ts";
import { loadScenario } from "./input/scenario.ts";
import { requireWritable } from "./input/writable.ts";
import { UserError } from "../../sdk/errors.ts";

const REPORTS = fileURLToPath(new URL("../../reports/", import.meta.url));

/** Options of each crash that is replayed. */
function crashesOf(options: Options): readonly Options[] {
  if (options.prices !== undefined) return [options];
  return options.crashes.map((crash) => ({ ...options, crash }));
}

async function main(options: Options): Promise<void> {
  if (options.json !== undefined) requireWritable(options.json, "--json");
  const crashes = crashesOf(options).map((crash) => ({ options: crash, scenario: loadScenario(crash) }));
  // Hardhat takes a second to load: mistakes are told before.
  const { chainIdOf, forgetForks } = await import("./world/environment.ts");
  const { runAll } = await import("./run/runs.ts");
  const { toReport, toResult } = await import("./records/result.ts");
  const { renderTable } = await import("./report/table.ts");
  const { renderPage } = await import("./report/page.ts");

  if (options.fork !== undefined) {
    await chainIdOf(options.fork);
    forgetForks();
  }
  const found = await runAll(
    crashes,
    progressOn(process.stdout, () => performance.now()),
  );
  const pages = found.flatMap(({ book, runs }, i) => {
    const scenario = crashes[i]?.scenario;
    if (scenario === undefined) return [];
    return [
      {
        scenario,
        runs,
        result: toResult(
          scenario,
          book,
          runs.map((run) => run.result),
        ),
      },
    ];
  });
  const report = toReport(pages.map(({ result }) => result));
  const json = `${JSON.stringify(report, null, 2)}\n`;
  mkdirSync(REPORTS, { recursive: true });
  const files = [join(REPORTS, "replay.json"), ...(options.json === undefined ? [] : [options.json])];
  for (const file of files) writeFileSync(file, json);
  const page = join(REPORTS, "replay.html");
  writeFileSync(page, renderPage(pages));

  for (const { result } of pages) console.log(`\n${renderTable(result)}`);
  console.log(`\nWritten: ${[...files, page].map((file) => relative(process.cwd(), file)).join(", ")}`);
  if (report.runs.some(({ conservation }) => !conservation.ok)) {
    console.error("Conservation is broken: see conservation.details in the JSON.");
    process.exitCode = 1;
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options !== undefined) await main(options);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
