import { expect } from "chai";

import { toAssetsUp, toScaledDown, toScaledUp } from "../../../sdk/interestMath.ts";
import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  COLL,
  CONFIG,
  deployVault,
  lentVault,
  LOAN,
  loanVault,
  MAX,
  ORACLE,
  PAUSE,
  prepare,
  price,
  RATE_MODEL,
  saleVault,
  STORY,
} from "../../helpers/vault.ts";

/** Most that the usual collateral bears: 160,000. */
const MOST = 160_000n * LOAN;

async function collateralVault() {
  const system = await lentVault();
  await system.open(system.borrower, STORY.collateral, 0n);
  return system;
}

/** A loan with an index above 1. */
async function agedLoanVault() {
  const system = await loanVault();
  await system.rateModel.set(3_333_333_333n, 3_333_333_333n, RATE_MODEL.answers);
  await system.pass(1_000_003n);
  return system;
}

async function cappedVault() {
  const system = await prepare(
    await deployVault({
      config: { borrowCap: 20_000n * LOAN, maxPositionDebt: 15_000n * LOAN },
    }),
  );
  await system.open(system.borrower, STORY.collateral, 0n);
  await system.open(system.otherBorrower, STORY.collateral, 0n);
  return system;
}

describe("Borrow", () => {
  it("sends the loan and writes the debt", async () => {
    const { vault, loan, borrower, receiver } = await loadFixture(collateralVault);
    const tx = vault.connect(borrower).borrow(STORY.debt, borrower, receiver);
    await expect(tx).to.emit(vault, "Borrow").withArgs(borrower, borrower, receiver, STORY.debt);
    await expect(tx).to.changeTokenBalances(ethers, loan, [receiver, vault], [STORY.debt, -STORY.debt]);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
    expect((await vault.totals()).cash).to.equal(STORY.lent - STORY.debt);
    expect((await vault.totals()).scaledDebt).to.equal((await vault.position(borrower)).scaledDebt);
  });

  it("rounds the debt up", async () => {
    const { vault, borrower } = await loadFixture(agedLoanVault);
    const { scaledDebt } = await vault.position(borrower);
    await vault.connect(borrower).borrow(1_001n, borrower, borrower);
    const { index } = await vault.totals();
    const added = (await vault.position(borrower)).scaledDebt - scaledDebt;
    expect(added).to.equal(toScaledUp(1_001n, index));
    expect(toAssetsUp(added, index)).to.be.at.least(1_001n);
    expect(added).to.be.below(1_001n);
  });

  it("gives as much as the collateral bears at the borrow LTV, and not one unit more", async () => {
    const { vault, borrower } = await loadFixture(collateralVault);
    await expect(vault.connect(borrower).borrow(MOST + 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
      .withArgs(MOST + 1n, MOST);
    await vault.connect(borrower).borrow(MOST, borrower, borrower);
  });

  it("measures on the lower price", async () => {
    const { vault, borrower, say } = await loadFixture(collateralVault);
    await say({ deciding: STORY.price, low: price(1_900n) });
    await expect(vault.connect(borrower).borrow(152_000n * LOAN + 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
      .withArgs(152_000n * LOAN + 1n, 152_000n * LOAN);
    await vault.connect(borrower).borrow(152_000n * LOAN, borrower, borrower);
  });

  for (const state of ["suspect", "stale"] as const) {
    it(`reverts while the oracle is ${state.toUpperCase()}`, async () => {
      const { vault, borrower, say } = await loadFixture(collateralVault);
      await say({ deciding: STORY.price, state: ORACLE[state] });
      await expect(
        vault.connect(borrower).borrow(STORY.debt, borrower, borrower),
      ).to.be.revertedWithCustomError(vault, "OracleNotFresh");
    });
  }

  it("LIQ-4: leaves a debt of at least the minimum", async () => {
    const { vault, borrower } = await loadFixture(collateralVault);
    await expect(vault.connect(borrower).borrow(CONFIG.minDebt - 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "DebtBelowMinimum")
      .withArgs(CONFIG.minDebt - 1n, CONFIG.minDebt);
    await vault.connect(borrower).borrow(CONFIG.minDebt, borrower, borrower);
    await vault.connect(borrower).borrow(1n, borrower, borrower);
  });

  it("CAP-1: keeps to the caps of one position and of all, to the unit", async () => {
    const { vault, borrower, otherBorrower } = await loadFixture(cappedVault);
    const [one, all] = [15_000n * LOAN, 20_000n * LOAN];
    await expect(vault.connect(borrower).borrow(one + 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "PositionDebtCapExceeded")
      .withArgs(one + 1n, one);
    await vault.connect(borrower).borrow(one, borrower, borrower);
    await expect(vault.connect(otherBorrower).borrow(all - one + 1n, otherBorrower, otherBorrower))
      .to.be.revertedWithCustomError(vault, "BorrowCapExceeded")
      .withArgs(all + 1n, all);
    await vault.connect(otherBorrower).borrow(all - one, otherBorrower, otherBorrower);
  });

  it("reverts for more than the cash, whatever lies in the vault besides", async () => {
    const { vault, loan, open, otherBorrower } = await loadFixture(lentVault);
    await loan.mint(vault, STORY.lent);
    await open(otherBorrower, 1_000n * COLL, 0n);
    await expect(vault.connect(otherBorrower).borrow(STORY.lent + 1n, otherBorrower, otherBorrower))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(STORY.lent + 1n, STORY.lent);
    await vault.connect(otherBorrower).borrow(STORY.lent, otherBorrower, otherBorrower);
  });

  it("reverts for nothing, and for others", async () => {
    const { vault, borrower, stranger } = await loadFixture(collateralVault);
    await expect(vault.connect(borrower).borrow(0n, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "ZeroAmount",
    );
    await expect(vault.connect(stranger).borrow(STORY.debt, borrower, stranger))
      .to.be.revertedWithCustomError(vault, "NotOperator")
      .withArgs(stranger, borrower);
  });

  it("reverts while it is paused, and for good after a wind-down", async () => {
    const { vault, borrower, guardian, governor } = await loadFixture(collateralVault);
    const borrow = () => vault.connect(borrower).borrow(STORY.debt, borrower, borrower);
    await vault.connect(guardian).pause(PAUSE.borrow);
    await expect(borrow()).to.be.revertedWithCustomError(vault, "ActionPaused");
    await vault.connect(governor).unpause(PAUSE.borrow);
    await vault.connect(governor).windDown();
    await expect(borrow()).to.be.revertedWithCustomError(vault, "ActionPaused");
    await vault.connect(governor).unpause(PAUSE.all);
    await expect(borrow()).to.be.revertedWithCustomError(vault, "ActionPaused");
  });
});

describe("Repay", () => {
  it("pays a part", async () => {
    const { vault, loan, borrower } = await loadFixture(loanVault);
    const tx = vault.connect(borrower).repay(1_000n * LOAN, borrower);
    await expect(tx)
      .to.emit(vault, "Repay")
      .withArgs(borrower, borrower, 1_000n * LOAN);
    await expect(tx).to.changeTokenBalances(ethers, loan, [borrower, vault], [-1_000n * LOAN, 1_000n * LOAN]);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt - 1_000n * LOAN);
    expect((await vault.totals()).cash).to.equal(STORY.lent - STORY.debt + 1_000n * LOAN);
  });

  it("rounds what the debt falls by down", async () => {
    const { vault, borrower } = await loadFixture(agedLoanVault);
    const { scaledDebt } = await vault.position(borrower);
    await vault.connect(borrower).repay(1_001n, borrower);
    const { index } = await vault.totals();
    expect(scaledDebt - (await vault.position(borrower)).scaledDebt).to.equal(toScaledDown(1_001n, index));
  });

  it("pays everything for the maximum, interest included, and answers how much", async () => {
    const { vault, loan, borrower } = await loadFixture(agedLoanVault);
    const debt = await vault.debtOf(borrower);
    expect(debt).to.be.above(STORY.debt);
    expect(await vault.connect(borrower).repay.staticCall(MAX, borrower)).to.equal(debt);
    await expect(vault.connect(borrower).repay(MAX, borrower)).to.changeTokenBalance(
      ethers,
      loan,
      borrower,
      -debt,
    );
    expect((await vault.position(borrower)).scaledDebt).to.equal(0n);
    expect((await vault.totals()).scaledDebt).to.equal(0n);
  });

  it("is clamped to the debt", async () => {
    const { vault, loan, borrower } = await loadFixture(loanVault);
    await expect(vault.connect(borrower).repay(STORY.debt + 1n, borrower)).to.changeTokenBalance(
      ethers,
      loan,
      borrower,
      -STORY.debt,
    );
  });

  it("LIQ-4: is clamped to leave the minimal debt", async () => {
    const { vault, loan, borrower } = await loadFixture(loanVault);
    const most = STORY.debt - CONFIG.minDebt;
    await expect(vault.connect(borrower).repay(STORY.debt - 1n, borrower)).to.changeTokenBalance(
      ethers,
      loan,
      borrower,
      -most,
    );
    expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
  });

  it("LIQ-4: pays a minimal debt whole or nothing of it", async () => {
    const { vault, loan, borrower } = await loadFixture(loanVault);
    await vault.connect(borrower).repay(STORY.debt - CONFIG.minDebt, borrower);
    const tx = vault.connect(borrower).repay(CONFIG.minDebt - 1n, borrower);
    await expect(tx).to.emit(vault, "Repay").withArgs(borrower, borrower, 0n);
    await expect(tx).to.changeTokenBalance(ethers, loan, borrower, 0n);
    expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
    await vault.connect(borrower).repay(CONFIG.minDebt, borrower);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("is not clamped on an emptied position, of which nothing can be sold any more: any amount is so much less to be lost", async () => {
    const { vault, loan, borrower, stranger, sink, start, take } = await loadFixture(loanVault);
    await sink(STORY.underWater);
    await start();
    await take();
    const bad = await vault.debtOf(borrower);
    const left = CONFIG.minDebt / 3n;
    for (const paid of [bad - left, left - 1n]) {
      await expect(vault.connect(stranger).repay(paid, borrower)).to.changeTokenBalance(
        ethers,
        loan,
        stranger,
        -paid,
      );
    }
    expect(await vault.debtOf(borrower)).to.equal(1n);
    expect(await vault.markOf(borrower)).to.equal(1n);
    expect(await vault.realizeLoss.staticCall(borrower)).to.equal(1n);
  });

  it("is open to all on anybody's behalf; the caller pays", async () => {
    const { vault, loan, borrower, stranger } = await loadFixture(loanVault);
    const tx = vault.connect(stranger).repay(LOAN, borrower);
    await expect(tx).to.emit(vault, "Repay").withArgs(stranger, borrower, LOAN);
    await expect(tx).to.changeTokenBalances(ethers, loan, [stranger, borrower], [-LOAN, 0n]);
  });

  it("LIVE-1: can't be stopped by a pause, a wind-down, a dead oracle or a broken rate model", async () => {
    const { vault, borrower, guardian, governor, stale, rateModel, pass } = await loadFixture(saleVault);
    await vault.connect(guardian).pause(PAUSE.all);
    await vault.connect(governor).windDown();
    await stale();
    await rateModel.set(0n, 0n, RATE_MODEL.burnsGas);
    await pass(10n);
    await vault.connect(borrower).repay(LOAN, borrower);
    await vault.connect(borrower).repay(MAX, borrower);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("reverts for nothing, and where nothing is owed", async () => {
    const { vault, borrower, stranger } = await loadFixture(loanVault);
    await expect(vault.connect(borrower).repay(0n, borrower)).to.be.revertedWithCustomError(
      vault,
      "ZeroAmount",
    );
    await expect(vault.connect(borrower).repay(LOAN, stranger)).to.be.revertedWithCustomError(
      vault,
      "ZeroAmount",
    );
  });

  it("reverts for a payer without means and leaves everything as it was", async () => {
    const { vault, loan, borrower, receiver } = await loadFixture(loanVault);
    await expect(vault.connect(receiver).repay(LOAN, borrower)).to.be.revertedWithCustomError(
      loan,
      "ERC20InsufficientAllowance",
    );
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
  });
});
