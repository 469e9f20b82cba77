import { expect } from "chai";

import { accruedIndex, growth, MAX_INDEX, toAssetsDown, toAssetsUp } from "../../../sdk/interestMath.ts";
import { BPS, min, WAD } from "../../../sdk/math.ts";
import { adaptiveRateModel } from "../../../sdk/rateModels.ts";
import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  COLL,
  CONFIG,
  deployVault,
  LOAN,
  loanVault,
  MAX,
  openStory,
  prepare,
  price,
  RATE_MODEL,
  STORY,
  type VaultSystem,
  YEAR,
} from "../../helpers/vault.ts";

/** 1,000% a year, per second: what the vault holds any rate to. */
const MAX_RATE = 317_097_919_837n;
const A_YEAR = WAD / YEAR;
const MAX_RESERVE = 2n ** 88n - 1n;
const MAX_RATE_STATE = 2n ** 40n - 1n;
/** Enough for a call of a plain rate model, and not for the 50,000 that one may ask for. */
const STARVED_GAS = 72_000n;

interface Books {
  readonly cash: bigint;
  readonly scaledDebt: bigint;
  readonly index: bigint;
  readonly reserve: bigint;
}

/** The books after `dt` seconds at a rate. */
function accrued(books: Books, rate: bigint, dt: bigint, reserveFactorBps: bigint = CONFIG.reserveFactorBps) {
  const index = accruedIndex(books.index, growth(rate, dt));
  const shareAt = (at: bigint): bigint => (toAssetsDown(books.scaledDebt, at) * reserveFactorBps) / BPS;
  const reserve = min(books.reserve + shareAt(index) - shareAt(books.index), MAX_RESERVE);
  return { index, reserve };
}

async function answer({ rateModel }: VaultSystem, rate: bigint, state = rate) {
  await rateModel.set(rate, state, RATE_MODEL.answers);
}

/** The real rate model of the default deployment. */
const ADAPTIVE = {
  targetUtilisation: (90n * WAD) / 100n,
  steepness: 4n * WAD,
  speed: 50n * A_YEAR,
  initialRateAtTarget: (4n * A_YEAR) / 100n,
  minRateAtTarget: A_YEAR / 1_000n,
  maxRateAtTarget: 2n * A_YEAR,
};

async function adaptiveVault() {
  const rateModel = await ethers.deployContract("AdaptiveRateModel", [ADAPTIVE]);
  return openStory(await prepare(await deployVault({ config: { rateModel } })));
}

describe("Interest", () => {
  it("gives the reserve its share however often somebody accrues: 300 times in an hour, or once", async () => {
    const reserves: bigint[] = [];
    for (const times of [300n, 1n]) {
      const system = await loadFixture(loanVault);
      // Six units of interest every twelve seconds: a tenth of them is none.
      await answer(system, 3_333_334n);
      const before = (await system.vault.accruedTotals()).reserve;
      for (let i = 0n; i < times; ++i) {
        await system.pass(3_600n / times);
        await system.vault.accrue();
      }
      reserves.push((await system.vault.totals()).reserve - before);
    }
    expect(reserves[1]).to.be.greaterThan(170n);
    expect(reserves[0]).to.be.closeTo(reserves[1] ?? 0n, 1n);
  });

  describe("by the second, to the unit", () => {
    for (const [rate, dt] of [
      [A_YEAR / 20n, 1n],
      [A_YEAR / 20n, 12n],
      [A_YEAR / 8n, 86_400n],
      [3_333_333_333n, 1_000_003n],
      [MAX_RATE, YEAR],
    ] as const) {
      it(`of ${rate} a second over ${dt} s`, async () => {
        const system = await loadFixture(loanVault);
        const { vault, borrower, pass } = system;
        await answer(system, rate);
        const before = await vault.totals();
        await pass(dt);
        const expected = accrued(before, rate, dt);
        const seen = await vault.accruedTotals();
        expect([seen.index, seen.reserve]).to.deep.equal([expected.index, expected.reserve]);
        expect(await vault.totalDebt()).to.equal(toAssetsDown(before.scaledDebt, expected.index));
        expect(await vault.debtOf(borrower)).to.equal(toAssetsUp(before.scaledDebt, expected.index));
        expect(await vault.totalAssets()).to.equal(
          before.cash + toAssetsDown(before.scaledDebt, expected.index) - expected.reserve,
        );
        expect((await vault.totals()).index).to.equal(before.index);
        await vault.accrue();
        expect([...(await vault.totals())]).to.deep.equal([...seen]);
      });
    }

    it("is nothing within a second, and nothing without debt but for the time", async () => {
      const system = await loadFixture(loanVault);
      const { vault, borrower, pass } = system;
      await answer(system, MAX_RATE);
      const before = await vault.totals();
      await vault.accrue();
      expect([...(await vault.totals())]).to.deep.equal([...before]);
      await vault.connect(borrower).repay(MAX, borrower);
      const { cash, accruedAt } = await vault.totals();
      await pass(YEAR);
      await vault.accrue();
      const after = await vault.totals();
      expect([after.cash, after.reserve, after.accruedAt]).to.deep.equal([cash, 0n, accruedAt + YEAR]);
    });

    it("ACC-2: compounds, and the index never falls", async () => {
      const system = await loadFixture(loanVault);
      const { vault, pass } = system;
      await answer(system, A_YEAR);
      let books = await vault.totals();
      for (const dt of [1n, 1n, 100n, 86_400n, 7n]) {
        const expected = accrued(books, A_YEAR, dt);
        await pass(dt);
        await vault.accrue();
        const after = await vault.totals();
        expect([after.index, after.reserve]).to.deep.equal([expected.index, expected.reserve]);
        expect(after.index).to.be.at.least(books.index);
        books = after;
      }
    });

    it("is charged at the reserve factor of its time: a change writes the interest so far first", async () => {
      const system = await loadFixture(loanVault);
      const { vault, governor, pass } = system;
      await answer(system, A_YEAR);
      const before = await vault.totals();
      await pass(YEAR);
      const atOld = accrued(before, A_YEAR, YEAR);
      await vault.connect(governor).setReserveFactor(5_000n);
      expect((await vault.totals()).reserve).to.equal(atOld.reserve);
      const middle = await vault.totals();
      await pass(YEAR);
      expect((await vault.accruedTotals()).reserve).to.equal(accrued(middle, A_YEAR, YEAR, 5_000n).reserve);
    });
  });

  describe("rate model", () => {
    it("is asked with its own state and the utilisation at the start of the interval", async () => {
      const { vault, pass, borrower } = await loadFixture(adaptiveVault);
      const model = adaptiveRateModel(ADAPTIVE);
      let books = await vault.totals();
      expect(books.rateState).to.equal(ADAPTIVE.initialRateAtTarget);
      for (const [dt, repay] of [
        [86_400n, 0n],
        [12n, 50_000n * LOAN],
        [1_000_000n, 0n],
      ] as const) {
        await pass(dt);
        const debt = toAssetsDown(books.scaledDebt, books.index);
        const { rate, state } = model(books.rateState, (debt * WAD) / (debt + books.cash), dt);
        const expected = accrued(books, rate, dt);
        const seen = await vault.accruedTotals();
        expect([seen.index, seen.reserve, seen.rateState]).to.deep.equal([
          expected.index,
          expected.reserve,
          state,
        ]);
        if (repay === 0n) await vault.accrue();
        else await vault.connect(borrower).repay(repay, borrower);
        books = await vault.totals();
      }
    });

    const LAST = A_YEAR / 10n;
    for (const [what, mode] of [
      ["reverts", RATE_MODEL.reverts],
      ["burns its gas", RATE_MODEL.burnsGas],
      ["answers too little", RATE_MODEL.answersShort],
    ] as const) {
      it(`that ${what} is charged at its last state`, async () => {
        const system = await loadFixture(loanVault);
        const { vault, rateModel, pass } = system;
        await answer(system, 7n, LAST);
        await pass(1n);
        await vault.accrue();
        await rateModel.set(0n, 0n, mode);
        const before = await vault.totals();
        expect(before.rateState).to.equal(LAST);
        await pass(1_000n);
        await vault.accrue();
        const after = await vault.totals();
        expect(after.index).to.equal(accrued(before, LAST, 1_000n).index);
        expect(after.rateState).to.equal(LAST);
      });
    }

    it("without code is charged at its last state", async () => {
      const system = await deployVault({
        config: { rateModel: "0x00000000000000000000000000000000000000AA" },
      });
      await prepare(system);
      await openStory(system);
      await system.pass(YEAR);
      expect(await system.vault.debtOf(system.borrower)).to.equal(STORY.debt);
    });

    for (const rate of [MAX_RATE + 1n, MAX]) {
      it(`that answers ${rate} is held to 1,000% a year`, async () => {
        const system = await loadFixture(loanVault);
        const { vault, pass } = system;
        await answer(system, rate, rate);
        const before = await vault.totals();
        await pass(100n);
        await vault.accrue();
        const after = await vault.totals();
        expect(after.index).to.equal(accrued(before, MAX_RATE, 100n).index);
        expect(after.rateState).to.equal(min(rate, MAX_RATE_STATE));
      });
    }

    it("cannot be starved of gas by a caller who would like its last state better", async () => {
      const system = await loadFixture(loanVault);
      const { vault, pass } = system;
      await answer(system, A_YEAR);
      await pass(10n);
      const errors = await ethers.getContractAt("GasGuard", await vault.getAddress());
      await expect(vault.accrue({ gasLimit: STARVED_GAS })).to.be.revertedWithCustomError(
        errors,
        "InsufficientGas",
      );
      await vault.accrue();
    });
  });

  describe("saturation", () => {
    for (const years of [10n, 30n, 75n]) {
      it(`nothing reverts after ${years} years at the highest rate that nobody accrued`, async () => {
        const system = await loadFixture(loanVault);
        const { vault, borrower, lender, loan, fund, pass, sink, start, take, taker } = system;
        await answer(system, MAX, MAX);
        const before = await vault.totals();
        await pass(years * YEAR);
        const expected = accrued(before, MAX_RATE, years * YEAR);
        expect((await vault.accruedTotals()).index).to.equal(expected.index);
        const debt = await vault.debtOf(borrower);
        await sink(STORY.price);
        await start();
        await fund(taker, debt, 0n);
        await take({ maxRepay: LOAN });
        await fund(borrower, debt, 0n);
        await vault.connect(borrower).repay(MAX, borrower);
        expect((await vault.totals()).scaledDebt).to.equal(0n);
        await vault.connect(lender).redeem(await vault.maxRedeem(lender), lender, lender);
        expect(await loan.balanceOf(lender)).to.be.above(STORY.lent);
      });
    }

    it("holds the index at what its field can hold, through accruals without end", async () => {
      const system = await loadFixture(loanVault);
      const { vault, borrower, pass } = system;
      await answer(system, MAX, MAX);
      for (let i = 0; i < 5; i++) {
        await pass(10n * YEAR);
        await vault.accrue();
      }
      expect((await vault.totals()).index).to.equal(MAX_INDEX);
      const debt = await vault.debtOf(borrower);
      await pass(10n * YEAR);
      expect(await vault.debtOf(borrower)).to.equal(debt);
    });

    it("leaves with the lenders what the reserve cannot hold", async () => {
      const huge = 10n ** 24n;
      const system = await deployVault({
        config: { supplyCap: 4n * huge, borrowCap: huge, maxPositionDebt: huge, stressDepth: 100n * huge },
        terms: { lot: huge / 50n },
      });
      const { vault, borrower, lend, open, sink, pass } = system;
      await lend(2n * huge);
      await sink(price(10n ** 6n));
      await open(borrower, 10n ** 13n * COLL, huge);
      await answer(system, MAX, MAX);
      await pass(10n * YEAR);
      await vault.accrue();
      const { reserve, cash } = await vault.totals();
      expect(reserve).to.equal(MAX_RESERVE);
      expect(await vault.totalAssets()).to.equal(cash + (await vault.totalDebt()) - MAX_RESERVE);
    });
  });
});
