import { stripVTControlCharacters } from "node:util";

/** What a test runner says at its end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const count = (output: string, ...words: readonly string[]): number => {
  // A line of its own: titles of tests begin with a tick or a number and a bracket.
  const line = new RegExp(`^ *(\\d+) (?:${words.join("|")})\\b`, "gm");
  const last = [...output.matchAll(line)].at(-1);
  return last === undefined ? 0 : Number(last[1]);
};

/** Reads the summary that mocha and Hardhat's Solidity test runner print. */
export const testCounts = (output: string): TestCounts => {
  const plain = stripVTControlCharacters(output);
  return {
    passed: count(plain, "passing"),
    failed: count(plain, "failing"),
    skipped: count(plain, "pending", "skipped"),
  };
};
