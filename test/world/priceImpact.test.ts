import { expect } from "chai";

import { PriceImpact } from "../../scripts/world/priceImpact.ts";
import { expectNear } from "../helpers/near.ts";

describe("PriceImpact", () => {
  const create = () => new PriceImpact({ share: 0.25, halfLife: 100, refill: 1 }, 1_000);

  it("leaves the market alone at the moment of a sale, and deviates by what the pool fell", () => {
    const impact = create();
    impact.add(0.02);
    expect(impact.factor).to.equal(1);
    expectNear(impact.deviation, 1 - Math.exp(-0.02), 1e-12);
  });

  it("keeps the share, of which half is gone after each half-life", () => {
    const impact = create();
    impact.add(0.02);
    impact.moveTo(1_100);
    expectNear(impact.factor, Math.exp(-0.02 * 0.25 * 0.5), 1e-12);
    impact.moveTo(1_300);
    expectNear(impact.factor, Math.exp(-0.02 * 0.25 * 0.125), 1e-12);
  });

  it("gives the same whether time passes in one step or in many", () => {
    const [once, often] = [create(), create()];
    for (const impact of [once, often]) {
      impact.add(0.02);
      impact.moveTo(1_001);
    }
    for (let time = 1_002; time <= 1_200; ++time) often.moveTo(time);
    once.moveTo(1_200);
    expectNear(often.factor, once.factor, 1e-12);
  });

  it("adds up sales of one moment and of several", () => {
    const impact = create();
    impact.add(0.01);
    impact.add(0.01);
    impact.moveTo(1_100);
    impact.add(0.01);
    expectNear(impact.deviation, 1 - Math.exp(-(0.02 * 0.25 * 0.5 + 0.01)), 1e-12);
  });

  it("tells the largest deviation, and the mean over all the time", () => {
    const impact = create();
    impact.moveTo(1_100);
    impact.add(0.02);
    impact.moveTo(1_110);
    impact.moveTo(1_200);
    const fresh = 1 - Math.exp(-0.02);
    const kept = 1 - Math.exp(-0.02 * 0.25 * 0.5 ** 0.1);
    expectNear(impact.summary.max, fresh, 1e-12);
    expectNear(impact.summary.timeWeighted, (fresh * 10 + kept * 90) / 200, 1e-12);
  });

  it("is traded back a share a second, the share that stays apart", () => {
    const impact = new PriceImpact({ share: 0.25, halfLife: 1e12, refill: 0.1 }, 1_000);
    impact.add(0.02);
    impact.moveTo(1_010);
    expectNear(impact.factor, Math.exp(-0.02 * 0.25), 1e-9);
    expectNear(impact.deviation, 1 - Math.exp(-0.02 * (0.25 + 0.75 * 0.9 ** 10)), 1e-9);
  });

  it("is nothing where the market does not follow, and before time has passed", () => {
    const impact = new PriceImpact({ share: 0, halfLife: 100, refill: 1 }, 0);
    expect(impact.summary).to.deep.equal({ max: 0, timeWeighted: 0 });
    impact.add(0.1);
    impact.moveTo(12);
    expect(impact.factor).to.equal(1);
  });
});
