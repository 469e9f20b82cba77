/** Position files: one account a row with `user`, `collateral` and `debt`, both values in one unit; other columns are free. */
import type { Account } from "../../world/book.ts";
import { readCsv, readNumber, requireColumns } from "./csv.ts";
import { mistakes } from "../../../sdk/errors.ts";

const COLUMNS = ["user", "collateral", "debt"];

export function readPositions(file: string): readonly Account[] {
  const table = readCsv(file);
  requireColumns(table, COLUMNS, `at least "${COLUMNS.join(",")}"`);
  const accounts = table.rows.map((row) => {
    const read = (column: string): number =>
      readNumber(table, row, column, "a value of 0 or more", (value) => value >= 0);
    const debt = read("debt");
    return { name: row.cells.user ?? "", ltv: debt === 0 ? 0 : debt / read("collateral"), weight: debt };
  });
  if (accounts.every(({ weight }) => weight === 0)) throw mistakes.nobodyOwes(file);
  return accounts;
}
