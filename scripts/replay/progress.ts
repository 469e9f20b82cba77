import type { Progress } from "./engine.ts";
import { number } from "./summary.ts";

/** Where progress is shown: a terminal that can rewrite its line, or a log that should stay short. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const TTY_MILLISECONDS = 100;
/** In a log: a line for each tenth. */
const LOG_SHARE = 0.1;

function describe({ phase, done, time, price, liveSales, takes }: Progress): string {
  const share = `${Math.round(done * 100)}%`.padStart(4);
  if (phase === "opening the book") return `${share}  opening the book`;
  const moment = new Date(time * 1_000).toISOString().slice(0, 16).replace("T", " ");
  return `${share}  ${moment}  price ${number(price)}  live sales ${liveSales}  orders ${takes}`;
}

/** Shows progress, on one line that is rewritten or on a line now and then. */
export function progressOn(screen: Screen, now: () => number): (progress: Progress) => void {
  let shownAt = -Infinity;
  let nextShare = 0;
  let phase = "";
  return (progress) => {
    const isLast = progress.done >= 1;
    if (screen.isTTY === true) {
      if (!isLast && now() - shownAt < TTY_MILLISECONDS) return;
      shownAt = now();
      screen.write(`\r\u001b[2K${describe(progress)}${isLast && progress.phase === "running" ? "\n" : ""}`);
      return;
    }
    if (progress.phase !== phase) nextShare = 0;
    phase = progress.phase;
    if (progress.done < nextShare) return;
    nextShare += LOG_SHARE;
    if (phase === "running") screen.write(`${describe(progress)}\n`);
  };
}
