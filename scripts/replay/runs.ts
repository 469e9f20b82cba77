import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";

import { Piscina } from "piscina";

import type { Book } from "../lib/book.ts";
import { InputError } from "./inputError.ts";
import type { RunName } from "./mechanismNames.ts";
import type { Options } from "./options.ts";
import { type RunResult, withCascade } from "./result.ts";
import { prepareRivals } from "./rivals/artifacts.ts";
import type { Trace } from "./trace.ts";
import type { Task, TaskAnswer } from "./worker.ts";

/** A run of one mechanism, and what the charts show of it. */
export interface Run {
  readonly result: RunResult;
  readonly trace: Trace;
}

/** Shares of the runs that are done, by a name for people. */
export type OnProgress = (shares: ReadonlyMap<string, number>) => void;

/**
 * Runs each mechanism twice: once as it is, and once where the market's price does not follow sales, which tells how much more
 * was sold because it does. One more at a time than there are cores: a run waits for its chain half of the time.
 */
export async function runAll(
  options: Options,
  onProgress: OnProgress,
): Promise<{ readonly book: Book; readonly runs: readonly Run[] }> {
  prepareRivals(options.mechanisms, (line) => process.stdout.write(line));
  const pool = new Piscina<Omit<Task, "port">, TaskAnswer>({
    filename: new URL("./worker.ts", import.meta.url).href,
    name: "runTask",
    maxThreads: availableParallelism() + 1,
    idleTimeout: 1_000,
  });
  const shares = new Map<string, number>();
  const start = async (mechanism: RunName, follows: boolean) => {
    const { port1, port2 } = new MessageChannel();
    const name = follows ? mechanism : `${mechanism} at a fixed price`;
    shares.set(name, 0);
    port1.on("message", (share: number) => {
      shares.set(name, share);
      onProgress(shares);
    });
    try {
      const task: Task = { options, mechanism, follows, port: port2 };
      const answer = await pool.run(task, { transferList: [port2] });
      if ("inputError" in answer) throw new InputError(answer.inputError);
      return answer;
    } finally {
      port1.close();
    }
  };
  try {
    const { mechanisms } = options;
    const asTheyAre = mechanisms.map((mechanism) => start(mechanism, true));
    const fixed = mechanisms.map((mechanism) => start(mechanism, false));
    // The pool must not be closed while any of its threads is about to answer.
    await Promise.allSettled([...asTheyAre, ...fixed]);
    const soldAtFixedPrice = (await Promise.all(fixed)).map(({ run }) => run.collateralSoldUnits);
    const answers = await Promise.all(asTheyAre);
    const [first] = answers;
    if (first === undefined) throw new RangeError("nothing to run");
    const runs = answers.map(({ run, trace }, i) => ({
      result: withCascade(run, soldAtFixedPrice[i] ?? "0"),
      trace,
    }));
    return { book: first.book, runs };
  } finally {
    await pool.destroy();
  }
}
