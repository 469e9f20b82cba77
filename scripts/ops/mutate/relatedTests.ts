import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

import { importClosure } from "../quick/neededContracts.ts";

/** Tests of a contract and its topic, in stages: what is quick to compile and likely to notice comes first. */

const names = (text: string, contract: string): boolean => new RegExp(`\\b${contract}\\b`).test(text);

/** Does a test name the contract, in its own name or text, or a Solidity test in what it imports of the tests? */
const isAbout = (file: string, contract: string): boolean => {
  if (basename(file).startsWith(`${contract}.`)) return true;
  const isOfTests = (path: string): boolean => path.includes("/test/solidity/");
  const read = file.endsWith(".sol") ? [...importClosure(file)].filter(isOfTests) : [file];
  return read.some((path) => names(readFileSync(path, "utf8"), contract));
};

/**
 * Contracts through which tests reach a contract that has no tests of its own: harnesses that import it, and, for a layer,
 * what inherits it beside it (`Vault` for `VaultLosses`, part of which only the extension inherits).
 */
const carriersOf = (contract: string, source: string): readonly string[] => {
  const harnesses = globSync("contracts/mocks/*Harness.sol").filter((harness) =>
    names(readFileSync(harness, "utf8"), contract),
  );
  const isLayer = !existsSync(`test/unit/${contract}`) && !source.includes("/libraries/");
  const heirs = globSync(`${dirname(source)}/*.sol`).filter((file) => {
    const name = basename(file, ".sol");
    if (!isLayer || file === source || !existsSync(`test/unit/${name}`)) return false;
    return contract.startsWith(name) || [...importClosure(file)].some((path) => path.endsWith(`/${source}`));
  });
  return [...harnesses, ...heirs].map((file) => basename(file, ".sol"));
};

/** Test files, stage by stage; a later stage runs only where the ones before pass. */
export const relatedTests = (contract: string, source: string): readonly (readonly string[])[] => {
  const carriers = carriersOf(contract, source);
  const folders = [contract, ...carriers].flatMap((name) => globSync(`test/unit/${name}/**/*.test.ts`));
  const topical = globSync("test/{reference,solidity,security,integration,unit}/**/*.{test.ts,t.sol}");
  const about = topical.filter((file) => isAbout(file, contract));
  const references = topical.filter(
    (file) => file.startsWith("test/reference/") && carriers.some((carrier) => isAbout(file, carrier)),
  );
  const files = [...new Set([...folders, ...about, ...references])];
  const isInvariant = (file: string): boolean => file.startsWith("test/solidity/invariant/");
  const stages = [
    files.filter((file) => file.endsWith(".t.sol") && !isInvariant(file)),
    files.filter((file) => file.startsWith("test/reference/")),
    files.filter((file) => file.startsWith("test/unit/")),
    files.filter((file) => /^test\/(security|integration)\//.test(file)),
    files.filter(isInvariant),
  ];
  return stages.filter((stage) => stage.length !== 0).map((stage) => stage.toSorted());
};
