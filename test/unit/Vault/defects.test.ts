import { expect } from "chai";

import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  CALM_TERMS,
  CONFIG,
  deployVault,
  LOAN,
  lentVault,
  loanVault,
  MAX,
  NO_DATA,
  openStory,
  prepare,
  RATE_MODEL,
  saleVault,
  STORY,
  YEAR,
} from "../../helpers/vault.ts";

/** What the interfaces promise and the vault does not do: each of these fails until it does, or the promise is changed. */
describe("Defects", () => {
  it("IVaultBorrowing.repay: nobody can make a repayment fail by repaying the same part first", async () => {
    const { vault, borrower, stranger } = await loadFixture(loanVault);
    // 150 owed of at least 100: the borrower means to repay 50.
    await vault.connect(borrower).repay(STORY.debt - 150n * LOAN, borrower);
    await vault.connect(stranger).repay(50n * LOAN, borrower);
    await vault.connect(borrower).repay(50n * LOAN, borrower);
  });

  it("ERC-4626: what maxRedeem answers can be redeemed, when it is worth less than one unit too", async () => {
    const { vault, lender, stranger } = await loadFixture(lentVault);
    await vault.connect(lender).transfer(stranger, 10n ** 5n);
    const most = await vault.maxRedeem(stranger);
    await vault.connect(stranger).redeem(most, stranger, stranger);
  });

  it("ERC-4626: what maxDeposit answers can be deposited, also where the cap is more than the books can hold", async () => {
    const { vault, loan, governor, stranger } = await loadFixture(lentVault);
    await vault.connect(governor).setCaps(2n ** 100n, CONFIG.borrowCap, CONFIG.maxPositionDebt);
    const most = await vault.maxDeposit(stranger);
    await loan.mint(stranger, most);
    await vault.connect(stranger).deposit(most, stranger);
  });

  it("a repayment with a withdrawal that brings health to 1 ends the sale, also where the LTVs lie close", async () => {
    const system = await prepare(
      await deployVault({ config: { maxOracleStepBps: 100n, borrowLtvBps: 8_200n } }),
    );
    const { vault, borrower, sink, start } = await openStory(system);
    await sink();
    await start();
    // To an LTV of 81.99%: a health of 1.012.
    const bearable = (STORY.collateral * STORY.sunk * 8_199n) / 10n ** 40n;
    await vault
      .connect(borrower)
      .repayAndWithdrawCollateral(STORY.debt - bearable, 1n, borrower, borrower, NO_DATA);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("VaultLosses: a backstop that fails covers nothing and stops nothing, one without code too", async () => {
    const backstop = "0x00000000000000000000000000000000000000AA";
    const system = await openStory(await prepare(await deployVault({ config: { backstop } })));
    await system.sink(STORY.underWater);
    await system.start();
    await system.take();
    await system.vault.realizeLoss(system.borrower);
  });

  it("IVaultSales.sell: a price of 0 is under the floor, not the clock's price", async () => {
    const [seller] = (await ethers.getSigners()).slice(-1);
    if (seller === undefined) throw new Error("no accounts");
    const system = await openStory(await prepare(await deployVault({ config: { batchLiquidator: seller } })));
    await system.fund(seller, STORY.lent, 0n);
    await system.sink();
    await system.start();
    const sale = {
      borrowers: [system.borrower],
      receiver: seller,
      maxRepay: MAX,
      price: 0n,
      data: NO_DATA,
    };
    await expect(system.vault.connect(seller).sell(sale)).to.be.revertedWithCustomError(
      system.vault,
      "PriceBelowFloor",
    );
  });

  it("IVaultSales.SaleLapsed: a sale that somebody touched within twelve horizons has not lapsed", async () => {
    const { take, pass } = await loadFixture(saleVault);
    await pass(11n * CALM_TERMS.horizon);
    await take({ maxRepay: LOAN });
    await pass(CALM_TERMS.horizon + 1n);
    await take({ maxRepay: LOAN });
  });

  it("interest of one second is charged once, after February 2106 too", async () => {
    const { vault, rateModel, pass } = await loadFixture(loanVault);
    await rateModel.set(1_000n, 1_000n, RATE_MODEL.answers);
    await pass(80n * YEAR);
    await vault.accrue();
    const { index } = await vault.totals();
    expect((await vault.accruedTotals()).index).to.equal(index);
  });
});
