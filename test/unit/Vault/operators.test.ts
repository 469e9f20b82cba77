import { expect } from "chai";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import { signOperator, signPermit } from "../../helpers/signatures.ts";
import { COLL, LOAN, loanVault, MAX, NO_DATA, type VaultSystem } from "../../helpers/vault.ts";

type Act = (system: VaultSystem, by: HardhatEthersSigner) => Promise<unknown>;

const acts: [string, Act][] = [
  ["borrow", ({ vault, borrower }, by) => vault.connect(by).borrow(LOAN, borrower, by)],
  [
    "withdrawCollateral",
    ({ vault, borrower }, by) => vault.connect(by).withdrawCollateral(COLL, borrower, by),
  ],
  [
    "supplyCollateralAndBorrow",
    async ({ vault, borrower, fund }, by) => {
      await fund(by, 0n, COLL);
      return vault.connect(by).supplyCollateralAndBorrow(COLL, LOAN, borrower, by, NO_DATA);
    },
  ],
  [
    "repayAndWithdrawCollateral",
    ({ vault, borrower }, by) =>
      vault.connect(by).repayAndWithdrawCollateral(2_000n * LOAN, COLL, borrower, by, NO_DATA),
  ],
];

describe("Operators", () => {
  it("are appointed and dismissed by the owner alone", async () => {
    const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
    expect(await vault.isOperator(borrower, operator)).to.equal(false);
    await expect(vault.connect(borrower).setOperator(operator, true))
      .to.emit(vault, "OperatorSet")
      .withArgs(borrower, operator, true);
    expect(await vault.isOperator(borrower, operator)).to.equal(true);
    expect(await vault.isOperator(operator, borrower)).to.equal(false);
    expect(await vault.isOperator(borrower, stranger)).to.equal(false);
    await expect(vault.connect(borrower).setOperator(operator, false))
      .to.emit(vault, "OperatorSet")
      .withArgs(borrower, operator, false);
    expect(await vault.isOperator(borrower, operator)).to.equal(false);
  });

  for (const [name, act] of acts) {
    it(`may ${name} for the owner, until dismissed`, async () => {
      const system = await loadFixture(loanVault);
      const { vault, borrower, operator } = system;
      await expect(act(system, operator))
        .to.be.revertedWithCustomError(vault, "NotOperator")
        .withArgs(operator, borrower);
      await vault.connect(borrower).setOperator(operator, true);
      await act(system, operator);
      await vault.connect(borrower).setOperator(operator, false);
      await expect(act(system, operator)).to.be.revertedWithCustomError(vault, "NotOperator");
    });
  }

  it("cannot touch the owner's shares", async () => {
    const { vault, code, lender, operator } = await loadFixture(loanVault);
    await vault.connect(lender).setOperator(operator, true);
    await expect(vault.connect(operator).withdraw(1n, operator, lender)).to.be.revertedWithCustomError(
      code,
      "ERC20InsufficientAllowance",
    );
  });

  describe("by signature", () => {
    it("of the owner, handed in by anyone", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const deadline = await now();
      const signature = await signOperator(vault, borrower, { operator, deadline });
      await expect(vault.connect(stranger).setOperatorWithSig(borrower, operator, true, deadline, signature))
        .to.emit(vault, "OperatorSet")
        .withArgs(borrower, operator, true);
      expect(await vault.isOperator(borrower, operator)).to.equal(true);
      expect(await vault.operatorNonce(borrower)).to.equal(1n);
      expect(await vault.nonces(borrower)).to.equal(0n);
    });

    it("dismisses too", async () => {
      const { vault, borrower, operator } = await loadFixture(loanVault);
      await vault.connect(borrower).setOperator(operator, true);
      const deadline = await now();
      const signature = await signOperator(vault, borrower, { operator, deadline, approved: false });
      await vault.setOperatorWithSig(borrower, operator, false, deadline, signature);
      expect(await vault.isOperator(borrower, operator)).to.equal(false);
    });

    it("of a contract wallet's owner (ERC-1271)", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const wallet = await ethers.deployContract("MockWallet", [borrower]);
      const owner = await wallet.getAddress();
      const deadline = await now();
      const wrong = await signOperator(vault, stranger, { owner, operator, deadline });
      await expect(vault.setOperatorWithSig(owner, operator, true, deadline, wrong))
        .to.be.revertedWithCustomError(vault, "InvalidOperatorSignature")
        .withArgs(owner, deadline);
      const signature = await signOperator(vault, borrower, { owner, operator, deadline });
      await vault.setOperatorWithSig(owner, operator, true, deadline, signature);
      expect(await vault.isOperator(owner, operator)).to.equal(true);
    });

    it("made before the owner's own word is void, a dismissal most of all; permits live on", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const deadline = (await now()) + 100n;
      const signature = await signOperator(vault, borrower, { operator, deadline });
      const { v, r, s } = await signPermit(vault, borrower, { spender: stranger, value: MAX, deadline });
      await vault.connect(borrower).setOperator(operator, false);
      await expect(
        vault.connect(stranger).setOperatorWithSig(borrower, operator, true, deadline, signature),
      ).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
      expect(await vault.isOperator(borrower, operator)).to.equal(false);
      await vault.permit(borrower, stranger, MAX, deadline, v, r, s);
    });

    it("has a counter of its own: a permit does not void it", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const deadline = (await now()) + 100n;
      const signature = await signOperator(vault, borrower, { operator, deadline });
      const { v, r, s } = await signPermit(vault, borrower, { spender: stranger, value: MAX, deadline });
      await vault.permit(borrower, stranger, MAX, deadline, v, r, s);
      await vault.setOperatorWithSig(borrower, operator, true, deadline, signature);
      expect(await vault.isOperator(borrower, operator)).to.equal(true);
    });
  });
});
