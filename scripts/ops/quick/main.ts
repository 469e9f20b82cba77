import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";

import { EXIT_BUILD, EXIT_USAGE } from "./exitCodes.ts";
import { importClosure, neededSources } from "./neededContracts.ts";

/**
 * `npm run quick -- <test files>`: compiles what these tests deploy and nothing else, then runs them. Hardhat's cache knows
 * what is up to date. Names of further contracts may stand among the files (`npm run quick -- Vault`): they are compiled too.
 */

const USAGE = "Usage: npm run quick -- <test files or contract names> [-- <options of the test runner>]";

const hardhat = (args: readonly string[], exitCode?: number): void => {
  const { status } = spawnSync("hardhat", args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(exitCode ?? status ?? 1);
};

const build = (...args: readonly string[]): void => {
  // Types of a part of the contracts would replace those of all of them.
  hardhat(["--no-typechain", "build", "--quiet", ...args], EXIT_BUILD);
};

/** Contract name → source file. One contract a file, named as the file is. */
const contractSources = (): ReadonlyMap<string, string> =>
  new Map(
    globSync("contracts/**/*.sol")
      .map((source) => [basename(source, ".sol"), source] as const)
      // A file of structs alone is no contract, and the test runner refuses what the compiler makes of it.
      .filter(([name, source]) =>
        new RegExp(`\\b(?:contract|library) ${name}\\b`).test(readFileSync(source, "utf8")),
      ),
  );

/** Tests and what they import of the tests' own contracts: the runner must know a handler by an artifact of its own. */
const withHandlers = (tests: readonly string[]): readonly string[] => {
  const root = resolve("test/solidity");
  const handlers = tests
    .flatMap((test) => [...importClosure(test)])
    .filter((path) => path.startsWith(root + sep));
  return [...new Set(handlers)].map((path) => relative(".", path));
};

const refuse = (complaint: string): never => {
  console.error(`${complaint}\n${USAGE}`);
  process.exit(EXIT_USAGE);
};

const main = (): void => {
  const args = process.argv.slice(2);
  const separator = args.includes("--") ? args.indexOf("--") : args.length;
  const subjects = args.slice(0, separator);
  const options = args.slice(separator + 1);
  if (subjects.length === 0) refuse("No test file.");

  const sources = contractSources();
  const named = subjects.flatMap((subject) => sources.get(subject) ?? []);
  const files = subjects.filter((subject) => !sources.has(subject));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) refuse(`${missing}: no such test file, nor a contract.`);
  const solidity = files.filter((file) => file.endsWith(".t.sol"));
  const mocha = files.filter((file) => file.endsWith(".ts"));
  const other = files.find((file) => !solidity.includes(file) && !mocha.includes(file));
  if (other !== undefined) refuse(`${other}: tests end in .ts or .t.sol.`);

  const startedAt = performance.now();
  const needed = [...new Set([...named, ...neededSources(files, sources)])];
  if (needed.length !== 0) build("--no-tests", ...needed);
  if (solidity.length !== 0) build("--no-contracts", ...withHandlers(solidity));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${needed.length} contracts up to date in ${seconds} s`);

  if (solidity.length !== 0) hardhat(["test", "solidity", "--no-compile", ...options, ...solidity]);
  if (mocha.length !== 0) hardhat(["test", "mocha", "--no-compile", ...options, ...mocha]);
};

main();
