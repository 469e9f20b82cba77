import type { AddressLike } from "ethers";

import { expect } from "chai";

import { secondsToHold } from "../../../sdk/decayCurve.ts";
import { maxDebt } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv, PRICE_SCALE } from "../../../sdk/math.ts";
import { ethers, loadFixture, networkHelpers, now, setBaseFee } from "../../helpers/chain.ts";
import {
  banded,
  CALM_TERMS,
  COLL,
  CONFIG,
  DAY,
  deployVault,
  ENDED,
  LOAN,
  loanVault,
  MAX,
  NO_DATA,
  openStory,
  PAUSE,
  prepare,
  saleVault,
  STORY,
} from "../../helpers/vault.ts";

const RECOVERED_HEALTH_BPS = 10_200n;
const BASE_FEE = 20n * 10n ** 9n;

/** Most debt that the borrower's collateral bears at the sunk price: 147,740. */
const bearable = maxDebt(STORY.collateral, STORY.sunk, CONFIG.liquidationLtvBps);
/** Price at which the borrower's collateral is worth so many loan units. */
const priceAtWhichWorth = (worth: bigint): bigint => (worth * PRICE_SCALE) / STORY.collateral;
/** Least value at which the untouched debt has a health of 1, and of 1.02. */
const worthAtOne = ceilDiv(STORY.debt * BPS, CONFIG.liquidationLtvBps);
const worthAtRecovery = ceilDiv(
  ceilDiv(STORY.debt * RECOVERED_HEALTH_BPS, BPS) * BPS,
  CONFIG.liquidationLtvBps,
);
const between = priceAtWhichWorth((worthAtOne + worthAtRecovery) / 2n);

async function isLive({ vault, borrower }: Awaited<ReturnType<typeof saleVault>>): Promise<boolean> {
  const { saleStartedAt, termsId } = await vault.position(borrower);
  // Without a sale it is the day on which a rest is over: two days from now at most.
  if (saleStartedAt === 0n) expect(termsId).to.be.oneOf([0n, (await now()) / DAY + 2n]);
  else expect(termsId).to.equal(1n);
  return saleStartedAt !== 0n;
}

describe("SaleEnd", () => {
  describe("CURED", () => {
    it("by a repayment that brings health to exactly 1, and not by one unit less", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower } = system;
      const needed = STORY.debt - bearable;
      await expect(vault.connect(borrower).repay(needed - 1n, borrower)).to.not.emit(vault, "SaleEnded");
      expect(await isLive(system)).to.equal(true);
      await expect(vault.connect(borrower).repay(1n, borrower))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
      expect(await isLive(system)).to.equal(false);
      expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral);
    });

    it("by anybody's repayment", async () => {
      const { vault, borrower, stranger } = await loadFixture(saleVault);
      await expect(vault.connect(stranger).repay(STORY.debt - bearable, borrower))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
    });

    it("by collateral that brings health to exactly 1, and not by less", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, fund } = system;
      // Worth the value that is missing, in whole loan units: a unit of value is so much collateral at this price.
      const missing = worthAtOne - (STORY.collateral * STORY.sunk) / PRICE_SCALE;
      const needed = ceilDiv(missing * PRICE_SCALE, STORY.sunk);
      await fund(borrower, 0n, needed);
      await expect(vault.connect(borrower).supplyCollateral(needed - 1n, borrower)).to.not.emit(
        vault,
        "SaleEnded",
      );
      expect(await isLive(system)).to.equal(true);
      await expect(vault.connect(borrower).supplyCollateral(1n, borrower))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
      expect(await isLive(system)).to.equal(false);
    });

    it("by full repayment, also while the oracle is STALE", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, stale } = system;
      await stale();
      await expect(vault.connect(borrower).repay(MAX, borrower))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
      expect(await isLive(system)).to.equal(false);
    });

    it("by full repayment and withdrawal in one go", async () => {
      const { vault, borrower } = await loadFixture(saleVault);
      await expect(vault.connect(borrower).repayAndWithdrawCollateral(MAX, MAX, borrower, borrower, NO_DATA))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
      expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });

    it("by a repayment and a withdrawal in one go that bring health to 1, where the LTVs lie close", async () => {
      const close = { maxOracleStepBps: 100n, borrowLtvBps: 8_200n };
      const system = await openStory(await prepare(await deployVault({ config: close })));
      const { vault, borrower, sink, start } = system;
      await sink();
      await start();
      // To an LTV of 81.99% at the lower price, a health of 1.017: not what a price recovery would need.
      const debt = maxDebt(STORY.collateral, banded(STORY.sunk).low, 8_199n);
      await expect(
        vault
          .connect(borrower)
          .repayAndWithdrawCollateral(STORY.debt - debt, 1n, borrower, borrower, NO_DATA),
      )
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.cured);
      expect(await isLive(system)).to.equal(false);
    });

    it("not by a partial repayment or collateral while the oracle is STALE", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, fund, stale } = system;
      await fund(borrower, 0n, STORY.collateral);
      await stale();
      await vault.connect(borrower).repay(STORY.debt / 2n, borrower);
      await vault.connect(borrower).supplyCollateral(STORY.collateral, borrower);
      expect(await isLive(system)).to.equal(true);
    });

    it("not by a payment while the price itself has brought health between 1 and 1.02", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, sink } = system;
      await sink(between);
      await vault.connect(borrower).repay(1n, borrower);
      expect(await isLive(system)).to.equal(true);
    });

    it("judges on the deciding price while the sources disagree", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, suspect } = system;
      await suspect({ deciding: STORY.sunk, low: STORY.underWater, high: STORY.price });
      await vault.connect(borrower).repay(STORY.debt - bearable, borrower);
      expect(await isLive(system)).to.equal(false);
    });
  });

  describe("RECOVERED", () => {
    it("by endSale at health 1.02, and not one unit of value under it", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, stranger, sink } = system;
      await sink(priceAtWhichWorth(worthAtRecovery - 1n));
      const most = maxDebt(
        STORY.collateral,
        priceAtWhichWorth(worthAtRecovery - 1n),
        CONFIG.liquidationLtvBps,
      );
      await expect(vault.connect(stranger).endSale(borrower))
        .to.be.revertedWithCustomError(vault, "SaleStillNeeded")
        .withArgs(borrower, STORY.debt, (most * BPS) / RECOVERED_HEALTH_BPS);
      await sink(priceAtWhichWorth(worthAtRecovery));
      await expect(vault.connect(stranger).endSale(borrower))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.recovered);
      expect(await isLive(system)).to.equal(false);
    });

    const touches: [string, (system: Awaited<ReturnType<typeof saleVault>>) => Promise<unknown>][] = [
      ["a repayment", ({ vault, borrower }) => vault.connect(borrower).repay(1n, borrower)],
      ["collateral", ({ vault, borrower }) => vault.connect(borrower).supplyCollateral(1n, borrower)],
      ["a loan", ({ vault, borrower }) => vault.connect(borrower).borrow(1n, borrower, borrower)],
      [
        "a withdrawal",
        ({ vault, borrower }) => vault.connect(borrower).withdrawCollateral(1n, borrower, borrower),
      ],
      [
        "collateral and a loan in one go",
        ({ vault, borrower }) =>
          vault.connect(borrower).supplyCollateralAndBorrow(1n, 1n, borrower, borrower, NO_DATA),
      ],
      [
        "a repayment and a withdrawal in one go",
        ({ vault, borrower }) =>
          vault.connect(borrower).repayAndWithdrawCollateral(1n, 1n, borrower, borrower, NO_DATA),
      ],
    ];
    for (const [what, touch] of touches) {
      it(`by ${what}, once the price has recovered`, async () => {
        const system = await loadFixture(saleVault);
        const { vault, borrower, sink, fund } = system;
        await fund(borrower, 0n, 10n);
        await sink(STORY.price);
        await expect(touch(system)).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.recovered);
        expect(await isLive(system)).to.equal(false);
      });
    }

    it("reverts without a sale, or while the oracle is STALE", async () => {
      const { vault, borrower, otherBorrower, stale } = await loadFixture(saleVault);
      await expect(vault.endSale(otherBorrower))
        .to.be.revertedWithCustomError(vault, "SaleNotStarted")
        .withArgs(otherBorrower);
      await stale();
      await expect(vault.endSale(borrower)).to.be.revertedWithCustomError(vault, "OracleStale");
    });

    it("goes through while sales are paused", async () => {
      const { vault, borrower, guardian, sink } = await loadFixture(saleVault);
      await vault.connect(guardian).pause(PAUSE.all);
      await sink(STORY.price);
      await vault.endSale(borrower);
    });

    it("ends one that has lapsed too", async () => {
      const { vault, borrower, sink, pass, terms } = await loadFixture(saleVault);
      await pass(20n * terms.horizon);
      await sink(STORY.price);
      await expect(vault.endSale(borrower)).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.recovered);
    });

    it("AUC-3: leaves a young sale running between 1 and 1.02: nobody may take, and its clock goes to hold at most", async () => {
      const { vault, borrower, take, sink, pass } = await loadFixture(saleVault);
      await sink(between);
      await expect(take()).to.be.revertedWithCustomError(vault, "PositionHealthy");
      await pass(300n);
      await sink();
      expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(secondsToHold(CALM_TERMS));
    });
  });

  describe("SOLD", () => {
    it("by parts that bring health to 1.02, and not while it is under that", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower, take, sink } = system;
      await expect(take({ maxRepay: 20_000n * LOAN })).to.not.emit(vault, "SaleEnded");
      expect(await isLive(system)).to.equal(true);
      // Healthy by now: nobody may take, whatever it lacks to the target.
      await expect(take()).to.be.revertedWithCustomError(vault, "PositionHealthy");
      const { collateral } = await vault.position(borrower);
      const debt = await vault.debtOf(borrower);
      await sink(((debt * BPS * PRICE_SCALE) / (collateral * CONFIG.liquidationLtvBps) / 1_000n) * 999n);
      await expect(take({ maxRepay: 20_000n * LOAN }))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.sold);
      expect(await isLive(system)).to.equal(false);
      expect((await vault.position(borrower)).termsId).to.equal(0n);
    });

    it("by a take of the maximum, also where that leaves health under 1.02: the position then rests", async () => {
      const close = { targetLtvBps: 8_290n };
      const system = await openStory(await prepare(await deployVault({ terms: close })));
      const { vault, borrower, sink, start, take } = system;
      await sink();
      await start();
      await expect(take()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
      const { saleStartedAt, termsId } = await vault.position(borrower);
      expect(saleStartedAt).to.equal(0n);
      expect(termsId).to.equal((await now()) / DAY + 2n);
    });

    it("by a take of the whole debt: the rest of the collateral is the borrower's to withdraw", async () => {
      const { vault, collateral, otherBorrower, sink, open, start, take } = await loadFixture(loanVault);
      await open(otherBorrower, COLL / 10n, 150n * LOAN);
      await sink();
      await start(otherBorrower);
      await expect(take({ borrower: otherBorrower.address }))
        .to.emit(vault, "SaleEnded")
        .withArgs(otherBorrower, ENDED.sold);
      const left = (await vault.position(otherBorrower)).collateral;
      await expect(
        vault.connect(otherBorrower).withdrawCollateral(MAX, otherBorrower, otherBorrower),
      ).to.changeTokenBalance(ethers, collateral, otherBorrower, left);
    });
  });

  describe("rest of what ended under health 1.02", () => {
    /** Cured to exactly 1, and sunk a little again. */
    async function restingVault() {
      const system = await saleVault();
      const { vault, borrower, sink } = system;
      await vault.connect(borrower).repay(STORY.debt - bearable, borrower);
      await sink((STORY.sunk * 999n) / 1_000n);
      await setBaseFee(BASE_FEE);
      return system;
    }
    /** What a start would be paid now; nothing stays of it. */
    async function rewardOf({ vault, starter }: Awaited<ReturnType<typeof restingVault>>, user: AddressLike) {
      const snapshot = await networkHelpers.takeSnapshot();
      await setBaseFee(BASE_FEE);
      await vault.connect(starter).startSale(user, starter);
      const shares = await vault.balanceOf(starter);
      await snapshot.restore();
      return shares;
    }

    it("is as good as no terms: what could be sold is quoted on the newest ones", async () => {
      const { vault, borrower, otherBorrower, open, sink } = await loadFixture(restingVault);
      await sink(STORY.price);
      const { collateral } = await vault.position(borrower);
      await open(otherBorrower, collateral, await vault.debtOf(borrower));
      await sink();
      for (const part of [MAX, 1_000n * LOAN]) {
        expect([...(await vault.quoteSell(borrower, STORY.sunk, part))]).to.deep.equal([
          ...(await vault.quoteSell(otherBorrower, STORY.sunk, part)),
        ]);
      }
    });

    it("is a start without pay, also for who takes at once, until a day has passed", async () => {
      const system = await loadFixture(restingVault);
      const { vault, borrower, pass } = system;
      expect(await rewardOf(system, borrower)).to.equal(0n);
      await pass(DAY);
      expect(await rewardOf(system, borrower)).to.equal(0n);
      await pass(DAY);
      expect(await rewardOf(system, borrower)).to.be.above(0n);
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    });

    it("leaves the penalty of who starts and takes whole", async () => {
      const { loan, taker, startAndTake } = await loadFixture(restingVault);
      await setBaseFee(BASE_FEE);
      const tx = startAndTake({ maxRepay: 10_000n * LOAN });
      await expect(tx).to.changeTokenBalance(ethers, loan, taker, -10_050n * LOAN);
    });

    it("is over once anybody shows it at health 1.02", async () => {
      const system = await loadFixture(restingVault);
      const { vault, borrower, stranger, sink } = system;
      await expect(vault.connect(stranger).endSale(borrower)).to.be.revertedWithCustomError(
        vault,
        "SaleStillNeeded",
      );
      await sink(STORY.price);
      await expect(vault.connect(stranger).endSale(borrower)).to.not.emit(vault, "SaleEnded");
      expect((await vault.position(borrower)).termsId).to.equal(0n);
      await expect(vault.endSale(borrower)).to.be.revertedWithCustomError(vault, "SaleNotStarted");
      await sink((STORY.sunk * 999n) / 1_000n);
      expect(await rewardOf(system, borrower)).to.be.above(0n);
    });

    it("comes with every payment that cures to under 1.02, and with none that cures beyond", async () => {
      const system = await loadFixture(saleVault);
      const { vault, borrower } = system;
      await vault.connect(borrower).repay(((STORY.debt - bearable) * 5n) / 2n, borrower);
      expect((await vault.position(borrower)).termsId).to.equal(0n);
    });
  });

  it("EMPTIED: all collateral is gone and debt is left, on which nobody can put collateral again", async () => {
    const system = await loadFixture(saleVault);
    const { vault, borrower, otherBorrower, fund, sink, take } = system;
    await sink(STORY.underWater);
    await expect(take()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.emptied);
    expect(await isLive(system)).to.equal(false);
    await fund(borrower, 0n, COLL);
    await fund(otherBorrower, 0n, COLL);
    for (const user of [borrower, otherBorrower]) {
      await expect(vault.connect(user).supplyCollateral(1n, borrower))
        .to.be.revertedWithCustomError(vault, "PositionEmptied")
        .withArgs(borrower);
    }
    await expect(
      vault.connect(borrower).supplyCollateralAndBorrow(COLL, LOAN, borrower, borrower, NO_DATA),
    ).to.be.revertedWithCustomError(vault, "PositionEmptied");
  });
});
