import { expect } from "chai";

import { type Outcome, replay } from "../../../scripts/replay/run/engine.ts";
import { MECHANISM_NAMES, type MechanismName } from "../../../scripts/replay/mechanisms/mechanismNames.ts";
import { MECHANISMS } from "../../../scripts/replay/mechanisms/mechanisms.ts";
import { type RunResult, toRun, withCascade } from "../../../scripts/replay/records/result.ts";
import { CRASH, SCENARIO } from "../scenarios.ts";

describe("Ways of selling", () => {
  const runs = new Map<MechanismName, { readonly run: RunResult; readonly outcome: Outcome }>();
  const runOf = (name: MechanismName): RunResult => {
    const found = runs.get(name);
    if (found === undefined) throw new Error(`${name} was not run`);
    return found.run;
  };
  const scenario = { ...SCENARIO, path: CRASH };

  before(async () => {
    for (const name of MECHANISM_NAMES) {
      const outcome = await replay(scenario, MECHANISMS[name]);
      runs.set(name, { outcome, run: toRun(MECHANISMS[name], outcome) });
    }
  });

  for (const name of MECHANISM_NAMES) {
    describe(name, () => {
      it("conserves every token to the wei", () => {
        expect(runOf(name).conservation.details.filter(({ ok }) => !ok)).to.deep.equal([]);
      });

      it("sells, and explains every sale", () => {
        const { takeCount, debtRepaid, endings, sales, salesStarted, badDebt, recoveryRate } = runOf(name);
        // The fall is so fast that the oracle's sources disagree, and a direct sale wants them to agree.
        expect(takeCount).to.be.at.least(name === "direct" ? 1 : 3);
        expect(Number(debtRepaid)).to.be.above(800_000);
        expect(endings.sold).to.be.at.least(1);
        expect(Object.values(endings).reduce((sum, count) => sum + count, 0)).to.equal(salesStarted);
        expect(sales.filter(({ explanation }) => explanation === "")).to.deep.equal([]);
        // Behind direct sales the clock is slow: where a fall this deep never comes back, that costs something.
        expect(Number(badDebt)).to.be.at.most(name === "auto" ? 20_000 : 0);
        // Direct sales alone are stuck with what the oracle doubts.
        expect(recoveryRate).to.be.at.least(name === "direct" ? 0.1 : 0.99);
      });

      it("moves the pool, and by no more than all that it sells would", () => {
        const { impactBps, collateralSold } = runOf(name);
        // Depth to -2% is 2,000,000.
        expect(impactBps.max).to.be.within(1, (Number(collateralSold) / 2_000_000) * 250);
        expect(impactBps.timeWeighted).to.be.within(0.01, impactBps.max);
      });
    });
  }

  /** Sales that left their position healthy. */
  const curedIn = ({ recorder }: Outcome) =>
    recorder.sales.filter(({ end, open }) =>
      end === undefined ? open?.isHealthy === true : end.ending !== "empty",
    );

  it("time to cure counts for how long positions were unhealthy, from when they are due", () => {
    for (const [name, { run, outcome }] of runs) {
      const cured = curedIn(outcome);
      const longest = Math.max(...cured.map(({ dueSeconds }) => dueSeconds));
      expect(run.timeToCureSeconds.max, name).to.equal(longest);
      for (const { dueAt, startedAt, dueSeconds, end } of cured) {
        expect(dueAt, name).to.be.at.most(startedAt);
        expect(dueSeconds, name).to.be.at.most((end?.time ?? Infinity) - dueAt);
      }
    }
  });

  it("time to cure counts from when a position is due, not from when somebody begins to sell", async () => {
    // A start costs more than its reward: it has to wait for a keeper whose margin pays for it.
    const outcome = await replay({ ...scenario, gasPrice: 10n ** 13n }, MECHANISMS.dutch);
    const late = curedIn(outcome).filter(({ dueAt, startedAt }) => dueAt < startedAt);
    expect(late.length).to.be.at.least(1);
    for (const { dueAt, startedAt, dueSeconds, end } of late) {
      expect(dueSeconds).to.equal((end?.time ?? 0) - dueAt);
      expect(dueSeconds).to.be.above((end?.time ?? 0) - startedAt);
    }
  });

  it("a bonus of 5% costs borrowers 4 to 6% of what is sold", () => {
    const { borrowerLoss, collateralSold } = runOf("fixed5");
    expect(Number(borrowerLoss) / Number(collateralSold)).to.be.within(0.04, 0.06);
  });

  it("a bonus up to 2% costs between 0.5 and 2.5%", () => {
    const { borrowerLoss, collateralSold } = runOf("fixed2");
    expect(Number(borrowerLoss) / Number(collateralSold)).to.be.within(0.005, 0.025);
  });

  it("direct sales cost less than any bonus, and leave keepers about their gas", () => {
    const { borrowerLoss, keeperProfit, keeperGasCost } = runOf("direct");
    for (const name of ["dutch", "fixed2", "fixed5"] as const) {
      expect(Number(borrowerLoss)).to.be.below(Number(runOf(name).borrowerLoss));
    }
    expect(Math.abs(Number(keeperProfit))).to.be.below(Number(keeperGasCost));
  });

  it("batches sell to bids at one price each", () => {
    const { outcome } = runs.get("batch") ?? {};
    const prices = new Map<number, Set<number>>();
    for (const { takes } of outcome?.recorder.sales ?? []) {
      for (const { time, salePrice } of takes) {
        prices.set(time, (prices.get(time) ?? new Set()).add(salePrice));
      }
    }
    expect(prices.size).to.be.at.least(2);
    // Several clearings may share a moment; there are never as many prices as takes.
    expect(Math.max(...[...prices.values()].map(({ size }) => size))).to.be.at.most(6);
  });

  it("more is sold where the market follows sales", async () => {
    const fixed = toRun(MECHANISMS.fixed5, await replay(scenario, MECHANISMS.fixed5, { lastingShare: 0 }));
    const { cascadeMultiplier } = withCascade(runOf("fixed5"), fixed.collateralSoldUnits);
    expect(cascadeMultiplier).to.be.within(1, 1.5);
    expect(fixed.impactBps.max).to.be.above(0);
    expect(withCascade(fixed, "0").cascadeMultiplier).to.equal(null);
  });
});
