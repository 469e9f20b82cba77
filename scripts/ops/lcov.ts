/** Lines of one source file that can run, and those that never did. */
export interface FileCoverage {
  readonly file: string;
  readonly lines: number;
  readonly missed: readonly number[];
}

/** Reads the line records (`SF`, `DA`) of an lcov trace file. */
export const parseLcov = (trace: string): FileCoverage[] =>
  trace
    .split("end_of_record")
    .map((record) => {
      const file = /^SF:(.+)$/m.exec(record)?.[1];
      const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)];
      const missed = lines.filter(([, , runs]) => Number(runs) === 0).map(([, line]) => Number(line));
      return file === undefined ? undefined : { file, lines: lines.length, missed };
    })
    .filter((coverage) => coverage !== undefined);

/** Share of the lines that ran, in percent, rounded down to a hundredth. */
export const percentCovered = (files: readonly Pick<FileCoverage, "lines" | "missed">[]): number => {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0);
  return lines === 0 ? 0 : Math.floor(((lines - missed) * 10_000) / lines) / 100;
};
