/** Where progress is shown: a terminal that can rewrite its line, or a log that should stay short. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const TTY_MILLISECONDS = 100;
/** In a log: a line for each tenth of the whole. */
const LOG_SHARE = 0.1;

const percent = (share: number): string => `${Math.floor(share * 100)}%`;

function describe(shares: ReadonlyMap<string, number>, whole: number): string {
  const entries = [...shares];
  const done = entries.filter(([, share]) => share >= 1).length;
  const running = entries.filter(([, share]) => share > 0 && share < 1);
  const parts = running.map(([name, share]) => `${name} ${percent(share)}`);
  return [`${percent(whole).padStart(4)}  ${done} of ${entries.length} runs done`, ...parts].join("  ");
}

/** Shows progress of several runs, on one line that is rewritten or on a line now and then. */
export function progressOn(screen: Screen, now: () => number): (shares: ReadonlyMap<string, number>) => void {
  let shownAt = -Infinity;
  let nextShare = 0;
  return (shares) => {
    const whole = [...shares.values()].reduce((sum, share) => sum + share, 0) / shares.size;
    const isLast = whole >= 1;
    if (screen.isTTY === true) {
      if (!isLast && now() - shownAt < TTY_MILLISECONDS) return;
      shownAt = now();
      screen.write(`\r\u001b[2K${describe(shares, whole)}${isLast ? "\n" : ""}`);
      return;
    }
    if (whole < nextShare && !isLast) return;
    while (nextShare <= whole) nextShare += LOG_SHARE;
    screen.write(`${describe(shares, whole)}\n`);
  };
}
