/** A cooldown that locks nothing lets anybody leave at every moment: with a flash loan, or by shares that move to where a window is open. */
import { expect } from "chai";

import { BACKSTOP, ripeSale, stakedSystem } from "../helpers/backstop.ts";
import { loadFixture, pass } from "../helpers/chain.ts";
import { LOAN, MAX } from "../helpers/vault.ts";

const attack = async () => {
  const system = await stakedSystem();
  const { backstop, stranger, open, sink, start } = system;
  // Announced while nothing is held, for whatever may be held in the window.
  await backstop.connect(stranger).startCooldown(10n ** 30n);
  await pass(BACKSTOP.cooldown);
  await open();
  await sink();
  await start();
  await system.ripen(system.terms.horizon);
  return system;
};

describe("Security: the backstop's cooldown", () => {
  it("SOLV: 29M that come for one block, buy, resell and leave take nothing of a lot", async () => {
    const { backstop, vault, collateral, stranger, stake, buyOut, holder } = await loadFixture(attack);
    await stake(29_000_000n * LOAN, stranger);
    await buyOut();
    const { inventory } = await backstop.coverOf(vault);
    await backstop.connect(stranger).buyInventory(vault, inventory, MAX, stranger);
    expect(await collateral.balanceOf(stranger)).to.equal(inventory);
    // What was not held when the cooldown began does not leave.
    expect(await backstop.maxRedeem(stranger)).to.equal(0n);
    const shares = await backstop.balanceOf(stranger);
    await expect(backstop.connect(stranger).redeem(shares, stranger, stranger)).to.be.revertedWithCustomError(
      backstop,
      "ERC4626ExceededMaxRedeem",
    );
    expect(await backstop.convertToAssets(await backstop.balanceOf(holder))).to.be.at.least(BACKSTOP.staked);
  });

  it("a gain that the resale has not made yet is nobody's who leaves", async () => {
    const { backstop, holder, buyOut } = await loadFixture(ripeSale);
    const before = await backstop.totalAssets();
    await buyOut();
    // The discount of 7.75% does not count, the inventory stands at its cost.
    expect(await backstop.totalAssets()).to.equal(before);
    expect(await backstop.convertToAssets(await backstop.balanceOf(holder))).to.be.at.most(before);
  });

  it("shares in a cooldown cannot move to where a window is open, nor come from there", async () => {
    const { backstop, holder, stranger } = await loadFixture(ripeSale);
    const shares = await backstop.balanceOf(holder);
    await backstop.connect(holder).startCooldown(shares);
    expect(await backstop.lockedOf(holder)).to.equal(shares);
    await expect(backstop.connect(holder).transfer(stranger, 1n))
      .to.be.revertedWithCustomError(backstop, "SharesLocked")
      .withArgs(holder, shares);
    await pass(BACKSTOP.cooldown + BACKSTOP.window);
    await expect(backstop.connect(holder).transfer(stranger, 1n)).to.be.revertedWithCustomError(
      backstop,
      "SharesLocked",
    );
    await pass(1n);
    await backstop.connect(holder).transfer(stranger, 1n);
    expect(await backstop.lockedOf(holder)).to.equal(0n);
  });

  it("what comes in during a cooldown moves freely, and does not leave by it", async () => {
    const { backstop, holder, stranger, stake } = await loadFixture(ripeSale);
    const shares = await backstop.balanceOf(holder);
    await backstop.connect(holder).startCooldown(shares / 3n);
    await stake(1_000n * LOAN, stranger);
    const more = await backstop.balanceOf(stranger);
    await backstop.connect(stranger).transfer(holder, more);
    await pass(BACKSTOP.cooldown);
    expect(await backstop.maxRedeem(holder)).to.equal(shares / 3n);
    await backstop.connect(holder).transfer(stranger, shares - shares / 3n + more);
    await backstop.connect(holder).redeem(shares / 3n, holder, holder);
    expect(await backstop.balanceOf(holder)).to.equal(0n);
    expect(await backstop.lockedOf(holder)).to.equal(0n);
  });

  it("a cooldown that is asked for again replaces the lock; one of 0 ends it", async () => {
    const { backstop, holder, stranger } = await loadFixture(ripeSale);
    const shares = await backstop.balanceOf(holder);
    await backstop.connect(holder).startCooldown(MAX);
    expect(await backstop.lockedOf(holder)).to.equal(shares);
    await backstop.connect(holder).startCooldown(0n);
    await backstop.connect(holder).transfer(stranger, shares);
    expect(await backstop.balanceOf(stranger)).to.equal(shares);
  });
});
