/** A sale that was started once and whose position is healthy again is armed: its clock must not ripen unseen. */
import { expect } from "chai";

import { decay, discount, halvings, secondsToHold } from "../../sdk/decayCurve.ts";
import { BPS, ceilDiv, WAD } from "../../sdk/math.ts";
import { salePrice } from "../../sdk/saleMath.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import { loadFixture } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  CONFIG,
  deployVault,
  ENDED,
  LOAN,
  openStory,
  prepare,
  STORY,
  type VaultSystem,
} from "../helpers/vault.ts";

/** Terms of a vault whose sales are first tried directly. */
const PREMIUM: SaleTerms = { ...CALM_TERMS, startPremiumBps: 1_500n, halfLife: 424n, horizon: 2_120n };
const HOLD = (CALM_TERMS.holdBps * WAD) / BPS;
/** Price at which the untouched debt has a health of so many bps. */
const atHealth = (bps: bigint): bigint =>
  ceilDiv(
    STORY.price * STORY.debt * bps,
    ceilDiv(STORY.collateral * STORY.price, 10n ** 36n) * CONFIG.liquidationLtvBps,
  );
const DIPPED = atHealth(9_990n);
const BETWEEN = atHealth(10_195n);
const RECOVERED = atHealth(12_000n);

/** One block of an unhealthy position, in which its sale is started. */
async function armed(terms: SaleTerms) {
  const system = await openStory(await prepare(await deployVault({ terms })));
  await system.sink(DIPPED);
  await system.start();
  return system;
}
const calm = () => armed(CALM_TERMS);
const premium = () => armed(PREMIUM);

const off = (quoted: bigint, at: bigint): bigint => WAD - (quoted * WAD) / at;
const discountNow = async ({ vault, borrower }: VaultSystem, at = DIPPED): Promise<bigint> =>
  off((await vault.quoteTake(borrower)).price, at);

describe("Armed sales", () => {
  for (const [name, fixture, terms] of [
    ["calm terms", calm, CALM_TERMS],
    ["a start premium", premium, PREMIUM],
  ] as const) {
    describe(name, () => {
      it("AUC-3: 35 minutes at a health of 1.0195 ripen nothing", async () => {
        const system = await loadFixture(fixture);
        await system.sink(BETWEEN);
        await system.pass(2_100n);
        await system.sink(DIPPED);
        expect(await discountNow(system)).to.be.at.most(HOLD);
      });

      it("AUC-3: six hours at a health of 1.2 that nobody ended ripen nothing", async () => {
        const system = await loadFixture(fixture);
        await system.sink(RECOVERED);
        await system.pass(terms.horizon * 10n);
        await system.sink(DIPPED);
        expect(await discountNow(system)).to.be.at.most(HOLD);
      });

      it("AUC-3: a touch after healthy minutes does not bring them in", async () => {
        const system = await loadFixture(fixture);
        await system.sink(BETWEEN);
        await system.pass(2_100n);
        await system.sink(DIPPED);
        await system.vault.touch(system.borrower);
        expect(await discountNow(system)).to.be.at.most(HOLD);
        await system.pass(terms.halfLife / 2n);
        const age = secondsToHold(terms) + terms.halfLife / 2n + 2n;
        expect(await discountNow(system)).to.be.at.most(decay(terms, age));
      });

      it("AUC-3: each proof deepens the discount by a half-life at most", async () => {
        const system = await loadFixture(fixture);
        let reached = secondsToHold(terms);
        await system.pass(reached);
        for (let proofs = 0; proofs < 6; proofs++) {
          await system.vault.touch(system.borrower);
          await system.pass(terms.halfLife - terms.horizon / 16n - 2n);
          reached += terms.halfLife;
          const { ownSeconds } = await system.vault.quoteTake(system.borrower);
          expect(ownSeconds).to.be.within(secondsToHold(terms) + 1n, reached);
        }
      });
    });
  }

  it("AUC-3: after eleven horizons one takeMany of eight does not sell all at the maximal discount", async () => {
    const system = await prepare(await deployVault());
    const { vault, sink, start, open, pass, takeMany } = system;
    const users = [
      system.borrower,
      system.otherBorrower,
      system.operator,
      system.stranger,
      system.receiver,
      system.otherLender,
      system.deployer,
      system.starter,
    ];
    await system.lend(2n * STORY.lent);
    await system.fund(system.taker, 2n * STORY.lent, 0n);
    for (const user of users) await open(user);
    await sink(DIPPED);
    for (const user of users) await start(user);
    await sink(RECOVERED);
    await pass(11n * CALM_TERMS.horizon);
    await sink(DIPPED);
    await takeMany(users);
    const sales = await vault.queryFilter(vault.filters.Take());
    expect(sales.length).to.equal(users.length);
    // One unit of a price is so little that rounding cannot carry it over the hold.
    for (const { args } of sales) expect(off(args.price, DIPPED)).to.be.at.most(HOLD);
  });

  it("AUC-3: while only a second source decides, an unproven sale asks what a start would ask", async () => {
    const { vault, borrower, say, pass, sink } = await loadFixture(calm);
    await sink(RECOVERED);
    await pass(3_000n);
    const low = (RECOVERED * 8n) / 10n;
    await say({ deciding: low, startBound: RECOVERED });
    await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await expect(vault.touch(borrower)).to.be.revertedWithCustomError(vault, "PositionHealthy");
  });

  it("AUC-3: a false low print meets the slide of a fresh start", async () => {
    const { vault, borrower, suspect, pass, sink } = await loadFixture(calm);
    await sink(RECOVERED);
    await pass(3_000n);
    const low = atHealth(9_000n);
    await suspect({ deciding: low, low, high: RECOVERED });
    expect((await vault.quoteTake(borrower)).price).to.be.at.least(RECOVERED);
    await vault.touch(borrower);
    await pass(60n);
    const gap = halvings(60n, CALM_TERMS.halfLife);
    const anchor = low + ceilDiv((RECOVERED - low) * gap, WAD);
    const quote = await vault.quoteTake(borrower);
    expect(quote.ownSeconds).to.equal(60n);
    expect(quote.price).to.equal(
      salePrice(anchor, low, discount(CALM_TERMS, 60n, quote.vaultSeconds), CALM_TERMS.maxDiscountBps),
    );
  });

  it("AUC-3: a lapsed sale that is started afresh on a false low print begins its slide anew", async () => {
    const { vault, borrower, suspect, pass, sink, start } = await loadFixture(calm);
    await sink(RECOVERED);
    await pass(12n * CALM_TERMS.horizon + 1n);
    const low = atHealth(9_000n);
    await suspect({ deciding: low, low, high: RECOVERED });
    await expect(vault.touch(borrower)).to.be.revertedWithCustomError(vault, "SaleLapsed");
    await start();
    const quote = await vault.quoteTake(borrower);
    expect(quote.ownSeconds).to.equal(0n);
    expect(quote.price).to.be.at.least(RECOVERED);
  });

  it("ends from a health of 1 once it is past its time to hold, and not a second before", async () => {
    const { vault, borrower, sink, pass } = await loadFixture(premium);
    await sink(BETWEEN);
    await pass(secondsToHold(PREMIUM) / 2n);
    await expect(vault.endSale(borrower)).to.be.revertedWithCustomError(vault, "SaleStillNeeded");
    await pass(secondsToHold(PREMIUM));
    await expect(vault.endSale(borrower)).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.recovered);
  });

  it("is ended by a touch that finds it healthy and old", async () => {
    const { vault, borrower, sink, pass } = await loadFixture(premium);
    await sink(BETWEEN);
    await pass(secondsToHold(PREMIUM) + 1n);
    await expect(vault.touch(borrower)).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.recovered);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("AUC-3: a touch that finds it healthy and young voids the last proof", async () => {
    const { vault, borrower, sink, pass } = await loadFixture(calm);
    await pass(30n);
    await sink(BETWEEN);
    await vault.touch(borrower);
    await sink(DIPPED);
    await pass(100n);
    expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(secondsToHold(CALM_TERMS));
  });

  it("does not lock out its owner's rescue a month later", async () => {
    const { vault, borrower, operator, sink, pass, fund } = await loadFixture(calm);
    await sink(RECOVERED);
    await pass(30n * 86_400n);
    await vault.connect(borrower).setDeleverager(operator, true);
    await fund(operator, STORY.debt, 0n);
    const collateral = STORY.collateral / 10n;
    const repay = ceilDiv(collateral * RECOVERED, 10n ** 36n);
    await expect(
      vault.connect(operator).deleverage({ borrower, receiver: operator, collateral, repay, data: "0x" }),
    )
      .to.emit(vault, "SaleEnded")
      .withArgs(borrower, ENDED.recovered);
    expect(repay).to.be.above(LOAN);
  });
});
