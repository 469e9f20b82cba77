import { expect } from "chai";

import { WAD } from "../../sdk/math.ts";
import { loadFixture } from "../helpers/chain.ts";
import {
  COLL,
  CONFIG,
  deployVault,
  lentVault,
  LOAN,
  MAX,
  prepare,
  RATE_MODEL,
  STORY,
  YEAR,
} from "../helpers/vault.ts";

/** A vault that accepts debts of one unit: the smallest debt protects nobody here. */
async function dustVault() {
  return prepare(await deployVault({ config: { minDebt: 1n } }));
}

/** Debts are a constant times an index that only time and the rate move: there are no debt shares to inflate. */
describe("Security 26: inflation of debts", () => {
  it("a debt brought down to one unit and up again makes nobody else's debt dearer", async () => {
    const { vault, borrower, otherBorrower, open, rateModel, pass } = await loadFixture(dustVault);
    await rateModel.set(WAD / YEAR, 0n, RATE_MODEL.answers);
    await open(borrower, STORY.collateral, 1_000n * LOAN);
    await pass(1_000_003n);
    await vault.accrue();
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    await vault.connect(borrower).repay((await vault.debtOf(borrower)) - 1n, borrower);
    const { index } = await vault.totals();
    for (let i = 0; i < 50; i++) {
      await vault.connect(borrower).borrow(1n, borrower, borrower);
      await vault.connect(borrower).repay(1n, borrower);
    }
    expect((await vault.totals()).index).to.equal(index);

    await open(otherBorrower, STORY.collateral, 1_000n * LOAN);
    expect(await vault.debtOf(otherBorrower)).to.be.within(1_000n * LOAN, 1_000n * LOAN + 2n);
    expect((await vault.totals()).index).to.equal(index);
  });

  it("repaying the whole and borrowing anew costs a unit of rounding at most", async () => {
    const { vault, loan, borrower, open, rateModel, pass, fund } = await loadFixture(lentVault);
    await open(borrower, STORY.collateral, 1_000n * LOAN);
    await rateModel.set(3_333_333_333n, 0n, RATE_MODEL.answers);
    await pass(50_000_017n);
    await vault.accrue();
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    await fund(borrower, STORY.lent, 0n);
    const before = await loan.balanceOf(borrower);
    const debt = await vault.debtOf(borrower);
    const rounds = 20n;
    for (let i = 0n; i < rounds; i++) {
      await vault.connect(borrower).repay(MAX, borrower);
      await vault.connect(borrower).borrow(debt, borrower, borrower);
    }
    const lost = before - (await loan.balanceOf(borrower)) + (await vault.debtOf(borrower)) - debt;
    expect(lost).to.be.within(0n, rounds + 1n);
  });

  it("loan assets and collateral sent to the vault change no debt", async () => {
    const { vault, loan, collateral, borrower, open } = await loadFixture(lentVault);
    await open(borrower, COLL, CONFIG.minDebt);
    const before = [...(await vault.totals())];
    await loan.mint(vault, 10n ** 24n);
    await collateral.mint(vault, 10n ** 30n);
    await vault.accrue();
    expect([...(await vault.totals())]).to.deep.equal(before);
    expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
  });

  it("an index that somebody pushed to its limit still lends at one to one", async () => {
    const { vault, borrower, stranger, open, fund, rateModel, pass, sink } = await loadFixture(dustVault);
    await open(stranger, STORY.collateral, 1n);
    await rateModel.set(MAX, 0n, RATE_MODEL.answers);
    for (let i = 0; i < 5; i++) {
      await pass(10n * YEAR);
      await vault.accrue();
    }
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    await sink(STORY.price);
    await open(borrower, STORY.collateral, 1_000n * LOAN);
    const debt = await vault.debtOf(borrower);
    // One scaled unit is worth 1.2 loan units (of a million) at the limit.
    expect(debt - 1_000n * LOAN).to.be.within(0n, (await vault.totals()).index / WAD + 1n);
    await fund(borrower, debt, 0n);
    await vault.connect(borrower).repay(MAX, borrower);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });
});
