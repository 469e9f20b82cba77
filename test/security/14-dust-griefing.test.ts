import { expect } from "chai";

import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { loadFixture, now } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  LOAN,
  lentVault,
  loanVault,
  MAX,
  NOBODY,
  saleVault,
  STORY,
} from "../helpers/vault.ts";

/** Small calls on the CRV position of November 2022 were 385. */
const MICRO_TAKES = 385;
const GWEI = 10n ** 9n;

describe("Security 14: dust, and griefing by small takes", () => {
  it("385 small takes pay the vault no less for the collateral than one take of the same debt", async () => {
    const { vault, borrower, take, pass } = await loadFixture(saleVault);
    await pass(300n);
    const part = 20n * LOAN;
    const { collateral } = await vault.position(borrower);
    const { price } = await vault.quoteTake(borrower);
    for (let i = 0; i < MICRO_TAKES; i++) await take({ maxRepay: part });
    const sold = collateral - (await vault.position(borrower)).collateral;
    const paid = (part * BigInt(MICRO_TAKES) * (BPS + CALM_TERMS.penaltyBps)) / BPS;
    // What the first price would have sold for it: each small take lifts the price of the next.
    expect(sold).to.be.below((paid * PRICE_SCALE) / price);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt - part * BigInt(MICRO_TAKES));
    expect((await vault.quoteTake(borrower)).price).to.be.at.least(price);
  });

  it("no part leaves a debt too small to be worth a sale: it is refused, or the whole is taken", async () => {
    const { vault, borrower, open, sink, start, take } = await loadFixture(lentVault);
    await open(borrower, COLL / 10n, 150n * LOAN);
    await sink();
    await start();
    const debt = await vault.debtOf(borrower);
    const left = CONFIG.minDebt - 1n;
    await expect(take({ maxRepay: debt - left }))
      .to.be.revertedWithCustomError(vault, "RemainderTooSmall")
      .withArgs(left, CONFIG.minDebt);
    // The target would leave some 60 of 150: the largest legal take is the whole debt.
    expect((await vault.quoteTake(borrower)).repay).to.equal(debt);
    await take();
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("one wei of collateral can't be left behind a debt, to veto its loss", async () => {
    const { vault, borrower, sink, take } = await loadFixture(saleVault);
    await sink(STORY.underWater);
    const { repay } = await vault.quoteTake(borrower);
    // The most that leaves something: its price must be worth the smallest debt at least.
    await expect(take({ maxRepay: repay - 1n })).to.be.revertedWithCustomError(vault, "RemainderTooSmall");
    await take({ maxRepay: repay });
    expect((await vault.position(borrower)).collateral).to.equal(0n);
    await vault.realizeLoss(borrower);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("the smallest position pays for its own sale at hold, up to the base fee named here", async () => {
    const { vault, borrower, open, sink, startAndTake, start, take, pass } = await loadFixture(lentVault);
    await open(borrower, (COLL * 67n) / 1_000n, CONFIG.minDebt);
    await sink();
    await start(borrower, NOBODY);
    await pass(63n);
    const tx = await take();
    const gas = (await tx.wait())?.gasUsed ?? 0n;
    // 1.5% of 100 loan units is 1.5; a native coin is 2,000.
    const margin = (CONFIG.minDebt * CALM_TERMS.holdBps) / BPS;
    const costAt = (gwei: bigint): bigint => (gas * gwei * GWEI * 2_000n * LOAN) / 10n ** 18n;
    expect(gas).to.be.below(150_000n);
    expect(costAt(5n)).to.be.at.most(margin);
    expect(await vault.debtOf(borrower)).to.equal(0n);
    await expect(startAndTake()).to.be.revertedWithCustomError(vault, "PositionHealthy");
  });

  it("a start that pays no reward is open all the same, for the smallest position at any depth", async () => {
    const { vault, borrower, stranger, open, sink } = await loadFixture(lentVault);
    await open(borrower, (COLL * 67n) / 1_000n, CONFIG.minDebt);
    await sink(STORY.underWater / 10n);
    expect(await vault.connect(stranger).startSale.staticCall(borrower, stranger)).to.equal(0n);
    await vault.connect(stranger).startSale(borrower, stranger);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(await now());
  });

  it("repaying one unit at a time neither ends a sale nor leaves dust", async () => {
    const { vault, borrower, stranger } = await loadFixture(saleVault);
    for (let i = 0; i < 50; i++) await vault.connect(stranger).repay(1n, borrower);
    expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt - 50n);
    const { repay } = await vault.quoteTake(borrower);
    expect(repay).to.be.above((STORY.debt * 4n) / 10n);
  });

  it("collateral of dust supplied to somebody else's debt changes no size and no price", async () => {
    const { vault, borrower, stranger, fund, pass } = await loadFixture(saleVault);
    await pass(300n);
    await fund(stranger, 0n, COLL);
    const before = await vault.quoteTake(borrower);
    for (let i = 0; i < 20; i++) await vault.connect(stranger).supplyCollateral(1n, borrower);
    const after = await vault.quoteTake(borrower);
    expect(after.price).to.equal(before.price);
    expect(before.repay - after.repay).to.be.within(0n, 1n);
  });

  it("a debt under the smallest can't be opened, nor made by a repayment", async () => {
    const { vault, borrower } = await loadFixture(loanVault);
    await vault.connect(borrower).repay(STORY.debt - 1n, borrower);
    expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
    await vault.connect(borrower).repay(1n, borrower);
    expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
    await vault.connect(borrower).repay(MAX, borrower);
    await expect(vault.connect(borrower).borrow(CONFIG.minDebt - 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "DebtBelowMinimum")
      .withArgs(CONFIG.minDebt - 1n, CONFIG.minDebt);
  });
});
