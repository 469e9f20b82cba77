import { closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";

import { InputError } from "./inputError.ts";

/**
 * Fails before anything runs, not after it, where a result could not be written: opens the file, and leaves none behind.
 * @param flag Flag that named the file.
 * @throws InputError Where nothing can be written there.
 */
export function requireWritable(file: string, flag: string): void {
  if (existsSync(file) && !statSync(file).isFile()) {
    throw new InputError(`${flag}: ${file} is not a file; name a file to write`);
  }
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new InputError(`${flag}: ${file} can't be written (${reason}); name one in a folder that can be`);
  }
  if (isNew) rmSync(file);
}
