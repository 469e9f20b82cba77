import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Which contracts a test file deploys: those whose names stand as string literals in it or in a file that it imports. */

/** A string literal that may be a contract's name, alone or behind its file (`contracts/x/Y.sol:Y`). */
const NAME = /["'`](?:[\w./-]+\.sol:)?([A-Z]\w*)["'`]/g;
const TYPESCRIPT_IMPORT = /(?:from\s+|import\s*\(\s*|import\s+)["'](\.[^"']+)["']/g;
const SOLIDITY_IMPORT = /from\s+"(\.[^"]+)"/g;

const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, group]) => group ?? "");

/** `file` and all that it imports by relative paths, absolute paths. Types and interfaces name no contract that is deployed. */
export const importClosure = (file: string): ReadonlySet<string> => {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path) || path.includes("typechain-types") || !existsSync(path)) return;
    seen.add(path);
    const pattern = path.endsWith(".sol") ? SOLIDITY_IMPORT : TYPESCRIPT_IMPORT;
    for (const imported of matches(readFileSync(path, "utf8"), pattern))
      visit(resolve(dirname(path), imported));
  };
  visit(resolve(file));
  return seen;
};

/**
 * Sources of the contracts that test files deploy.
 * @param sources Contract name → source file, of everything under `contracts/`.
 * @returns Source files, sorted.
 */
export const neededSources = (
  testFiles: readonly string[],
  sources: ReadonlyMap<string, string>,
): readonly string[] => {
  const needed = new Set<string>();
  for (const file of testFiles) {
    for (const path of importClosure(file)) {
      for (const name of matches(readFileSync(path, "utf8"), NAME)) {
        const source = sources.get(name);
        if (source !== undefined) needed.add(source);
      }
    }
  }
  return [...needed].sort();
};
