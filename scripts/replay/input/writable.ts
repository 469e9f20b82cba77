import { closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";

import { mistakes } from "../../../sdk/errors.ts";

/**
 * Fails before anything runs, not after it, where a result could not be written: opens the file, and leaves none behind.
 * @param flag Flag that named the file.
 * @throws InputError Where nothing can be written there.
 */
export function requireWritable(file: string, flag: string): void {
  if (existsSync(file) && !statSync(file).isFile()) {
    throw mistakes.notAFile(flag, file);
  }
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw mistakes.unwritable(flag, file, reason);
  }
  if (isNew) rmSync(file);
}
