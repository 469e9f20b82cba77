/** CSV files with a header, checked row by row. */
import { readFileSync } from "node:fs";

import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";

import { mistakes } from "../../../sdk/errors.ts";

/** One row, and the line of the file that it stands on. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

export function readCsv(file: string): CsvTable {
  const [header, ...body] = parseRecords(file, readText(file));
  if (header === undefined || body.length === 0) {
    throw mistakes.noRows(file);
  }
  const columns = header.record;
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) {
    throw mistakes.columnTwice(file, twice);
  }
  const rows = body.map(({ line, record }) => ({
    line,
    cells: Object.fromEntries(columns.map((column, i) => [column, record[i] ?? ""])),
  }));
  return { file, columns, rows };
}

/** Fails when a column is missing. */
export function requireColumns(table: CsvTable, wanted: readonly string[], formats: string): void {
  const missing = wanted.filter((column) => !table.columns.includes(column));
  if (missing.length === 0) return;
  throw mistakes.columnsMissing(table.file, missing, table.columns, formats);
}

/** Digits with an optional point and exponent: what spreadsheets write. No hexadecimal numbers, no signs of other scripts. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a cell; `what` says which numbers are right. */
export function readNumber(
  table: CsvTable,
  row: CsvRow,
  column: string,
  what: string,
  isRight: (value: number) => boolean,
): number {
  const cell = row.cells[column] ?? "";
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value) || !isRight(value)) {
    throw mistakes.badCell(table.file, row.line, column, cell, what);
  }
  return value;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw mistakes.unreadable(file, reason);
  }
}

const recordsSchema = z.array(
  z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) }),
);

function parseRecords(
  file: string,
  text: string,
): { readonly line: number; readonly record: readonly string[] }[] {
  try {
    const parsed: unknown = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true });
    return recordsSchema.parse(parsed).map(({ info, record }) => ({ line: info.lines, record }));
  } catch (error) {
    if (error instanceof CsvError) throw mistakes.notCsv(file, error.message);
    throw error;
  }
}
