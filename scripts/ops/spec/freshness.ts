/** Whether `docs/spec.md` says what ran. */
import { existsSync, readFileSync } from "node:fs";

import { renderSpecification } from "./specification.ts";
import { readSuites } from "./suites.ts";
import { titlesIn } from "./tree.ts";

export const SPECIFICATION = "docs/spec.md";

/** @param output Of a run of all TypeScript tests. @returns What is wrong, if anything. */
export function staleness(output: string): string | undefined {
  const written = existsSync(SPECIFICATION) ? readFileSync(SPECIFICATION, "utf8") : "";
  const wanted = renderSpecification(titlesIn(output), readSuites());
  return staleLine(written, wanted);
}

/** Names the first line that differs. */
export function staleLine(written: string, wanted: string): string | undefined {
  if (written === wanted) return undefined;
  const [is, should] = [written.split("\n"), wanted.split("\n")];
  const at = should.findIndex((line, i) => line !== is[i]);
  const where = at === -1 ? should.length : at;
  return `${SPECIFICATION}, line ${where + 1}: "${is[where] ?? ""}", but the tests say "${should[where] ?? ""}". npm run spec writes it.`;
}
