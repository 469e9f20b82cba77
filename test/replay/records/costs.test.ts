import { expect } from "chai";

import { costOfTake, equityOf, rewardBorne } from "../../../scripts/replay/records/costs.ts";
import { ONE_COLLATERAL, ONE_LOAN } from "../../../sdk/units.ts";

/** 100 of collateral, 80 of debt, at a price of about 1. */
const BEFORE = { collateral: 100n * ONE_COLLATERAL, debt: 80n * ONE_LOAN };
const take = (repaid: number, penalty: number, collateral: number, kept = 0, returned = 0) => ({
  before: BEFORE,
  repaid: BigInt(repaid * 1e6),
  penalty: BigInt(penalty * 1e6),
  returned: BigInt(returned * 1e6),
  collateral: BigInt(collateral) * ONE_COLLATERAL,
  keptCollateral: BigInt(kept) * ONE_COLLATERAL,
});
const whole = (amounts: object): object =>
  Object.fromEntries(Object.entries(amounts).map(([name, units]) => [name, Number(units) / 1e6]));

describe("What a take costs", () => {
  it("is what was sold is worth, less what came off the debt: partly penalty, partly loss at market", () => {
    expect(whole(costOfTake(take(40, 0.5, 42), 1))).to.deep.equal({
      ...{ fairValue: 42, equity: 20, loss: 1.5, penalty: 0.5, leaving: 1.5 },
    });
  });

  it("is more at a price that was higher when the position fell due", () => {
    expect(whole(costOfTake(take(40, 0.5, 42), 1.25))).to.deep.equal({
      ...{ fairValue: 52.5, equity: 45, loss: 12, penalty: 0.5, leaving: 12 },
    });
  });

  it("is a gain where the sale price was above the market", () => {
    expect(whole(costOfTake(take(40, 0.5, 40), 1))).to.include({ loss: -0.5, penalty: 0.5 });
  });

  it("is the borrower's equity at most, penalty included: the rest is bad debt", () => {
    // Worth 81.25: an equity of 1.25, of 2.5 that it was sold under its worth.
    const all = costOfTake(take(77.75, 1, 100), 0.8125);
    expect(whole(all)).to.deep.equal({
      ...{ fairValue: 81.25, equity: 1.25, loss: 1.25, penalty: 0, leaving: 2.5 },
    });
    // Half of the penalty is left to bear for the equity.
    const most = costOfTake(take(79.5, 1, 100), 0.8125);
    expect(whole(most)).to.include({ loss: 0.75, penalty: 0.5 });
    expect(most.loss + most.penalty).to.equal(equityOf(BEFORE, 0.8125));
  });

  it("is nothing under water, whatever leaves the system", () => {
    expect(whole(costOfTake(take(36, 0.4, 50), 0.75))).to.deep.equal({
      ...{ fairValue: 37.5, equity: 0, loss: 0, penalty: 0, leaving: 1.1 },
    });
  });

  it("is less by what a sale brought beyond what it had to", () => {
    expect(whole(costOfTake(take(40, 0.5, 42, 0, 1), 1))).to.include({
      loss: 0.5,
      penalty: 0.5,
      leaving: 0.5,
    });
  });

  it("leaves the system but for collateral that the protocol kept", () => {
    expect(whole(costOfTake(take(40, 0, 42, 1), 1))).to.include({ loss: 2, leaving: 1 });
  });
});

describe("A starter's reward", () => {
  it("is borne by the equity before it, and the rest by lenders", () => {
    const start = { reward: 2n * ONE_LOAN, collateral: BEFORE.collateral, debt: BEFORE.debt };
    expect(rewardBorne(start, 1)).to.equal(2n * ONE_LOAN);
    // Worth 78.125, where it owed 78.
    expect(rewardBorne(start, 0.78125)).to.equal(ONE_LOAN / 8n);
    expect(rewardBorne(start, 0.75)).to.equal(0n);
  });
});
