import { expect } from "chai";

import { BPS } from "../../sdk/math.ts";
import { Random } from "../../scripts/world/random.ts";
import { loadFixture, pass } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  lentVault,
  LOAN,
  MAX,
  MAX_CAP,
  price,
  type VaultSystem,
} from "../helpers/vault.ts";

/** Most that the oracle's answer may move within a block: each way from the start, bps. */
const BAND = 300n;
const START = 2_000n;
const HIGH = price(START) + (price(START) * BAND) / BPS;
const LOW = price(START) - (price(START) * BAND) / BPS;
const COLLATERAL = 400n * COLL;
const HOUR = 3_600n;
const RUNS = 12;
const STEPS = 14;

/** Terms under which nothing is lost to a taker and the toxicity bound leaves the most room. */
const FLAT_TERMS = { ...CALM_TERMS, holdBps: 0n, maxDiscountBps: 1n, penaltyBps: 0n, targetLtvBps: 1_000n };

/**
 * Setters and a price that moves within the oracle's band, all in one second. A raise of `borrowLtv` that counted at once let a
 * loan out which the price's way back sank: 96.9% of 824,000 at the top are 798,456, of which the foot covers 776,000.
 */
describe("Security: setters within one block", () => {
  async function ready() {
    const system = await lentVault();
    await system.fund(system.otherBorrower, 0n, COLLATERAL);
    await system.vault.connect(system.otherBorrower).supplyCollateral(COLLATERAL, system.otherBorrower);
    await system.open();
    return { ...system, asGovernor: system.vault.connect(system.governor) };
  }
  type Ready = Awaited<ReturnType<typeof ready>>;

  /** Lenders' claims when each loss that can be written off is, loan units. */
  async function lendersHave({ vault, stranger, otherBorrower, borrower }: VaultSystem): Promise<bigint> {
    for (const user of [otherBorrower, borrower]) {
      const { collateral, scaledDebt } = await vault.position(user);
      if (collateral === 0n && scaledDebt !== 0n) await vault.connect(stranger).realizeLoss(user);
    }
    const { cash, reserve } = await vault.totals();
    return cash + (await vault.totalDebt()) - reserve;
  }

  /** The band's ends are what these tests move between. */
  const exactly =
    ({ oracle }: VaultSystem) =>
    (to: bigint = HIGH) =>
      oracle.setExactPrice(to);

  /** Everything up: terms without a discount, both LTVs as high as they let them be. */
  async function loosen({ asGovernor }: Ready): Promise<void> {
    await asGovernor.setTerms(FLAT_TERMS);
    await asGovernor.setStressDepth(MAX >> 128n);
    await asGovernor.setCaps(MAX_CAP, MAX_CAP, 10n ** 7n * LOAN);
    // The second settles the ramp: until then its beginning bounds what may be borrowed.
    for (let i = 0; i < 2; ++i) await asGovernor.rampLiquidationLtv(9_990n, 0n);
    await asGovernor.setBorrowLtv((9_990n * (BPS - CONFIG.maxOracleStepBps)) / BPS);
  }

  /** The largest loan there is on that LTV at the high end, or what the vault has. */
  async function borrowAll({ vault, otherBorrower }: Ready, ltvBps: bigint): Promise<void> {
    const { cash } = await vault.totals();
    const most = (((COLLATERAL * HIGH) / 10n ** 36n) * ltvBps) / BPS;
    const debt = most < cash ? most : cash;
    await vault.connect(otherBorrower).borrow(debt, otherBorrower, otherBorrower);
  }

  it("loosening, borrowing at the band's top and selling at its foot: the loan does not go out", async () => {
    const system = await loadFixture(ready);
    const { vault, otherBorrower, startAndTake } = system;
    const sink = exactly(system);
    const before = await lendersHave(system);
    await sink(HIGH);
    await loosen(system);
    expect((await vault.params()).borrowLtvBps).to.equal(9_690n);
    expect(await vault.borrowLtvBps()).to.equal(CONFIG.borrowLtvBps);
    await expect(borrowAll(system, 9_690n)).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
    await borrowAll(system, CONFIG.borrowLtvBps);
    await sink(LOW);
    await expect(startAndTake({ borrower: otherBorrower })).to.be.revertedWithCustomError(
      vault,
      "PositionHealthy",
    );
    expect(await lendersHave(system)).to.be.at.least(before - 2n);
  });

  it("a raise counts an hour later, to the second; a lower one, and a lower raise, at once", async () => {
    const system = await loadFixture(ready);
    const { vault, asGovernor } = system;
    const counts = () => vault.borrowLtvBps();
    await asGovernor.setBorrowLtv(7_000n);
    expect(await counts()).to.equal(7_000n);
    await asGovernor.setBorrowLtv(7_900n);
    await pass(HOUR - 1n);
    expect(await counts()).to.equal(7_000n);
    await pass(1n);
    expect(await counts()).to.equal(7_900n);
    await asGovernor.setBorrowLtv(8_000n);
    await pass(HOUR / 2n);
    // Raised again: the hour begins again, from what counts.
    await asGovernor.setBorrowLtv(8_050n);
    await pass(HOUR - 1n);
    expect(await counts()).to.equal(7_900n);
    await asGovernor.setBorrowLtv(7_800n);
    expect(await counts()).to.equal(7_800n);
    await asGovernor.setBorrowLtv(7_850n);
    // Other setters, pauses and unpauses neither end nor prolong it, nor show it.
    await asGovernor.pause(2n);
    expect((await vault.params()).pausedActions).to.equal(2n);
    await expect(asGovernor.unpause(2n)).to.emit(vault, "PausedActionsSet").withArgs(0n);
    await asGovernor.setReserveFactor(0n);
    await pass(HOUR - 1n);
    expect(await counts()).to.equal(7_800n);
    await pass(1n);
    expect(await counts()).to.equal(7_850n);
  });

  it(`no row of ${STEPS} setters, prices, loans and sales lowers lenders' assets (${RUNS} searched)`, async () => {
    let sold = 0;
    for (let run = 0; run < RUNS; ++run) {
      const system = await loadFixture(ready);
      const { vault, asGovernor, otherBorrower, startAndTake } = system;
      const sink = exactly(system);
      const random = new Random(run, 7);
      const upTo = (most: bigint): bigint => BigInt(Math.floor(random.uniform() * Number(most + 1n)));
      const before = await lendersHave(system);
      const at = [HIGH, LOW, price(START)] as const;
      const acts: (() => Promise<unknown>)[] = [
        () =>
          asGovernor.setTerms({
            ...CALM_TERMS,
            maxDiscountBps: 1n + upTo(1_600n),
            holdBps: 0n,
            penaltyBps: upTo(300n),
            targetLtvBps: 1_000n + upTo(6_000n),
          }),
        () => asGovernor.rampLiquidationLtv(8_300n + upTo(1_600n), 0n),
        () => asGovernor.rampLiquidationLtv(8_300n - upTo(200n), 86_400n),
        () => asGovernor.setBorrowLtv(7_000n + upTo(2_600n)),
        () => asGovernor.setCaps(MAX_CAP, MAX_CAP, upTo(10n ** 7n) * LOAN),
        () => asGovernor.setStressDepth((1n + upTo(10n ** 10n)) * LOAN),
        () =>
          asGovernor.setRewardConfig({ cap: upTo(10n ** 6n) * LOAN, nativePrice: upTo(10n ** 6n) * LOAN }),
        () => sink(at[Number(upTo(2n))]),
        () => sink(LOW + upTo(10_000n) * ((HIGH - LOW) / 10_000n)),
        () => borrowAll(system, 7_000n + upTo(2_600n)),
        () => borrowAll(system, CONFIG.borrowLtvBps),
        () => borrowAll(system, 9_690n),
        () => startAndTake({ borrower: otherBorrower }).then(() => ++sold),
        () => vault.connect(system.starter).startSale(otherBorrower, system.starter),
        () => system.take({ borrower: otherBorrower }).then(() => ++sold),
      ];
      await sink(HIGH);
      if (run % 2 === 0) await loosen(system);
      else await borrowAll(system, CONFIG.borrowLtvBps);
      for (let i = 0; i < STEPS; ++i) {
        const act = acts[Number(upTo(BigInt(acts.length - 1)))];
        await act?.().catch(() => undefined);
      }
      await sink(LOW);
      await startAndTake({ borrower: otherBorrower }).then(
        () => ++sold,
        () => undefined,
      );
      expect(await lendersHave(system), `run ${run}`).to.be.at.least(before - 20n);
    }
    expect(sold).to.be.greaterThan(0);
  });
});
