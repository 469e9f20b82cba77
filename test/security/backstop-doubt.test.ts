/** Marks are written in FRESH only: in a crash whose sources disagree a loss does not show, and whoever left would leave it to the others. */
import { expect } from "chai";

import { BACKSTOP, stakedSystem } from "../helpers/backstop.ts";
import { ethers, loadFixture, pass } from "../helpers/chain.ts";
import { DAY, LOAN, MAX, NOBODY, STORY } from "../helpers/vault.ts";

const leaverAndStayer = async () => {
  const system = await stakedSystem();
  await system.stake(20_000n * LOAN, system.stranger);
  await system.open();
  await system.backstop.connect(system.holder).startCooldown(MAX);
  await pass(BACKSTOP.cooldown);
  return system;
};

describe("Security: exits of the backstop while the price is in doubt", () => {
  it("B4: nobody leaves in a SUSPECT crash while a sale is live", async () => {
    const { backstop, vault, holder, suspect, start } = await loadFixture(leaverAndStayer);
    const shares = await backstop.maxRedeem(holder);
    expect(shares).to.be.greaterThan(0n);
    await suspect({ deciding: STORY.underWater });
    await start();
    // The loss does not show.
    expect(await vault.markdown()).to.equal(0n);
    expect(await backstop.inDoubt()).to.equal(true);
    expect([await backstop.maxRedeem(holder), await backstop.maxWithdraw(holder)]).to.deep.equal([0n, 0n]);
    await expect(backstop.connect(holder).redeem(shares, holder, holder)).to.be.revertedWithCustomError(
      backstop,
      "ERC4626ExceededMaxRedeem",
    );
  });

  it("exits stay open while nothing is owed, or while the price is FRESH", async () => {
    const { backstop, holder, suspect, sink, vault, borrower } = await loadFixture(leaverAndStayer);
    await sink(STORY.price);
    expect(await backstop.inDoubt()).to.equal(false);
    await suspect({ deciding: STORY.price });
    expect(await backstop.maxRedeem(holder)).to.equal(0n);
    await vault.connect(borrower).repay(MAX, borrower);
    expect(await backstop.maxRedeem(holder)).to.be.greaterThan(0n);
  });

  it("and while no sale operation was seen for seven days, where the oracle says how long it is alive", async () => {
    const { backstop, suspect, vault, start, terms, borrower } = await loadFixture(leaverAndStayer);
    const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
    const aliveUntil = BigInt(timestamp) + 3_600n;
    await suspect({ deciding: STORY.underWater, aliveUntil });
    expect(await backstop.inDoubt()).to.equal(false);
    await start(borrower, NOBODY);
    expect((await vault.totals()).oracleAliveUntil).to.equal(aliveUntil);
    expect(await backstop.inDoubt()).to.equal(true);
    await pass(7n * DAY + 3_600n + terms.horizon);
    expect(await backstop.inDoubt()).to.equal(false);
  });

  it("a doubt that was noted ends after seven days, and one that was interrupted begins anew", async () => {
    const { backstop, vault, suspect, start, sink } = await loadFixture(leaverAndStayer);
    await suspect({ deciding: STORY.sunk });
    await start();
    await backstop.noteDoubt(vault);
    await pass(7n * DAY - 10n);
    expect(await backstop.inDoubt()).to.equal(true);
    await pass(10n);
    expect(await backstop.inDoubt()).to.equal(false);
    // Seen FRESH in between.
    await sink();
    await backstop.noteDoubt(vault);
    await suspect({ deciding: STORY.sunk });
    await backstop.noteDoubt(vault);
    expect(await backstop.inDoubt()).to.equal(true);
    // Not seen for more than eight days: nobody knows what was in between.
    await pass(8n * DAY + 1n);
    expect(await backstop.inDoubt()).to.equal(true);
    await backstop.noteDoubt(vault);
    await pass(6n * DAY);
    expect(await backstop.inDoubt()).to.equal(true);
  });

  it("nobody starves the oracle to begin a doubt", async () => {
    const { backstop, vault } = await loadFixture(leaverAndStayer);
    await expect(backstop.noteDoubt(vault, { gasLimit: 1_000_000n })).to.be.revertedWithCustomError(
      await ethers.getContractAt("GasGuard", vault),
      "InsufficientGas",
    );
  });
});
