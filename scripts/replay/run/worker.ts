import type { MessagePort } from "node:worker_threads";

import type { Book } from "../../world/book.ts";
import { replay } from "./engine.ts";
import type { RunName } from "../mechanisms/mechanismNames.ts";
import { MECHANISMS } from "../mechanisms/mechanisms.ts";
import { type RunResult, toRun } from "../records/result.ts";
import type { Scenario } from "../input/scenario.ts";
import type { Fork } from "../world/environment.ts";
import { type Trace, traceOf } from "../records/trace.ts";
import { UserError } from "../../../sdk/errors.ts";

/** A run, and where its progress is told: the share that is done. */
export interface Task {
  readonly scenario: Scenario;
  /** Node to fork; undefined for a chain of its own. */
  readonly fork: Fork | undefined;
  readonly mechanism: RunName;
  /** Whether the market's price follows sales. */
  readonly follows: boolean;
  readonly port: MessagePort;
}

export type TaskAnswer =
  { readonly run: RunResult; readonly book: Book; readonly trace: Trace } | { readonly inputError: string };

/** Share of a run that opening the book takes, about. */
const OPENING = 0.1;
const STEP = 0.01;

/** Runs in a thread of its own: a chain each. */
export async function runTask({ scenario, fork, mechanism, follows, port }: Task): Promise<TaskAnswer> {
  let told = 0;
  try {
    const outcome = await replay(scenario, MECHANISMS[mechanism], {
      fork,
      ...(follows ? {} : { lastingShare: 0 }),
      onProgress: ({ phase, done }) => {
        const share = phase === "running" ? OPENING + (1 - OPENING) * done : OPENING * done;
        if (share < told + STEP && share < 1) return;
        told = share;
        port.postMessage(share);
      },
    });
    const run = toRun(MECHANISMS[mechanism], outcome);
    return { run, book: outcome.system.book, trace: traceOf(outcome) };
  } catch (error) {
    // Classes do not pass between threads.
    if (error instanceof UserError) return { inputError: error.message };
    throw error;
  }
}
