import { expect } from "chai";

import { maxDebt } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv } from "../../../sdk/math.ts";
import { markDiscountBps } from "../../../sdk/marks.ts";
import { loadFixture, networkHelpers } from "../../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  deployVault,
  LOAN,
  loanVault,
  MAX,
  openStory,
  ORACLE,
  prepare,
  saleVault,
  STORY,
  type VaultSystem,
} from "../../helpers/vault.ts";

/** Discount to which the clocks come within a half-life of a start: beyond hold. */
const REACHED_BPS = markDiscountBps(CALM_TERMS, 0n, CALM_TERMS.horizon);

/** What the collateral does not cover at that. */
const markAt = (debt: bigint, collateral: bigint, at: bigint): bigint => {
  const covered = maxDebt(collateral, at, BPS - REACHED_BPS);
  return debt > covered ? debt - covered : 0n;
};

const UNDER_WATER = markAt(STORY.debt, STORY.collateral, STORY.underWater);

/** A live sale whose collateral covers neither debt nor hold, marked at its start. */
async function markedSaleVault() {
  const system = await loanVault();
  await system.sink(STORY.underWater);
  await system.start();
  return system;
}

async function expectMark({ vault, borrower }: VaultSystem, mark: bigint) {
  expect(await vault.markOf(borrower)).to.equal(mark);
  expect(await vault.markdown()).to.equal(mark);
  expect((await vault.totals()).marked).to.equal(mark !== 0n);
  expect(await vault.totalAssets()).to.equal((await vault.totals()).cash + (await vault.totalDebt()) - mark);
}

describe("Mark of a live sale", () => {
  it("is what debt is not covered a half-life on, from the start on", async () => {
    const system = await loadFixture(loanVault);
    const { vault, borrower, sink, start } = system;
    await sink(STORY.underWater);
    await expectMark(system, 0n);
    await expect(start()).to.emit(vault, "MarkedDown").withArgs(borrower, 0n, UNDER_WATER);
    await expectMark(system, UNDER_WATER);
  });

  it("is nothing for a sale whose collateral covers the debt a half-life on, to the unit", async () => {
    const system = await loadFixture(saleVault);
    const { vault, borrower, sink } = system;
    await expectMark(system, 0n);
    // The first whole value that does not cover the debt then.
    const worth = ceilDiv(STORY.debt * BPS, BPS - REACHED_BPS) - 1n;
    await sink(((worth + 1n) * 10n ** 36n) / STORY.collateral);
    await vault.markDown(borrower);
    await expectMark(system, 0n);
    await sink((worth * 10n ** 36n) / STORY.collateral);
    await expect(vault.markDown(borrower)).to.emit(vault, "MarkedDown").withArgs(borrower, 0n, 1n);
    await expectMark(system, 1n);
  });

  it("is brought up to date by anyone, up and down, and answered", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, stranger, sink } = system;
    const deeper = (STORY.underWater * 9n) / 10n;
    const mark = markAt(STORY.debt, STORY.collateral, deeper);
    await sink(deeper);
    expect(await vault.connect(stranger).markDown.staticCall(borrower)).to.equal(mark);
    await expect(vault.connect(stranger).markDown(borrower))
      .to.emit(vault, "MarkedDown")
      .withArgs(borrower, UNDER_WATER, mark);
    await sink(STORY.sunk);
    await vault.connect(stranger).markDown(borrower);
    await expectMark(system, 0n);
  });

  const touches: [string, (system: VaultSystem) => Promise<unknown>, bigint, bigint][] = [
    [
      "a repayment",
      ({ vault, borrower }) => vault.connect(borrower).repay(10_000n * LOAN, borrower),
      10_000n * LOAN,
      0n,
    ],
    [
      "collateral",
      async ({ vault, borrower, fund }) => {
        await fund(borrower, 0n, 5n * COLL);
        return vault.connect(borrower).supplyCollateral(5n * COLL, borrower);
      },
      0n,
      5n * COLL,
    ],
  ];
  for (const [what, touch, repaid, added] of touches) {
    it(`follows ${what}`, async () => {
      const system = await loadFixture(markedSaleVault);
      await touch(system);
      await expectMark(system, markAt(STORY.debt - repaid, STORY.collateral + added, STORY.underWater));
    });
  }

  it("follows a take of a part", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, take } = system;
    await take({ maxRepay: 10_000n * LOAN });
    const { collateral } = await vault.position(borrower);
    await expectMark(system, markAt(STORY.debt - 10_000n * LOAN, collateral, STORY.underWater));
  });

  it("is the whole debt once the collateral is gone, and nothing once the debt is", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, take } = system;
    const snapshot = await networkHelpers.takeSnapshot();
    await take();
    await expectMark(system, await vault.debtOf(borrower));
    await snapshot.restore();
    await vault.connect(borrower).repay(MAX, borrower);
    await expectMark(system, 0n);
  });

  it("ends with the sale", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, sink } = system;
    await sink(STORY.price);
    await vault.endSale(borrower);
    await expectMark(system, 0n);
  });

  for (const state of ["suspect", "stale"] as const) {
    it(`is not moved by a price that is ${state.toUpperCase()}`, async () => {
      const system = await loadFixture(markedSaleVault);
      const { vault, borrower, say } = system;
      await say({ deciding: STORY.price, state: ORACLE[state] });
      await expect(vault.markDown(borrower)).to.be.revertedWithCustomError(vault, "OracleNotFresh");
      await vault.connect(borrower).repay(1_000n * LOAN, borrower);
      expect(await vault.markOf(borrower)).to.equal(UNDER_WATER);
    });
  }

  it("never passes the debt, whatever the oracle says", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, stale } = system;
    await stale();
    await vault.connect(borrower).repay(STORY.debt - 1_000n * LOAN, borrower);
    await expectMark(system, 1_000n * LOAN);
  });

  it("that outlived its sale can be cleared by anyone once the oracle is FRESH", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, stranger, suspect, sink } = system;
    await suspect({ deciding: STORY.price });
    await vault.endSale(borrower);
    expect(await vault.markOf(borrower)).to.equal(UNDER_WATER);
    await sink(STORY.price);
    await vault.connect(stranger).markDown(borrower);
    await expectMark(system, 0n);
  });

  it("grows with the clocks, from touch to touch, as far as the discount ever comes", async () => {
    const system = await loadFixture(markedSaleVault);
    const { vault, borrower, pass, terms } = system;
    let before = 0n;
    for (let touches = 0; touches < 9; touches++) {
      await vault.touch(borrower);
      const { ownSeconds, vaultSeconds } = await vault.quoteTake(borrower);
      const bps = markDiscountBps(terms, ownSeconds, vaultSeconds);
      expect(bps).to.be.at.least(before);
      const covered = maxDebt(STORY.collateral, STORY.underWater, BPS - bps);
      expect(await vault.markOf(borrower)).to.equal(STORY.debt - covered);
      before = bps;
      await pass(terms.halfLife - terms.horizon / 16n - 2n);
    }
    // The vault's clock counts to its horizon of five half-lives.
    expect(before).to.equal(800n - (800n >> 5n));
  });

  it("is by hold where the clocks come to less", async () => {
    const shallow = { startPremiumBps: 2_000n, holdBps: 150n };
    const system = await openStory(await prepare(await deployVault({ terms: shallow })));
    const { vault, borrower, sink, start } = system;
    await sink(STORY.underWater);
    await start();
    // A half-life from the start it still asks a premium of 6%.
    const covered = maxDebt(STORY.collateral, STORY.underWater, BPS - 150n);
    await expectMark(system, STORY.debt - covered);
    expect(await vault.markOf(borrower)).to.be.above(0n);
  });

  for (const state of ["fresh", "suspect", "stale"] as const) {
    it(`is the whole debt of a position that is emptied while the oracle is ${state.toUpperCase()}`, async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, say, take, stale } = system;
      await say({
        deciding: STORY.underWater,
        low: (STORY.underWater * 98n) / 100n,
        high: STORY.underWater,
        state: state === "suspect" ? ORACLE.suspect : ORACLE.fresh,
      });
      await take();
      if (state === "stale") await stale();
      expect((await vault.position(borrower)).collateral).to.equal(0n);
      const bad = await vault.debtOf(borrower);
      expect(bad).to.be.above(19_000n * LOAN);
      await expectMark(system, bad);
      // A repayment of any part of it lowers the mark by as much, whatever the oracle says.
      await vault.connect(borrower).repay(1_000n * LOAN, borrower);
      await expectMark(system, bad - 1_000n * LOAN);
    });
  }

  it("reverts for a position without sale or mark", async () => {
    const { vault, borrower, otherBorrower } = await loadFixture(loanVault);
    for (const user of [borrower, otherBorrower]) {
      await expect(vault.markDown(user))
        .to.be.revertedWithCustomError(vault, "SaleNotStarted")
        .withArgs(user);
    }
  });
});
