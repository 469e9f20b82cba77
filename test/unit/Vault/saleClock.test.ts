import { expect } from "chai";

import { discount } from "../../../sdk/decayCurve.ts";
import { LONGEST_HORIZON, rewind, salePrice, TICKS_PER_SECOND, valueUp } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv, max, WAD } from "../../../sdk/math.ts";
import { loadFixture, networkHelpers, now } from "../../helpers/chain.ts";
import { modelTake } from "../../helpers/saleModel.ts";
import {
  CALM_TERMS,
  COLL,
  deployVault,
  LOAN,
  lentVault,
  openStory,
  prepare,
  STORY,
} from "../../helpers/vault.ts";

const H = CALM_TERMS.horizon;
/** A discount that the held one does not reach: D at one horizon is 7.75%. */
const LONG = 5_000n;
/** More than a lot is sold by a take of this position. */
const WHALE = { collateral: 1_000n * COLL, debt: 1_500_000n * LOAN } as const;

/** Two positions long for sale, and a whale. */
async function longSaleVault() {
  const system = await lentVault();
  const {
    borrower,
    otherBorrower,
    operator: whale,
    otherLender,
    fund,
    lend,
    open,
    sink,
    start,
    taker,
  } = system;
  await lend(STORY.lent, otherLender);
  await fund(taker, 10n * STORY.lent, 0n);
  await open(borrower);
  await open(otherBorrower);
  await open(whale, WHALE.collateral, WHALE.debt);
  await sink();
  for (const user of [borrower, otherBorrower, whale]) await start(user);
  await system.ripen(LONG, [borrower, otherBorrower, whale]);
  return { ...system, whale };
}

/** The same on a lot so large that no sale moves the clock much. */
async function deepMarketVault() {
  const system = await openStory(
    await prepare(await deployVault({ terms: { lot: 10n ** 6n * CALM_TERMS.lot } })),
  );
  await system.sink();
  await system.start();
  await system.ripen(LONG);
  return system;
}

const priceAt = (own: bigint, vaultSeconds: bigint): bigint =>
  salePrice(STORY.sunk, STORY.sunk, discount(CALM_TERMS, own, vaultSeconds), CALM_TERMS.maxDiscountBps);

describe("SaleClock", () => {
  it("stands a horizon back at most, however long nobody sold", async () => {
    const { vault, borrower } = await loadFixture(longSaleVault);
    const quote = await vault.quoteTake(borrower);
    expect([quote.ownSeconds, quote.vaultSeconds]).to.deep.equal([LONG, H]);
    expect(quote.price).to.equal(priceAt(LONG, H));
  });

  it("moves forward by H x v / lot from a horizon ago, less what used up the time before that", async () => {
    const { vault, borrower, take } = await loadFixture(longSaleVault);
    await take();
    const sold = valueUp(STORY.collateral - (await vault.position(borrower)).collateral, STORY.sunk);
    // A sixteenth of a lot uses up the longest horizon.
    const used = ((LONGEST_HORIZON - H) * CALM_TERMS.lot) / (16n * LONGEST_HORIZON);
    const expected =
      ((await now()) - H) * TICKS_PER_SECOND + ceilDiv((sold - used) * H * TICKS_PER_SECOND, CALM_TERMS.lot);
    expect((await vault.totals()).saleClock).to.equal(expected);
  });

  it("LIQ-6: slices leave it where one sale of their value would, to a tick each, and buy less", async () => {
    const { vault, whale, collateral, taker, take, ...system } = await loadFixture(longSaleVault);
    const slices = 7n;
    const slice = 20_000n * LOAN;
    const whole = await modelTake({ vault, ...system }, slices * slice, whale.address);
    expect(whole.repaid).to.equal(slices * slice);

    let fairValue = 0n;
    for (let i = 0n; i < slices; i++) {
      const before = await collateral.balanceOf(taker);
      await take({ borrower: whale.address, maxRepay: slice });
      fairValue += valueUp((await collateral.balanceOf(taker)) - before, STORY.sunk);
    }
    const one = rewind(0n, await now(), fairValue, H, CALM_TERMS.lot);
    expect((await vault.totals()).saleClock).to.be.within(one, one + slices);
    expect(await collateral.balanceOf(taker)).to.be.below(whole.collateral);
  });

  it("LIQ-6: selling two positions in either order leaves it the same, to a tick each", async () => {
    const { vault, collateral, taker, borrower, otherBorrower, take } = await loadFixture(longSaleVault);
    const snapshot = await networkHelpers.takeSnapshot();
    const clocks: bigint[] = [];
    for (const order of [
      [borrower, otherBorrower],
      [otherBorrower, borrower],
    ]) {
      for (const user of order) await take({ borrower: user.address });
      clocks.push((await vault.totals()).saleClock);
      expect(await collateral.balanceOf(taker)).to.be.above(0n);
      await snapshot.restore();
    }
    expect(clocks[0]).to.equal(clocks[1]);
  });

  it("makes the second of two equal positions dearer than the first", async () => {
    const { vault, otherBorrower, take } = await loadFixture(longSaleVault);
    const before = (await vault.quoteTake(otherBorrower)).price;
    await take();
    const after = await vault.quoteTake(otherBorrower);
    expect(after.price).to.be.above(before);
    expect(after.price).to.equal(priceAt(LONG, after.vaultSeconds));
  });

  it("never passes now: after more than a lot the price is held for everybody", async () => {
    const { vault, borrower, whale, take } = await loadFixture(longSaleVault);
    await take({ borrower: whale.address });
    expect((await vault.totals()).saleClock).to.equal((await now()) * TICKS_PER_SECOND);
    const quote = await vault.quoteTake(borrower);
    expect(quote.vaultSeconds).to.equal(0n);
    expect(quote.price).to.equal(ceilDiv(STORY.sunk * (BPS - CALM_TERMS.holdBps), BPS));
  });

  it("runs on in live time after a sale", async () => {
    const { vault, borrower, whale, take, ripen } = await loadFixture(longSaleVault);
    await take({ borrower: whale.address });
    await ripen(300n);
    const quote = await vault.quoteTake(borrower);
    expect(quote.vaultSeconds).to.equal(300n);
    expect(quote.price).to.equal(priceAt(LONG + 300n, 300n));
    await ripen(H);
    expect((await vault.quoteTake(borrower)).vaultSeconds).to.equal(H);
  });

  it("holds the price up for eight horizons of the sale's own at most", async () => {
    const { vault, borrower, whale, take, ripen } = await loadFixture(longSaleVault);
    await ripen(8n * H - LONG);
    await take({ borrower: whale.address });
    expect((await vault.quoteTake(borrower)).price).to.equal(priceAt(8n * H, 0n));
  });

  it("gives the deep discount back after eight horizons though others sell all the time", async () => {
    const { vault, borrower, whale, take, ripen } = await loadFixture(longSaleVault);
    await ripen(8n * H + 300n - LONG);
    await take({ borrower: whale.address });
    const quote = await vault.quoteTake(borrower);
    expect([quote.ownSeconds, quote.vaultSeconds]).to.deep.equal([8n * H + 300n, 0n]);
    expect(quote.price).to.equal(priceAt(300n, 300n));
    expect(WAD - (quote.price * WAD) / STORY.sunk).to.be.within(WAD / 20n, WAD / 20n + WAD / 10_000n);
  });

  it("AUC-1: no sale lowers the price for anyone, in any order of sizes", async () => {
    const { vault, borrower, otherBorrower, whale, take } = await loadFixture(longSaleVault);
    let before = (await vault.quoteTake(otherBorrower)).price;
    for (const [user, maxRepay] of [
      [borrower, 1n],
      [whale, 50_000n * LOAN],
      [borrower, 10n * LOAN],
      [whale, 333_333n],
      [borrower, 30_000n * LOAN],
    ] as const) {
      await take({ borrower: user.address, maxRepay });
      const after = (await vault.quoteTake(otherBorrower)).price;
      expect(after).to.be.at.least(before);
      before = after;
    }
  });

  it("AUC-1: between sales the price never rises in live time that proofs join", async () => {
    const { vault, borrower, take, whale, ripen } = await loadFixture(longSaleVault);
    await take({ borrower: whale.address, maxRepay: 200_000n * LOAN });
    await vault.touch(borrower);
    let before = (await vault.quoteTake(borrower)).price;
    for (const seconds of [1n, 7n, 60n, 300n, 1_000n, 2_000n, 2_000n, 1_000n]) {
      await vault.touch(borrower);
      await ripen(seconds);
      const after = (await vault.quoteTake(borrower)).price;
      expect(after).to.be.at.most(before);
      before = after;
    }
  });

  it("is moved by dust no further than a tick a take", async () => {
    const { vault, take } = await loadFixture(deepMarketVault);
    const start = max((await vault.totals()).saleClock, ((await now()) - LONGEST_HORIZON) * TICKS_PER_SECOND);
    for (let takes = 1n; takes <= 10n; takes++) {
      await take({ maxRepay: 1n });
      expect((await vault.totals()).saleClock).to.be.within(start, start + takes);
    }
  });

  it("is not moved by a start, a repayment or an end", async () => {
    const { vault, borrower, otherBorrower, take, sink, start } = await loadFixture(longSaleVault);
    await take({ maxRepay: 1_000n * LOAN });
    const { saleClock } = await vault.totals();
    await vault.connect(otherBorrower).repay(10_000n * LOAN, otherBorrower);
    await sink(STORY.price);
    await vault.endSale(borrower);
    await sink(STORY.underWater);
    await start(borrower);
    expect((await vault.totals()).saleClock).to.equal(saleClock);
  });
});
