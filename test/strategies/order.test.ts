import { expect } from "chai";

import { type Demands, type Lot, planOrder, proceedsOf } from "../../scripts/strategies/order.ts";
import {
  amountsInRange,
  collateralToReach,
  depthOf,
  reserveForDepth,
  rootAfterSale,
} from "../../scripts/world/pool.ts";
import { expectNear } from "../helpers/near.ts";

/** A pool at price 1 with a virtual reserve of a million on each side. */
const pool = { root: 1, liquidity: 1e6 };
const demands: Demands = { fee: 0, margin: 0, minDebt: 100n, lotCost: 0, mostLots: 10 };

/** A lot of `collateral` at a price in per cent of the pool's, whose take closes a tenth of the debt. */
function lot(name: string, collateral: number, percent: number): Lot {
  const repay = BigInt(Math.round((collateral * percent) / 100));
  return {
    borrower: name,
    debt: repay * 10n,
    repay,
    penalty: 0n,
    collateral: BigInt(collateral),
    needsStart: false,
  };
}

const names = (lots: readonly Lot[]): string[] => lots.map(({ borrower }) => borrower);

describe("pool", () => {
  it("depth: what selling pays until the price has fallen by 2% is what the reserve was sized for", () => {
    const reserve = reserveForDepth(10_000);
    const sold = collateralToReach(reserve, 1, Math.sqrt(0.98));
    expectNear(rootAfterSale(reserve, 1, sold), Math.sqrt(0.98), 1e-12);
    expectNear(proceedsOf({ root: 1, liquidity: reserve }, 0, sold), 10_000, 1e-6);
    expectNear(depthOf(reserve, 0.02), 10_000, 1e-9);
  });

  it("amountsInRange: both assets inside, only the loan asset above, only collateral below", () => {
    expect(amountsInRange(100, 1, 0.5, 2)).to.deep.equal({ loan: 50, collateral: 50 });
    expect(amountsInRange(100, 3, 0.5, 2)).to.deep.equal({ loan: 150, collateral: 0 });
    expect(amountsInRange(100, 0.1, 0.5, 2)).to.deep.equal({ loan: 0, collateral: 150 });
    expect(amountsInRange(100, 1, 0, Infinity)).to.deep.equal({ loan: 100, collateral: 100 });
  });
});

describe("planOrder", () => {
  it("buys nothing at or above the pool's price", () => {
    expect(planOrder([lot("a", 1_000, 100), lot("b", 1_000, 101)], pool, demands).lots).to.deep.equal([]);
  });

  it("buys a small lot whole, and foresees what the pool pays for it", () => {
    const plan = planOrder([lot("a", 1_000, 95)], pool, demands);
    expect(names(plan.lots)).to.deep.equal(["a"]);
    expect(plan.maxRepay).to.equal(950n);
    expect(plan.payment).to.equal(950);
    expectNear(plan.proceeds, 999, 0.01);
  });

  it("buys of a large lot as much as brings the pool to the lot's price", () => {
    const plan = planOrder([lot("a", 1_000_000, 90)], pool, demands);
    const sold = 1e6 * (1 / Math.sqrt(0.9) - 1);
    expectNear(Number(plan.maxRepay), sold * 0.9, 1);
  });

  it("stops earlier by margin and fee", () => {
    const most = (changes: Partial<Demands>): number =>
      Number(planOrder([lot("a", 1_000_000, 90)], pool, { ...demands, ...changes }).maxRepay);
    expect(most({ margin: 0.01 })).to.be.below(most({}));
    expect(most({ fee: 0.01 })).to.be.below(most({}));
  });

  it("takes the cheapest lots first and the last one in part", () => {
    const lots = [lot("dear", 200_000, 98), lot("cheap", 2_000, 94), lot("middle", 5_000, 96)];
    const plan = planOrder(lots, pool, demands);
    expect(names(plan.lots)).to.deep.equal(["cheap", "middle", "dear"]);
    const sold = Number(plan.maxRepay - 1_880n - 4_800n) / 0.98 + 7_000;
    expectNear(rootAfterSale(pool.liquidity, 1, sold) ** 2, 0.98, 1e-5);
  });

  it("leaves out lots whose gain does not pay for their gas, and lots beyond the limit", () => {
    const lots = [lot("a", 1_000, 95), lot("b", 1_000, 96), lot("c", 10, 90)];
    expect(names(planOrder(lots, pool, { ...demands, lotCost: 45 }).lots)).to.deep.equal(["a"]);
    expect(names(planOrder(lots, pool, { ...demands, mostLots: 2 }).lots)).to.deep.equal(["c", "a"]);
  });

  it("never leaves a remainder of debt that is too small", () => {
    const closing: Lot = { ...lot("a", 100_000, 90), debt: 90_000n };
    const plan = planOrder([closing], pool, { ...demands, minDebt: 60_000n });
    expect(plan.maxRepay).to.equal(30_000n);
    expect(planOrder([closing], pool, { ...demands, minDebt: 90_000n }).lots).to.deep.equal([]);
  });
});
