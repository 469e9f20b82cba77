import { expect } from "chai";

import { InputError } from "../../../sdk/errors.ts";
import { readPositions } from "../../../scripts/replay/input/positions.ts";
import { readPrices } from "../../../scripts/replay/input/prices.ts";
import { parseOptions } from "../../../scripts/replay/input/options.ts";
import { loadScenario } from "../../../scripts/replay/input/scenario.ts";
import { expectNear } from "../../helpers/near.ts";
import { temporaryFiles } from "../files.ts";

const CANDLES = "ts,open,high,low,close,volume";

describe("Replay files", () => {
  const write = temporaryFiles();

  /** One line, which names the file and holds all of `parts`. */
  function expectRefusal(read: (file: string) => unknown, text: string, ...parts: readonly string[]): void {
    const file = write("input.csv", text);
    let message = "";
    try {
      read(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      message = error.message;
    }
    expect(message).to.match(/^[^\n]+$/);
    for (const part of [file, ...parts]) expect(message).to.contain(part);
  }

  describe("prices", () => {
    it("reads single prices at their time", () => {
      const file = write("p.csv", "ts,price\n1000000100,2000.5\n1000000160,1999\n");
      expect(readPrices(file)).to.deep.equal([
        { time: 1_000_000_100, price: 2000.5 },
        { time: 1_000_000_160, price: 1999 },
      ]);
    });

    it("reads candles: the first open, then each close at the candle's end", () => {
      const file = write("p.csv", `${CANDLES}\n1000000100,10,12,9,11,5\n1000000160,11,11,7,8,5\n`);
      expect(readPrices(file)).to.deep.equal([
        { time: 1_000_000_100, price: 10 },
        { time: 1_000_000_160, price: 11 },
        { time: 1_000_000_220, price: 8 },
      ]);
    });

    it("moves within candles as the seed has it, to their high and low, unless the bridge is off", () => {
      const file = write("p.csv", `${CANDLES}\n1000000080,10,12,9,11,5\n1000000140,11,11,7,8,5\n`);
      const pathOf = (...args: readonly string[]) =>
        loadScenario(parseOptions(["--prices", file, ...args]) ?? expect.fail()).path;
      const moving = pathOf("--seed", "1");
      expect(moving.length).to.equal(11);
      const pricesTo = (time: number) => moving.filter((p) => p.time <= time).map(({ price }) => price);
      expectNear(Math.max(...pricesTo(1_000_000_140)), 12, 1e-9);
      expectNear(Math.min(...pricesTo(1_000_000_140)), 9, 1e-9);
      expectNear(Math.min(...pricesTo(1_000_000_200)), 7, 1e-9);
      expect(pathOf("--seed", "1")).to.deep.equal(moving);
      expect(pathOf("--seed", "2")).not.to.deep.equal(moving);
      expect(pathOf("--bridge", "off")).to.deep.equal(readPrices(file));
    });

    it("takes the shortest distance between rows for a candle's length, so that a gap delays nothing", () => {
      const file = write(
        "p.csv",
        `${CANDLES}\n1000000100,10,10,10,10,5\n1000000700,11,11,11,11,5\n1000000760,12,12,12,12,5\n`,
      );
      expect(readPrices(file).map(({ time }) => time)).to.deep.equal([
        1_000_000_100, 1_000_000_160, 1_000_000_760, 1_000_000_820,
      ]);
    });

    it("takes columns in any order, blank lines, spaces and a byte order mark", () => {
      const file = write("p.csv", "\uFEFFprice, ts\n 1.5 , 1000000100\n\n2,1000000160\n");
      expect(readPrices(file)).to.deep.equal([
        { time: 1_000_000_100, price: 1.5 },
        { time: 1_000_000_160, price: 2 },
      ]);
    });

    const wrong: readonly (readonly [what: string, text: string, ...parts: readonly string[]])[] = [
      ["an empty file", "", "no rows"],
      ["a header alone", "ts,price\n", "no rows"],
      ["one row", "ts,price\n1000000100,1\n", "at least two"],
      ["another header", "ts,ratio_raw,ratio_med5\n1,1,1\n2,1,1\n", "open", "close", "ts,price"],
      ["candles without a column", "ts,open,high,low,close\n1,1,1,1,1\n2,1,1,1,1\n", '"volume" is missing'],
      ["a price of 0", "ts,price\n1000000100,1\n1000000160,0\n", ":3:", 'price is "0"'],
      ["an empty price", "ts,price\n1000000100,1\n1000000160,\n", ":3:", 'price is ""'],
      ["an infinite price", "ts,price\n1000000100,1\n1000000160,Infinity\n", ":3:"],
      ["a candle without a low", `${CANDLES}\n1000000100,1,1,,1,1\n1000000160,1,1,1,1,1\n`, ":2:", "low"],
      ["a time that is none", "ts,price\nMonday,1\n1000000160,1\n", ":2:", "ts", "Monday"],
      [
        "a time before there were feeds",
        "ts,price\n0,1\n1000000160,1\n",
        ":2:",
        'ts is "0"',
        "from 1000000000",
      ],
      [
        "a price too high for the books",
        "ts,price\n1000000100,1\n1000000160,1e21\n",
        ":3:",
        'price is "1e21"',
      ],
      ["a price that is hardly a number", "ts,price\n1000000100,1\n1000000160,1e300\n", ":3:", "0.0001"],
      ["a price under the feed's digits", "ts,price\n1000000100,1\n1000000160,1e-19\n", ":3:", "0.0001"],
      ["a hexadecimal price", "ts,price\n1000000100,1\n1000000160,0x10\n", ":3:", 'price is "0x10"'],
      ["a second price column", "ts,price,price\n1000000100,1,2\n1000000160,1,2\n", '"price" twice'],
      ["milliseconds", "ts,price\n1621296000000,1\n1621296060000,1\n", ":2:", "unix seconds"],
      ["rows out of order", "ts,price\n1000000160,1\n1000000100,1\n", ":3:", "in order"],
      ["the same time twice", "ts,price\n1000000100,1\n1000000100,1\n", ":3:", "in order"],
      ["rows of different length", "ts,price\n1000000100,1\n1000000160,1,7\n", "not a CSV file"],
      ["an open quote", 'ts,price\n1000000100,"1\n', "not a CSV file"],
    ];
    for (const [what, text, ...parts] of wrong) {
      it(`refuses ${what}`, () => {
        expectRefusal(readPrices, text, ...parts);
      });
    }
  });

  describe("positions", () => {
    it("reads LTV and weight from the values of collateral and debt, whatever other columns there are", () => {
      const file = write(
        "b.csv",
        "user,collateral,debt,health_factor\n0xa,200,100,1.6\n0xb,0,5,0\n0xc,50,0,9\n",
      );
      expect(readPositions(file)).to.deep.equal([
        { name: "0xa", ltv: 0.5, weight: 100 },
        { name: "0xb", ltv: Infinity, weight: 5 },
        { name: "0xc", ltv: 0, weight: 0 },
      ]);
    });

    const wrong: readonly (readonly [what: string, text: string, ...parts: readonly string[]])[] = [
      ["a missing column", "account,collateral,debt\na,1,1\n", '"user"'],
      ["two missing columns", "user,size\na,1\n", '"collateral", "debt" are missing'],
      ["a negative debt", "user,collateral,debt\na,1,-1\n", ":2:", "debt"],
      [
        "a collateral that is no number",
        "user,collateral,debt\na,1,1\nb,lots,1\n",
        ":3:",
        "collateral",
        "lots",
      ],
      ["a book without debt", "user,collateral,debt\na,1,0\n", "nobody owes"],
    ];
    for (const [what, text, ...parts] of wrong) {
      it(`refuses ${what}`, () => {
        expectRefusal(readPositions, text, ...parts);
      });
    }
  });
});
