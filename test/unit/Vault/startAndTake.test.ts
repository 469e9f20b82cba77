import { expect } from "chai";

import { closeAmount, penaltyOn } from "../../../sdk/saleMath.ts";
import { min, WAD } from "../../../sdk/math.ts";
import { ethers, loadFixture, now, setBaseFee } from "../../helpers/chain.ts";
import { modelTake } from "../../helpers/saleModel.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  ENDED,
  lentVault,
  LOAN,
  loanVault,
  PAUSE,
  saleVault,
  START_GAS,
  STORY,
  unhealthyVault,
} from "../../helpers/vault.ts";

const GWEI = 10n ** 9n;
const USUAL_BASE_FEE = 50n * GWEI;
const HIGH_BASE_FEE = 1_000n * GWEI;

const gasReward = (baseFee: bigint): bigint =>
  min(CONFIG.reward.cap, (START_GAS * baseFee * CONFIG.reward.nativePrice) / WAD);

/** The maximal take at the anchor, before any reward. */
const wholeTake = closeAmount(
  {
    debt: STORY.debt,
    collateral: STORY.collateral,
    price: STORY.sunk,
    deciding: STORY.sunk,
    minDebt: CONFIG.minDebt,
  },
  CALM_TERMS,
);

describe("StartAndTake", () => {
  it("starts and takes in one call, at the price at which a sale opens", async () => {
    const { vault, borrower, taker, startAndTake } = await loadFixture(unhealthyVault);
    const tx = startAndTake();
    await expect(tx)
      .to.emit(vault, "SaleStarted")
      .withArgs(borrower, taker, 1n, await now(), STORY.debt, STORY.collateral, STORY.sunk, 0n);
    await expect(tx).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
    const position = await vault.position(borrower);
    expect([position.saleStartedAt, position.termsId]).to.deep.equal([0n, 0n]);
  });

  const rewards: [string, bigint, bigint][] = [
    ["what the gas of a start costs", USUAL_BASE_FEE, gasReward(USUAL_BASE_FEE)],
    ["at most the cap", HIGH_BASE_FEE, CONFIG.reward.cap],
  ];
  for (const [what, baseFee, reward] of rewards) {
    it(`pays the starter out of the penalty: ${what}`, async () => {
      const { vault, loan, collateral, borrower, taker, startAndTake } = await loadFixture(unhealthyVault);
      const net = wholeTake.penalty - reward;
      const reserveBefore = (await vault.totals()).reserve;
      await setBaseFee(baseFee);
      const tx = await startAndTake();
      const bought = STORY.collateral - (await vault.position(borrower)).collateral;
      await expect(tx)
        .to.emit(vault, "Take")
        .withArgs(borrower, taker, wholeTake.repay, net, bought, STORY.sunk);
      await expect(tx).to.changeTokenBalance(ethers, loan, taker, -(wholeTake.repay + net));
      await expect(tx).to.changeTokenBalance(ethers, collateral, taker, bought);
      expect((await vault.totals()).reserve - reserveBefore).to.equal(net);
    });
  }

  it("pays at most half of the penalty on what is really taken", async () => {
    const { vault, loan, taker, startAndTake } = await loadFixture(unhealthyVault);
    const repay = 1_000n * LOAN;
    const penalty = penaltyOn(repay, CALM_TERMS.penaltyBps);
    const net = penalty - penalty / 2n;
    await setBaseFee(HIGH_BASE_FEE);
    await expect(startAndTake({ maxRepay: repay })).to.changeTokenBalance(
      ethers,
      loan,
      taker,
      -(repay + net),
    );
    expect((await vault.totals()).reserve).to.equal(net);
  });

  it("rounds the half of an odd penalty against the starter", async () => {
    const { vault, startAndTake } = await loadFixture(unhealthyVault);
    // A penalty of one unit: half of it is nothing.
    await setBaseFee(HIGH_BASE_FEE);
    await startAndTake({ maxRepay: 1n });
    expect((await vault.totals()).reserve).to.equal(1n);
  });

  it("leaves the borrower where a start without reward and a take would", async () => {
    const { vault, borrower, startAndTake, start, take, sink, open, otherBorrower } =
      await loadFixture(unhealthyVault);
    await sink(STORY.price);
    await open(otherBorrower);
    await sink();
    await start(otherBorrower);
    await take({ borrower: otherBorrower.address });
    await setBaseFee(USUAL_BASE_FEE);
    await startAndTake();
    const [one, other] = [await vault.position(borrower), await vault.position(otherBorrower)];
    expect(one.scaledDebt).to.equal(other.scaledDebt);
    expect(one.collateral).to.equal(other.collateral);
  });

  it("mints no shares", async () => {
    const { vault, taker, startAndTake } = await loadFixture(unhealthyVault);
    const supply = await vault.totalSupply();
    await setBaseFee(USUAL_BASE_FEE);
    await startAndTake();
    expect(await vault.totalSupply()).to.equal(supply);
    expect(await vault.balanceOf(taker)).to.equal(0n);
  });

  it("takes a part and leaves the sale running, its clock at now", async () => {
    const { vault, borrower, startAndTake } = await loadFixture(unhealthyVault);
    await startAndTake({ maxRepay: 1_000n * LOAN });
    const position = await vault.position(borrower);
    expect([position.saleStartedAt, position.termsId]).to.deep.equal([await now(), 1n]);
  });

  it("pays no reward where the collateral cannot pay the penalty", async () => {
    const { vault, loan, taker, sink, startAndTake, ...system } = await loadFixture(loanVault);
    await sink(STORY.underWater);
    const worth = (STORY.collateral * STORY.underWater) / 10n ** 36n;
    await setBaseFee(HIGH_BASE_FEE);
    await expect(startAndTake()).to.changeTokenBalance(ethers, loan, taker, -worth);
    expect((await vault.totals()).reserve).to.equal(0n);
    expect(await vault.debtOf(system.borrower)).to.equal(STORY.debt - worth);
  });

  it("is nothing for a sale that had lapsed, and the price is at hold", async () => {
    const { vault, loan, borrower, taker, startAndTake, pass, ...system } = await loadFixture(saleVault);
    await pass(12n * CALM_TERMS.horizon + 1n);
    await vault.connect(system.starter).startSale(borrower, taker);
    const model = await modelTake({ vault, borrower, ...system });
    await pass(12n * CALM_TERMS.horizon + 1n);
    await setBaseFee(HIGH_BASE_FEE);
    const tx = startAndTake();
    await expect(tx)
      .to.emit(vault, "Take")
      .withArgs(borrower, taker, model.repaid, model.penalty, model.collateral, model.price);
    await expect(tx).to.changeTokenBalance(ethers, loan, taker, -(model.repaid + model.penalty));
  });

  it("counts its limits on what is really paid", async () => {
    const { vault, startAndTake } = await loadFixture(unhealthyVault);
    const payment = wholeTake.repay + wholeTake.penalty - gasReward(USUAL_BASE_FEE);
    await setBaseFee(USUAL_BASE_FEE);
    await expect(startAndTake({ maxPayment: payment - 1n }))
      .to.be.revertedWithCustomError(vault, "PaymentTooHigh")
      .withArgs(payment, payment - 1n);
    await setBaseFee(USUAL_BASE_FEE);
    await startAndTake({ maxPayment: payment });
  });

  describe("reverts", () => {
    it("for a live sale: take from it", async () => {
      const { vault, borrower, startAndTake } = await loadFixture(saleVault);
      await expect(startAndTake())
        .to.be.revertedWithCustomError(vault, "SaleAlreadyStarted")
        .withArgs(borrower);
    });

    it("for a healthy position", async () => {
      const { vault, startAndTake } = await loadFixture(loanVault);
      await expect(startAndTake()).to.be.revertedWithCustomError(vault, "PositionHealthy");
    });

    it("for a position healthy on the deciding price, whatever the start bound says (LIQ-1)", async () => {
      const { vault, startAndTake, say } = await loadFixture(loanVault);
      await say({ deciding: STORY.price, startBound: STORY.sunk });
      await expect(startAndTake()).to.be.revertedWithCustomError(vault, "PositionHealthy");
    });

    it("while sales are paused or the oracle is STALE", async () => {
      const { vault, guardian, governor, startAndTake, stale } = await loadFixture(unhealthyVault);
      await vault.connect(guardian).pause(PAUSE.sales);
      await expect(startAndTake()).to.be.revertedWithCustomError(vault, "ActionPaused");
      await vault.connect(governor).unpause(PAUSE.sales);
      await stale();
      await expect(startAndTake()).to.be.revertedWithCustomError(vault, "OracleStale");
    });

    it("as a take would: dust, nothing, and a missed deadline", async () => {
      const { vault, open, otherBorrower, sink, startAndTake } = await loadFixture(lentVault);
      await open(otherBorrower, COLL / 10n, 150n * LOAN);
      await sink();
      const borrower = otherBorrower.address;
      await expect(startAndTake({ borrower, maxRepay: 51n * LOAN }))
        .to.be.revertedWithCustomError(vault, "RemainderTooSmall")
        .withArgs(99n * LOAN, CONFIG.minDebt);
      await expect(startAndTake({ borrower, maxRepay: 0n })).to.be.revertedWithCustomError(
        vault,
        "ZeroAmount",
      );
      await expect(startAndTake({ borrower, deadline: (await now()) - 1n })).to.be.revertedWithCustomError(
        vault,
        "DeadlinePassed",
      );
    });
  });
});
