import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import { SPECIFICATION } from "./freshness.ts";
import { renderSpecification } from "./specification.ts";
import { readSuites } from "./suites.ts";
import { titlesIn } from "./tree.ts";

/** `npm run spec`: writes `docs/spec.md` from the titles of the tests, which are loaded but not run. */

const { status, stdout, stderr } = spawnSync("hardhat", ["test", "mocha", "--no-compile"], {
  encoding: "utf8",
  env: { ...process.env, TEST_PARALLEL: "1", TEST_TITLES: "1" },
  maxBuffer: 2 ** 28,
  shell: process.platform === "win32",
});
const titles = titlesIn(stdout);
if (status !== 0 || titles.length === 0) {
  console.error(
    `${stderr.trim()}\n${stdout.trim().slice(-2_000)}\nTests can't be loaded: build first (npm run build).`,
  );
  process.exitCode = 1;
} else {
  writeFileSync(SPECIFICATION, renderSpecification(titles, readSuites()));
  console.log(`Written: ${SPECIFICATION}`);
}
