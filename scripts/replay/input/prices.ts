/** Price files: candles (`ts,open,high,low,close,volume`) or single prices (`ts,price`); `ts` in unix seconds. */
import { bridgeCandles, type Candle } from "../../world/candleBridge.ts";
import type { PricePath } from "../../world/pricePath.ts";
import type { Random } from "../../world/random.ts";
import { type CsvRow, type CsvTable, readCsv, readNumber, requireColumns } from "./csv.ts";
import { BLOCK_SECONDS } from "../world/parameters.ts";
import { mistakes } from "../../../sdk/errors.ts";

const CANDLE_COLUMNS = ["ts", "open", "high", "low", "close", "volume"];
const PRICE_COLUMNS = ["ts", "price"];
const FORMATS = `"${CANDLE_COLUMNS.join(",")}" or "${PRICE_COLUMNS.join(",")}"`;
/** 9 September 2001: earlier ones are no seconds, or leave the feeds no past. */
const EARLIEST_TIMESTAMP = 1e9;
/** Later ones are milliseconds. */
const LATEST_TIMESTAMP = 2 ** 32 - 1;
/** Feeds have eight decimals: a lower price would lose its digits there. */
const LEAST_PRICE = 1e-4;
/** Collateral is counted in whole units: of what is dearer a loan would be secured by too few. */
const MOST_PRICE = 1e9;
const PRICE = "a price from 0.0001 to 1000000000";

/**
 * Reads a path. With random numbers prices move within candles, as they may have done; without, of a candle the close counts
 * alone, from the candle's end on, and the first candle's open is where the path begins.
 */
export function readPrices(file: string, random?: Random): PricePath {
  const table = readCsv(file);
  if (table.columns.includes("price")) {
    requireColumns(table, PRICE_COLUMNS, FORMATS);
    const times = readTimes(table);
    return table.rows.map((row, i) => ({ time: at(times, i), price: readPrice(table, row, "price") }));
  }
  requireColumns(table, CANDLE_COLUMNS, FORMATS);
  return readCandles(table, random);
}

function readCandles(table: CsvTable, random: Random | undefined): PricePath {
  const times = readTimes(table);
  const seconds = Math.min(...times.slice(1).map((time, i) => time - at(times, i)));
  const candles = table.rows.map((row, i): Candle => {
    const read = (column: string): number => readPrice(table, row, column);
    return {
      time: at(times, i),
      open: read("open"),
      high: read("high"),
      low: read("low"),
      close: read("close"),
    };
  });
  if (random !== undefined) return bridgeCandles(candles, seconds, { interval: BLOCK_SECONDS, random });
  const [first] = candles;
  const opening = first === undefined ? [] : [{ time: first.time, price: first.open }];
  return [...opening, ...candles.map(({ time, close }) => ({ time: time + seconds, price: close }))];
}

function readTimes(table: CsvTable): readonly number[] {
  if (table.rows.length < 2) throw mistakes.noPath(table.file);
  const what = `unix seconds (a whole number from ${EARLIEST_TIMESTAMP} to ${LATEST_TIMESTAMP})`;
  const times = table.rows.map((row) =>
    readNumber(
      table,
      row,
      "ts",
      what,
      (ts) => Number.isInteger(ts) && ts >= EARLIEST_TIMESTAMP && ts <= LATEST_TIMESTAMP,
    ),
  );
  times.forEach((time, i) => {
    if (i > 0 && time <= at(times, i - 1)) {
      const line = table.rows[i]?.line ?? 0;
      throw mistakes.outOfOrder(table.file, line, time, at(times, i - 1));
    }
  });
  return times;
}

function readPrice(table: CsvTable, row: CsvRow, column: string): number {
  return readNumber(table, row, column, PRICE, (price) => price >= LEAST_PRICE && price <= MOST_PRICE);
}

function at(times: readonly number[], index: number): number {
  const time = times[index];
  if (time === undefined) throw new RangeError(`no row ${index}`);
  return time;
}
