import { expect } from "chai";

import { valueUp } from "../../../sdk/saleMath.ts";
import { toAssetsDown, toAssetsUp } from "../../../sdk/interestMath.ts";
import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  banded,
  COLL,
  CONFIG,
  deployVault,
  LOAN,
  loanVault,
  MAX,
  openStory,
  prepare,
  RATE_MODEL,
  saleVault,
  STORY,
  type VaultSystem,
  YEAR,
} from "../../helpers/vault.ts";

/** The collateral went for 130,000 of the 150,000. */
const LOSS = STORY.debt - (STORY.collateral * STORY.underWater) / 10n ** 36n;

async function emptiedVault() {
  const system = await saleVault();
  await system.sink(STORY.underWater);
  await system.take();
  return system;
}

/** A reserve of the interest of a year at 20%: 3,000, less than the loss. */
async function emptiedVaultWithReserve() {
  const system = await loanVault();
  await earnReserve(system);
  await system.sink(STORY.underWater);
  await system.start();
  await system.take();
  return system;
}

async function earnReserve({ vault, rateModel, pass }: VaultSystem) {
  await rateModel.set(WAD_A_YEAR / 5n, WAD_A_YEAR / 5n, RATE_MODEL.answers);
  await pass(YEAR);
  await vault.accrue();
  await rateModel.set(0n, 0n, RATE_MODEL.answers);
  await vault.accrue();
}

/** Two emptied positions, and a reserve that covers the smaller one. */
async function twiceEmptiedVault() {
  const system = await loanVault();
  const { otherBorrower } = system;
  await earnReserve(system);
  await system.open(otherBorrower, COLL, 1_590n * LOAN);
  await system.sink(STORY.underWater);
  await system.start();
  await system.start(otherBorrower);
  await system.takeMany([system.borrower, otherBorrower]);
  return system;
}

const WAD_A_YEAR = 10n ** 18n / YEAR;

describe("Loss", () => {
  describe("mark", () => {
    it("is the whole debt of an emptied position, from the take that emptied it", async () => {
      const { vault, borrower, sink, take } = await loadFixture(saleVault);
      await sink(STORY.underWater);
      await expect(take()).to.emit(vault, "MarkedDown").withArgs(borrower, 0n, LOSS);
      expect(await vault.markOf(borrower)).to.equal(LOSS);
      expect(await vault.debtOf(borrower)).to.equal(LOSS);
      expect(await vault.markdown()).to.equal(LOSS);
      expect((await vault.totals()).marked).to.equal(true);
    });

    it("is nothing before, nor for a position that a sale leaves with collateral", async () => {
      const { vault, borrower, take } = await loadFixture(saleVault);
      expect((await vault.totals()).marked).to.equal(false);
      await expect(take()).to.not.emit(vault, "MarkedDown");
      expect([await vault.markOf(borrower), await vault.markdown()]).to.deep.equal([0n, 0n]);
    });

    it("SOLV-2: lowers what leavers get by its amount, and not what entrants pay", async () => {
      const { vault, lender } = await loadFixture(emptiedVault);
      const shares = await vault.balanceOf(lender);
      expect(await vault.totalAssets()).to.equal(STORY.lent - LOSS);
      const left = STORY.lent - LOSS;
      for (const leaving of [await vault.previewRedeem(shares), await vault.convertToAssets(shares)]) {
        expect(leaving).to.be.within(left - 1n, left);
      }
      expect(await vault.previewDeposit(STORY.lent)).to.equal(shares);
      expect(await vault.previewMint(shares)).to.equal(STORY.lent);
      expect(await vault.convertToShares(left)).to.be.within(shares - 10n ** 6n, shares);
    });

    it("lets nobody buy the write-back: who enters and leaves at once loses", async () => {
      const { vault, otherLender, lend } = await loadFixture(emptiedVault);
      await lend(STORY.lent, otherLender);
      const back = await vault.previewRedeem(await vault.balanceOf(otherLender));
      expect(back).to.be.below(STORY.lent);
      expect(STORY.lent - back).to.be.within(LOSS / 2n - 2n, LOSS / 2n + 2n);
    });

    it("lets nobody leave ahead of the loss", async () => {
      const { vault, loan, lender } = await loadFixture(emptiedVault);
      const most = await vault.maxWithdraw(lender);
      const tx = vault.connect(lender).withdraw(most, lender, lender);
      await expect(tx).to.changeTokenBalance(ethers, loan, lender, most);
      expect(most).to.be.within(STORY.lent - LOSS - 1n, STORY.lent - LOSS);
    });

    it("eats the reserve first", async () => {
      const { vault, borrower } = await loadFixture(emptiedVaultWithReserve);
      const { reserve, cash } = await vault.totals();
      const mark = await vault.markOf(borrower);
      expect(reserve).to.be.within(LOAN, mark - 1n);
      // A single mark rounds up, the sum of marks down.
      expect(await vault.markdown()).to.be.within(mark - reserve - 1n, mark - reserve);
      const left = cash + (await vault.totalDebt()) - mark;
      expect(await vault.totalAssets()).to.be.within(left, left + 1n);
    });

    it("grows with the debt it stands for: lenders earn nothing on it", async () => {
      const { vault, borrower, rateModel, pass } = await loadFixture(emptiedVault);
      const before = await vault.totalAssets();
      await rateModel.set(WAD_A_YEAR, WAD_A_YEAR, RATE_MODEL.answers);
      await pass(YEAR);
      expect(await vault.debtOf(borrower)).to.be.above(2n * LOSS);
      expect(await vault.markOf(borrower)).to.equal(await vault.debtOf(borrower));
      // All debt of this vault is the emptied position's.
      expect(await vault.totalAssets()).to.be.within(before - 1n, before);
    });

    it("falls with what anybody repays, and is gone with the whole", async () => {
      const { vault, borrower, stranger } = await loadFixture(emptiedVault);
      await expect(vault.connect(stranger).repay(5_000n * LOAN, borrower))
        .to.emit(vault, "MarkedDown")
        .withArgs(borrower, LOSS, LOSS - 5_000n * LOAN);
      expect(await vault.totalAssets()).to.equal(STORY.lent - LOSS + 5_000n * LOAN);
      await expect(vault.connect(stranger).repay(MAX, borrower))
        .to.emit(vault, "MarkedDown")
        .withArgs(borrower, LOSS - 5_000n * LOAN, 0n);
      expect(await vault.totalAssets()).to.equal(STORY.lent);
      expect([await vault.markdown(), (await vault.totals()).marked]).to.deep.equal([0n, false]);
    });

    it("adds up over positions", async () => {
      const { vault, borrower, otherBorrower } = await loadFixture(twiceEmptiedVault);
      const marks = [await vault.markOf(borrower), await vault.markOf(otherBorrower)] as const;
      const { reserve } = await vault.totals();
      const markdown = await vault.markdown();
      expect(markdown).to.be.within(marks[0] + marks[1] - reserve - 2n, marks[0] + marks[1] - reserve);
      expect(marks[1]).to.be.within(LOAN, reserve - 1n);
    });
  });

  describe("realizeLoss", () => {
    it("writes the debt off at the lenders' cost where there is no reserve, and lowers nothing further", async () => {
      const { vault, borrower, lender, stranger } = await loadFixture(emptiedVault);
      const [assets, shares] = [await vault.totalAssets(), await vault.balanceOf(lender)];
      const tx = vault.connect(stranger).realizeLoss(borrower);
      await expect(tx).to.emit(vault, "LossRealized").withArgs(borrower, 0n, 0n, LOSS);
      await expect(tx).to.emit(vault, "MarkedDown").withArgs(borrower, LOSS, 0n);
      expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      expect(await vault.totalDebt()).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(assets);
      expect([await vault.markdown(), (await vault.totals()).marked]).to.deep.equal([0n, false]);
      expect(await vault.previewMint(shares)).to.be.within(STORY.lent - LOSS, STORY.lent - LOSS + 1n);
    });

    it("takes the reserve first, then the lenders", async () => {
      const { vault, borrower } = await loadFixture(emptiedVaultWithReserve);
      const { reserve, scaledDebt, index } = await vault.totals();
      const loss = toAssetsDown(scaledDebt, index);
      const assets = await vault.totalAssets();
      expect(await vault.realizeLoss.staticCall(borrower)).to.equal(loss);
      await expect(vault.realizeLoss(borrower))
        .to.emit(vault, "LossRealized")
        .withArgs(borrower, reserve, 0n, loss - reserve);
      expect((await vault.totals()).reserve).to.equal(0n);
      expect(await vault.totalAssets()).to.be.within(assets, assets + 1n);
    });

    it("leaves the lenders alone where the reserve covers it", async () => {
      const { vault, borrower, otherBorrower } = await loadFixture(twiceEmptiedVault);
      await vault.connect(borrower).repay(MAX, borrower);
      const [assets, { reserve, scaledDebt, index }] = [await vault.totalAssets(), await vault.totals()];
      const loss = toAssetsDown(scaledDebt, index);
      expect(loss).to.be.within(1n, reserve - 1n);
      await expect(vault.realizeLoss(otherBorrower))
        .to.emit(vault, "LossRealized")
        .withArgs(otherBorrower, loss, 0n, 0n);
      expect((await vault.totals()).reserve).to.equal(reserve - loss);
      expect(await vault.totalAssets()).to.be.within(assets, assets + 1n);
    });

    it("of one of two leaves the other marked, in either order", async () => {
      const { vault, borrower, otherBorrower } = await loadFixture(twiceEmptiedVault);
      const assets = await vault.totalAssets();
      await vault.realizeLoss(otherBorrower);
      expect(await vault.markOf(borrower)).to.equal(await vault.debtOf(borrower));
      expect(await vault.totalAssets()).to.be.within(assets - 1n, assets + 1n);
      await vault.realizeLoss(borrower);
      expect(await vault.totalAssets()).to.be.within(assets - 2n, assets + 2n);
      expect((await vault.totals()).scaledDebt).to.equal(0n);
    });

    it("LIQ-5: reverts while collateral is left, without debt, or a second time", async () => {
      const { vault, borrower, otherBorrower, lender, open, sink } = await loadFixture(emptiedVault);
      await sink(STORY.price);
      await open(otherBorrower);
      await sink(STORY.underWater);
      await expect(vault.realizeLoss(otherBorrower))
        .to.be.revertedWithCustomError(vault, "NotEmptied")
        .withArgs(
          otherBorrower,
          valueUp(STORY.collateral, banded(STORY.underWater).high),
          CONFIG.minDebt / 100n,
        );
      await expect(vault.realizeLoss(lender)).to.be.revertedWithCustomError(vault, "NotEmptied");
      await vault.realizeLoss(borrower);
      await expect(vault.realizeLoss(borrower)).to.be.revertedWithCustomError(vault, "NotEmptied");
    });

    it("a backstop without code covers nothing and stops nothing", async () => {
      const backstop = "0x00000000000000000000000000000000000000AA";
      const { vault, borrower, sink, start, take } = await openStory(
        await prepare(await deployVault({ config: { backstop } })),
      );
      await sink(STORY.underWater);
      await start();
      await take();
      await expect(vault.realizeLoss(borrower))
        .to.emit(vault, "LossRealized")
        .withArgs(borrower, 0n, 0n, LOSS);
    });

    it("asks no oracle, and can't be paused", async () => {
      const { vault, borrower, guardian, stale } = await loadFixture(emptiedVault);
      await stale();
      await vault.connect(guardian).pause(31n);
      await expect(vault.realizeLoss(borrower)).to.emit(vault, "LossRealized");
    });

    it("lets the borrower begin anew afterwards", async () => {
      const { vault, borrower, sink, open } = await loadFixture(emptiedVault);
      await vault.realizeLoss(borrower);
      await sink(STORY.price);
      await open(borrower, COLL, CONFIG.minDebt);
      expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
      expect(await vault.markOf(borrower)).to.equal(0n);
    });
  });

  it("claimReserve leaves what marks may still need", async () => {
    const { vault, governor, receiver, borrower } = await loadFixture(emptiedVaultWithReserve);
    await expect(vault.connect(governor).claimReserve(receiver, 1n))
      .to.be.revertedWithCustomError(vault, "ReserveTooSmall")
      .withArgs(1n, 0n);
    const { reserve, index } = await vault.totals();
    const { scaledDebt } = await vault.position(borrower);
    // What is repaid of the marked debt frees the reserve.
    await vault.connect(borrower).repay(toAssetsUp(scaledDebt, index) - reserve + LOAN, borrower);
    await expect(vault.connect(governor).claimReserve(receiver, LOAN + 1n))
      .to.be.revertedWithCustomError(vault, "ReserveTooSmall")
      .withArgs(LOAN + 1n, LOAN);
    await vault.connect(governor).claimReserve(receiver, LOAN);
  });
});
