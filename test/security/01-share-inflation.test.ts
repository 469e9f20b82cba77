import { expect } from "chai";

import { BPS, WAD } from "../../sdk/math.ts";
import { loadFixture } from "../helpers/chain.ts";
import { deployVault, emptyVault, LOAN, lentVault, RATE_MODEL, STORY, YEAR } from "../helpers/vault.ts";

/** Donated to move the price of a share: a billion billion loan units. */
const DONATION = 10n ** 24n;
const VICTIM = 10_000n * LOAN;

describe("Security 01: share inflation and the first depositor", () => {
  for (const first of [1n, 1_000n, LOAN]) {
    it(`a donation after a first deposit of ${first} takes less than a basis point from the next lender`, async () => {
      const { vault, loan, stranger, lender, lend } = await loadFixture(emptyVault);
      await lend(first, stranger);
      await loan.mint(vault, DONATION);
      await lend(VICTIM, lender);
      const back = await vault.previewRedeem(await vault.balanceOf(lender));
      expect((VICTIM - back) * BPS).to.be.below(VICTIM);
      expect(await vault.previewRedeem(await vault.balanceOf(stranger))).to.be.at.most(first);
    });
  }

  it("a donation before any deposit changes nothing", async () => {
    const { vault, loan, lender, lend } = await loadFixture(emptyVault);
    await loan.mint(vault, DONATION);
    expect(await vault.totalAssets()).to.equal(0n);
    await lend(VICTIM);
    expect(await vault.previewRedeem(await vault.balanceOf(lender))).to.equal(VICTIM);
  });

  it("interest that the first depositor pays himself takes more from him than from the next lender", async () => {
    const { vault, loan, stranger, lender, lend, open, fund, rateModel, pass } =
      await loadFixture(emptyVault);
    // Alone in the vault, he lends and borrows all of it at the highest rate, and repays: assets grow, shares do not.
    await lend(1_000n * LOAN, stranger);
    await open(stranger, STORY.collateral, 1_000n * LOAN);
    await rateModel.set(WAD, 0n, RATE_MODEL.answers);
    await pass(YEAR);
    await vault.accrue();
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    const debt = await vault.debtOf(stranger);
    await fund(stranger, debt, 0n);
    await vault.connect(stranger).repay(debt, stranger);
    const shares = (await vault.balanceOf(stranger)) - 1n;
    await vault.connect(stranger).redeem(shares, stranger, stranger);
    const priced = await vault.convertToAssets(10n ** 12n);
    expect(priced).to.be.above(100n * LOAN);

    await lend(VICTIM, lender);
    const back = await vault.previewRedeem(await vault.balanceOf(lender));
    expect((VICTIM - back) * BPS).to.be.below(VICTIM);
    expect(await loan.balanceOf(stranger)).to.be.below(2n * debt);
  });

  it("loops of deposit and redeem, mint and withdraw, never pay", async () => {
    const system = await lentVault();
    const { vault, loan, stranger, rateModel, open, pass } = system;
    await open();
    await rateModel.set(3_333_333_333n, 0n, RATE_MODEL.answers);
    await pass(1_000_003n);
    await vault.accrue();
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    const before = await loan.balanceOf(stranger);
    const sharePrice = async () =>
      [(await vault.totalAssets()) + 1n, (await vault.totalSupply()) + 10n ** 6n] as const;
    let [assets, shares] = await sharePrice();
    const asStranger = vault.connect(stranger);
    for (let i = 1n; i <= 60n; i++) {
      await asStranger.deposit(i * i, stranger);
      await asStranger.mint(i * 999_983n, stranger);
      const most = await vault.maxWithdraw(stranger);
      if (i % 2n === 0n) await asStranger.withdraw(most, stranger, stranger);
      else await asStranger.redeem(await vault.maxRedeem(stranger), stranger, stranger);
      const [assetsNow, sharesNow] = await sharePrice();
      expect(assetsNow * shares).to.be.at.least(assets * sharesNow);
      [assets, shares] = [assetsNow, sharesNow];
    }
    expect(await loan.balanceOf(stranger)).to.be.below(before);
  });

  it("a deposit too small for a share reverts instead of giving its assets away", async () => {
    const { vault, lender, stranger, lend, open, fund, rateModel, pass } = await deployVault();
    await lend(1_000n * LOAN, stranger);
    await open(stranger, STORY.collateral, 1_000n * LOAN);
    await rateModel.set(WAD, 0n, RATE_MODEL.answers);
    await pass(30n * YEAR);
    await vault.accrue();
    await rateModel.set(0n, 0n, RATE_MODEL.answers);
    await fund(stranger, await vault.debtOf(stranger), 0n);
    await vault.connect(stranger).repay(await vault.debtOf(stranger), stranger);
    expect(await vault.previewDeposit(1n)).to.equal(0n);
    await fund(lender, 1n, 0n);
    await expect(vault.connect(lender).deposit(1n, lender)).to.be.revertedWithCustomError(
      vault,
      "ZeroShares",
    );
  });
});
