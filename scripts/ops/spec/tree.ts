/** What the test runner prints, as a tree of titles. */
import { stripVTControlCharacters } from "node:util";

/** A test, or a suite with what is below it. */
export interface Title {
  readonly text: string;
  readonly isTest: boolean;
  readonly below: readonly Title[];
}

interface Node extends Title {
  readonly indent: number;
  readonly below: Node[];
}

const INDENT = 2;
const SUITE = /^( +)(\S.*)$/;
/** A test that passed, less the time that it took. */
const PASSED = /^( +)✔ (.*?)(?: \(\d+(?:\.\d+)?m?s\))?$/;
/** Where the runner's summary begins: failures are listed again below it. */
const SUMMARY = /^ *\d+ passing\b/m;

/** Suites of tests that passed, in the order in which they ran. Whatever else was printed is passed over. */
export function titlesIn(output: string): readonly Title[] {
  const [tests = ""] = stripVTControlCharacters(output).split(SUMMARY);
  const roots: Node[] = [];
  const path: Node[] = [];
  for (const line of tests.split("\n")) {
    const node = nodeOf(line);
    if (node === undefined) continue;
    while ((path.at(-1)?.indent ?? -1) >= node.indent) path.pop();
    const parent = path.at(-1);
    if (node.indent !== (parent?.indent ?? 0) + INDENT) continue;
    (parent?.below ?? roots).push(node);
    if (!node.isTest) path.push(node);
  }
  return roots.flatMap(pruned);
}

function nodeOf(line: string): Node | undefined {
  const passed = PASSED.exec(line);
  const [, spaces = "", text = ""] = passed ?? SUITE.exec(line) ?? [];
  return text === "" ? undefined : { text, isTest: passed !== null, below: [], indent: spaces.length };
}

/** The same without suites in which no test passed: other lines look like them. */
function pruned({ text, isTest, below }: Node): readonly Title[] {
  const kept = below.flatMap(pruned);
  return isTest || kept.length > 0 ? [{ text, isTest, below: kept }] : [];
}
