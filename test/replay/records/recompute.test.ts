import { readFileSync } from "node:fs";

import { expect } from "chai";

import { replay } from "../../../scripts/replay/run/engine.ts";
import { MECHANISMS } from "../../../scripts/replay/mechanisms/mechanisms.ts";
import { type Result, type RunResult, toResult, toRun } from "../../../scripts/replay/records/result.ts";
import { amount, comparisonTable, lostBy } from "../../../scripts/replay/report/summary.ts";
import { balances, fine, loan, pick, reckonAgain } from "../books.ts";
import { temporaryFiles } from "../files.ts";
import { path, SCENARIO, thenStay } from "../scenarios.ts";

/** Down by a sixth within five minutes, so that some wait for a buyer, and by a gap that leaves bad debt. */
const FALL = path(...thenStay([3_000, 2_940, 2_840, 2_740, 2_620, 2_500, 2_500, 2_500, 1_850], 25));
const NAMES = ["auto", "dutch", "fixed5"] as const;

describe("The books of a replay", () => {
  const write = temporaryFiles();
  const texts = new Map<string, string>();
  /** Read from the file that a replay would write. */
  const runOf = (name: string): RunResult => {
    const file = write(`${name}.json`, texts.get(name) ?? expect.fail(`${name} was not run`));
    const [run] = (JSON.parse(readFileSync(file, "utf8")) as Result).runs;
    return run ?? expect.fail("no run");
  };

  before(async () => {
    const scenario = { ...SCENARIO, path: FALL };
    for (const name of NAMES) {
      const mechanism = MECHANISMS[name];
      const outcome = await replay(scenario, mechanism);
      const result = toResult(scenario, outcome.system.book, [toRun(mechanism, outcome)]);
      texts.set(name, JSON.stringify(result));
    }
  });

  for (const name of NAMES) {
    describe(name, () => {
      it("give every money figure again, to the unit", () => {
        const run = runOf(name);
        const again = reckonAgain(run);
        expect(pick(run, again)).to.deep.equal(again);
        expect(again.takes.length).to.equal(run.takeCount).and.to.be.at.least(3);
      });

      it("account for all collateral, and for all debt but interest", () => {
        for (const { account, missing, interest } of balances(runOf(name))) {
          expect(missing, account).to.equal(0n);
          // Of 10 million for twenty minutes.
          expect(interest >= -1n && interest < loan("200"), `${account}: ${interest}`).to.equal(true);
        }
      });

      it("hold each take against the one before", () => {
        const { takes, positions } = runOf(name);
        for (const { account, collateralAtOpening } of positions) {
          const own = takes.filter((take) => take.account === account);
          let [collateral, debt] = [fine(collateralAtOpening), 0n];
          for (const take of own) {
            expect(fine(take.collateralBefore), account).to.equal(collateral);
            expect(loan(take.debtBefore) >= debt, account).to.equal(true);
            expect(take.dueAt).to.be.at.most(take.time);
            collateral -= fine(take.collateral);
            // Interest and rewards come on top.
            debt = loan(take.debtBefore) - loan(take.repaid) - loan(take.returned) - 1n;
          }
        }
      });

      it("have unsold debt where somebody is unhealthy at the end, and nowhere else", () => {
        const { positions, unsoldDebt, endings, neverStarted } = runOf(name);
        const unsold = positions.filter(({ unhealthyAtEnd }) => unhealthyAtEnd).length;
        expect(unsold).to.equal(endings.open + neverStarted.length);
        expect(loan(unsoldDebt) > 0n).to.equal(unsold > 0);
      });
    });
  }

  it("tell what a penalty and what waiting cost", () => {
    const { borrowersCost, borrowersCostAtDue, borrowersCostParts, penaltyPaid, takes } = runOf("dutch");
    expect(loan(penaltyPaid) > 0n).to.equal(true);
    expect(loan(borrowersCostParts.penalty) > 0n).to.equal(true);
    expect(takes.some(({ dueAt, time }) => dueAt < time)).to.equal(true);
    // The price only falls.
    expect(loan(borrowersCostAtDue) > loan(borrowersCost)).to.equal(true);
  });

  it("call lost what borrowers and lenders lose", () => {
    const run = runOf("dutch");
    const lenders = Number(run.lendersLoss);
    expect(lostBy(run)).to.deep.equal({
      atTake: Number(run.borrowersCost) + lenders,
      atDue: Number(run.borrowersCostAtDue) + lenders,
    });
    const { head, rows } = comparisonTable([run]);
    const { atTake, atDue } = lostBy(run);
    expect(rows[0]?.[head.indexOf("lost: at take / at due")]).to.equal(
      `${amount(String(atTake))} / ${amount(String(atDue))}`,
    );
  });

  it("have what nobody liquidates as unsold, where no start is needed too", async () => {
    const fall = path(...thenStay([3_000, 2_900, 2_300], 2));
    // No liquidation is worth its gas.
    const outcome = await replay({ ...SCENARIO, path: fall, gasPrice: 10n ** 15n }, MECHANISMS.fixed5);
    const run = toRun(MECHANISMS.fixed5, outcome);
    const { neverStarted, unsoldDebt, unsoldShortfall, unhealthyEver, takeCount } = run;
    expect([takeCount, neverStarted.length]).to.deep.equal([0, unhealthyEver]);
    expect(unhealthyEver).to.be.at.least(2);
    expect(loan(unsoldShortfall) > 0n && loan(unsoldShortfall) < loan(unsoldDebt)).to.equal(true);
    expect(pick(run, reckonAgain(run))).to.deep.equal(reckonAgain(run));
    expect(loan(unsoldDebt)).to.equal(neverStarted.reduce((sum, { debt }) => sum + loan(debt), 0n));
  });

  it("have a position fall due anew where the price brought it back in between", async () => {
    const [dip, calm] = [[2_500, 2_500], thenStay([3_000], 10)];
    const twice = path(3_000, ...dip, ...calm, ...dip, 2_500);
    const outcome = await replay({ ...SCENARIO, path: twice, gasPrice: 10n ** 15n }, MECHANISMS.fixed5);
    const { neverStarted, positions, takeCount } = toRun(MECHANISMS.fixed5, outcome);
    const second = (twice[0]?.time ?? 0) + 60 * (dip.length + calm.length);
    expect(takeCount).to.equal(0);
    expect(neverStarted.length).to.be.at.least(2);
    for (const { account, dueAt } of neverStarted) {
      expect(dueAt).to.be.above(second);
      expect(positions.find((position) => position.account === account)?.dueAt).to.be.below(second);
    }
  });

  it("split bad debt among lenders and reserve", () => {
    for (const name of NAMES) {
      const { badDebt, lendersLoss, reserveLoss } = runOf(name);
      expect(loan(badDebt) > 0n, name).to.equal(true);
      expect(loan(lendersLoss) + loan(reserveLoss)).to.equal(loan(badDebt));
    }
    expect(loan(runOf("dutch").reserveLoss) > 0n).to.equal(true);
  });
});
