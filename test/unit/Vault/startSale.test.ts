import { expect } from "chai";

import { closeAmount, maxDebt, value } from "../../../sdk/saleMath.ts";
import { secondsToHold } from "../../../sdk/decayCurve.ts";
import { BPS, ceilDiv, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { ethers, loadFixture, now, setBaseFee } from "../../helpers/chain.ts";
import {
  banded,
  CALM_TERMS,
  COLL,
  CONFIG,
  ENDED,
  lentVault,
  LOAN,
  loanVault,
  NOBODY,
  ORACLE,
  PAUSE,
  price,
  RATE_MODEL,
  saleVault,
  REWARDED_GAS,
  STORY,
  unhealthyVault,
} from "../../helpers/vault.ts";

const GWEI = 10n ** 9n;
/** A start costs 9 loan units of gas. */
const USUAL_BASE_FEE = 50n * GWEI;
/** A start costs 180 loan units of gas: more than the cap. */
const HIGH_BASE_FEE = 1_000n * GWEI;
const LAPSED = 12n * CALM_TERMS.horizon + 1n;

/** A loan of 150: half the penalty on it is less than the gas of a start. */
const SMALL = { collateral: COLL / 10n, debt: 150n * LOAN } as const;
/** The lower price at which, at the largest discount, the usual collateral still pays its debt, and 0.48 more. */
const HARDLY_COVERED = price(1_630n) + (44n * price(1n)) / 100n;

const gasReward = (baseFee: bigint): bigint => (REWARDED_GAS * baseFee * CONFIG.reward.nativePrice) / WAD;

async function smallUnhealthyVault() {
  const system = await lentVault();
  await system.open(system.borrower, SMALL.collateral, SMALL.debt);
  await system.sink();
  return system;
}

async function hardlyCoveredVault() {
  const system = await loanVault();
  await system.say({ ...banded(HARDLY_COVERED + price(5n)), low: HARDLY_COVERED });
  return system;
}

async function lapsedVault() {
  const system = await saleVault();
  await system.pass(LAPSED);
  return system;
}

describe("StartSale", () => {
  it("sets the clock of an unhealthy position and says so", async () => {
    const { vault, collateral, borrower, starter, start } = await loadFixture(unhealthyVault);
    const second = await now();
    const tx = start();
    await expect(tx)
      .to.emit(vault, "SaleStarted")
      .withArgs(borrower, starter, 1n, second, STORY.debt, STORY.collateral, STORY.sunk, 0n);
    const position = await vault.position(borrower);
    expect([position.saleStartedAt, position.termsId]).to.deep.equal([second, 1n]);
    expect(position.collateral).to.equal(STORY.collateral);
    await expect(tx).to.changeTokenBalance(ethers, collateral, vault, 0n);
  });

  it("is open to all, also to the borrower", async () => {
    const { vault, borrower } = await loadFixture(unhealthyVault);
    await vault.connect(borrower).startSale(borrower, NOBODY);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(await now());
  });

  it("writes the interest up to now into the books", async () => {
    const system = await loanVault();
    await system.rateModel.set(1_000_000_000n, 1_000_000_000n, RATE_MODEL.answers);
    await system.pass(1_000_000n);
    await system.sink();
    const debt = await system.vault.debtOf(system.borrower);
    expect(debt).to.be.above(STORY.debt);
    await expect(system.start())
      .to.emit(system.vault, "SaleStarted")
      .withArgs(system.borrower, system.starter, 1n, await now(), debt, STORY.collateral, STORY.sunk, 0n);
    expect((await system.vault.totals()).accruedAt).to.equal(await now());
  });

  describe("eligibility", () => {
    it("LIQ-1: needs the debt above the limit, by one unit", async () => {
      const { vault, borrower, sink, start } = await loadFixture(loanVault);
      const worth = ceilDiv(STORY.debt * BPS, CONFIG.liquidationLtvBps);
      await sink((worth * PRICE_SCALE) / STORY.collateral);
      await expect(start())
        .to.be.revertedWithCustomError(vault, "PositionHealthy")
        .withArgs(borrower, STORY.debt, STORY.debt);
      await sink(((worth - 1n) * PRICE_SCALE) / STORY.collateral);
      await start();
    });

    it("measures health on the start bound: the last price of a primary source that has just died counts", async () => {
      const { vault, borrower, start, suspect } = await loadFixture(loanVault);
      await suspect({ deciding: STORY.sunk, startBound: STORY.price });
      await expect(start())
        .to.be.revertedWithCustomError(vault, "PositionHealthy")
        .withArgs(borrower, STORY.debt, maxDebt(STORY.collateral, STORY.price, CONFIG.liquidationLtvBps));
      await suspect({ deciding: STORY.sunk, startBound: STORY.sunk });
      await start();
    });

    it("goes through while the sources disagree", async () => {
      const { vault, borrower, start, suspect } = await loadFixture(loanVault);
      await suspect({ deciding: STORY.sunk, high: STORY.price });
      await start();
      expect((await vault.position(borrower)).saleStartedAt).to.equal(await now());
    });

    it("reverts while the oracle is STALE", async () => {
      const { vault, start, stale } = await loadFixture(unhealthyVault);
      await stale();
      await expect(start()).to.be.revertedWithCustomError(vault, "OracleStale");
    });

    it("reverts while sales are paused", async () => {
      const { vault, guardian, start } = await loadFixture(unhealthyVault);
      await vault.connect(guardian).pause(PAUSE.sales);
      await expect(start()).to.be.revertedWithCustomError(vault, "ActionPaused").withArgs(PAUSE.sales);
    });

    it("reverts for a sale that is live", async () => {
      const { vault, borrower, start, pass } = await loadFixture(saleVault);
      await expect(start()).to.be.revertedWithCustomError(vault, "SaleAlreadyStarted").withArgs(borrower);
      await pass(LAPSED - 1n);
      await expect(start()).to.be.revertedWithCustomError(vault, "SaleAlreadyStarted").withArgs(borrower);
    });

    it("reverts where no collateral is left to sell", async () => {
      const { vault, borrower, otherBorrower, start, sink, take } = await loadFixture(saleVault);
      await sink(STORY.underWater);
      await expect(take()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.emptied);
      await expect(start()).to.be.revertedWithCustomError(vault, "PositionEmptied").withArgs(borrower);
      await expect(start(otherBorrower)).to.be.revertedWithCustomError(vault, "PositionEmptied");
    });

    it("reverts for collateral without a debt", async () => {
      const { vault, otherBorrower, open, start } = await loadFixture(unhealthyVault);
      await open(otherBorrower, 1n, 0n);
      await expect(start(otherBorrower))
        .to.be.revertedWithCustomError(vault, "PositionHealthy")
        .withArgs(otherBorrower, 0n, 0n);
    });

    it("LIQ-7: starts whatever is unhealthy, worth nothing or far under water", async () => {
      const { vault, borrower, sink, start, take } = await loadFixture(loanVault);
      await sink(1n);
      expect(value(STORY.collateral, 1n)).to.equal(0n);
      await setBaseFee(USUAL_BASE_FEE);
      await start(borrower, borrower);
      const { repay, penalty, collateral } = await vault.quoteTake(borrower);
      expect([repay, penalty, collateral]).to.deep.equal([1n, 0n, STORY.collateral]);
      await take();
    });
  });

  describe("reward", () => {
    /** Starts with a reward, at a base fee, and answers what it was. */
    async function rewardOf(system: Awaited<ReturnType<typeof unhealthyVault>>, baseFee: bigint) {
      const before = await system.vault.debtOf(system.borrower);
      await setBaseFee(baseFee);
      await system.start(system.borrower, system.receiver);
      return (await system.vault.debtOf(system.borrower)) - before;
    }

    it("is what the gas of one more start in a row costs, at most", async () => {
      const system = await loadFixture(unhealthyVault);
      expect(gasReward(USUAL_BASE_FEE)).to.equal((9n * LOAN) / 2n);
      expect(await rewardOf(system, USUAL_BASE_FEE)).to.equal((9n * LOAN) / 2n);
    });

    it("is at most the cap", async () => {
      const system = await loadFixture(unhealthyVault);
      expect(gasReward(2n * HIGH_BASE_FEE)).to.equal(180n * LOAN);
      expect(await rewardOf(system, 2n * HIGH_BASE_FEE)).to.equal(CONFIG.reward.cap);
    });

    it("is at most half the penalty on the close amount", async () => {
      const system = await loadFixture(smallUnhealthyVault);
      const { repay } = closeAmount(
        { ...SMALL, price: STORY.sunk, deciding: STORY.sunk, minDebt: CONFIG.minDebt },
        CALM_TERMS,
      );
      expect(repay).to.equal(SMALL.debt);
      expect(await rewardOf(system, USUAL_BASE_FEE)).to.equal(
        (SMALL.debt * CALM_TERMS.penaltyBps) / (2n * BPS),
      );
    });

    it("is at most half the penalty on the part that restores health", async () => {
      const system = await loadFixture(unhealthyVault);
      await system.vault.connect(system.governor).setRewardConfig({ ...CONFIG.reward, cap: 10n ** 30n });
      const { repay } = closeAmount(
        {
          debt: STORY.debt,
          collateral: STORY.collateral,
          price: STORY.sunk,
          deciding: STORY.sunk,
          minDebt: CONFIG.minDebt,
        },
        CALM_TERMS,
      );
      expect(repay).to.be.below(STORY.debt);
      expect(await rewardOf(system, 100n * HIGH_BASE_FEE)).to.equal(
        (repay * CALM_TERMS.penaltyBps) / (2n * BPS),
      );
    });

    it("is at most what the collateral covers at the largest discount", async () => {
      const system = await loadFixture(hardlyCoveredVault);
      const covered =
        (value(STORY.collateral, HARDLY_COVERED) * (BPS - CALM_TERMS.maxDiscountBps)) / BPS - STORY.debt;
      expect(covered).to.be.within(1n, LOAN);
      expect(await rewardOf(system, USUAL_BASE_FEE)).to.equal(covered);
    });

    it("measures what is covered on the lower price", async () => {
      const system = await loadFixture(hardlyCoveredVault);
      await system.suspect({ deciding: HARDLY_COVERED, low: HARDLY_COVERED - price(1n) });
      expect(await rewardOf(system, USUAL_BASE_FEE)).to.equal(0n);
    });

    it("is nothing where the collateral may not cover the debt", async () => {
      const system = await loadFixture(loanVault);
      await system.sink(STORY.deep);
      const supply = await system.vault.totalSupply();
      expect(await rewardOf(system, USUAL_BASE_FEE)).to.equal(0n);
      expect(await system.vault.totalSupply()).to.equal(supply);
    });

    it("is nothing where the vault knows no price of gas", async () => {
      const system = await loadFixture(unhealthyVault);
      await system.vault.connect(system.governor).setRewardConfig({ ...CONFIG.reward, nativePrice: 0n });
      expect(await rewardOf(system, HIGH_BASE_FEE)).to.equal(0n);
    });

    it("can be waived", async () => {
      const system = await loadFixture(unhealthyVault);
      await setBaseFee(USUAL_BASE_FEE);
      const supply = await system.vault.totalSupply();
      await system.start(system.borrower, NOBODY);
      expect(await system.vault.debtOf(system.borrower)).to.equal(STORY.debt);
      expect(await system.vault.totalSupply()).to.equal(supply);
    });

    it("comes in shares at the full price, on the borrower's debt, to whom the starter names", async () => {
      const { vault, borrower, starter, receiver, lender, start } = await loadFixture(unhealthyVault);
      const reward = gasReward(USUAL_BASE_FEE);
      const shares = await vault.previewDeposit(reward);
      const lendersBefore = await vault.previewRedeem(await vault.balanceOf(lender));
      await setBaseFee(USUAL_BASE_FEE);
      const tx = start(borrower, receiver);
      await expect(tx).to.changeTokenBalances(ethers, vault, [receiver, starter], [shares, 0n]);
      await expect(tx)
        .to.emit(vault, "SaleStarted")
        .withArgs(
          borrower,
          starter,
          1n,
          await now(),
          STORY.debt + reward,
          STORY.collateral,
          STORY.sunk,
          reward,
        );
      expect(await vault.debtOf(borrower)).to.equal(STORY.debt + reward);
      expect(await vault.totalDebt()).to.equal(STORY.debt + reward);
      expect(await vault.previewRedeem(await vault.balanceOf(lender))).to.equal(lendersBefore);
      expect(await vault.previewRedeem(shares)).to.be.within(reward - 1n, reward);
    });

    it("is no deposit: only the shares' Transfer from zero tells of it", async () => {
      const { vault, borrower, receiver, start } = await loadFixture(unhealthyVault);
      const shares = await vault.previewDeposit(gasReward(USUAL_BASE_FEE));
      await setBaseFee(USUAL_BASE_FEE);
      const tx = start(borrower, receiver);
      await expect(tx).to.emit(vault, "Transfer").withArgs(NOBODY, receiver, shares);
      await expect(tx).to.not.emit(vault, "Deposit");
    });

    it("never leaves the borrower who starts his own sale with more", async () => {
      const { vault, borrower } = await loadFixture(unhealthyVault);
      await setBaseFee(USUAL_BASE_FEE);
      await vault.connect(borrower).startSale(borrower, borrower);
      const gained = await vault.previewRedeem(await vault.balanceOf(borrower));
      expect(gained).to.be.at.most((await vault.debtOf(borrower)) - STORY.debt);
    });
  });

  describe("of a sale that has lapsed", () => {
    it("begins where the discount equals hold", async () => {
      const { vault, borrower, starter, start } = await loadFixture(lapsedVault);
      const startedAt = (await now()) - secondsToHold(CALM_TERMS);
      await expect(start())
        .to.emit(vault, "SaleStarted")
        .withArgs(borrower, starter, 1n, startedAt, STORY.debt, STORY.collateral, STORY.sunk, 0n);
      const quote = await vault.quoteTake(borrower);
      expect(quote.ownSeconds).to.equal(secondsToHold(CALM_TERMS));
      const hold = (STORY.sunk * (BPS - CALM_TERMS.holdBps)) / BPS;
      expect(quote.price).to.be.within(hold, (hold * 10_002n) / 10_000n);
    });

    it("gives no reward", async () => {
      const { vault, borrower, receiver, start } = await loadFixture(lapsedVault);
      await setBaseFee(USUAL_BASE_FEE);
      await start(borrower, receiver);
      expect(await vault.debtOf(borrower)).to.equal(STORY.debt);
      expect(await vault.balanceOf(receiver)).to.equal(0n);
    });

    it("gets the terms of that day", async () => {
      const { vault, borrower, governor, start } = await loadFixture(lapsedVault);
      await vault.connect(governor).setTerms({ ...CALM_TERMS, holdBps: 300n });
      await start();
      expect((await vault.position(borrower)).termsId).to.equal(2n);
    });

    it("still needs the position unhealthy", async () => {
      const { vault, sink, start } = await loadFixture(lapsedVault);
      await sink(STORY.price);
      await expect(start()).to.be.revertedWithCustomError(vault, "PositionHealthy");
    });

    it("counts what lapses on the terms that it had", async () => {
      const { vault, borrower, governor, start, pass } = await loadFixture(saleVault);
      await vault.connect(governor).setTerms({ ...CALM_TERMS, horizon: 212n });
      await pass(LAPSED - 1n);
      await expect(start()).to.be.revertedWithCustomError(vault, "SaleAlreadyStarted");
      await pass(1n);
      await start();
      expect((await vault.position(borrower)).termsId).to.equal(2n);
    });
  });

  describe("terms", () => {
    it("AUC-2: a live sale keeps those of its start", async () => {
      const { vault, borrower, governor, pass } = await loadFixture(saleVault);
      await pass(300n);
      const before = await vault.quoteTake(borrower);
      await vault
        .connect(governor)
        .setTerms({ ...CALM_TERMS, maxDiscountBps: 400n, penaltyBps: 200n, targetLtvBps: 6_000n });
      expect([...(await vault.quoteTake(borrower))]).to.deep.equal([...before]);
    });

    it("a new sale gets the newest", async () => {
      const { vault, borrower, governor, start } = await loadFixture(unhealthyVault);
      await vault.connect(governor).setTerms({ ...CALM_TERMS, penaltyBps: 100n });
      await start();
      expect((await vault.position(borrower)).termsId).to.equal(2n);
      const { repay, penalty } = await vault.quoteTake(borrower);
      expect(penalty).to.equal(ceilDiv(repay * 100n, BPS));
    });
  });

  it("restarts the clocks of a sale for good when the oracle was away", async () => {
    const { vault, otherBorrower, open, sink, say, start, pass } = await loadFixture(saleVault);
    await sink(STORY.price);
    await open(otherBorrower);
    await pass(100n);
    const back = await now();
    await say({ deciding: STORY.sunk, liveSince: back, state: ORACLE.fresh });
    await start(otherBorrower);
    expect((await vault.params()).clocksRestartedAt).to.equal(back);
  });
});
