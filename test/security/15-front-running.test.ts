import { expect } from "chai";

import { valueUp } from "../../sdk/saleMath.ts";
import { ethers, loadFixture } from "../helpers/chain.ts";
import {
  banded,
  CALM_TERMS,
  COLL,
  CONFIG,
  ENDED,
  LOAN,
  loanVault,
  MAX,
  NO_DATA,
  price,
  saleVault,
  STORY,
  unhealthyVault,
} from "../helpers/vault.ts";

const TO_FIVE_PERCENT = 300n;

/** Everybody's means: a griefer goes first with as little as he can. */
describe("Security 15: griefing by going first", () => {
  describe("a repayment goes through with less", () => {
    for (const [what, asked] of [
      ["of everything by its amount", STORY.debt],
      ["of everything by the maximum", MAX],
      ["of a part", 70_000n * LOAN],
      ["to the minimal debt", STORY.debt - CONFIG.minDebt],
    ] as const) {
      it(`${what}, after one unit was repaid by somebody else`, async () => {
        const { vault, borrower, stranger } = await loadFixture(loanVault);
        await vault.connect(stranger).repay(1n, borrower);
        const before = await vault.debtOf(borrower);
        await vault.connect(borrower).repay(asked, borrower);
        const after = await vault.debtOf(borrower);
        expect(after).to.be.below(before);
        expect(after === 0n || after >= CONFIG.minDebt).to.equal(true);
      });
    }

    it("of a part, after so much was repaid that it covers the rest", async () => {
      const { vault, borrower, stranger } = await loadFixture(loanVault);
      await vault.connect(stranger).repay(STORY.debt - 200n * LOAN, borrower);
      await vault.connect(borrower).repay(70_000n * LOAN, borrower);
      expect(await vault.debtOf(borrower)).to.equal(0n);
    });

    it("of a part, after the same part was repaid by somebody else and the minimal debt is left", async () => {
      const { vault, loan, borrower, stranger } = await loadFixture(loanVault);
      const part = 50n * LOAN;
      await vault.connect(borrower).repay(STORY.debt - CONFIG.minDebt - part, borrower);
      await vault.connect(stranger).repay(part, borrower);
      await expect(vault.connect(borrower).repay(part, borrower)).to.changeTokenBalance(
        ethers,
        loan,
        borrower,
        0n,
      );
    });

    it("of everything with a withdrawal in one go, after repayments and gifts of one unit", async () => {
      const { vault, borrower, stranger, fund } = await loadFixture(loanVault);
      await fund(stranger, 0n, 1n);
      await vault.connect(stranger).repay(1n, borrower);
      await vault.connect(stranger).supplyCollateral(1n, borrower);
      await vault.connect(borrower).repayAndWithdrawCollateral(MAX, MAX, borrower, borrower, NO_DATA);
      expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });
  });

  describe("a take goes through with less", () => {
    it("of the maximum, after a repayment of one unit", async () => {
      const { vault, borrower, stranger, take } = await loadFixture(saleVault);
      const { repay } = await vault.quoteTake(borrower);
      await vault.connect(stranger).repay(1n, borrower);
      await take({ maxRepay: repay });
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    });

    it("of the maximum, after a gift of one unit of collateral, within the limits set before", async () => {
      const { vault, borrower, stranger, fund, take, pass } = await loadFixture(saleVault);
      await fund(stranger, 0n, 1n);
      await pass(TO_FIVE_PERCENT);
      const { repay, penalty } = await vault.quoteTake(borrower);
      await vault.connect(stranger).supplyCollateral(1n, borrower);
      await take({ maxPayment: repay + penalty });
    });

    it("of a part, after another taker's unit", async () => {
      const { vault, borrower, stranger, take } = await loadFixture(saleVault);
      await take({ maxRepay: 1n, receiver: stranger.address }, stranger);
      await take({ maxRepay: 10_000n * LOAN });
      expect(await vault.debtOf(borrower)).to.be.at.most(STORY.debt - 10_000n * LOAN);
    });

    it("of many, after somebody took the first of them whole", async () => {
      const { vault, borrower, otherBorrower, stranger, sink, open, start, take, takeMany } =
        await loadFixture(saleVault);
      await sink(STORY.price);
      await open(otherBorrower);
      await sink();
      await start(otherBorrower);
      await take({ receiver: stranger.address }, stranger);
      const before = await vault.position(borrower);
      await takeMany([borrower, otherBorrower]);
      expect([...(await vault.position(borrower))]).to.deep.equal([...before]);
      expect((await vault.position(otherBorrower)).saleStartedAt).to.equal(0n);
    });

    it("a start that somebody else made first is no loss: the sale can be taken", async () => {
      const { vault, start, startAndTake, take } = await loadFixture(unhealthyVault);
      await start();
      await expect(startAndTake()).to.be.revertedWithCustomError(vault, "SaleAlreadyStarted");
      await take();
    });
  });

  it("collateral of one wei on an emptied position vetoes no loss", async () => {
    const { vault, borrower, stranger, fund, sink, take } = await loadFixture(saleVault);
    await fund(stranger, 0n, COLL);
    await sink(STORY.underWater);
    await take();
    await expect(vault.connect(stranger).supplyCollateral(1n, borrower)).to.be.revertedWithCustomError(
      vault,
      "PositionEmptied",
    );
    await vault.realizeLoss(borrower);
  });

  it("collateral of dust that is left vetoes no loss either: it goes to the reserve", async () => {
    const { vault, collateral, borrower, otherBorrower, governor, receiver, sink, open, start, pass } =
      await loadFixture(loanVault);
    await open(otherBorrower, COLL, 1_000n * LOAN);
    // Worth one loan unit at most, a hundredth of the minimal debt, at the higher price; one part in a thousand more is of value.
    const dust = (price(1n) * 10_000n) / 10_050n;
    const { high } = banded(dust + dust / 1_000n);
    await sink(dust + dust / 1_000n);
    await expect(vault.realizeLoss(otherBorrower))
      .to.be.revertedWithCustomError(vault, "NotEmptied")
      .withArgs(otherBorrower, valueUp(COLL, high), LOAN);
    await sink(dust);
    await start(otherBorrower);
    await pass(CALM_TERMS.horizon);
    const tx = vault.realizeLoss(otherBorrower);
    await expect(tx).to.emit(vault, "CollateralSwept").withArgs(otherBorrower, COLL);
    await expect(tx)
      .to.emit(vault, "LossRealized")
      .withArgs(otherBorrower, 0n, 0n, 1_000n * LOAN);
    await expect(vault.connect(governor).claimSweptCollateral(receiver)).to.changeTokenBalance(
      ethers,
      collateral,
      receiver,
      COLL,
    );
    expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral);
  });

  it("curing by a little at a time costs the griefer what it is worth: the next start begins at once", async () => {
    const { vault, borrower, stranger, sink, start } = await loadFixture(saleVault);
    const { saleStartedAt } = await vault.position(borrower);
    expect(saleStartedAt).to.be.above(0n);
    await expect(vault.connect(stranger).repay(3_000n * LOAN, borrower))
      .to.emit(vault, "SaleEnded")
      .withArgs(borrower, ENDED.cured);
    await sink((STORY.sunk * 97n) / 100n);
    await start();
  });
});
