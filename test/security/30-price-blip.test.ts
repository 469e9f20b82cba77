import { expect } from "chai";

import { valueUp } from "../../sdk/saleMath.ts";
import { loadFixture, now } from "../helpers/chain.ts";
import { banded, CALM_TERMS, CONFIG, loanVault, price, STORY } from "../helpers/vault.ts";

const H = CALM_TERMS.horizon;
/** All of the collateral is worth a hundredth of the smallest debt, at the higher price too: dust. */
const DUST = ((price(1n) / 100n) * 10_000n) / 10_050n;
const DUST_VALUE = CONFIG.minDebt / 100n;

/** Marks follow a price at once, write-offs do not: a debt is forgiven only when nothing of value stands behind it. */
describe("Security 30: a price blip forgives no debt", () => {
  it("a fall by half for one block: the loss can't be realized, and the debt is the same afterwards", async () => {
    const { vault, borrower, stranger, sink, start } = await loadFixture(loanVault);
    const [debt, assets] = [await vault.debtOf(borrower), await vault.totalAssets()];
    await sink(STORY.price / 2n);
    await start();
    await expect(vault.connect(stranger).realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotEmptied")
      .withArgs(borrower, valueUp(STORY.collateral, banded(STORY.price / 2n).high), DUST_VALUE);
    // 150,000 - 100,000 x 96% are marked, what the clock comes to in a half-life, and nothing more.
    expect(await vault.totalAssets()).to.equal(assets - 54_000n * 10n ** 6n);

    await sink(STORY.price);
    await vault.endSale(borrower);
    expect(await vault.debtOf(borrower)).to.equal(debt);
    expect(await vault.totalAssets()).to.equal(assets);
    expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral);
  });

  it("a fall to dust for one block: what was not for sale is not swept", async () => {
    const { vault, borrower, sink } = await loadFixture(loanVault);
    await sink(DUST);
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "SaleNotStarted")
      .withArgs(borrower);
    await sink(STORY.price);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
  });

  it("a fall to dust, with the sale started in the same block, is not swept either", async () => {
    const { vault, borrower, sink, start } = await loadFixture(loanVault);
    await sink(DUST);
    await start();
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotOfferedYet")
      .withArgs(borrower, 0n, H);
    await sink(STORY.price);
    await vault.endSale(borrower);
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
    expect(await vault.markdown()).to.equal(0n);
  });

  it("dust that the clock offered for a horizon is swept, and not a second earlier", async () => {
    const { vault, borrower, sink, start, pass } = await loadFixture(loanVault);
    await sink(DUST);
    await start();
    await pass(H - 1n);
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotOfferedYet")
      .withArgs(borrower, H - 1n, H);
    await pass(1n);
    const tx = vault.realizeLoss(borrower);
    await expect(tx).to.emit(vault, "CollateralSwept").withArgs(borrower, STORY.collateral);
    await expect(tx).to.emit(vault, "LossRealized").withArgs(borrower, 0n, 0n, STORY.debt);
  });

  it("seconds in which nobody could buy do not count: an outage or a pause begins the horizon anew", async () => {
    const { vault, governor, borrower, sink, say, start, pass } = await loadFixture(loanVault);
    await sink(DUST);
    await start();
    await pass(2n * H);
    await say({ deciding: DUST, liveSince: (await now()) - 7n });
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotOfferedYet")
      .withArgs(borrower, 7n, H);
    await pass(H);
    await vault.connect(governor).pause(8n);
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "ActionPaused")
      .withArgs(8n);
    await vault.connect(governor).unpause(8n);
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotOfferedYet")
      .withArgs(borrower, 0n, H);
  });

  it("a price in doubt sweeps nothing, however long the sale has lasted", async () => {
    const { vault, borrower, sink, suspect, start, pass } = await loadFixture(loanVault);
    await sink();
    await start();
    await pass(H);
    await suspect({ deciding: DUST });
    await expect(vault.realizeLoss(borrower))
      .to.be.revertedWithCustomError(vault, "NotEmptied")
      .withArgs(borrower, valueUp(STORY.collateral, DUST), DUST_VALUE);
  });
});
