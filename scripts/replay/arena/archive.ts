/** Rows of finished runs in a file, a line each: an arena that was interrupted goes on where it stopped. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { z } from "zod";

import type { Bout } from "./bouts.ts";
import { type ArenaRow, rowSchema } from "./row.ts";

const lineSchema = z.object({ key: z.string(), row: rowSchema });

/** Everything that a row depends on besides its options. */
const SOURCES = [
  "contracts/**/*.sol",
  "sdk/**/*.ts",
  "scripts/{replay,world,strategies,kit}/**/*.ts",
  "deploy/*.ts",
  "package-lock.json",
];

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Digest of the project's code: rows of other code are not used again. */
export function digestOfCode(root: string): string {
  const files = globSync(SOURCES, { cwd: root }).toSorted();
  return sha256(files.map((file) => `${file}\n${sha256(readFileSync(join(root, file), "utf8"))}`).join("\n"));
}

/** Key of a run: its options, its mechanism, its files and the code. */
export function keyOf({ options, mechanism }: Bout, codeDigest: string): string {
  const read = (file: string | undefined): string =>
    file === undefined ? "" : sha256(readFileSync(file, "utf8"));
  const files = [options.prices, options.positions, options.parameters].map(read);
  const { json: _json, mechanisms: _mechanisms, crashes: _crashes, cascade: _cascade, ...inputs } = options;
  const text = JSON.stringify({ inputs, mechanism, files, codeDigest }, (_name, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return sha256(text);
}

export class Archive {
  private readonly file: string;
  private readonly rows = new Map<string, ArenaRow>();

  /** @param file Read if it is there; a line that was cut short by an interruption is left out. */
  constructor(file: string) {
    this.file = file;
    if (!existsSync(file)) return;
    for (const text of readFileSync(file, "utf8").split("\n")) {
      const line = parseLine(text);
      if (line !== undefined) this.rows.set(line.key, line.row);
    }
  }

  get(key: string): ArenaRow | undefined {
    return this.rows.get(key);
  }

  add(key: string, row: ArenaRow): void {
    this.rows.set(key, row);
    mkdirSync(dirname(this.file), { recursive: true });
    // It begins with a line break, so that a line cut short spoils none but itself.
    appendFileSync(this.file, `\n${JSON.stringify({ key, row })}`);
  }
}

function parseLine(text: string): z.infer<typeof lineSchema> | undefined {
  if (text.trim() === "") return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
