import { expect } from "chai";

import { part, salePrice } from "../../../sdk/saleMath.ts";
import { decay } from "../../../sdk/decayCurve.ts";
import { BPS } from "../../../sdk/math.ts";
import { BACKSTOP, ripeSale } from "../../helpers/backstop.ts";
import { loadFixture } from "../../helpers/chain.ts";
import { CALM_TERMS, CONFIG, LOAN, MAX } from "../../helpers/vault.ts";

describe("Backstop: what it buys within a budget", () => {
  it("is reckoned with the terms of the sale, whatever newer ones say", async () => {
    const { vault, backstop, oracle, governor, borrower, buyOut } = await loadFixture(ripeSale);
    await vault.connect(governor).setTerms({ ...CALM_TERMS, penaltyBps: 120n, targetLtvBps: 6_000n });
    const [{ collateral }, debt, { ownSeconds }, { deciding, low }] = await Promise.all([
      vault.position(borrower),
      vault.debtOf(borrower),
      vault.quoteTake(borrower),
      oracle.price(),
    ]);
    const price = salePrice(deciding, low, decay(CALM_TERMS, ownSeconds), CALM_TERMS.maxDiscountBps);
    const budget = 10_000n * LOAN;
    const repay = (budget * BPS) / (BPS + CALM_TERMS.penaltyBps);
    const size = part(repay, { debt, collateral, price, minDebt: CONFIG.minDebt }, CALM_TERMS);
    // What is quoted is what is sold: the size and the collateral that the vault then hands over.
    const whole = await vault.quoteSell(borrower, price, MAX);
    const quote = await vault.quoteSell(borrower, price, repay);
    expect([quote.repay, quote.penalty]).to.deep.equal([size.repay, size.penalty]);
    await expect(buyOut(budget))
      .to.emit(vault, "Take")
      .withArgs(borrower, backstop, size.repay, size.penalty, quote.collateral, price);
    expect(whole.repay).to.be.above(size.repay);
  });

  it("is at most the cap less what the inventory cost", async () => {
    const { vault, backstop, cover, buyOut } = await loadFixture(ripeSale);
    await buyOut(15_000n * LOAN);
    const { cost } = await backstop.coverOf(vault);
    await cover(25_000n * LOAN);
    await buyOut(BACKSTOP.staked);
    const second = (await backstop.coverOf(vault)).cost - cost;
    expect(second).to.be.within(25_000n * LOAN - cost - 2n, 25_000n * LOAN - cost);
  });
});
