import { expect } from "chai";

import { secondsToHold } from "../../sdk/decayCurve.ts";
import { BPS } from "../../sdk/math.ts";
import { loadFixture, now } from "../helpers/chain.ts";
import { CALM_TERMS, CONFIG, LOAN, NOBODY, saleVault, STORY, unhealthyVault } from "../helpers/vault.ts";

const H = CALM_TERMS.horizon;
const LAPSE = 12n * H;

/** Robots die, lag and starve: what they leave must stand open to anybody. */
describe("Security 27: keepers that starve, stall or compete", () => {
  it("a sale whose starter never comes back is taken by a stranger with a part of the money", async () => {
    const { vault, borrower, stranger, take, pass } = await loadFixture(saleVault);
    await pass(300n);
    const part = CONFIG.minDebt / 100n;
    const before = await vault.debtOf(borrower);
    await take({ maxRepay: part, receiver: stranger.address }, stranger);
    expect(before - (await vault.debtOf(borrower))).to.equal(part);
  });

  for (const share of [1n, 10n, 100n, 1_000n]) {
    it(`a keeper with a ${share}th of the close amount can take that much`, async () => {
      const { vault, borrower, take, pass } = await loadFixture(saleVault);
      await pass(300n);
      const { repay } = await vault.quoteTake(borrower);
      const before = await vault.debtOf(borrower);
      await take({ maxRepay: repay / share });
      const fallen = before - (await vault.debtOf(borrower));
      expect(fallen).to.be.within(repay / share - 1n, repay / share);
    });
  }

  it("two keepers who send the same take in one block: the second gets what is left, or is told, and pays nothing", async () => {
    const { vault, loan, borrower, stranger, take, ripen } = await loadFixture(saleVault);
    await ripen(300n);
    const { repay } = await vault.quoteTake(borrower);
    // A tenth would restore health and end the sale.
    const part = repay / 20n;
    await take({ maxRepay: part });
    const debt = await vault.debtOf(borrower);
    await take({ maxRepay: repay, receiver: stranger.address }, stranger);
    const second = debt - (await vault.debtOf(borrower));
    expect(second).to.be.within((repay * 93n) / 100n, repay - part);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    const balance = await loan.balanceOf(stranger);
    await expect(take({ receiver: stranger.address }, stranger)).to.be.revertedWithCustomError(
      vault,
      "SaleNotStarted",
    );
    expect(await loan.balanceOf(stranger)).to.equal(balance);
  });

  it("a transaction that comes too late, or at a price that went, fails by its own limits", async () => {
    const { vault, borrower, take, pass } = await loadFixture(saleVault);
    await pass(300n);
    const quote = await vault.quoteTake(borrower);
    const deadline = await now();
    await pass(1n);
    await expect(take({ deadline }))
      .to.be.revertedWithCustomError(vault, "DeadlinePassed")
      .withArgs(deadline);
    // The stale quote asks for less than the later price gives: it goes through.
    await take({ maxRepay: quote.repay, minCollateral: quote.collateral });
  });

  it("where nobody comes for twelve horizons anyone starts anew, unpaid, and sells at hold at once", async () => {
    const { vault, borrower, stranger, take, pass } = await loadFixture(saleVault);
    await pass(LAPSE + 1n);
    await expect(take()).to.be.revertedWithCustomError(vault, "SaleLapsed").withArgs(borrower);
    expect(await vault.connect(stranger).startSale.staticCall(borrower, stranger)).to.equal(0n);
    await vault.connect(stranger).startSale(borrower, stranger);
    const quote = await vault.quoteTake(borrower);
    expect(quote.ownSeconds).to.equal(secondsToHold(CALM_TERMS));
    const hold = (STORY.sunk * (BPS - CALM_TERMS.holdBps)) / BPS;
    // Whole seconds: D is at hold less what one second moves it, (800 - 150) bps x ln 2 / 212.
    const second = (STORY.sunk * 3n) / BPS;
    expect(quote.price).to.be.within(hold, hold + second);
    await take();
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("a day without a keeper costs the borrower no more than the deepest discount, and lenders nothing", async () => {
    const { vault, borrower, start, take, pass } = await loadFixture(unhealthyVault);
    const assets = await vault.totalAssets();
    await start(borrower, NOBODY);
    await pass(LAPSE);
    const { price } = await vault.quoteTake(borrower);
    expect(price).to.be.at.least((STORY.sunk * (BPS - CALM_TERMS.maxDiscountBps)) / BPS);
    await take();
    expect(await vault.totalAssets()).to.be.at.least(assets);
    expect(await vault.debtOf(borrower)).to.be.below(STORY.debt - 50_000n * LOAN);
  });
});
