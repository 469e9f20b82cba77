import { expect } from "chai";

import { maxDebt, penaltyOn, salePrice, value, valueUp } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { ethers, loadFixture, networkHelpers, now } from "../../helpers/chain.ts";
import { modelPrice, modelTake } from "../../helpers/saleModel.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  deployVault,
  ENDED,
  LOAN,
  loanVault,
  ltvBps,
  MAX,
  openStory,
  ORACLE,
  PAUSE,
  prepare,
  RATE_MODEL,
  saleVault,
  SOME_DATA,
  STORY,
  unhealthyVault,
} from "../../helpers/vault.ts";

/** Seconds at which the calm terms, without competition, stand at a discount of 5%. */
const TO_FIVE_PERCENT = 300n;
/** First second at which they stand at hold. */
const TO_HOLD = 64n;

/** Second at which the deep sale's price pays the debt and a part of the penalty: a discount of 6.9%. */
const TO_SHORT_OF_PENALTY = 607n;

/** A loan so small that its sale to the target LTV would leave less than the minimal debt. */
const SMALL = { collateral: COLL / 10n, debt: 150n * LOAN } as const;

/** Price at which the borrower's collateral is worth so many loan units. */
const priceAtWhichWorth = (worth: bigint): bigint => (worth * PRICE_SCALE) / STORY.collateral;

/** An index above 1 that leaves remainders everywhere. */
async function agedSaleVault() {
  const system = await loanVault();
  await system.rateModel.set(3_333_333_333n, 3_333_333_333n, RATE_MODEL.answers);
  await system.pass(1_000_003n);
  await system.sink();
  await system.start();
  return system;
}

/** Price fell so far that the collateral pays the debt and not the penalty, or not even the debt. */
async function deepSaleVault(at: bigint) {
  const system = await loanVault();
  await system.sink(at);
  await system.start();
  return system;
}

const shortOfPenaltyVault = () => deepSaleVault(STORY.deep);
const underWaterVault = () => deepSaleVault(STORY.underWater);

describe("Take", () => {
  describe("what it costs", () => {
    const seconds = [
      0n,
      1n,
      TO_HOLD - 1n,
      TO_HOLD,
      TO_FIVE_PERCENT,
      1_060n,
      5_000n,
      8n * 1_060n + 1n,
      12n * 1_060n,
    ];
    for (const after of seconds) {
      it(`is what the published formulas say ${after} s after the start`, async () => {
        const { vault, loan, collateral, borrower, taker, receiver, take, ripen, ...system } =
          await loadFixture(agedSaleVault);
        await ripen(after);
        const model = await modelTake({ vault, borrower, ...system });
        expect(model.ownSeconds).to.equal(after);
        const quote = await vault.quoteTake(borrower);
        expect([...quote]).to.deep.equal([
          model.price,
          model.repaid,
          model.penalty,
          model.collateral,
          model.ownSeconds,
          model.vaultSeconds,
          after,
        ]);

        const tx = take({ receiver: receiver.address });
        await expect(tx)
          .to.emit(vault, "Take")
          .withArgs(borrower, taker, model.repaid, model.penalty, model.collateral, model.price);
        const paid = model.repaid + model.penalty;
        await expect(tx).to.changeTokenBalances(ethers, loan, [taker, vault], [-paid, paid]);
        await expect(tx).to.changeTokenBalances(
          ethers,
          collateral,
          [taker, receiver, vault],
          [0n, model.collateral, -model.collateral],
        );
        expect((await vault.position(borrower)).collateral).to.equal(model.collateralLeft);
        expect(await vault.debtOf(borrower)).to.equal(model.debtLeft);
        expect((await vault.totals()).saleClock).to.equal(model.saleClock);
      });
    }

    it("opens at the anchor, stands at 5% after 300 s, and tends to 8%", async () => {
      const { vault, borrower, ripen } = await loadFixture(saleVault);
      const discount = async () => WAD - ((await vault.quoteTake(borrower)).price * WAD) / STORY.sunk;
      expect(await discount()).to.equal(0n);
      await ripen(TO_FIVE_PERCENT);
      expect(await discount()).to.be.within(WAD / 20n, WAD / 20n + WAD / 10_000n);
      await ripen(10_000n);
      expect(await discount()).to.be.within((WAD * 797n) / 10_000n, (WAD * 8n) / 100n);
    });

    it("asks a premium first where the terms do", async () => {
      const system = await unhealthyVault();
      await system.vault.connect(system.governor).setTerms({ ...CALM_TERMS, startPremiumBps: 100n });
      await system.start();
      const { price: opening } = await system.vault.quoteTake(system.borrower);
      expect(opening).to.equal((STORY.sunk * 101n) / 100n);
    });

    it("follows the live oracle, up as well as down", async () => {
      const { vault, borrower, sink, ripen } = await loadFixture(saleVault);
      await ripen(TO_FIVE_PERCENT);
      const before = (await vault.quoteTake(borrower)).price;
      await sink((STORY.sunk * 99n) / 100n);
      expect((await vault.quoteTake(borrower)).price).to.be.within(
        (before * 99n) / 100n - 1n,
        (before * 99n) / 100n + 1n,
      );
    });

    it("pays the penalty into the reserve and the rest of the payment into the cash", async () => {
      const { vault, take, ...system } = await loadFixture(saleVault);
      const before = await vault.totals();
      const model = await modelTake({ vault, ...system });
      await take();
      const after = await vault.totals();
      expect(after.reserve - before.reserve).to.equal(model.penalty);
      expect(after.cash - before.cash).to.equal(model.repaid + model.penalty);
      expect(model.penalty).to.equal(penaltyOn(model.repaid, CALM_TERMS.penaltyBps));
    });

    it("answers what it did", async () => {
      const { vault, taker, takeParams, ...system } = await loadFixture(saleVault);
      const model = await modelTake({ vault, ...system });
      const params = await takeParams();
      const [payment, bought] = await vault.connect(taker).take.staticCall(params);
      expect(payment).to.equal(model.repaid + model.penalty);
      expect(bought).to.equal(model.collateral);
    });
  });

  describe("how much", () => {
    it("LIQ-3: the maximum restores the target LTV and no more", async () => {
      const { vault, borrower, take, ripen } = await loadFixture(agedSaleVault);
      await ripen(TO_FIVE_PERCENT);
      await take();
      const left = await vault.position(borrower);
      const debt = await vault.debtOf(borrower);
      const bearable = maxDebt(left.collateral, STORY.sunk, CALM_TERMS.targetLtvBps);
      expect(debt).to.be.within(bearable - 10n, bearable);
    });

    it("clamps a wish above the maximum to it", async () => {
      const { vault, loan, taker, take, ...system } = await loadFixture(saleVault);
      const { repaid, penalty } = await modelTake({ vault, ...system });
      await expect(take({ maxRepay: repaid + 1n })).to.changeTokenBalance(
        ethers,
        loan,
        taker,
        -(repaid + penalty),
      );
    });

    for (const repay of [1n, 1_000n, 12_345_678_901n]) {
      it(`takes a part of ${repay} loan units`, async () => {
        const { vault, loan, collateral, borrower, taker, take, ripen, ...system } =
          await loadFixture(agedSaleVault);
        await ripen(TO_FIVE_PERCENT);
        const model = await modelTake({ vault, borrower, ...system }, repay);
        const tx = take({ maxRepay: repay });
        await expect(tx).to.changeTokenBalance(ethers, loan, taker, -(repay + model.penalty));
        await expect(tx).to.changeTokenBalance(ethers, collateral, taker, model.collateral);
        expect(await vault.debtOf(borrower)).to.equal(model.debtLeft);
        expect((await vault.position(borrower)).saleStartedAt).to.not.equal(0n);
      });
    }

    it("LIQ-2: parts never worsen the health of what they leave open", async () => {
      const { vault, borrower, take, ripen } = await loadFixture(agedSaleVault);
      await ripen(TO_FIVE_PERCENT);
      const ltv = async () => {
        const { collateral } = await vault.position(borrower);
        return ltvBps((await vault.debtOf(borrower)) * BPS, collateral, STORY.sunk);
      };
      let before = await ltv();
      for (const maxRepay of [1n, 7n, 999n, 1_000_000n, 3_333_333_333n]) {
        await take({ maxRepay });
        const after = await ltv();
        expect(after).to.be.at.most(before);
        before = after;
      }
    });

    it("reverts for a wish of nothing", async () => {
      const { vault, take } = await loadFixture(saleVault);
      await expect(take({ maxRepay: 0n })).to.be.revertedWithCustomError(vault, "ZeroAmount");
    });
  });

  describe("dust (LIQ-4)", () => {
    it("leaves the minimal debt or none where the collateral cannot pay the penalty", async () => {
      const { vault, borrower, take, ripen } = await loadFixture(shortOfPenaltyVault);
      await ripen(TO_SHORT_OF_PENALTY);
      const most = (await vault.debtOf(borrower)) - CONFIG.minDebt;
      await expect(take({ maxRepay: most + 1n }))
        .to.be.revertedWithCustomError(vault, "RemainderTooSmall")
        .withArgs(CONFIG.minDebt - 1n, CONFIG.minDebt);
      await take({ maxRepay: most });
      expect(await vault.debtOf(borrower)).to.equal(CONFIG.minDebt);
    });

    it("takes the whole debt where the maximum would leave less than the minimum", async () => {
      const system = await loanVault();
      const of = system.otherBorrower.address;
      // A loan of 150: restoring the target LTV would leave less than 100.
      await system.open(system.otherBorrower, SMALL.collateral, SMALL.debt);
      await system.sink();
      await system.start(of);
      const { repay } = await system.vault.quoteTake(of);
      expect(repay).to.equal(await system.vault.debtOf(of));
      await system.take({ borrower: of });
      const left = await system.vault.position(of);
      expect(left.scaledDebt).to.equal(0n);
      expect(left.collateral).to.be.above(0n);
    });

    it("lets nobody leave between nothing and the minimum there", async () => {
      const system = await loanVault();
      const of = system.otherBorrower.address;
      await system.open(system.otherBorrower, SMALL.collateral, SMALL.debt);
      await system.sink();
      await system.start(of);
      await expect(system.take({ borrower: of, maxRepay: 50n * LOAN + 1n }))
        .to.be.revertedWithCustomError(system.vault, "RemainderTooSmall")
        .withArgs(100n * LOAN - 1n, CONFIG.minDebt);
      await system.take({ borrower: of, maxRepay: 50n * LOAN });
      expect(await system.vault.debtOf(of)).to.equal(CONFIG.minDebt);
    });
  });

  describe("when the collateral falls short", () => {
    it("of the penalty: debt first, the penalty gets the rest, and nothing is left", async () => {
      const { vault, borrower, take, ripen } = await loadFixture(shortOfPenaltyVault);
      await ripen(TO_SHORT_OF_PENALTY);
      const debt = await vault.debtOf(borrower);
      const quote = await vault.quoteTake(borrower);
      const worth = valueUp(STORY.collateral, quote.price);
      expect(worth).to.be.within(debt, debt + penaltyOn(debt, CALM_TERMS.penaltyBps) - 1n);
      expect([quote.repay, quote.penalty, quote.collateral]).to.deep.equal([
        debt,
        worth - debt,
        STORY.collateral,
      ]);
      await expect(take()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
      expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });

    it("of the debt: all collateral goes for what it is worth, and the rest of the debt stays", async () => {
      const { vault, loan, borrower, taker, take } = await loadFixture(underWaterVault);
      const debt = await vault.debtOf(borrower);
      const payment = valueUp(STORY.collateral, STORY.underWater);
      const tx = take();
      await expect(tx).to.changeTokenBalance(ethers, loan, taker, -payment);
      await expect(tx)
        .to.emit(vault, "Take")
        .withArgs(borrower, taker, payment, 0n, STORY.collateral, STORY.underWater);
      await expect(tx).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.emptied);
      expect(await vault.debtOf(borrower)).to.equal(debt - payment);
      expect((await vault.position(borrower)).collateral).to.equal(0n);
    });

    it("of the debt: asks no penalty of a part", async () => {
      const { vault, loan, collateral, borrower, taker, take } = await loadFixture(underWaterVault);
      const part = 1_000n * LOAN;
      const tx = take({ maxRepay: part });
      await expect(tx).to.changeTokenBalance(ethers, loan, taker, -part);
      await expect(tx).to.changeTokenBalance(
        ethers,
        collateral,
        taker,
        (part * PRICE_SCALE) / STORY.underWater,
      );
      expect((await vault.totals()).reserve).to.equal(0n);
      expect(await vault.debtOf(borrower)).to.equal(STORY.debt - part);
    });

    it("leaves collateral worth the minimum or none", async () => {
      const { vault, take } = await loadFixture(underWaterVault);
      const worth = value(STORY.collateral, STORY.underWater);
      await expect(take({ maxRepay: worth - CONFIG.minDebt + 1n })).to.be.revertedWithCustomError(
        vault,
        "RemainderTooSmall",
      );
      await expect(take({ maxRepay: worth - 1n })).to.be.revertedWithCustomError(vault, "RemainderTooSmall");
      await take({ maxRepay: worth - CONFIG.minDebt });
    });
  });

  describe("limits", () => {
    it("accepts a payment at the limit and reverts one unit above it", async () => {
      const { vault, take, ...system } = await loadFixture(saleVault);
      const { repaid, penalty } = await modelTake({ vault, ...system });
      const payment = repaid + penalty;
      await expect(take({ maxPayment: payment - 1n }))
        .to.be.revertedWithCustomError(vault, "PaymentTooHigh")
        .withArgs(payment, payment - 1n);
      await take({ maxPayment: payment });
    });

    it("accepts collateral at the limit and reverts one unit under it", async () => {
      const { vault, take, ...system } = await loadFixture(saleVault);
      const { collateral } = await modelTake({ vault, ...system });
      await expect(take({ minCollateral: collateral + 1n }))
        .to.be.revertedWithCustomError(vault, "CollateralTooLow")
        .withArgs(collateral, collateral + 1n);
      await take({ minCollateral: collateral });
    });

    it("accepts the second of the deadline and reverts the one after", async () => {
      const { vault, take, pass } = await loadFixture(saleVault);
      const deadline = (await now()) + 5n;
      await pass(6n);
      await expect(take({ deadline }))
        .to.be.revertedWithCustomError(vault, "DeadlinePassed")
        .withArgs(deadline);
      await take({ deadline: deadline + 1n });
    });

    it("reverts for a taker without means and leaves everything as it was", async () => {
      const { vault, loan, borrower, otherLender, take } = await loadFixture(saleVault);
      const before = await vault.position(borrower);
      await expect(take({}, otherLender)).to.be.revertedWithCustomError(loan, "ERC20InsufficientAllowance");
      expect([...(await vault.position(borrower))]).to.deep.equal([...before]);
    });
  });

  describe("callback", () => {
    async function calleeVault() {
      const system = await saleVault();
      const callee = await ethers.deployContract("MockCallee");
      const asCallee = async (change = {}) =>
        callee.execute(
          system.vault,
          system.vault.interface.encodeFunctionData("take", [
            await system.takeParams({ receiver: await callee.getAddress(), data: SOME_DATA, ...change }),
          ]),
        );
      return { ...system, callee, asCallee };
    }

    it("comes after the collateral and before the payment: a taker needs no capital", async () => {
      const { vault, loan, collateral, callee, asCallee, stranger, ...system } =
        await loadFixture(calleeVault);
      const model = await modelTake({ vault, ...system });
      const payment = model.repaid + model.penalty;
      // In its callback the taker hands the collateral on and only then comes to the money.
      await callee.setPlan([
        {
          target: collateral,
          data: collateral.interface.encodeFunctionData("transfer", [stranger.address, model.collateral]),
        },
        {
          target: loan,
          data: loan.interface.encodeFunctionData("mint", [await callee.getAddress(), payment]),
        },
        {
          target: loan,
          data: loan.interface.encodeFunctionData("approve", [await vault.getAddress(), payment]),
        },
      ]);
      const tx = asCallee();
      await expect(tx)
        .to.emit(callee, "CalledBack")
        .withArgs(callee.interface.getFunction("onTake").selector, payment, model.collateral, SOME_DATA);
      await expect(tx).to.changeTokenBalance(ethers, collateral, stranger, model.collateral);
      expect(await loan.balanceOf(callee)).to.equal(0n);
      expect((await callee.results()).every((result) => result.success)).to.equal(true);
    });

    it("is not made without data", async () => {
      const { vault, loan, callee, asCallee, fund: _, ...system } = await loadFixture(calleeVault);
      const model = await modelTake({ vault, ...system });
      await loan.mint(callee, model.repaid + model.penalty);
      await callee.execute(
        loan,
        loan.interface.encodeFunctionData("approve", [await vault.getAddress(), MAX]),
      );
      await expect(asCallee({ data: "0x" })).to.not.emit(callee, "CalledBack");
    });

    it("reverts on a wrong magic value", async () => {
      const { vault, loan, callee, asCallee } = await loadFixture(calleeVault);
      await loan.mint(callee, STORY.lent);
      await callee.execute(
        loan,
        loan.interface.encodeFunctionData("approve", [await vault.getAddress(), MAX]),
      );
      await callee.setRefuses(true);
      await expect(asCallee()).to.be.revertedWithCustomError(vault, "CallbackRefused").withArgs(callee);
    });

    it("reverts when the money is not there afterwards", async () => {
      const { loan, vault, callee, asCallee } = await loadFixture(calleeVault);
      await callee.execute(
        loan,
        loan.interface.encodeFunctionData("approve", [await vault.getAddress(), MAX]),
      );
      await expect(asCallee()).to.be.revertedWithCustomError(loan, "ERC20InsufficientBalance");
    });
  });

  describe("eligibility", () => {
    it("reverts without a sale", async () => {
      const { vault, borrower, take } = await loadFixture(unhealthyVault);
      await expect(take()).to.be.revertedWithCustomError(vault, "SaleNotStarted").withArgs(borrower);
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "SaleNotStarted");
    });

    it("LIQ-1: reverts while the position is healthy on the deciding price, to the unit", async () => {
      const { vault, borrower, sink, take } = await loadFixture(saleVault);
      const worth = ceilDiv(STORY.debt * BPS, CONFIG.liquidationLtvBps);
      await sink(priceAtWhichWorth(worth));
      await expect(take())
        .to.be.revertedWithCustomError(vault, "PositionHealthy")
        .withArgs(borrower, STORY.debt, STORY.debt);
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "PositionHealthy");
      await sink(priceAtWhichWorth(worth - 1n));
      await take();
    });

    it("goes on until twelve horizons have passed, and lapses a second later", async () => {
      const { vault, borrower, take, pass } = await loadFixture(saleVault);
      await pass(12n * CALM_TERMS.horizon);
      const snapshot = await networkHelpers.takeSnapshot();
      await take({ maxRepay: 1_000n });
      await snapshot.restore();
      await pass(1n);
      await expect(take()).to.be.revertedWithCustomError(vault, "SaleLapsed").withArgs(borrower);
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "SaleLapsed");
    });

    it("reverts while the oracle is STALE", async () => {
      const { vault, borrower, stale, take } = await loadFixture(saleVault);
      await stale();
      await expect(take()).to.be.revertedWithCustomError(vault, "OracleStale");
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "OracleStale");
    });

    it("reverts while sales are paused, and the clock begins anew when they go on", async () => {
      const { vault, borrower, guardian, governor, take, pass, ripen } = await loadFixture(saleVault);
      await ripen(TO_FIVE_PERCENT);
      await vault.connect(guardian).pause(PAUSE.sales);
      await expect(take()).to.be.revertedWithCustomError(vault, "ActionPaused").withArgs(PAUSE.sales);
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "ActionPaused");
      await pass(TO_FIVE_PERCENT);
      await vault.connect(governor).unpause(PAUSE.sales);
      const quote = await vault.quoteTake(borrower);
      expect(quote.ownSeconds).to.equal(0n);
      expect(quote.vaultSeconds).to.equal(0n);
      expect(quote.price).to.equal(STORY.sunk);
      await vault.touch(borrower);
      await ripen(TO_FIVE_PERCENT);
      const later = await vault.quoteTake(borrower);
      expect([later.ownSeconds, later.vaultSeconds]).to.deep.equal([TO_FIVE_PERCENT, TO_FIVE_PERCENT]);
    });
  });

  describe("clocks and the oracle's life", () => {
    it("count from the end of the last interruption, and keep it when the oracle forgets", async () => {
      const { vault, borrower, take, pass, say } = await loadFixture(saleVault);
      await pass(200n);
      const back = await now();
      await vault.touch(borrower);
      await pass(100n);
      await say({ deciding: STORY.sunk, liveSince: back });
      const quote = await vault.quoteTake(borrower);
      expect([quote.ownSeconds, quote.vaultSeconds]).to.deep.equal([100n, 100n]);
      // Only a sale operation writes it into the vault.
      expect((await vault.params()).clocksRestartedAt).to.equal(0n);
      await take({ maxRepay: 1n });
      expect((await vault.params()).clocksRestartedAt).to.equal(back);
      await say({ deciding: STORY.sunk });
      expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(100n);
    });

    it("AUC-3: lapses by the wall's clock, and a time in which nobody could act deepens nothing then either", async () => {
      const { vault, borrower, pass, say, start } = await loadFixture(saleVault);
      await pass(20n * CALM_TERMS.horizon);
      await say({ deciding: STORY.sunk, liveSince: await now() });
      await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "SaleLapsed");
      await start();
      expect((await vault.quoteTake(borrower)).ownSeconds).to.be.at.most(2n);
    });

    it("remembers how far the oracle was proved alive, never backwards", async () => {
      const { vault, take, say } = await loadFixture(saleVault);
      const alive = await now();
      await say({ deciding: STORY.sunk, aliveUntil: alive });
      await take({ maxRepay: 1_000n });
      expect((await vault.totals()).oracleAliveUntil).to.equal(alive);
      await say({ deciding: STORY.sunk, aliveUntil: alive - 10n });
      await take({ maxRepay: 1_000n });
      expect((await vault.totals()).oracleAliveUntil).to.equal(alive);
    });
  });

  describe("while the sources disagree", () => {
    const high = (STORY.sunk * 102n) / 100n;
    const low = (STORY.sunk * 98n) / 100n;
    for (const after of [0n, 100n, CALM_TERMS.halfLife, 1_000n, 12n * CALM_TERMS.horizon]) {
      it(`the anchor slides from the higher price to the deciding one: ${after} s`, async () => {
        const { vault, borrower, ripen, suspect, take, ...system } = await loadFixture(saleVault);
        await suspect({ deciding: STORY.sunk, high, low });
        await ripen(after);
        const quote = await vault.quoteTake(borrower);
        const said = { deciding: STORY.sunk, high, low, state: ORACLE.suspect };
        expect(quote.ownSeconds).to.equal(after);
        expect(quote.price).to.equal(modelPrice(said, CALM_TERMS, quote.ownSeconds, quote.vaultSeconds));
        const model = await modelTake({ vault, borrower, ...system });
        await expect(take())
          .to.emit(vault, "Take")
          .withArgs(borrower, system.taker, model.repaid, model.penalty, model.collateral, quote.price);
      });
    }

    it("opens at the higher price and has gone half the way after one half-life", async () => {
      const { vault, borrower, pass, suspect } = await loadFixture(saleVault);
      await suspect({ deciding: STORY.sunk, high, low });
      expect((await vault.quoteTake(borrower)).price).to.equal(high);
      await pass(CALM_TERMS.halfLife);
      // 1% of the gap of 2% is left, and half of the 8% is given.
      const expected = (((STORY.sunk * 101n) / 100n) * 96n) / 100n;
      expect((await vault.quoteTake(borrower)).price).to.be.within(
        expected,
        expected + expected / 10n ** 12n,
      );
    });

    it("does not slide where the deciding price is the higher one", async () => {
      const { vault, borrower, suspect } = await loadFixture(saleVault);
      await suspect({ deciding: STORY.sunk, low });
      expect((await vault.quoteTake(borrower)).price).to.equal(STORY.sunk);
    });

    it("does not slide while the oracle is FRESH", async () => {
      const { vault, borrower, say } = await loadFixture(saleVault);
      await say({ deciding: STORY.sunk, high, low });
      expect((await vault.quoteTake(borrower)).price).to.equal(STORY.sunk);
    });

    it("judges health on the deciding price", async () => {
      const { vault, suspect, take } = await loadFixture(saleVault);
      await suspect({ deciding: STORY.price, low: STORY.sunk, high: STORY.price });
      await expect(take()).to.be.revertedWithCustomError(vault, "PositionHealthy");
    });
  });

  describe("floor", () => {
    async function curveVault(discount: bigint) {
      const curve = await ethers.deployContract("MockCurve", [discount]);
      const system = await openStory(await prepare(await deployVault({ curve })));
      await system.sink();
      await system.start();
      return system;
    }

    it("holds a curve that asks for more than the maximal discount", async () => {
      const { vault, borrower } = await curveVault(WAD);
      const floor = ceilDiv(STORY.sunk * (BPS - CALM_TERMS.maxDiscountBps), BPS);
      expect((await vault.quoteTake(borrower)).price).to.equal(floor);
    });

    it("holds a curve that asks for more than twice the price", async () => {
      const { vault, borrower } = await curveVault(-5n * WAD);
      expect((await vault.quoteTake(borrower)).price).to.equal(2n * STORY.sunk);
    });

    it("is the lower price less the maximal discount, where that is above the clock's price", async () => {
      const { vault, borrower, ripen, say } = await loadFixture(saleVault);
      await ripen(12n * CALM_TERMS.horizon);
      // An oracle that would break its own promise that `low` is at most the deciding price.
      const low = (STORY.sunk * 103n) / 100n;
      await say({ deciding: STORY.sunk, low, high: low });
      const floor = ceilDiv(low * (BPS - CALM_TERMS.maxDiscountBps), BPS);
      expect((await vault.quoteTake(borrower)).price).to.equal(floor);
      expect(salePrice(STORY.sunk, low, WAD, CALM_TERMS.maxDiscountBps)).to.equal(floor);
    });
  });
});
