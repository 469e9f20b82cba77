import { expect } from "chai";

import { secondsToHold } from "../../sdk/decayCurve.ts";
import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { Random } from "../../scripts/world/random.ts";
import { ethers, loadFixture } from "../helpers/chain.ts";
import { CALM_TERMS, COLL, CONFIG, LOAN, lentVault, saleVault, STORY } from "../helpers/vault.ts";

const { horizon: H, lot: LOT, holdBps, targetLtvBps } = CALM_TERMS;
const POSITIONS = 12;
/** Value whose sale moves the market by 1%. */
const PER_PERCENT = (LOT * 100n) / 15n;

/** Twelve borrowers with debts of 40,000 to 120,000, all at 79 to 80% LTV. */
async function crowd() {
  const system = await lentVault();
  const { lend, open, fund, taker } = system;
  await lend(9n * STORY.lent);
  await fund(taker, 10n * STORY.lent, 0n);
  const random = new Random(29);
  const signers = (await ethers.getSigners()).slice(-POSITIONS - 1, -1);
  for (const user of signers) {
    const collateral = BigInt(Math.floor(26 + 50 * random.uniform())) * COLL;
    const value = (collateral * STORY.price) / PRICE_SCALE;
    await open(user, collateral, (value * BigInt(7_900 + Math.floor(100 * random.uniform()))) / BPS);
  }
  return { ...system, users: signers.map(({ address }) => address) };
}

/** Forced sales move the price, which forces sales: the throttle and the target must make the series converge. */
describe("Security 29: cascades of forced sales", () => {
  it("a position that was sold to its target is not for sale again until the price has fallen by 15% more", async () => {
    const { vault, borrower, take, start, sink } = await loadFixture(saleVault);
    await take();
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    // 1 - targetLtv / liquidationLtv = 15.0%.
    const edge = (STORY.sunk * targetLtvBps) / CONFIG.liquidationLtvBps;
    await sink((edge * 1_001n) / 1_000n);
    await expect(start()).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await sink((edge * 999n) / 1_000n);
    await start();
  });

  it("within a block at most a lot, and the position that crosses it, is sold deeper than hold", async () => {
    const { vault, users, sink, start, take, ripen } = await loadFixture(crowd);
    await sink(STORY.sunk);
    for (const user of users) await start(user);
    await ripen(3n * H, users);
    const atHold = (STORY.sunk * (BPS - holdBps)) / BPS;
    let deep = 0n;
    let largest = 0n;
    let sold = 0n;
    for (const borrower of users) {
      const { price, collateral } = await vault.quoteTake(borrower);
      const value = (collateral * STORY.sunk) / PRICE_SCALE;
      if (price < atHold) deep += value;
      largest = value > largest ? value : largest;
      sold += value;
      await take({ borrower });
    }
    // The clock has `H - secondsToHold` to lose before it stands at hold, and what it shows beyond the horizon: so much of a lot,
    // and a sixteenth.
    const most = (LOT * (H - secondsToHold(CALM_TERMS))) / H + LOT / 16n;
    expect(deep).to.be.within(LOT / 2n, most + largest);
    expect(sold).to.be.above(2n * LOT);
  });

  for (const seed of [1, 2, 3]) {
    it(`takers who wait for 3% and move the market stop the cascade of themselves (seed ${seed})`, async () => {
      const { vault, users, sink, start, take, pass } = await loadFixture(crowd);
      const random = new Random(seed);
      const assets = await vault.totalAssets();
      let market = STORY.sunk;
      await sink(market);
      let value = 0n;
      let throttled = LOT;
      for (let block = 0; block < 60; block++) {
        const seconds = BigInt(12 + Math.floor(60 * random.uniform()));
        await pass(seconds);
        let soldNow = 0n;
        let largest = 0n;
        for (const borrower of random.shuffled(users)) {
          await start(borrower).catch(() => undefined);
          const quote = await vault.quoteTake(borrower).catch(() => undefined);
          if (quote === undefined || quote.price > (market * 97n) / 100n) continue;
          await take({ borrower });
          const worth = (quote.collateral * market) / PRICE_SCALE;
          soldNow += worth;
          if (worth > largest) largest = worth;
        }
        value += soldNow;
        // A lot at the first, a lot a horizon, and of each block the sale that used it up.
        throttled += (LOT * seconds) / H + largest;
        expect(value).to.be.at.most(throttled);
        market -= (market * soldNow) / (100n * PER_PERCENT);
        await sink(market);
      }
      // The cascade stopped: debts are left, the market fell by less than 3%, nobody was sold out.
      let left = 0n;
      for (const user of users) left += await vault.debtOf(user);
      expect(left).to.be.above(0n);
      expect(value).to.be.above(LOT);
      expect((STORY.sunk - market) * 100n).to.be.below(STORY.sunk * 3n);
      for (const user of users) {
        expect((await vault.position(user)).collateral).to.be.above(0n, "nobody was sold out");
      }
      expect(await vault.totalAssets()).to.be.at.least(assets, "lenders lost nothing");
    });
  }

  it("splitting a sale over many takes in one block sells nothing deeper than one take would", async () => {
    const { vault, borrower, sink, take, pass } = await loadFixture(saleVault);
    await sink(STORY.deep);
    await pass(2n * H);
    let last = (await vault.quoteTake(borrower)).price;
    for (let i = 0; i < 10; i++) {
      await take({ maxRepay: 3_000n * LOAN });
      const { price } = await vault.quoteTake(borrower);
      expect(price).to.be.at.least(last);
      last = price;
    }
    // 30,000 at 7.6 to 8% off are 13.0% of a lot, and so much of the horizon, less what the clock showed beyond it: at most a
    // sixteenth of a lot.
    const { vaultSeconds } = await vault.quoteTake(borrower);
    expect(vaultSeconds).to.be.within((H * 869n) / 1_000n, (H * 871n) / 1_000n + H / 16n);
  });
});
