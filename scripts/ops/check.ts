import { spawn } from "node:child_process";

import { staleness } from "./spec/freshness.ts";
import { type TestCounts, testCounts } from "./testCounts.ts";

/** `npm test`: everything that must hold before a change is merged. Stops at the first thing that does not. */

interface Step {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly runsTests?: boolean;
  /** What else its output must say; the answer is a complaint. */
  readonly inspect?: (output: string) => string | undefined;
}

/**
 * The build comes first: linter and type checker need the generated types. Lanes of a stage run side by side, each on one core;
 * the TypeScript tests use all of them by themselves. What compiles stands alone: two at once would overwrite each other's cache.
 */
const STAGES: readonly (readonly (readonly Step[])[])[] = [
  [
    [
      { name: "build", script: "build" },
      { name: "code size", script: "size" },
    ],
  ],
  [
    [
      { name: "lint", script: "lint" },
      { name: "type check", script: "typecheck" },
    ],
    [{ name: "Solidity fuzz and invariant tests", script: "test:sol", runsTests: true }],
  ],
  [[{ name: "TypeScript tests", script: "test:ts", runsTests: true, inspect: staleness }]],
  [[{ name: "gas", script: "gas", args: ["--check"] }]],
];

interface Outcome {
  readonly succeeded: boolean;
  readonly output: string;
  readonly counts: TestCounts;
}

const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0 };
const NAME_WIDTH = Math.max(...STAGES.flat(2).map(({ name }) => name.length));

const runScript = async ({ script, args = [] }: Step): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TEST_PARALLEL: "1" },
      shell: process.platform === "win32",
    });
    let output = "";
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });

const judge = ({ runsTests, inspect }: Step, code: number | null, output: string): Outcome => {
  if (!runsTests) return { succeeded: code === 0, output, counts: NO_TESTS };
  const counts = testCounts(output);
  const complaints: string[] = [];
  if (counts.passed + counts.failed === 0) complaints.push("No test ran.");
  const complaint = code === 0 ? inspect?.(output) : undefined;
  if (complaint !== undefined) complaints.push(complaint);
  if (counts.skipped !== 0) complaints.push(`${counts.skipped} skipped: delete such tests or mend them.`);
  return {
    succeeded: code === 0 && counts.failed === 0 && complaints.length === 0,
    output: [output, ...complaints].join("\n"),
    counts,
  };
};

const run = async (step: Step): Promise<Outcome> => {
  const startedAt = performance.now();
  console.log(`${step.name.padEnd(NAME_WIDTH)}  runs`);
  const { code, output } = await runScript(step);
  const outcome = judge(step, code, output);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6);
  const tests = step.runsTests ? `, ${outcome.counts.passed} tests` : "";
  console.log(
    `${step.name.padEnd(NAME_WIDTH)}  ${seconds} s  ${outcome.succeeded ? `ok${tests}` : "FAILED"}`,
  );
  return outcome;
};

/** Runs the steps of a lane until one fails. */
const runLane = async (lane: readonly Step[]): Promise<readonly (readonly [Step, Outcome])[]> => {
  const outcomes: (readonly [Step, Outcome])[] = [];
  for (const step of lane) {
    const outcome = await run(step);
    outcomes.push([step, outcome]);
    if (!outcome.succeeded) break;
  }
  return outcomes;
};

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  let passed = 0;
  let failed = 0;
  for (const stage of STAGES) {
    for (const [step, { succeeded, output, counts }] of (await Promise.all(stage.map(runLane))).flat()) {
      passed += counts.passed;
      failed += counts.failed;
      if (succeeded) continue;
      // A step that fails without naming a test still counts.
      if (counts.failed === 0) failed += 1;
      process.exitCode = 1;
      console.log(`\n${output.trim()}\n\n${step.name} failed: npm run ${step.script} repeats it alone.`);
    }
    if (process.exitCode === 1) break;
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`\n${process.exitCode === 1 ? "Stopped" : "Done"} after ${seconds} s.`);
  console.log(`${passed} passed, ${failed} failed`);
};

await main();
