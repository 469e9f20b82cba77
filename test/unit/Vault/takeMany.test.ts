import { expect } from "chai";

import { penaltyOn } from "../../../sdk/saleMath.ts";
import { ethers, loadFixture, networkHelpers, now } from "../../helpers/chain.ts";
import { modelTake } from "../../helpers/saleModel.ts";
import { CALM_TERMS, COLL, ENDED, lentVault, LOAN, PAUSE, SOME_DATA, STORY } from "../../helpers/vault.ts";

const TO_FIVE_PERCENT = 300n;

/** Three unhealthy positions of growing size, for sale; a fourth is healthy and a fifth holds nothing. */
async function bookVault() {
  const system = await lentVault();
  const { borrower, otherBorrower, operator, lender, stranger, open, sink, start } = system;
  await open(borrower, 100n * COLL, 150_000n * LOAN);
  await open(otherBorrower, 120n * COLL, 179_000n * LOAN);
  await open(operator, 140n * COLL, 208_000n * LOAN);
  await open(lender, 100n * COLL, 100_000n * LOAN);
  await sink();
  const sick = [borrower, otherBorrower, operator] as const;
  for (const user of sick) await start(user);
  await system.ripen(TO_FIVE_PERCENT, sick);
  return { ...system, sick, healthy: lender, empty: stranger };
}

describe("TakeMany", () => {
  it("prices each position after the one before, as takes one by one would", async () => {
    const { vault, sick, taker, takeMany, take, ...system } = await loadFixture(bookVault);
    const snapshot = await networkHelpers.takeSnapshot();
    const models = [];
    for (const user of sick) {
      models.push(await modelTake({ vault, ...system }, undefined, user.address));
      await take({ borrower: user.address });
    }
    const oneByOne = await Promise.all(sick.map((user) => vault.position(user)));
    const clock = (await vault.totals()).saleClock;
    await snapshot.restore();

    const tx = takeMany(sick);
    for (const [i, user] of sick.entries()) {
      const model = models[i];
      await expect(tx)
        .to.emit(vault, "Take")
        .withArgs(user, taker, model?.repaid, model?.penalty, model?.collateral, model?.price);
      expect([...(await vault.position(user))]).to.deep.equal([...(oneByOne[i] ?? [])]);
    }
    expect((await vault.totals()).saleClock).to.equal(clock);
    const prices = models.map(({ price }) => price);
    expect(prices).to.deep.equal([...prices].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(prices).size).to.be.above(1);
  });

  it("keeps to the order it is given", async () => {
    const { vault, sick, taker, takeMany, ...system } = await loadFixture(bookVault);
    const [first, , last] = sick;
    const model = await modelTake({ vault, ...system }, undefined, last.address);
    await expect(takeMany([last, first]))
      .to.emit(vault, "Take")
      .withArgs(last, taker, model.repaid, model.penalty, model.collateral, model.price);
  });

  it("settles with one transfer each way", async () => {
    const { vault, loan, collateral, sick, taker, receiver, takeMany } = await loadFixture(bookVault);
    const tx = await takeMany(sick, { receiver });
    const receipt = await tx.wait();
    const transfersOf = (token: string) => receipt?.logs.filter((log) => log.address === token).length;
    expect(transfersOf(await loan.getAddress())).to.equal(1);
    expect(transfersOf(await collateral.getAddress())).to.equal(1);
    const takes = receipt?.logs.flatMap((log) => vault.interface.parseLog(log) ?? []) ?? [];
    const sold = takes.filter(({ name }) => name === "Take");
    expect(sold.length).to.equal(3);
    const sum = (field: string) => sold.reduce((total, { args }) => total + (args[field] as bigint), 0n);
    await expect(tx).to.changeTokenBalance(ethers, loan, taker, -(sum("repaid") + sum("penalty")));
    await expect(tx).to.changeTokenBalance(ethers, collateral, receiver, sum("collateral"));
  });

  it("answers the sums", async () => {
    const { vault, sick, taker, takeMany, takeParams, loan, collateral } = await loadFixture(bookVault);
    const { borrower: _, ...limits } = await takeParams();
    const borrowers = [...sick];
    const [payment, bought] = await vault.connect(taker).takeMany.staticCall({ borrowers, ...limits });
    const tx = takeMany(sick);
    await expect(tx).to.changeTokenBalance(ethers, loan, taker, -payment);
    await expect(tx).to.changeTokenBalance(ethers, collateral, taker, bought);
  });

  describe("passes over", () => {
    it("positions without a sale, healthy again, cured or without anything", async () => {
      const { vault, borrower, otherBorrower, operator, healthy, empty, sick, takeMany } =
        await loadFixture(bookVault);
      await vault.connect(borrower).repay(50_000n * LOAN, borrower);
      const tx = takeMany([empty, healthy, borrower, ...sick]);
      await expect(tx).to.emit(vault, "SaleEnded").withArgs(otherBorrower, ENDED.sold);
      await expect(tx).to.emit(vault, "SaleEnded").withArgs(operator, ENDED.sold);
      expect(await vault.debtOf(borrower)).to.equal(100_000n * LOAN);
    });

    it("the second mention of one that the first mention healed", async () => {
      const { vault, borrower, takeMany, take } = await loadFixture(bookVault);
      const snapshot = await networkHelpers.takeSnapshot();
      await take();
      const once = await vault.position(borrower);
      await snapshot.restore();
      await takeMany([borrower, borrower, borrower]);
      expect([...(await vault.position(borrower))]).to.deep.equal([...once]);
    });

    it("a sale that has lapsed", async () => {
      const { vault, borrower, otherBorrower, sick, takeMany, pass, start, sink } =
        await loadFixture(bookVault);
      await sink(STORY.price);
      await vault.connect(otherBorrower).repay(1n, otherBorrower);
      await sink();
      await pass(12n * CALM_TERMS.horizon);
      await start(otherBorrower);
      await pass(1n);
      const before = await vault.position(borrower);
      await expect(takeMany(sick)).to.emit(vault, "Take");
      expect([...(await vault.position(borrower))]).to.deep.equal([...before]);
      expect((await vault.position(otherBorrower)).saleStartedAt).to.equal(0n);
    });

    it("one of which the rest of the budget would leave dust, and goes on with the next", async () => {
      const { vault, borrower, receiver: small, sink, open, start, takeMany } = await loadFixture(bookVault);
      await sink(STORY.price);
      await open(small, COLL / 10n, 150n * LOAN);
      await sink();
      await start(small);
      await takeMany([small, borrower], { maxRepay: 100n * LOAN });
      expect(await vault.debtOf(small)).to.equal(150n * LOAN);
      expect(await vault.debtOf(borrower)).to.equal(149_900n * LOAN);
    });
  });

  it("spends one budget over all, to the unit", async () => {
    const { vault, loan, sick, taker, takeMany } = await loadFixture(bookVault);
    const [first, second, third] = sick;
    const { repay } = await vault.quoteTake(first);
    const budget = repay + 1_000n * LOAN;
    const debts = [await vault.debtOf(second), await vault.debtOf(third)] as const;
    const tx = takeMany(sick, { maxRepay: budget });
    const penalties =
      penaltyOn(repay, CALM_TERMS.penaltyBps) + penaltyOn(1_000n * LOAN, CALM_TERMS.penaltyBps);
    await expect(tx).to.changeTokenBalance(ethers, loan, taker, -(budget + penalties));
    expect(await vault.debtOf(second)).to.equal(debts[0] - 1_000n * LOAN);
    expect(await vault.debtOf(third)).to.equal(debts[1]);
  });

  it("sells each position on the terms of its own sale", async () => {
    const { vault, borrower, otherBorrower, governor, taker, sink, start, take, takeMany, ripen, ...system } =
      await loadFixture(bookVault);
    const dear = { ...CALM_TERMS, penaltyBps: 200n, maxDiscountBps: 700n };
    await take({ borrower: otherBorrower.address });
    await vault.connect(governor).setTerms(dear);
    await sink((STORY.sunk * 83n) / 100n);
    await start(otherBorrower);
    await ripen(TO_FIVE_PERCENT, system.sick);
    const snapshot = await networkHelpers.takeSnapshot();
    const models = [];
    for (const [user, terms] of [
      [otherBorrower, dear],
      [borrower, CALM_TERMS],
    ] as const) {
      models.push(await modelTake({ ...system, vault, borrower, terms }, undefined, user.address));
      await take({ borrower: user.address });
    }
    await snapshot.restore();
    const tx = takeMany([otherBorrower, borrower]);
    for (const [i, user] of [otherBorrower, borrower].entries()) {
      const model = models[i];
      await expect(tx)
        .to.emit(vault, "Take")
        .withArgs(user, taker, model?.repaid, model?.penalty, model?.collateral, model?.price);
    }
  });

  describe("limits", () => {
    it("hold for the sums", async () => {
      const { vault, sick, taker, takeMany, takeParams } = await loadFixture(bookVault);
      const { borrower: _, ...limits } = await takeParams();
      const [payment, bought] = await vault
        .connect(taker)
        .takeMany.staticCall({ borrowers: [...sick], ...limits });
      await expect(takeMany(sick, { maxPayment: payment - 1n }))
        .to.be.revertedWithCustomError(vault, "PaymentTooHigh")
        .withArgs(payment, payment - 1n);
      await expect(takeMany(sick, { minCollateral: bought + 1n }))
        .to.be.revertedWithCustomError(vault, "CollateralTooLow")
        .withArgs(bought, bought + 1n);
      await expect(takeMany(sick, { deadline: (await now()) - 1n })).to.be.revertedWithCustomError(
        vault,
        "DeadlinePassed",
      );
      await takeMany(sick, { maxPayment: payment, minCollateral: bought });
    });

    it("a position that takes no collateral with it leaves the others alone", async () => {
      const { vault, sick, takeMany } = await loadFixture(bookVault);
      const [first, ...others] = sick;
      const before = await Promise.all(others.map((user) => vault.position(user)));
      await takeMany([first]);
      const after = await Promise.all(others.map((user) => vault.position(user)));
      expect(after.map((position) => [...position])).to.deep.equal(before.map((position) => [...position]));
    });
  });

  it("reverts when nothing can be sold", async () => {
    const { vault, healthy, empty, sick, takeMany } = await loadFixture(bookVault);
    await expect(takeMany([])).to.be.revertedWithCustomError(vault, "NothingToTake");
    await expect(takeMany([healthy, empty])).to.be.revertedWithCustomError(vault, "NothingToTake");
    await expect(takeMany(sick, { maxRepay: 0n })).to.be.revertedWithCustomError(vault, "NothingToTake");
  });

  it("reverts while the oracle is STALE or sales are paused", async () => {
    const { vault, guardian, sick, takeMany, stale } = await loadFixture(bookVault);
    const snapshot = await networkHelpers.takeSnapshot();
    await stale();
    await expect(takeMany(sick)).to.be.revertedWithCustomError(vault, "OracleStale");
    await snapshot.restore();
    await vault.connect(guardian).pause(PAUSE.sales);
    await expect(takeMany(sick)).to.be.revertedWithCustomError(vault, "ActionPaused");
  });

  it("calls back once, with the sums", async () => {
    const { vault, loan, sick, taker, takeParams } = await loadFixture(bookVault);
    const callee = await ethers.deployContract("MockCallee");
    await loan.mint(callee, STORY.lent);
    await callee.execute(
      loan,
      loan.interface.encodeFunctionData("approve", [await vault.getAddress(), STORY.lent]),
    );
    const { borrower: _, ...limits } = await takeParams({ data: SOME_DATA });
    const borrowers = sick.map(({ address }) => address);
    const [payment, bought] = await vault
      .connect(taker)
      .takeMany.staticCall({ borrowers, ...limits, data: "0x" });
    const call = vault.interface.encodeFunctionData("takeMany", [{ borrowers, ...limits }]);
    await expect(callee.execute(vault, call))
      .to.emit(callee, "CalledBack")
      .withArgs(callee.interface.getFunction("onTake").selector, payment, bought, SOME_DATA);
  });
});
