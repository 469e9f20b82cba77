import { expect } from "chai";

import { value } from "../../sdk/saleMath.ts";
import { BPS, max, PRICE_SCALE } from "../../sdk/math.ts";
import { loadFixture, networkHelpers } from "../helpers/chain.ts";
import { deployCallee, call } from "../helpers/callee.ts";
import {
  CALM_TERMS,
  COLL,
  LOAN,
  loanVault,
  MAX,
  NO_DATA,
  SOME_DATA,
  STORY,
  type VaultSystem,
} from "../helpers/vault.ts";

/** LTV, bps, up to which the collateral pays debt and penalty at the largest discount. */
const COVERED_LTV = ((BPS - CALM_TERMS.maxDiscountBps) * BPS) / (BPS + CALM_TERMS.penaltyBps);
const HIGH_BASE_FEE = 1_000n * 10n ** 9n;

const priceAtLtv = (ltvBps: bigint): bigint => (STORY.debt * BPS * PRICE_SCALE) / (ltvBps * STORY.collateral);

/** A borrower and an accomplice, who is the taker. */
async function accomplicesVault() {
  const system = await loanVault();
  const { loan, borrower, taker } = system;
  // Both have the same means: what matters is their sum.
  await loan.connect(borrower).transfer(taker, STORY.debt);
  return system;
}

interface Wealth {
  /** Everything they own, less all they owe. */
  readonly honest: bigint;
  /** The same if they walk away from a position that is worth less than its debt. */
  readonly walkingAway: bigint;
}

async function wealth(
  { vault, loan, collateral, borrower, taker }: VaultSystem,
  at: bigint,
): Promise<Wealth> {
  const owned = [];
  for (const user of [borrower, taker]) {
    const shares = await vault.previewRedeem(await vault.balanceOf(user));
    owned.push((await loan.balanceOf(user)) + shares + value(await collateral.balanceOf(user), at));
  }
  const inHand = owned.reduce((sum, part) => sum + part, 0n);
  const equity = value((await vault.position(borrower)).collateral, at) - (await vault.debtOf(borrower));
  return { honest: inHand + equity, walkingAway: inHand + max(equity, 0n) };
}

const waits = [0n, 300n, 1_060n, 12_000n];

describe("Security 10: selling one's own position to oneself", () => {
  for (const ltv of [8_301n, 8_600n, 9_000n, COVERED_LTV]) {
    it(`at an LTV of ${ltv} bps never leaves more than plain repayment, at any age of the sale`, async () => {
      const system = await loadFixture(accomplicesVault);
      const at = priceAtLtv(ltv);
      await system.sink(at);
      // Plain repayment moves money from one pocket into another.
      const before = await wealth(system, at);
      await networkHelpers.setNextBlockBaseFeePerGas(HIGH_BASE_FEE);
      await system.vault.connect(system.taker).startSale(system.borrower, system.taker);
      for (const wait of waits) {
        const snapshot = await networkHelpers.takeSnapshot();
        await system.pass(wait);
        await system.take();
        const after = await wealth(system, at);
        expect(after.honest).to.be.at.most(before.honest);
        expect(after.walkingAway).to.be.at.most(before.walkingAway);
        await snapshot.restore();
      }
    });
  }

  it("started and taken in one call: the reward never makes up for the penalty", async () => {
    for (const ltv of [8_301n, 9_000n, COVERED_LTV]) {
      const system = await loadFixture(accomplicesVault);
      const at = priceAtLtv(ltv);
      await system.sink(at);
      const before = await wealth(system, at);
      for (const maxRepay of [1n, LOAN, 1_000n * LOAN]) {
        await networkHelpers.setNextBlockBaseFeePerGas(HIGH_BASE_FEE);
        if ((await system.vault.position(system.borrower)).saleStartedAt === 0n) {
          await system.startAndTake({ maxRepay });
        } else await system.take({ maxRepay });
      }
      expect((await wealth(system, at)).honest).to.be.at.most(before.honest);
    }
  });

  it("with collateral or repayments donated in the middle it never leaves more", async () => {
    const system = await loadFixture(accomplicesVault);
    const { vault, borrower, taker, fund, sink, start, pass, take } = system;
    const at = priceAtLtv(9_000n);
    await fund(taker, 0n, 10n * COLL);
    await sink(at);
    const before = await wealth(system, at);
    await start();
    for (const [seconds, donation] of [
      [100n, 1n],
      [500n, COLL],
      [500n, 0n],
    ] as const) {
      await pass(seconds);
      await take({ maxRepay: 5_000n * LOAN });
      if (donation !== 0n) await vault.connect(taker).supplyCollateral(donation, borrower);
      await vault.connect(taker).repay(777n, borrower);
    }
    await take();
    expect((await wealth(system, at)).honest).to.be.at.most(before.honest);
  });

  it("without capital, through a callback, ends no better", async () => {
    const system = await loadFixture(accomplicesVault);
    const { vault, loan, borrower, sink, pass, takeParams } = system;
    const at = priceAtLtv(9_000n);
    const { callee, self, act } = await deployCallee(system, 0n, 0n);
    await sink(at);
    await system.start();
    await pass(300n);
    const quote = await vault.quoteTake(borrower);
    const payment = quote.repay + quote.penalty;
    // The accomplice with code borrows the payment from the borrower's purse in the callback.
    await loan.connect(borrower).approve(self, payment);
    const params = await takeParams({ receiver: borrower.address, data: SOME_DATA });
    await callee.setPlan([await call(loan, "transferFrom", [borrower, self, payment])]);
    await loan.mint(borrower, payment);
    const before = await wealth(system, at);
    await act(vault, "take", [params]);
    const after = await wealth(system, at);
    expect(after.honest).to.be.at.most(before.honest);
    expect(await loan.balanceOf(self)).to.equal(0n);
  });

  it("deeper than that, whoever takes gains the discount at the lenders' cost: a borrower no more than anyone", async () => {
    const system = await loadFixture(accomplicesVault);
    const { vault, lender, sink, start, take } = system;
    const at = priceAtLtv(9_600n);
    await sink(at);
    const before = await wealth(system, at);
    const lent = await vault.previewRedeem(await vault.balanceOf(lender));
    await start();
    await system.ripen(1_060n);
    const quote = await vault.quoteTake(system.borrower);
    const discount = value(quote.collateral, at) - (quote.repay + quote.penalty);
    await take();
    const after = await wealth(system, at);
    expect(after.honest).to.be.at.most(before.honest);
    const equityLost = value(STORY.collateral, at) - STORY.debt;
    expect(after.walkingAway - before.walkingAway).to.be.at.most(discount - equityLost);
    const loss = lent - (await vault.previewRedeem(await vault.balanceOf(lender)));
    expect(loss).to.be.within(1n, discount);
  });

  it("leaves no phantom collateral: what a take sells is gone from the position, and can't be withdrawn again", async () => {
    const system = await loadFixture(accomplicesVault);
    const { vault, collateral, borrower, taker, sink, start, take } = system;
    await sink(priceAtLtv(8_600n));
    await start();
    await take();
    const { collateral: left } = await vault.position(borrower);
    expect((await collateral.balanceOf(taker)) + left).to.equal(STORY.collateral);
    await vault.connect(borrower).repayAndWithdrawCollateral(MAX, MAX, borrower, borrower, NO_DATA);
    expect(await collateral.balanceOf(vault)).to.equal(0n);
  });
});
