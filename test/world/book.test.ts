import { expect } from "chai";

import { heavyTailedBook, openBook } from "../../scripts/world/book.ts";
import { Random } from "../../scripts/world/random.ts";

const admission = { borrowLtvBps: 8_000n, minDebt: 100n, maxPositionDebt: 600_000n };
const account = (name: string, ltv: number, weight: number) => ({ name, ltv, weight });

describe("openBook", () => {
  it("scales debts so that they add up to the total, each with its own LTV", () => {
    const book = openBook([account("a", 0.5, 3), account("b", 0.75, 1)], 800_000n, admission);
    expect(book.openings).to.deep.equal([
      { name: "a", ltvBps: 5_000n, debt: 600_000n },
      { name: "b", ltvBps: 7_500n, debt: 200_000n },
    ]);
    expect(book).to.include({ accounts: 2, atBorrowLimit: 0, atDebtCap: 0, tooSmall: 0 });
  });

  it("opens accounts above the borrow limit at it, and counts them", () => {
    const accounts = [account("a", 0.81, 1), account("b", Infinity, 1), account("c", 0.8, 1)];
    const book = openBook(accounts, 300_000n, admission);
    expect(book.openings.map(({ ltvBps }) => ltvBps)).to.deep.equal([8_000n, 8_000n, 8_000n]);
    expect(book.atBorrowLimit).to.equal(2);
  });

  it("opens accounts above the debt cap with the cap, and counts them", () => {
    const book = openBook([account("a", 0.5, 9), account("b", 0.5, 1)], 1_000_000n, admission);
    expect(book.openings.map(({ debt }) => debt)).to.deep.equal([600_000n, 100_000n]);
    expect(book.atDebtCap).to.equal(1);
  });

  it("leaves out accounts under the smallest debt, and counts them", () => {
    const book = openBook(
      [account("a", 0.5, 9_999), account("b", 0.5, 1), account("c", 0, 0)],
      500_000n,
      admission,
    );
    expect(book.openings.map(({ name }) => name)).to.deep.equal(["a"]);
    expect(book.tooSmall).to.equal(2);
  });

  it("never opens at an LTV of 0", () => {
    expect(openBook([account("a", 1e-9, 1)], 1_000n, admission).openings[0]?.ltvBps).to.equal(1n);
  });
});

describe("heavyTailedBook", () => {
  const book = heavyTailedBook(new Random(1), 200, 0.8);

  it("depends on the seed alone", () => {
    expect(heavyTailedBook(new Random(1), 200, 0.8)).to.deep.equal(book);
  });

  it("has LTVs up to the limit", () => {
    const ltvs = book.map(({ ltv }) => ltv);
    expect(Math.min(...ltvs)).to.be.within(0.25, 0.4);
    expect(Math.max(...ltvs)).to.be.within(0.75, 0.8);
  });

  it("has a heavy tail: the ten largest of 200 owe about half", () => {
    const debts = book.map(({ weight }) => weight).sort((a, b) => b - a);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(debts.slice(0, 10)) / sum(debts)).to.be.within(0.4, 0.7);
    expect((debts[0] ?? 0) / sum(debts)).to.be.below(0.2);
  });
});
