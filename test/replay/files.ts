/** Files that a test makes and that are gone with it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for each test of the suite; returns what writes a file into it. */
export function temporaryFiles(): (name: string, text: string) => string {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gavel-replay-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  return (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
}
