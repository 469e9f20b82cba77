/** Cash turned into inventory before a loss, the clock of the resale, calls from within, and inventory that nobody can price. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { BACKSTOP, deployBackstopSystem, lossBesideARipeSale, ripeSale } from "../helpers/backstop.ts";
import { ethers, loadFixture, now, pass } from "../helpers/chain.ts";
import { DAY, LOAN, MAX, NOBODY, ORACLE, price, STORY } from "../helpers/vault.ts";

const SUNK = price(1_400n);

describe("Security: the backstop's cash and inventory", () => {
  describe("B2: cash that an open loss may need", () => {
    it("is not spent on another sale", async () => {
      const { backstop, vault, borrower, otherBorrower, sink } = await loadFixture(lossBesideARipeSale);
      const loss = await vault.markOf(borrower);
      expect(loss).to.be.greaterThan(0n);
      await sink(SUNK);
      await backstop.buy(vault, otherBorrower, MAX);
      const { cost } = await backstop.coverOf(vault);
      expect(BACKSTOP.staked - cost).to.be.at.least(loss);
      await expect(vault.realizeLoss(borrower))
        .to.emit(vault, "LossRealized")
        .withArgs(borrower, anyReserve, (covered: bigint) => covered > (loss * 9n) / 10n, 0n);
    });

    it("nor is more of it than the vault's cap", async () => {
      const { backstop, vault, buyOut, cover } = await loadFixture(ripeSale);
      await cover(20_000n * LOAN);
      await buyOut();
      const { cost } = await backstop.coverOf(vault);
      expect(cost).to.be.within(19_999n * LOAN, 20_000n * LOAN);
      await expect(buyOut()).to.be.revertedWithCustomError(backstop, "ZeroAmount");
    });

    it("a loss that unsold inventory could pay for waits, without interest, and is paid after the resale", async () => {
      const system = await loadFixture(inventoryBeforeALoss);
      const { backstop, vault, otherBorrower, rateModel, taker, loan, lender } = system;
      const lent = await vault.convertToAssets(await vault.balanceOf(lender));
      await vault.realizeLoss(otherBorrower);
      const { assets, finalAt } = await vault.pendingLossOf(otherBorrower);
      expect(assets).to.be.greaterThan(0n);
      expect(finalAt).to.equal((await now()) + 30n * DAY);
      expect(await vault.markOf(otherBorrower)).to.equal(assets);
      expect(await backstop.openLoss()).to.equal(assets);
      // No interest, and whoever enters pays for it.
      await rateModel.set(10n ** 9n, 10n ** 9n, 0n);
      await pass(DAY);
      expect(await vault.markOf(otherBorrower)).to.equal(assets);
      expect(await vault.convertToAssets(await vault.previewDeposit(10n ** 9n))).to.be.lessThan(10n ** 9n);

      const { inventory } = await backstop.coverOf(vault);
      await loan.connect(taker).approve(backstop, MAX);
      await loan.mint(taker, STORY.lent);
      await backstop.connect(taker).buyInventory(vault, inventory, MAX, taker);
      await expect(vault.realizeLoss(otherBorrower))
        .to.emit(vault, "LossRealized")
        .withArgs(otherBorrower, 0n, assets, 0n);
      expect((await vault.pendingLossOf(otherBorrower)).assets).to.equal(0n);
      expect(await vault.convertToAssets(await vault.balanceOf(lender))).to.be.at.least(lent);
    });

    it("after 30 days the loss is final, and the inventory goes to the vault", async () => {
      const { backstop, vault, otherBorrower, collateral, governor, receiver } =
        await loadFixture(inventoryBeforeALoss);
      await vault.realizeLoss(otherBorrower);
      const { assets } = await vault.pendingLossOf(otherBorrower);
      const before = await backstop.coverOf(vault);
      await pass(30n * DAY - 10n);
      await vault.realizeLoss(otherBorrower);
      expect((await vault.pendingLossOf(otherBorrower)).assets).to.equal(assets);
      await pass(10n);
      await expect(vault.realizeLoss(otherBorrower))
        .to.emit(vault, "LossRealized")
        .withArgs(otherBorrower, 0n, 0n, assets);
      const after = await backstop.coverOf(vault);
      const handed = before.inventory - after.inventory;
      expect(handed).to.equal((before.inventory * assets + before.cost - 1n) / before.cost);
      expect(after.owed).to.equal(0n);
      expect(await vault.markdown()).to.equal(0n);
      await vault.connect(governor).claimSweptCollateral(receiver);
      expect(await collateral.balanceOf(receiver)).to.equal(handed);
      await expect(vault.realizeLoss(otherBorrower)).to.be.revertedWithCustomError(vault, "NotEmptied");
    });

    it("losses of two borrowers wait side by side, each with its own last day", async () => {
      const system = await loadFixture(inventoryBeforeTwoLosses);
      const { backstop, vault, otherBorrower, operator, taker, loan } = system;
      const [first, second] = [otherBorrower, operator];
      await vault.realizeLoss(first);
      const { assets, finalAt } = await vault.pendingLossOf(first);
      await pass(DAY);
      await vault.realizeLoss(second);
      const other = await vault.pendingLossOf(second);
      expect(other.assets).to.be.greaterThan(0n);
      expect(other.finalAt).to.equal((await now()) + 30n * DAY);
      // Asking again changes nothing.
      await vault.realizeLoss(first);
      expect([...(await vault.pendingLossOf(first))]).to.deep.equal([assets, finalAt]);
      expect(await vault.markdown()).to.equal(assets + other.assets);
      expect((await backstop.coverOf(vault)).owed).to.equal(assets + other.assets);

      await loan.connect(taker).approve(backstop, MAX);
      await loan.mint(taker, STORY.lent);
      await backstop
        .connect(taker)
        .buyInventory(vault, (await backstop.coverOf(vault)).inventory, MAX, taker);
      for (const [of, due] of [
        [second, other.assets],
        [first, assets],
      ] as const) {
        await expect(vault.realizeLoss(of)).to.emit(vault, "LossRealized").withArgs(of, 0n, due, 0n);
      }
      expect(await vault.markdown()).to.equal(0n);
      expect((await backstop.coverOf(vault)).owed).to.equal(0n);
    });

    it("of two losses the second waits for no more than the first leaves of the vault's cap", async () => {
      const system = await loadFixture(inventoryBeforeTwoLosses);
      const { backstop, vault, otherBorrower, operator, cover } = system;
      await vault.realizeLoss(otherBorrower);
      const { assets } = await vault.pendingLossOf(otherBorrower);
      const left = 1_000n * LOAN;
      await cover(assets + left);
      const loss = await vault.realizeLoss.staticCall(operator);
      expect(loss).to.be.greaterThan(2n * left);
      await vault.realizeLoss(operator);
      expect((await vault.pendingLossOf(operator)).assets).to.equal(left);
      expect((await backstop.coverOf(vault)).owed).to.equal(assets + left);
    });
  });

  describe("B3: the clock of the resale", () => {
    it("knows what it sells: one unit left over ages no new inventory", async () => {
      const { backstop, vault, buyOut, taker, loan, cover, ripen } = await loadFixture(ripeSale);
      await cover(BACKSTOP.cap, { halfLife: 1_000n, horizon: 5_000n });
      await buyOut(10_000n * LOAN);
      await loan.connect(taker).approve(backstop, MAX);
      const { inventory } = await backstop.coverOf(vault);
      await backstop.connect(taker).buyInventory(vault, inventory - 1n, MAX, taker);
      await ripen(5_000n);
      await buyOut();
      // A premium of 1% in the first second.
      expect(await backstop.resalePrice(vault)).to.be.within(
        (STORY.sunk * 10_099n) / 10_000n,
        (STORY.sunk * 10_100n) / 10_000n,
      );
    });

    it("and a purchase of little sets nothing back", async () => {
      const { backstop, vault, buyOut, ripen } = await loadFixture(ripeSale);
      await buyOut(20_000n * LOAN);
      await ripen(3_600n);
      const asked = await backstop.resalePrice(vault);
      await buyOut(1n * LOAN);
      expect(await backstop.resalePrice(vault)).to.be.within(asked, (asked * 10_001n) / 10_000n);
    });

    it("begins anew after an interruption of the oracle", async () => {
      const { backstop, vault, buyOut, say } = await loadFixture(ripeSale);
      await buyOut();
      await pass(18_000n);
      await say({ deciding: STORY.sunk, liveSince: await now() });
      expect(await backstop.resalePrice(vault)).to.be.at.least((STORY.sunk * 10_099n) / 10_000n);
    });

    it("is never set to a deeper discount than that at which the backstop buys", async () => {
      const { backstop, cover } = await loadFixture(ripeSale);
      await cover(BACKSTOP.cap, { maxDiscountBps: 774n });
      for (const maxDiscountBps of [776n, 1_200n]) {
        await expect(cover(BACKSTOP.cap, { maxDiscountBps })).to.be.revertedWithCustomError(
          backstop,
          "InvalidCover",
        );
      }
    });
  });

  it("B5: a loss is not realized from within a call of the backstop", async () => {
    const system = await loadFixture(hookedLoss);
    const { vault, backstop, borrower, attacker } = system;
    const loss = await vault.markOf(borrower);
    await attacker.act(backstop, 1_000n * LOAN);
    // From the hook it was refused, and the backstop still pays.
    expect(await attacker.refused()).to.equal(vault.interface.getError("BackstopBusy")?.selector);
    expect(await vault.markOf(borrower)).to.equal(loss);
    await expect(vault.realizeLoss(borrower))
      .to.emit(vault, "LossRealized")
      .withArgs(borrower, anyReserve, loss, 0n);
  });

  describe("B6: inventory that nobody can price", () => {
    it("is written off or handed out by the governor, and deposits open again", async () => {
      const { backstop, vault, buyOut, stale, governor, receiver, holder, collateral } =
        await loadFixture(ripeSale);
      await buyOut();
      const { inventory } = await backstop.coverOf(vault);
      await expect(backstop.connect(governor).removeInventory(vault, 1n, receiver))
        .to.be.revertedWithCustomError(backstop, "InventoryIsForSale")
        .withArgs(vault);
      await stale();
      expect(await backstop.maxDeposit(holder)).to.equal(0n);
      await expect(
        backstop.connect(holder).removeInventory(vault, 1n, receiver),
      ).to.be.revertedWithCustomError(backstop, "AccessManagedUnauthorized");
      await backstop.connect(governor).removeInventory(vault, inventory - 1n, receiver);
      expect(await collateral.balanceOf(receiver)).to.equal(inventory - 1n);
      await backstop.connect(governor).removeInventory(vault, 1n, NOBODY);
      expect((await backstop.coverOf(vault)).cost).to.equal(0n);
      expect(await backstop.maxDeposit(holder)).to.be.greaterThan(0n);
    });

    it("does not stop those who leave where the oracle reverts", async () => {
      const { backstop, vault, oracle, buyOut, holder, say } = await loadFixture(ripeSale);
      await buyOut();
      const shares = await backstop.balanceOf(holder);
      await backstop.connect(holder).startCooldown(shares);
      await pass(BACKSTOP.cooldown);
      await say({ deciding: 0n, state: ORACLE.stale });
      // For a week exits stay closed: a live sale's loss would not show.
      await backstop.noteDoubt(vault);
      expect(await backstop.maxRedeem(holder)).to.equal(0n);
      await backstop.connect(holder).startCooldown(shares);
      await pass(BACKSTOP.cooldown);
      await ethers.provider.send("hardhat_setCode", [await oracle.getAddress(), "0x5f5ffd"]);
      const most = await backstop.maxRedeem(holder);
      expect(most).to.be.greaterThan(0n);
      await backstop.connect(holder).redeem(most, holder, holder);
      expect(await backstop.maxDeposit(holder)).to.equal(0n);
    });
  });

  describe("E1: a share that is worth nothing", () => {
    it("does not dilute the next who deposits, twice in a row", async () => {
      const system = await loadFixture(wipedOut);
      const { backstop, vault, holder, stranger, stake, wipeOut } = system;
      for (const [round, who] of [stranger, system.operator].entries()) {
        expect(await backstop.totalAssets()).to.equal(0n);
        const old = round === 0 ? holder : stranger;
        await stake(10_000n * LOAN, who);
        expect(await backstop.balanceOf(old)).to.equal(0n);
        expect(await backstop.balanceOf(who)).to.equal(10n ** 16n);
        expect(await backstop.totalSupply()).to.equal(10n ** 16n);
        expect(await backstop.maxMint(who)).to.be.greaterThan(0n);
        await backstop.connect(who).startCooldown(MAX);
        expect(await backstop.lockedOf(who)).to.equal(10n ** 16n);
        if (round === 0) await wipeOut();
      }
      expect(await vault.markdown()).to.be.at.least(0n);
      // Void shares cannot move.
      await expect(backstop.connect(holder).transfer(stranger, 1n)).to.be.revertedWithCustomError(
        backstop,
        "ERC20InsufficientBalance",
      );
    });
  });
});

const anyReserve = (reserve: bigint): boolean => reserve >= 0n;

/** All cash but 5,000 went into the story's sale, then another position is a loss. */
async function inventoryBefore(
  name: (system: Awaited<ReturnType<typeof ripeSale>>) => HardhatEthersSigner[],
) {
  const system = await ripeSale();
  const { backstop, vault, holder, buyOut, open, sink, start, take } = system;
  const losers = name(system);
  await buyOut();
  const { cost } = await backstop.coverOf(vault);
  const keep = 5_000n * LOAN;
  await backstop.connect(holder).startCooldown(MAX);
  await pass(BACKSTOP.cooldown);
  await sink(STORY.price);
  await backstop.connect(holder).withdraw(BACKSTOP.staked - cost - keep, holder, holder);
  for (const loser of losers) await open(loser);
  await sink(SUNK);
  for (const loser of losers) {
    await start(loser);
    await system.ripen(system.terms.horizon, [loser]);
    await take({ borrower: loser.address });
  }
  return system;
}

const inventoryBeforeALoss = () => inventoryBefore(({ otherBorrower }) => [otherBorrower]);

/** The same with two borrowers whose debts are losses. */
const inventoryBeforeTwoLosses = () =>
  inventoryBefore(({ otherBorrower, operator }) => [otherBorrower, operator]);

/** A loss is open, and the loan token calls those who ask for it. */
async function hookedLoss() {
  const system = await lossBesideARipeSale({ loan: "MockHookERC20" });
  const attacker = await ethers.deployContract("MockHookRealizer", [system.vault, system.borrower]);
  await system.loan.mint(attacker, 10_000n * LOAN);
  const hooked = await ethers.getContractAt("MockHookERC20", await system.loan.getAddress());
  await hooked.setHook(attacker, true);
  return { ...system, attacker };
}

/** The backstop paid all it had. */
async function wipedOut() {
  const system = await deployBackstopSystem();
  await system.lend(STORY.lent);
  await system.fund(system.taker, STORY.lent * 10n, 0n);
  await system.stake(10_000n * LOAN, system.holder);
  const wipeOut = async () => {
    await system.cover(BACKSTOP.cap);
    await system.sink(STORY.price);
    await system.open();
    await system.sink(STORY.underWater);
    await system.start();
    await system.take();
    await system.vault.realizeLoss(system.borrower);
  };
  await wipeOut();
  return { ...system, wipeOut };
}
