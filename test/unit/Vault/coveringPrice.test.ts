import { expect } from "chai";

import { value, valueUp } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv, max, PRICE_SCALE } from "../../../sdk/math.ts";
import { loadFixture, networkHelpers, now } from "../../helpers/chain.ts";
import { modelPrice, modelTake } from "../../helpers/saleModel.ts";
import {
  banded,
  CALM_TERMS,
  ENDED,
  LOAN,
  lentVault,
  loanVault,
  ORACLE,
  PAUSE,
  price,
  RATE_MODEL,
  STORY,
} from "../../helpers/vault.ts";

/** Debt and penalty are worth 97.9% of the collateral: the clock asks less after some two minutes. */
const THIN = price(1_540n);
/** Debt alone is worth less than the collateral, and with the penalty more. */
const SHORT_OF_PENALTY = price(1_505n);
const HALF_LIFE = CALM_TERMS.halfLife;
/** Here the clock asks 3.1% less than the oracle. */
const YOUNG = 150n;

/** A sale just started at a price, of a debt that leaves remainders everywhere. */
async function saleAt(at: bigint) {
  const system = await loanVault();
  await system.rateModel.set(3_333_333_333n, 3_333_333_333n, RATE_MODEL.answers);
  await system.pass(1_000_003n);
  await system.sink(at);
  await system.start();
  return system;
}
const thinSale = () => saleAt(THIN);
const thinLoan = async () => {
  const system = await loanVault();
  await system.sink(THIN);
  return system;
};
const underWaterSale = () => saleAt(STORY.underWater);
const shortOfPenaltySale = async () => {
  const system = await loanVault();
  await system.sink(SHORT_OF_PENALTY);
  await system.start();
  return system;
};

type Covered = Pick<Awaited<ReturnType<typeof thinSale>>, "vault" | "borrower">;

/** What debt and penalty are owed, times the scale that prices of so much collateral have. */
async function owedOf({ vault, borrower }: Covered): Promise<bigint> {
  return (await vault.debtOf(borrower)) * (BPS + CALM_TERMS.penaltyBps) * (PRICE_SCALE / BPS);
}

const coveringOf = async (system: Covered): Promise<bigint> =>
  ceilDiv(await owedOf(system), (await system.vault.position(system.borrower)).collateral);

/** What the clocks alone ask. */
async function clockPrice({ vault, borrower }: Covered, at = THIN): Promise<bigint> {
  const { ownSeconds, vaultSeconds } = await vault.quoteTake(borrower);
  return modelPrice({ ...banded(at), state: ORACLE.fresh }, CALM_TERMS, ownSeconds, vaultSeconds);
}

describe("Covering price: a sale younger than a half-life", () => {
  it("asks no less than what pays debt and penalty, rounded up", async () => {
    const system = await loadFixture(thinSale);
    await system.ripen(YOUNG);
    const quote = await system.vault.quoteTake(system.borrower);
    expect(quote.liveSeconds).to.equal(YOUNG);
    expect(await clockPrice(system)).to.be.below(quote.price);
    expect(quote.price).to.be.below(THIN);
    const owed = await owedOf(system);
    expect(quote.price * STORY.collateral).to.be.at.least(owed);
    expect((quote.price - 1n) * STORY.collateral).to.be.below(owed);
  });

  it("asks what the clock says as long as that is more", async () => {
    const system = await loadFixture(thinSale);
    await system.ripen(60n);
    const quote = await system.vault.quoteTake(system.borrower);
    expect(quote.price).to.equal(await clockPrice(system));
    expect(quote.price).to.be.above(await coveringOf(system));
  });

  it("asks it until the last second of the half-life, and then what the clock says", async () => {
    const system = await loadFixture(thinSale);
    await system.ripen(HALF_LIFE - 1n);
    const young = (await system.vault.quoteTake(system.borrower)).price;
    expect(young).to.equal(await coveringOf(system));
    await system.pass(1n);
    const old = await system.vault.quoteTake(system.borrower);
    expect(old.liveSeconds).to.equal(HALF_LIFE);
    expect(old.price).to.equal(await clockPrice(system));
    expect(old.price).to.be.below(young);
  });

  it("AUC-1: its price rises by no more than the debt's own growth asks for", async () => {
    const system = await loadFixture(thinSale);
    const { vault, borrower } = system;
    await system.rateModel.set(30_000_000_000n, 30_000_000_000n, RATE_MODEL.answers);
    let before = (await vault.quoteTake(borrower)).price;
    let rises = 0;
    for (let seconds = 10n; seconds < HALF_LIFE - 10n; seconds += 10n) {
      await system.pass(10n);
      const { price: after } = await vault.quoteTake(borrower);
      expect(after).to.be.at.most(max(before, await coveringOf(system)));
      if (after > before) rises++;
      before = after;
    }
    expect(rises).to.be.above(5);
  });

  it("is paid debt and penalty in full by a whole take, and leaves no bad debt", async () => {
    const { vault, borrower, taker, take, ripen, ...system } = await loadFixture(thinSale);
    await ripen(YOUNG);
    const model = await modelTake({ vault, borrower, ...system });
    const tx = take();
    await expect(tx)
      .to.emit(vault, "Take")
      .withArgs(borrower, taker, model.repaid, model.penalty, model.collateral, model.price);
    await expect(tx).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
    expect(model.debtLeft).to.equal(0n);
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  for (const part of [1n, 12_345_678_901n, 100_000n * LOAN]) {
    it(`is worsened for the lenders by no part: ${part} loan units`, async () => {
      const { vault, borrower, taker, take, ripen, ...system } = await loadFixture(thinSale);
      await ripen(YOUNG);
      const model = await modelTake({ vault, borrower, ...system }, part);
      const [debt, { collateral }] = await Promise.all([vault.debtOf(borrower), vault.position(borrower)]);
      await expect(take({ maxRepay: part }))
        .to.emit(vault, "Take")
        .withArgs(borrower, taker, model.repaid, model.penalty, model.collateral, model.price);
      const left = await vault.position(borrower);
      // But for a unit that a debt falls less by than what was paid.
      expect((await vault.debtOf(borrower)) * collateral).to.be.at.most((debt + 2n) * left.collateral);
      expect((await vault.quoteTake(borrower)).price).to.be.within(
        await coveringOf({ vault, borrower }),
        model.price + (3n * PRICE_SCALE) / left.collateral,
      );
    });
  }

  it("asks the oracle's price, and no more, where the collateral pays the debt without the penalty", async () => {
    const { vault, borrower, take, ripen } = await loadFixture(shortOfPenaltySale);
    await ripen(YOUNG);
    const quote = await vault.quoteTake(borrower);
    expect(quote.price).to.equal(SHORT_OF_PENALTY);
    expect([quote.repay, quote.penalty]).to.deep.equal([
      STORY.debt,
      valueUp(STORY.collateral, SHORT_OF_PENALTY) - STORY.debt,
    ]);
    await take();
    expect(await vault.debtOf(borrower)).to.equal(0n);
  });

  it("asks the oracle's price under water: the loss is what that leaves, and grows after a half-life only", async () => {
    const { vault, borrower, take, ripen, pass } = await loadFixture(underWaterSale);
    await ripen(HALF_LIFE - 1n);
    const snapshot = await networkHelpers.takeSnapshot();
    expect((await vault.quoteTake(borrower)).price).to.equal(STORY.underWater);
    const debt = await vault.debtOf(borrower);
    await take();
    expect(await vault.debtOf(borrower)).to.be.within(
      debt - valueUp(STORY.collateral, STORY.underWater),
      debt - value(STORY.collateral, STORY.underWater) + 1n,
    );
    await snapshot.restore();
    await pass(1n);
    expect((await vault.quoteTake(borrower)).price).to.be.within(
      (STORY.underWater * 96n) / 100n,
      (STORY.underWater * 9_601n) / BPS,
    );
  });

  it("follows the oracle up and down, and the sources where they disagree", async () => {
    const { vault, borrower, ripen, sink, suspect, ...system } = await loadFixture(thinSale);
    await ripen(YOUNG);
    const covering = await coveringOf({ vault, borrower });
    await sink(covering - 1n);
    expect((await vault.quoteTake(borrower)).price).to.equal(covering - 1n);
    await sink(covering);
    expect((await vault.quoteTake(borrower)).price).to.equal(covering);
    await sink((THIN * 102n) / 100n);
    expect((await vault.quoteTake(borrower)).price).to.be.above(covering);
    // The anchor is 61% of the gap above: at that the clock asks less than what covers, too.
    await suspect({ deciding: THIN, high: (THIN * 101n) / 100n, low: (THIN * 98n) / 100n });
    expect((await vault.quoteTake(borrower)).price).to.equal(covering);
    await suspect({ deciding: THIN, high: (THIN * 110n) / 100n, low: (THIN * 98n) / 100n });
    const { price: above } = await modelTake({ vault, borrower, ...system });
    expect((await vault.quoteTake(borrower)).price).to.equal(above);
    expect(above).to.be.above(covering);
  });

  it("is what a sale becomes anew when an outage restarts its clock", async () => {
    const system = await loadFixture(thinSale);
    const { vault, borrower, say, pass } = system;
    await system.ripen(2n * HALF_LIFE);
    expect((await vault.quoteTake(borrower)).price).to.be.below(await coveringOf(system));
    await say({ ...banded(THIN), liveSince: await now() });
    await vault.touch(borrower);
    expect((await vault.quoteTake(borrower)).liveSeconds).to.be.at.most(2n);
    const { clocksRestartedAt } = await vault.params();
    await pass(clocksRestartedAt + HALF_LIFE - 1n - (await now()));
    const young = await vault.quoteTake(borrower);
    expect([young.liveSeconds, young.price]).to.deep.equal([HALF_LIFE - 1n, await coveringOf(system)]);
    await pass(1n);
    expect((await vault.quoteTake(borrower)).price).to.be.below(young.price);
  });

  it("is what a sale becomes anew when sales go on after a pause", async () => {
    const system = await loadFixture(thinSale);
    const { vault, borrower, guardian, governor, ripen } = system;
    await ripen(2n * HALF_LIFE);
    await vault.connect(guardian).pause(PAUSE.sales);
    await vault.connect(governor).unpause(PAUSE.sales);
    await vault.touch(borrower);
    await ripen(YOUNG);
    expect((await vault.quoteTake(borrower)).price).to.equal(await coveringOf(system));
  });

  it("is what a sale is that a taker starts: he pays the oracle's price at least, whatever the clock says to others", async () => {
    const { vault, borrower, taker, startAndTake } = await loadFixture(thinLoan);
    await expect(startAndTake())
      .to.emit(vault, "Take")
      .withArgs(
        borrower,
        taker,
        (repaid: bigint) => repaid <= STORY.debt,
        (penalty: bigint) => penalty > 0n,
        (sold: bigint) => sold <= STORY.collateral,
        THIN,
      );
    const left = await vault.position(borrower);
    expect(await vault.debtOf(borrower)).to.be.at.most(value(left.collateral, THIN));
  });

  it("is what a lapsed sale is that a taker starts anew", async () => {
    const { vault, borrower, startAndTake, pass } = await loadFixture(thinSale);
    await pass(12n * CALM_TERMS.horizon + 1n);
    await startAndTake({ maxRepay: 1_000n * LOAN });
    await pass(YOUNG);
    const quote = await vault.quoteTake(borrower);
    expect(quote.price).to.be.at.least(await coveringOf({ vault, borrower }));
  });

  it("is told from an old one within one take of many", async () => {
    const system = await lentVault();
    const { vault, borrower, otherBorrower, open, sink, start, taker, take, takeMany, ripen, pass } = system;
    for (const user of [borrower, otherBorrower]) await open(user);
    await sink(THIN);
    await start(borrower);
    await ripen(HALF_LIFE);
    await start(otherBorrower);
    await vault.touch(borrower);
    await pass(YOUNG);
    const snapshot = await networkHelpers.takeSnapshot();
    const models = [];
    for (const user of [borrower, otherBorrower]) {
      models.push(await modelTake(system, 10_000n * LOAN, user.address));
      await take({ borrower: user.address, maxRepay: 10_000n * LOAN });
    }
    const [old, young] = models;
    if (old === undefined || young === undefined) throw new Error("no models");
    await snapshot.restore();
    const covering = await coveringOf({ vault, borrower: otherBorrower });
    expect(old.price).to.be.below(covering);
    expect(young.price).to.be.at.least(covering);
    const tx = takeMany([borrower, otherBorrower], { maxRepay: STORY.debt + 10_000n * LOAN });
    await expect(tx)
      .to.emit(vault, "Take")
      .withArgs(
        otherBorrower,
        taker,
        () => true,
        () => true,
        () => true,
        (paid: bigint) => paid >= covering,
      );
  });
});
