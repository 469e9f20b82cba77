import { expect } from "chai";

import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  COLL,
  CONFIG,
  lentVault,
  LOAN,
  loanVault,
  MAX,
  NO_DATA,
  ORACLE,
  PAUSE,
  SOME_DATA,
  STORY,
  unhealthyVault,
} from "../../helpers/vault.ts";

/** A contract as borrower: it borrows first and comes to the collateral in its callback. */
async function calleeVault() {
  const system = await lentVault();
  const { vault, loan, collateral } = system;
  const callee = await ethers.deployContract("MockCallee");
  const self = await callee.getAddress();
  const target = await vault.getAddress();
  for (const token of [loan, collateral]) {
    await callee.execute(token, token.interface.encodeFunctionData("approve", [target, MAX]));
  }
  const mint = (token: typeof loan, amount: bigint) => ({
    target: token,
    data: token.interface.encodeFunctionData("mint", [self, amount]),
  });
  const lever = (collateralUnits: bigint, debt: bigint, data = SOME_DATA) =>
    callee.execute(
      vault,
      vault.interface.encodeFunctionData("supplyCollateralAndBorrow", [
        collateralUnits,
        debt,
        self,
        self,
        data,
      ]),
    );
  const unwind = (repay: bigint, collateralUnits: bigint, data = SOME_DATA) =>
    callee.execute(
      vault,
      vault.interface.encodeFunctionData("repayAndWithdrawCollateral", [
        repay,
        collateralUnits,
        self,
        self,
        data,
      ]),
    );
  return { ...system, callee, self, mint, lever, unwind };
}

async function leveredVault() {
  const system = await calleeVault();
  await system.callee.setPlan([system.mint(system.collateral, STORY.collateral)]);
  await system.lever(STORY.collateral, STORY.debt);
  return system;
}

describe("SupplyCollateralAndBorrow", () => {
  it("does both in one call", async () => {
    const { vault, loan, collateral, borrower, receiver, fund } = await loadFixture(lentVault);
    await fund(borrower, 0n, STORY.collateral);
    const tx = vault
      .connect(borrower)
      .supplyCollateralAndBorrow(STORY.collateral, STORY.debt, borrower, receiver, NO_DATA);
    await expect(tx).to.emit(vault, "SupplyCollateral").withArgs(borrower, borrower, STORY.collateral);
    await expect(tx).to.emit(vault, "Borrow").withArgs(borrower, borrower, receiver, STORY.debt);
    await expect(tx).to.changeTokenBalances(ethers, loan, [receiver, vault], [STORY.debt, -STORY.debt]);
    await expect(tx).to.changeTokenBalances(
      ethers,
      collateral,
      [borrower, vault],
      [-STORY.collateral, STORY.collateral],
    );
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
  });

  it("calls back between loan and collateral: leverage without capital", async () => {
    const { vault, loan, collateral, callee, self, mint, lever } = await loadFixture(calleeVault);
    await callee.setPlan([mint(collateral, STORY.collateral)]);
    const tx = lever(STORY.collateral, STORY.debt);
    await expect(tx)
      .to.emit(callee, "CalledBack")
      .withArgs(callee.interface.getFunction("onBorrow").selector, STORY.debt, STORY.collateral, SOME_DATA);
    await expect(tx).to.changeTokenBalance(ethers, loan, callee, STORY.debt);
    expect((await vault.position(self)).collateral).to.equal(STORY.collateral);
    expect(await collateral.balanceOf(vault)).to.equal(STORY.collateral);
  });

  it("reverts when the collateral does not come", async () => {
    const { collateral, lever } = await loadFixture(calleeVault);
    await expect(lever(STORY.collateral, STORY.debt)).to.be.revertedWithCustomError(
      collateral,
      "ERC20InsufficientBalance",
    );
  });

  it("reverts on a wrong magic value", async () => {
    const { vault, collateral, callee, mint, lever } = await loadFixture(calleeVault);
    await callee.setPlan([mint(collateral, STORY.collateral)]);
    await callee.setRefuses(true);
    await expect(lever(STORY.collateral, STORY.debt))
      .to.be.revertedWithCustomError(vault, "CallbackRefused")
      .withArgs(callee);
  });

  it("makes no callback without data", async () => {
    const { collateral, callee, lever } = await loadFixture(calleeVault);
    await collateral.mint(callee, STORY.collateral);
    await expect(lever(STORY.collateral, STORY.debt, NO_DATA)).to.not.emit(callee, "CalledBack");
  });

  it("reverts for what the collateral does not bear, for nothing, for others, and while it is paused", async () => {
    const { vault, borrower, stranger, guardian, governor, fund, say } = await loadFixture(lentVault);
    await fund(borrower, 0n, 2n * STORY.collateral);
    const both = (collateralUnits: bigint, debt: bigint, by = borrower) =>
      vault.connect(by).supplyCollateralAndBorrow(collateralUnits, debt, borrower, by, NO_DATA);
    await expect(both(STORY.collateral, 160_000n * LOAN + 1n))
      .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
      .withArgs(160_000n * LOAN + 1n, 160_000n * LOAN);
    await expect(both(0n, STORY.debt)).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(both(STORY.collateral, 0n)).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(both(STORY.collateral, STORY.debt, stranger)).to.be.revertedWithCustomError(
      vault,
      "NotOperator",
    );
    await expect(both(STORY.collateral, CONFIG.minDebt - 1n)).to.be.revertedWithCustomError(
      vault,
      "DebtBelowMinimum",
    );
    await vault.connect(guardian).pause(PAUSE.borrow);
    await expect(both(STORY.collateral, STORY.debt)).to.be.revertedWithCustomError(vault, "ActionPaused");
    await vault.connect(governor).unpause(PAUSE.borrow);
    await say({ deciding: STORY.price, state: ORACLE.suspect });
    await expect(both(STORY.collateral, STORY.debt)).to.be.revertedWithCustomError(vault, "OracleNotFresh");
  });
});

describe("RepayAndWithdrawCollateral", () => {
  it("does both in one call", async () => {
    const { vault, loan, collateral, borrower, receiver } = await loadFixture(loanVault);
    const repaid = STORY.debt / 2n;
    const withdrawn = 40n * COLL;
    const call = [repaid, withdrawn, borrower.address, receiver.address, NO_DATA] as const;
    expect([...(await vault.connect(borrower).repayAndWithdrawCollateral.staticCall(...call))]).to.deep.equal(
      [repaid, withdrawn],
    );
    const tx = vault.connect(borrower).repayAndWithdrawCollateral(...call);
    await expect(tx).to.emit(vault, "Repay").withArgs(borrower, borrower, repaid);
    await expect(tx).to.emit(vault, "WithdrawCollateral").withArgs(borrower, borrower, receiver, withdrawn);
    await expect(tx).to.changeTokenBalances(ethers, loan, [borrower, vault], [-repaid, repaid]);
    await expect(tx).to.changeTokenBalances(ethers, collateral, [receiver, vault], [withdrawn, -withdrawn]);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt - repaid);
  });

  it("calls back between collateral and repayment: unwinding without capital", async () => {
    const { vault, loan, collateral, callee, self, stranger, mint, unwind } = await loadFixture(leveredVault);
    await callee.execute(loan, loan.interface.encodeFunctionData("transfer", [stranger.address, STORY.debt]));
    await callee.setPlan([mint(loan, STORY.debt)]);
    const tx = unwind(MAX, MAX);
    await expect(tx)
      .to.emit(callee, "CalledBack")
      .withArgs(callee.interface.getFunction("onRepay").selector, STORY.collateral, STORY.debt, SOME_DATA);
    await expect(tx).to.changeTokenBalance(ethers, collateral, callee, STORY.collateral);
    expect([...(await vault.position(self))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
  });

  it("reverts when the repayment does not come", async () => {
    const { loan, callee, stranger, unwind } = await loadFixture(leveredVault);
    await callee.execute(loan, loan.interface.encodeFunctionData("transfer", [stranger.address, STORY.debt]));
    await expect(unwind(MAX, MAX)).to.be.revertedWithCustomError(loan, "ERC20InsufficientBalance");
  });

  it("reverts on a wrong magic value", async () => {
    const { vault, callee, unwind } = await loadFixture(leveredVault);
    await callee.setRefuses(true);
    await expect(unwind(MAX, MAX)).to.be.revertedWithCustomError(vault, "CallbackRefused").withArgs(callee);
  });

  it("makes no callback without data", async () => {
    const { callee, unwind } = await loadFixture(leveredVault);
    await expect(unwind(MAX, MAX, NO_DATA)).to.not.emit(callee, "CalledBack");
  });

  it("is clamped as a repayment is: to the debt, and to leave the minimal debt", async () => {
    const { vault, loan, borrower } = await loadFixture(loanVault);
    await expect(
      vault.connect(borrower).repayAndWithdrawCollateral(STORY.debt - 1n, COLL, borrower, borrower, NO_DATA),
    ).to.changeTokenBalance(ethers, loan, borrower, -(STORY.debt - CONFIG.minDebt));
    await expect(
      vault.connect(borrower).repayAndWithdrawCollateral(STORY.debt, COLL, borrower, borrower, NO_DATA),
    ).to.changeTokenBalance(ethers, loan, borrower, -CONFIG.minDebt);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("leaves what bears the rest of the debt at the borrow LTV, and not one unit less", async () => {
    const { vault, borrower } = await loadFixture(loanVault);
    const both = (collateralUnits: bigint) =>
      vault
        .connect(borrower)
        .repayAndWithdrawCollateral(70_000n * LOAN, collateralUnits, borrower, borrower, NO_DATA);
    // 80,000 stay: they need 50 collateral units.
    await expect(both(50n * COLL + 1n)).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
    await both(50n * COLL);
  });

  describe("with debt left", () => {
    it("reverts while withdrawing is paused or the oracle is not FRESH", async () => {
      const { vault, borrower, guardian, governor, say } = await loadFixture(loanVault);
      const both = () =>
        vault.connect(borrower).repayAndWithdrawCollateral(LOAN, 1n, borrower, borrower, NO_DATA);
      await vault.connect(guardian).pause(PAUSE.withdrawCollateral);
      await expect(both()).to.be.revertedWithCustomError(vault, "ActionPaused");
      await vault.connect(governor).unpause(PAUSE.withdrawCollateral);
      await say({ deciding: STORY.price, state: ORACLE.suspect });
      await expect(both()).to.be.revertedWithCustomError(vault, "OracleNotFresh");
    });
  });

  it("LIVE: of everything goes through whatever is paused and whatever the oracle says", async () => {
    const { vault, borrower, guardian, stale } = await loadFixture(unhealthyVault);
    await vault.connect(guardian).pause(PAUSE.all);
    await stale();
    await vault.connect(borrower).repayAndWithdrawCollateral(MAX, MAX, borrower, borrower, NO_DATA);
    expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
  });

  it("reverts for nothing, more than is there, and for others", async () => {
    const { vault, borrower, stranger } = await loadFixture(loanVault);
    const both = (repay: bigint, collateralUnits: bigint, by = borrower) =>
      vault.connect(by).repayAndWithdrawCollateral(repay, collateralUnits, borrower, by, NO_DATA);
    await expect(both(0n, 1n)).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(both(1n, 0n)).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(both(MAX, STORY.collateral + 1n)).to.be.revertedWithCustomError(
      vault,
      "InsufficientPositionCollateral",
    );
    await expect(both(MAX, MAX, stranger)).to.be.revertedWithCustomError(vault, "NotOperator");
  });
});
