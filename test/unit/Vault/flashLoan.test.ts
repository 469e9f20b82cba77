import { expect } from "chai";

import { ethers, loadFixture } from "../../helpers/chain.ts";
import { LOAN, loanVault, MAX, PAUSE, SOME_DATA, STORY } from "../../helpers/vault.ts";

async function calleeVault() {
  const system = await loanVault();
  const { vault, loan, collateral } = system;
  const callee = await ethers.deployContract("MockCallee");
  for (const token of [loan, collateral]) {
    await callee.execute(
      token,
      token.interface.encodeFunctionData("approve", [await vault.getAddress(), MAX]),
    );
  }
  return { ...system, callee };
}

describe("FlashLoan", () => {
  for (const name of ["loan", "collateral"] as const) {
    it(`lends the ${name} asset for one call, free of charge`, async () => {
      const system = await loadFixture(calleeVault);
      const { vault, callee, stranger } = system;
      const token = system[name];
      const amount = name === "loan" ? STORY.lent - STORY.debt : STORY.collateral;
      expect(await vault.maxFlashLoan(token)).to.equal(amount);
      expect(await vault.flashFee(token, amount)).to.equal(0n);
      const before = await vault.totals();
      const tx = vault.connect(stranger).flashLoan(callee, token, amount, SOME_DATA);
      await expect(tx)
        .to.emit(callee, "CalledBack")
        .withArgs(callee.interface.getFunction("onFlashLoan").selector, amount, 0n, SOME_DATA);
      await expect(tx).to.changeTokenBalances(ethers, token, [callee, vault], [0n, 0n]);
      expect([...(await vault.totals())]).to.deep.equal([...before]);
    });
  }

  it("has the money in the borrower's hands meanwhile", async () => {
    const { vault, loan, callee } = await loadFixture(calleeVault);
    await callee.setPlan([
      { target: loan, data: loan.interface.encodeFunctionData("balanceOf", [await callee.getAddress()]) },
    ]);
    await vault.flashLoan(callee, loan, 7n * LOAN, SOME_DATA);
    const [seen] = await callee.results();
    expect(BigInt(seen?.data ?? "0x0")).to.equal(7n * LOAN);
  });

  it("answers true", async () => {
    const { vault, loan, callee } = await loadFixture(calleeVault);
    expect(await vault.flashLoan.staticCall(callee, loan, LOAN, SOME_DATA)).to.equal(true);
  });

  it("reverts when it is not paid back", async () => {
    const { vault, loan, callee, stranger } = await loadFixture(calleeVault);
    await callee.setPlan([
      { target: loan, data: loan.interface.encodeFunctionData("transfer", [stranger.address, 1n]) },
    ]);
    await expect(vault.flashLoan(callee, loan, LOAN, SOME_DATA)).to.be.revertedWithCustomError(
      loan,
      "ERC20InsufficientBalance",
    );
  });

  it("reverts on a wrong magic value, and for a borrower without code", async () => {
    const { vault, loan, callee, stranger } = await loadFixture(calleeVault);
    await callee.setRefuses(true);
    await expect(vault.flashLoan(callee, loan, LOAN, SOME_DATA))
      .to.be.revertedWithCustomError(vault, "CallbackRefused")
      .withArgs(callee);
    await expect(vault.flashLoan(stranger, loan, LOAN, SOME_DATA)).to.revert(ethers);
  });

  it("lends no more than the cash, whatever lies in the vault besides", async () => {
    const { vault, loan, collateral, callee } = await loadFixture(calleeVault);
    await loan.mint(vault, LOAN);
    const cash = STORY.lent - STORY.debt;
    await expect(vault.flashLoan(callee, loan, cash + 1n, SOME_DATA))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(cash + 1n, cash);
    await expect(vault.flashLoan(callee, collateral, STORY.collateral + 1n, SOME_DATA))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(STORY.collateral + 1n, STORY.collateral);
  });

  it("lends no other token", async () => {
    const { vault, callee } = await loadFixture(calleeVault);
    const other = await ethers.deployContract("MockERC20", ["Other", "OTHER", 18n]);
    await other.mint(vault, LOAN);
    expect(await vault.maxFlashLoan(other)).to.equal(0n);
    await expect(vault.flashFee(other, 1n))
      .to.be.revertedWithCustomError(vault, "UnsupportedFlashLoan")
      .withArgs(other);
    await expect(vault.flashLoan(callee, other, 1n, SOME_DATA))
      .to.be.revertedWithCustomError(vault, "UnsupportedFlashLoan")
      .withArgs(other);
    await expect(vault.flashLoan(callee, vault, 1n, SOME_DATA)).to.be.revertedWithCustomError(
      vault,
      "UnsupportedFlashLoan",
    );
  });

  it("lends nothing while it is paused", async () => {
    const { vault, loan, collateral, callee, guardian } = await loadFixture(calleeVault);
    await vault.connect(guardian).pause(PAUSE.flashLoan);
    expect([await vault.maxFlashLoan(loan), await vault.maxFlashLoan(collateral)]).to.deep.equal([0n, 0n]);
    await expect(vault.flashLoan(callee, loan, LOAN, SOME_DATA))
      .to.be.revertedWithCustomError(vault, "ActionPaused")
      .withArgs(PAUSE.flashLoan);
  });

  it("locks the vault meanwhile: nothing of it can be used with the money", async () => {
    const { vault, code, loan, callee } = await loadFixture(calleeVault);
    const self = await callee.getAddress();
    await callee.setPlan([
      { target: vault, data: vault.interface.encodeFunctionData("deposit", [LOAN, self]) },
      { target: vault, data: vault.interface.encodeFunctionData("repay", [LOAN, self]) },
      {
        target: vault,
        data: vault.interface.encodeFunctionData("flashLoan", [self, await loan.getAddress(), 1n, "0x"]),
      },
    ]);
    await vault.flashLoan(callee, loan, LOAN, SOME_DATA);
    const locked = code.interface.getError("ReentrancyGuardReentrantCall")?.selector;
    expect((await callee.results()).map(({ success, data }) => [success, data])).to.deep.equal(
      Array.from({ length: 3 }, () => [false, locked]),
    );
  });
});
