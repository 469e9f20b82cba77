/**
 * `npm run arena`: crashes under all mechanisms and rivals, one table with ranks. A wrong file or flag ends it with one line and
 * exit code 2.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { requireWritable } from "../input/writable.ts";
import { boutsOf } from "./bouts.ts";
import { digestOfCode, Archive } from "./archive.ts";
import { type ArenaOptions, parseArenaOptions } from "./options.ts";
import { rank } from "./ranking.ts";
import { renderArena } from "./table.ts";
import { UserError } from "../../../sdk/errors.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const REPORTS = join(ROOT, "reports");

async function main({ crashes, base, json, isFresh }: ArenaOptions): Promise<void> {
  if (json !== undefined) requireWritable(json, "--json");
  const bouts = boutsOf(crashes, base.mechanisms, base);
  // Hardhat takes a second to load: mistakes are told before.
  const { runBouts } = await import("./run.ts");
  const archive = new Archive(join(REPORTS, "arena.jsonl"));
  const startedAt = performance.now();
  const rows = await runBouts(bouts, { archive, codeDigest: digestOfCode(ROOT), isFresh }, (done, row) => {
    const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
    const what = `${row.crash}${row.rebound ? "" : ", no rebound"}, ${row.lagSeconds} s, ${row.arbitrage}%`;
    console.log(`${String(done).padStart(5)} of ${bouts.length}  ${minutes} min  ${what}  ${row.mechanism}`);
  });

  const table = renderArena(rank(rows));
  mkdirSync(REPORTS, { recursive: true });
  const files = [join(REPORTS, "arena.json"), ...(json === undefined ? [] : [json])];
  for (const file of files) writeFileSync(file, `${JSON.stringify({ rows }, null, 2)}\n`);
  const text = join(REPORTS, "arena.txt");
  writeFileSync(text, `${table}\n`);
  console.log(`\n${table}`);
  console.log(`\nWritten: ${[...files, text].map((file) => relative(process.cwd(), file)).join(", ")}`);
  const broken = rows.filter(({ conservation }) => !conservation);
  if (broken.length > 0) {
    console.error(`Conservation is broken in ${broken.length} runs: see "conservation" in the JSON.`);
    process.exitCode = 1;
  }
}

try {
  const options = parseArenaOptions(process.argv.slice(2));
  if (options !== undefined) await main(options);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
