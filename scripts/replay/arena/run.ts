/** Runs bouts on all cores, those that the archive knows apart. */
import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";

import { Piscina } from "piscina";

import type { Options } from "../input/options.ts";
import { loadScenario, type Scenario } from "../input/scenario.ts";
import { money } from "../records/ledger.ts";
import type { RunResult } from "../records/result.ts";
import { prepareRivals } from "../mechanisms/rivals/artifacts.ts";
import type { Task, TaskAnswer } from "../run/worker.ts";
import type { Bout } from "./bouts.ts";
import { keyOf, type Archive } from "./archive.ts";
import type { ArenaRow } from "./row.ts";
import { mistakes } from "../../../sdk/errors.ts";

/** @param onProgress Told after each run how many are done, and the last one. */
export async function runBouts(
  bouts: readonly Bout[],
  {
    archive,
    codeDigest,
    isFresh,
  }: { readonly archive: Archive; readonly codeDigest: string; readonly isFresh: boolean },
  onProgress: (done: number, last: ArenaRow) => void,
): Promise<readonly ArenaRow[]> {
  const mechanisms = bouts.map(({ mechanism }) => mechanism);
  prepareRivals(mechanisms, (line) => process.stdout.write(line));
  const lanes = availableParallelism() + 1;
  const pool = new Piscina<Omit<Task, "port">, TaskAnswer>({
    filename: new URL("../run/worker.ts", import.meta.url).href,
    name: "runTask",
    maxThreads: lanes,
    idleTimeout: 1_000,
  });
  const rows: ArenaRow[] = [];
  const queue = bouts.entries();
  let done = 0;
  let isBroken = false;
  /** One run after the other, in the order of the table. */
  const work = async (): Promise<void> => {
    for (const [i, bout] of queue) {
      if (isBroken) return;
      const key = keyOf(bout, codeDigest);
      const known = isFresh ? undefined : archive.get(key);
      const row = known ?? (await runBout(pool, bout));
      if (known === undefined) archive.add(key, row);
      rows[i] = row;
      onProgress(++done, row);
    }
  };
  try {
    const working = Array.from({ length: lanes }, async () => {
      try {
        await work();
      } catch (error) {
        isBroken = true;
        throw error;
      }
    });
    // The pool must not be closed while any of its threads is about to answer.
    await Promise.allSettled(working);
    await Promise.all(working);
    return rows;
  } finally {
    await pool.destroy();
  }
}

/** By options, which the mechanisms of a crash share. */
const scenarios = new WeakMap<Options, Scenario>();

function scenarioOf(options: Options): Scenario {
  const known = scenarios.get(options);
  if (known !== undefined) return known;
  const scenario = loadScenario(options);
  scenarios.set(options, scenario);
  return scenario;
}

async function runBout(pool: Piscina<Omit<Task, "port">, TaskAnswer>, bout: Bout): Promise<ArenaRow> {
  const { port1, port2 } = new MessageChannel();
  try {
    const { options, mechanism } = bout;
    const task: Task = {
      scenario: scenarioOf(options),
      fork: options.fork,
      mechanism,
      follows: true,
      port: port2,
    };
    const answer = await pool.run(task, { transferList: [port2] });
    if ("inputError" in answer) throw mistakes.told(answer.inputError);
    const debt = answer.book.openings.reduce((sum, opening) => sum + opening.debt, 0n);
    return toRow(bout, answer.run, money(debt));
  } finally {
    port1.close();
  }
}

function toRow(
  { crash, rebound, lagSeconds, arbitrage, mechanism }: Bout,
  run: RunResult,
  debt: string,
): ArenaRow {
  return {
    crash,
    rebound,
    lagSeconds,
    arbitrage: arbitrage * 100,
    mechanism,
    debt,
    borrowersCost: run.borrowersCost,
    borrowersCostAtDue: run.borrowersCostAtDue,
    lendersLoss: run.lendersLoss,
    reserveLoss: run.reserveLoss,
    badDebt: run.badDebt,
    repaid: run.debtRepaid,
    unsoldDebt: run.unsoldDebt,
    conservation: run.conservation.ok,
  };
}
