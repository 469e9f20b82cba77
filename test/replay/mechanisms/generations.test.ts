import { expect } from "chai";

import { type Outcome, replay } from "../../../scripts/replay/run/engine.ts";
import {
  type Generation,
  generationName,
  GENERATIONS,
} from "../../../scripts/replay/mechanisms/mechanismNames.ts";
import { MECHANISMS } from "../../../scripts/replay/mechanisms/mechanisms.ts";
import { type RunResult, toRun } from "../../../scripts/replay/records/result.ts";
import { comparisonTable } from "../../../scripts/replay/report/summary.ts";
import { balances, pick, reckonAgain } from "../books.ts";
import { path, SCENARIO, thenStay } from "../scenarios.ts";

/** Over an hour of calm, in which volatility is measured; down by a fifth within the next; a calm end. */
const CALM = Array.from({ length: 75 }, (_, i) => 3_000 + 16 * (i % 2));
const FALL = Array.from({ length: 60 }, (_, i) => 3_000 * (1 - (0.2 * (i + 1)) / 60));
const SLOW_CRASH = path(...thenStay([...CALM, ...FALL], 15));
/** With it some of those who fall due let themselves be rescued, and some do not. */
const SEED = 2;

describe("Generations", () => {
  const runs = new Map<Generation, { readonly run: RunResult; readonly outcome: Outcome }>();
  const runOf = (generation: Generation): RunResult => {
    const found = runs.get(generation);
    if (found === undefined) throw new Error(`${generation} was not run`);
    return found.run;
  };

  before(async () => {
    for (const generation of GENERATIONS) {
      const mechanism = MECHANISMS[generationName(generation)];
      const outcome = await replay({ ...SCENARIO, path: SLOW_CRASH, seed: SEED }, mechanism);
      runs.set(generation, { outcome, run: toRun(mechanism, outcome) });
    }
  });

  for (const generation of GENERATIONS) {
    it(`the ${["first", "second", "third"][generation - 1] ?? ""} conserves every token to the wei`, () => {
      expect(runOf(generation).conservation.details.filter(({ ok }) => !ok)).to.deep.equal([]);
      expect(runOf(generation).generation).to.equal(generation);
      expect(runOf(generation).takeCount).to.be.at.least(1);
    });
  }

  it("the first sells whole positions, at a bonus of 5%", () => {
    const { sales, borrowerLoss, collateralSold } = runOf(1);
    for (const { takeCount, debt, debtRepaid } of sales) {
      expect(takeCount).to.equal(1);
      expect(debtRepaid).to.equal(debt);
    }
    expect(Number(borrowerLoss) / Number(collateralSold)).to.be.within(0.04, 0.06);
  });

  it("the third rescues positions before they are for sale, and sells less than the second", () => {
    const { rescues, collateralSold } = runOf(3);
    expect(rescues.count).to.be.at.least(1);
    expect(Number(rescues.collateralSold)).to.be.above(0);
    // What borrowers signed: 1% at most.
    expect(Number(rescues.cost)).to.be.at.most(0.01 * Number(rescues.collateralSold));
    expect(rescues.falseAlarms).to.be.at.most(rescues.count);
    expect(Number(collateralSold)).to.be.below(Number(runOf(2).collateralSold));
    expect(runOf(1).rescues.count + runOf(2).rescues.count).to.equal(0);
  });

  it("each costs borrowers less than the one before, penalties and rescues counted", () => {
    const cost = GENERATIONS.map((generation) => Number(runOf(generation).borrowersCost));
    expect(cost[1]).to.be.below(cost[0] ?? 0);
    expect(cost[2]).to.be.below(cost[1] ?? 0);
  });

  it("the third's money figures can be reckoned again, rescues among them", () => {
    const run = runOf(3);
    const again = reckonAgain(run);
    expect(pick(run, again)).to.deep.equal(again);
    expect(again.rescues.cost).to.equal(again.borrowersCostParts.rescues);
    for (const { account, missing } of balances(run)) expect(missing, account).to.equal(0n);
  });

  it("the third's parameters follow the crash; the second's LTVs alone could, and the first's are fixed", () => {
    expect(runOf(3).parametersMoved).to.be.above(runOf(2).parametersMoved);
    expect(runOf(1).parametersMoved).to.equal(0);
  });

  it("are compared by what the field says of them", () => {
    const { head, rows } = comparisonTable(GENERATIONS.map(runOf));
    expect(head).to.include("false alarms").and.to.include("borrowers' cost: at take / at due");
    expect(rows.map(([name]) => name)).to.deep.equal([
      "generation 1 (whole5)",
      "generation 2 (dutch)",
      "generation 3 (auto)",
    ]);
  });
});
