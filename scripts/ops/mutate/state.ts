import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

/** Verdicts of a run, kept from one to the next while the source and its tests stay as they are. */

const VERDICT = z.enum(["killed", "survived", "not compiled", "out of time"]);
export type Verdict = z.infer<typeof VERDICT>;

const STATE = z.object({ key: z.string(), verdicts: z.record(z.string(), VERDICT) });

/** Verdicts of a state file by mutant, or none where it is missing, broken, or of other sources. */
export const readVerdicts = (file: string, key: string): Map<string, Verdict> => {
  try {
    const state = STATE.parse(JSON.parse(readFileSync(file, "utf8")));
    return new Map(state.key === key ? Object.entries(state.verdicts) : []);
  } catch {
    return new Map();
  }
};

/** Writes beside and renames: a run that is cut off leaves the last whole state. */
export const writeVerdicts = (file: string, key: string, verdicts: ReadonlyMap<string, Verdict>): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ key, verdicts: Object.fromEntries(verdicts) }, null, 2));
  renameSync(`${file}.new`, file);
};
