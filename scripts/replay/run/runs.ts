import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";

import { Piscina } from "piscina";

import type { Book } from "../../world/book.ts";
import type { RunName } from "../mechanisms/mechanismNames.ts";
import type { Options } from "../input/options.ts";
import type { Scenario } from "../input/scenario.ts";
import { type RunResult, withCascade } from "../records/result.ts";
import { prepareRivals } from "../mechanisms/rivals/artifacts.ts";
import type { Trace } from "../records/trace.ts";
import type { Task, TaskAnswer } from "./worker.ts";
import { mistakes } from "../../../sdk/errors.ts";

/** A run of one mechanism, and what the charts show of it. */
export interface Run {
  readonly result: RunResult;
  readonly trace: Trace;
}

/** Shares of the runs that are done, by a name for people. */
export type OnProgress = (shares: ReadonlyMap<string, number>) => void;

/** A crash to run: how, and all that follows from its files and numbers. */
export interface Crash {
  readonly options: Options;
  readonly scenario: Scenario;
}

/** Runs of one crash. */
export interface CrashRuns {
  readonly book: Book;
  readonly runs: readonly Run[];
}

/**
 * Runs every crash under every mechanism; with `cascade` once more where the market's price does not follow sales, which tells how
 * much more was sold because it does. One more at a time than there are cores: a run waits for its chain half of the time.
 * @returns In the order of the crashes.
 */
export async function runAll(
  crashes: readonly Crash[],
  onProgress: OnProgress,
): Promise<readonly CrashRuns[]> {
  const mechanisms = crashes.flatMap(({ options }) => options.mechanisms);
  prepareRivals(mechanisms, (line) => process.stdout.write(line));
  const pool = new Piscina<Omit<Task, "port">, TaskAnswer>({
    filename: new URL("./worker.ts", import.meta.url).href,
    name: "runTask",
    maxThreads: availableParallelism() + 1,
    idleTimeout: 1_000,
  });
  const shares = new Map<string, number>();
  const start = async ({ options, scenario }: Crash, mechanism: RunName, follows: boolean) => {
    const { port1, port2 } = new MessageChannel();
    const crash = crashes.length === 1 ? "" : ` in the ${options.crash} crash`;
    const name = `${mechanism}${follows ? "" : " at a fixed price"}${crash}`;
    shares.set(name, 0);
    port1.on("message", (share: number) => {
      shares.set(name, share);
      onProgress(shares);
    });
    try {
      const task: Task = { scenario, fork: options.fork, mechanism, follows, port: port2 };
      const answer = await pool.run(task, { transferList: [port2] });
      if ("inputError" in answer) throw mistakes.told(answer.inputError);
      return answer;
    } finally {
      port1.close();
    }
  };
  try {
    const asTheyAre = crashes.map((crash) =>
      crash.options.mechanisms.map((mechanism) => start(crash, mechanism, true)),
    );
    const fixed = crashes.map((crash) =>
      crash.options.cascade
        ? crash.options.mechanisms.map((mechanism) => start(crash, mechanism, false))
        : [],
    );
    // The pool must not be closed while any of its threads is about to answer.
    await Promise.allSettled([...asTheyAre.flat(), ...fixed.flat()]);
    const found: CrashRuns[] = [];
    for (const [i, answers] of asTheyAre.entries()) found.push(await join(answers, fixed[i] ?? []));
    return found;
  } finally {
    await pool.destroy();
  }
}

type Answer = Exclude<TaskAnswer, { readonly inputError: string }>;

/** @param fixed The same runs at a fixed price; none where nobody asked for them. */
async function join(
  running: readonly Promise<Answer>[],
  fixed: readonly Promise<Answer>[],
): Promise<CrashRuns> {
  const answers = await Promise.all(running);
  const twins = await Promise.all(fixed);
  const [first] = answers;
  if (first === undefined) throw new RangeError("nothing to run");
  const runs = answers.map(({ run, trace }, i) => {
    const twin = twins[i];
    return { result: twin === undefined ? run : withCascade(run, twin.run.collateralSoldUnits), trace };
  });
  return { book: first.book, runs };
}
