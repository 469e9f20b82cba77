import { expect } from "chai";

import { ethers, loadFixture, networkHelpers } from "../helpers/chain.ts";
import {
  COLL,
  deployVault,
  ENDED,
  LOAN,
  MAX,
  openStory,
  prepare,
  STORY,
  type VaultSystem,
} from "../helpers/vault.ts";

async function vaultOn(loan: string, collateral: string) {
  return openStory(await prepare(await deployVault({ loan, collateral })));
}

const feeVault = () => vaultOn("MockFeeERC20", "MockFeeERC20");
const rebasingVault = () => vaultOn("MockRebasingERC20", "MockRebasingERC20");
const blocklistVault = () => vaultOn("MockBlocklistERC20", "MockBlocklistERC20");

/** A token that was plain takes 1% from now on. */
async function startFees(system: VaultSystem, asset: "loan" | "collateral") {
  const token = await ethers.getContractAt("MockFeeERC20", await system[asset].getAddress());
  await token.setFeeBps(100n);
  return token;
}

const backed = async ({ vault, loan }: VaultSystem) =>
  (await loan.balanceOf(vault)) >= (await vault.totals()).cash;

describe("Security 09: hostile tokens", () => {
  describe("fee on transfer", () => {
    it("of the loan asset: nothing that comes in short is credited", async () => {
      const system = await loadFixture(feeVault);
      const { vault, loan, borrower, stranger, sink, start, take } = system;
      await sink();
      await start();
      await startFees(system, "loan");
      const before = [...(await vault.totals())];
      for (const act of [
        () => vault.connect(stranger).deposit(LOAN, stranger),
        () => vault.connect(stranger).mint(10n ** 12n, stranger),
        () => vault.connect(borrower).repay(LOAN, borrower),
        () => take(),
      ]) {
        await expect(act())
          .to.be.revertedWithCustomError(vault, "InsufficientReceived")
          .withArgs(
            loan,
            (value: bigint) => value > 0n,
            (value: bigint) => value > 0n,
          );
      }
      expect([...(await vault.totals())]).to.deep.equal(before);
    });

    it("of the collateral asset: nothing that comes in short is credited", async () => {
      const system = await loadFixture(feeVault);
      const { vault, collateral, borrower, fund } = system;
      await fund(borrower, 0n, COLL);
      await startFees(system, "collateral");
      await expect(vault.connect(borrower).supplyCollateral(COLL, borrower))
        .to.be.revertedWithCustomError(vault, "InsufficientReceived")
        .withArgs(collateral, (COLL * 99n) / 100n, COLL);
      await collateral.mint(vault, COLL);
      await expect(vault.connect(borrower).supplyCollateral(COLL, borrower)).to.be.revertedWithCustomError(
        vault,
        "InsufficientReceived",
      );
    });

    it("freezes nothing that goes out: lenders and collateral leave, sales of the collateral go on", async () => {
      const system = await loadFixture(feeVault);
      const { vault, collateral, lender, borrower, taker, sink, start, take } = system;
      await startFees(system, "collateral");
      await vault.connect(borrower).withdrawCollateral(COLL, borrower, borrower);
      await sink();
      await start();
      const before = await collateral.balanceOf(taker);
      await take();
      expect(await collateral.balanceOf(taker)).to.be.above(before);
      await startFees(system, "loan");
      await vault.connect(lender).withdraw(LOAN, lender, lender);
      expect(await backed(system)).to.equal(true);
    });

    it("of both: a flash loan that comes back short reverts", async () => {
      const system = await loadFixture(feeVault);
      const callee = await ethers.deployContract("MockCallee");
      for (const asset of ["loan", "collateral"] as const) {
        const token = await startFees(system, asset);
        await token.mint(callee, STORY.lent);
        await callee.execute(
          token,
          token.interface.encodeFunctionData("approve", [await system.vault.getAddress(), MAX]),
        );
        await expect(system.vault.flashLoan(callee, token, LOAN, "0x")).to.be.revertedWithCustomError(
          system.vault,
          "InsufficientReceived",
        );
      }
    });
  });

  describe("rebasing", () => {
    async function rebase(system: VaultSystem, asset: "loan" | "collateral", balance: bigint) {
      const token = await ethers.getContractAt("MockRebasingERC20", await system[asset].getAddress());
      await token.rebase(system.vault, balance);
    }

    it("up is nobody's: shares, positions and loans count what was paid in", async () => {
      const system = await loadFixture(rebasingVault);
      const { vault, borrower } = system;
      const before = [await vault.totalAssets(), (await vault.position(borrower)).collateral];
      await rebase(system, "loan", 10n * STORY.lent);
      await rebase(system, "collateral", 10n * STORY.collateral);
      expect([await vault.totalAssets(), (await vault.position(borrower)).collateral]).to.deep.equal(before);
    });

    it("down of the loan asset: nothing comes in until it is made good, and what is there can leave", async () => {
      const system = await loadFixture(rebasingVault);
      const { vault, loan, borrower, lender, stranger } = system;
      const { cash } = await vault.totals();
      await rebase(system, "loan", cash - 1n);
      for (const act of [
        () => vault.connect(stranger).deposit(LOAN, stranger),
        () => vault.connect(borrower).repay(LOAN, borrower),
      ]) {
        await expect(act()).to.be.revertedWithCustomError(vault, "InsufficientReceived");
      }
      const snapshot = await networkHelpers.takeSnapshot();
      await vault.connect(lender).withdraw(cash - 1n, lender, lender);
      await snapshot.restore();
      await loan.mint(vault, 1n);
      await vault.connect(borrower).repay(LOAN, borrower);
    });

    it("down of the collateral asset: positions are paid out while it lasts, and sales go on", async () => {
      const system = await loadFixture(rebasingVault);
      const { vault, collateral, borrower, taker, sink, start, take } = system;
      await rebase(system, "collateral", STORY.collateral / 2n);
      await vault.connect(borrower).withdrawCollateral(COLL, borrower, borrower);
      await sink();
      await start();
      await take({ maxRepay: 10_000n * LOAN });
      expect(await collateral.balanceOf(taker)).to.be.above(0n);
    });
  });

  it("no return values: the whole life of a loan and its sale goes through", async () => {
    const system = await vaultOn("MockNoReturnERC20", "MockNoReturnERC20");
    const { vault, collateral, borrower, lender, sink, start, take, taker } = system;
    await sink();
    await start();
    await take();
    expect(await collateral.balanceOf(taker)).to.be.above(0n);
    await vault.connect(borrower).repay(MAX, borrower);
    await vault.connect(borrower).withdrawCollateral(MAX, borrower, borrower);
    await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
    expect(await collateral.balanceOf(vault)).to.equal(0n);
  });

  describe("blocklists and pauses", () => {
    async function block(system: VaultSystem, address: string, assets = ["loan", "collateral"] as const) {
      for (const asset of assets) {
        const token = await ethers.getContractAt("MockBlocklistERC20", await system[asset].getAddress());
        await token.setBlocked(address, true);
      }
    }

    it("a blocked borrower's position can be started, sold and cured", async () => {
      const system = await loadFixture(blocklistVault);
      const { vault, borrower, stranger, sink, start, take } = system;
      await block(system, borrower.address);
      await sink();
      await start();
      await take({ maxRepay: 10_000n * LOAN });
      await vault.connect(stranger).repay(100n * LOAN, borrower);
      await take();
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    });

    it("a blocked borrower's emptied position can be written off", async () => {
      const system = await loadFixture(blocklistVault);
      const { vault, borrower, sink, start, take } = system;
      await block(system, borrower.address);
      await sink(STORY.underWater);
      await start();
      await expect(take()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.emptied);
      await vault.realizeLoss(borrower);
      expect(await vault.debtOf(borrower)).to.equal(0n);
    });

    it("a blocked starter freezes no start: the reward is shares", async () => {
      const system = await loadFixture(blocklistVault);
      const { vault, borrower, starter, sink } = system;
      await block(system, starter.address);
      await sink();
      await networkHelpers.setNextBlockBaseFeePerGas(50n * 10n ** 9n);
      await vault.connect(starter).startSale(borrower, starter);
      expect(await vault.balanceOf(starter)).to.be.above(0n);
    });

    it("a blocked receiver fails alone: the lot goes to another", async () => {
      const system = await loadFixture(blocklistVault);
      const { collateral, receiver, stranger, sink, start, take } = system;
      await block(system, receiver.address);
      await sink();
      await start();
      const token = await ethers.getContractAt("MockBlocklistERC20", await collateral.getAddress());
      await expect(take({ receiver: receiver.address }))
        .to.be.revertedWithCustomError(token, "Blocked")
        .withArgs(receiver);
      await take({ receiver: stranger.address });
    });

    it("a blocked lender leaves to another address", async () => {
      const system = await loadFixture(blocklistVault);
      const { vault, loan, lender, receiver } = system;
      await block(system, lender.address);
      await expect(vault.connect(lender).withdraw(LOAN, lender, lender)).to.revert(ethers);
      await expect(vault.connect(lender).withdraw(LOAN, receiver, lender)).to.changeTokenBalance(
        ethers,
        loan,
        receiver,
        LOAN,
      );
    });

    it("a token's pause stops its movements, and leaves everything as it was for afterwards", async () => {
      const system = await loadFixture(blocklistVault);
      const { vault, collateral, borrower, sink, start, take } = system;
      const token = await ethers.getContractAt("MockBlocklistERC20", await collateral.getAddress());
      await sink();
      await token.setPaused(true);
      await start();
      const before = [...(await vault.position(borrower))];
      await expect(take()).to.be.revertedWithCustomError(token, "Paused");
      await vault.connect(borrower).repay(LOAN, borrower);
      await token.setPaused(false);
      expect((await vault.position(borrower)).collateral).to.equal(before[0]);
      await take();
    });
  });
});
