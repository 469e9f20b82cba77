/** `docs/spec.md`: what the contracts do, as their tests say it. */
import type { SuiteFile } from "./suites.ts";
import type { Title } from "./tree.ts";

const HEAD = `# Specification

What each contract does, as the titles of its tests say it: \`npm run spec\` writes this file from them, and \`npm test\` fails where it
differs from what ran. Attacks stand at the end.
`;

const UNIT = /^test\/unit\/([^/]+)\//;

/** A chapter for each contract, in the order of their names, and one for the attacks. */
export function renderSpecification(titles: readonly Title[], suites: readonly SuiteFile[]): string {
  const chapters = new Map<string, string[]>();
  for (const { file, titles: own } of suites) {
    const found = titles.filter(({ text }) => own.some((title) => title.test(text)));
    if (found.length === 0) continue;
    const name = UNIT.exec(file)?.[1] ?? "Attacks";
    const lines = chapters.get(name) ?? [];
    lines.push(...found.flatMap((title) => renderTitle(title, 0)));
    chapters.set(name, lines);
  }
  const names = [...chapters.keys()].filter((name) => name !== "Attacks").sort();
  if (chapters.has("Attacks")) names.push("Attacks");
  const body = names.map((name) => `## ${name}\n\n${(chapters.get(name) ?? []).join("\n")}\n`);
  return [HEAD, ...body].join("\n");
}

function renderTitle({ text, isTest, below }: Title, depth: number): readonly string[] {
  const line = `${"  ".repeat(depth)}- ${isTest ? text : `**${text}**`}`;
  return [escaped(line), ...below.flatMap((title) => renderTitle(title, depth + 1))];
}

/** What markdown would take for markup. */
function escaped(line: string): string {
  return line.replaceAll(/[<>_]/g, String.raw`\$&`);
}
