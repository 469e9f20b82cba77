import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parseLcov, percentCovered } from "./lcov.ts";

/** `npm run coverage`: runs all tests on instrumented contracts; fails under the least line coverage of `contracts/`. */

const LEAST_PERCENT = 97;
const TRACE = fileURLToPath(new URL("../../coverage/lcov.info", import.meta.url));
/** Instrumentation costs gas and bytes: tests that hold a limit of them carry this in their titles, and are left to `npm test`. */
const GAS_TESTS = "@gas";

const main = (): void => {
  rmSync(TRACE, { force: true });
  const args = ["--config", "hardhat/coverage.config.ts", "--coverage", "test", "--grep-exclude", GAS_TESTS];
  const { status } = spawnSync("hardhat", args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) {
    console.error("Coverage means nothing while tests fail.");
    process.exitCode = 1;
    return;
  }
  const files = parseLcov(readFileSync(TRACE, "utf8"));
  const percent = percentCovered(files);
  console.log(`Line coverage of contracts/ without mocks: ${percent} % of ${files.length} files`);
  if (percent < LEAST_PERCENT) {
    console.error(`Under ${LEAST_PERCENT} %: coverage/html/index.html shows what never ran.`);
    process.exitCode = 1;
  }
};

main();
