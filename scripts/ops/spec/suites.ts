/** Which file a suite stands in, from the title of its outermost `describe`. */
import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";

/** A suite may stand in a loop, with a title of parts that are known only when it runs. */
const SUITE = /^( *)describe\(\s*(["'`])((?:(?!\2).)*)\2/gm;
const PART = /\$\{[^}]*\}/;

export interface SuiteFile {
  /** From the repository's root, with forward slashes. */
  readonly file: string;
  readonly titles: readonly RegExp[];
}

export function suitesOf(file: string, source: string): SuiteFile {
  const suites = [...source.matchAll(SUITE)];
  const outermost = Math.min(...suites.map(([, indent = ""]) => indent.length));
  const outer = suites.filter(([, indent = ""]) => indent.length === outermost);
  const titles = outer.map(([, , , title = ""]) => {
    const parts = title.split(PART).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    return new RegExp(`^${parts.join(".*")}$`);
  });
  return { file, titles };
}

/** Suites of all tests that say what contracts do. */
export function readSuites(): readonly SuiteFile[] {
  return globSync("test/{unit,security}/**/*.test.ts")
    .map((path) => path.split(sep).join("/"))
    .sort()
    .map((file) => suitesOf(file, readFileSync(file, "utf8")));
}
