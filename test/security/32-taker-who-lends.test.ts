import { expect } from "chai";

import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { loadFixture } from "../helpers/chain.ts";
import { CALM_TERMS, loanVault, LOAN, MAX, STORY, type VaultSystem } from "../helpers/vault.ts";

const { halfLife } = CALM_TERMS;
const priceAtLtv = (ltvBps: bigint): bigint => (STORY.debt * BPS * PRICE_SCALE) / (ltvBps * STORY.collateral);

/** Two lenders of a million each; one of them has means to take. */
async function twoLenders() {
  const system = await loanVault();
  await system.lend(STORY.lent, system.otherLender);
  await system.fund(system.otherLender, STORY.lent, 0n);
  return system;
}

const claim = async ({ vault }: VaultSystem, user: VaultSystem["lender"]): Promise<bigint> =>
  vault.previewRedeem(await vault.balanceOf(user));

/** Longest time between two proofs that join, rounding counted. */
const GAP = CALM_TERMS.halfLife - CALM_TERMS.horizon / 16n - 4n;

describe("Security 32: a lender who leaves, takes and comes back", () => {
  for (const ltv of [9_300n, 9_500n, 9_700n, 9_850n, 10_000n]) {
    for (const halfLives of [1n, 2n, 5n]) {
      it(`at an LTV of ${ltv} bps, ${halfLives} half-lives on, bears his share of what his take loses`, async () => {
        const system = await loadFixture(twoLenders);
        const { vault, borrower, lender, otherLender, sink, start, pass, ripen, take } = system;
        await sink(priceAtLtv(ltv));
        await start();
        // Somebody touches the position every half-life, and last of all one before the attack: a mark is no fresher than that.
        await ripen(halfLives * halfLife - GAP);
        await vault.touch(borrower);
        await pass(GAP);
        const before = [await claim(system, lender), await claim(system, otherLender)] as const;
        const full = (await vault.totals()).cash + (await vault.totalDebt());

        await vault.connect(otherLender).redeem(await vault.balanceOf(otherLender), otherLender, otherLender);
        await take({ receiver: otherLender.address }, otherLender);
        const bad = await vault.debtOf(borrower);
        if ((await vault.position(borrower)).collateral === 0n) await vault.realizeLoss(borrower);
        await vault.connect(otherLender).deposit(STORY.lent / 2n, otherLender);

        const lost = STORY.lent - (await claim(system, lender));
        const loss = (await vault.position(borrower)).collateral === 0n ? bad : 0n;
        // Never more than half of the loss (a hair for what the mark is rounded to).
        expect(lost).to.be.at.most(loss / 2n + LOAN / 100n);
        expect(before[0] + before[1]).to.be.at.most(full);
        expect(await vault.markOf(borrower)).to.equal(0n);
        if (ltv === 9_500n && halfLives === 5n) expect(loss).to.be.within(4_000n * LOAN, 5_000n * LOAN);
        if (ltv === 10_000n) expect(loss).to.be.above(0n);
      });
    }
  }

  it("gets no more out by touching the position himself first", async () => {
    const system = await loadFixture(twoLenders);
    const { vault, borrower, lender, otherLender, sink, start, pass, ripen, take } = system;
    await sink(priceAtLtv(9_500n));
    await start();
    await ripen(5n * halfLife - GAP);
    await vault.touch(borrower);
    await pass(GAP);
    await vault.connect(otherLender).repay(1n, borrower);
    await vault.connect(otherLender).redeem(await vault.balanceOf(otherLender), otherLender, otherLender);
    await take({ receiver: otherLender.address }, otherLender);
    const loss = await vault.realizeLoss.staticCall(borrower);
    await vault.realizeLoss(borrower);
    expect(STORY.lent - (await claim(system, lender))).to.be.at.most(loss / 2n + LOAN / 100n);
    expect(
      await vault
        .connect(otherLender)
        .repay.staticCall(MAX, borrower)
        .catch(() => 0n),
    ).to.equal(0n);
  });
});
