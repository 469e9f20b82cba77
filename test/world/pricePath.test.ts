import { expect } from "chai";
import fc from "fast-check";

import { CRASHES, jumpDiffusion } from "../../scripts/world/jumpDiffusion.ts";
import { NO_REBOUND_BAND, PathReader, withoutRebound } from "../../scripts/world/pricePath.ts";
import { Random } from "../../scripts/world/random.ts";
import { expectNear } from "../helpers/near.ts";

const start = { time: 1_000, price: 100 };

describe("withoutRebound", () => {
  it("holds the price within 3% of its low so far, and leaves every low where it was", () => {
    const prices = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(prices, (values) => {
        const path = values.map((price, time) => ({ time, price }));
        let low = Infinity;
        withoutRebound(path).forEach(({ time, price }, i) => {
          low = Math.min(low, values[i] ?? 0);
          expect(time).to.equal(i);
          expect(price).to.be.at.most(low * (1 + NO_REBOUND_BAND));
          expect(price).to.be.at.least(low);
          expect(price).to.equal(Math.min(values[i] ?? 0, low * (1 + NO_REBOUND_BAND)));
        });
      }),
    );
  });
});

describe("PathReader", () => {
  const path = [start, { time: 1_060, price: 90 }, { time: 1_120, price: 80 }];

  it("says the last price known until the next one", () => {
    const reader = new PathReader(path);
    expect([1_000, 1_059, 1_060, 1_119, 1_120, 9_999].map((time) => reader.at(time))).to.deep.equal([
      100, 100, 90, 90, 80, 80,
    ]);
  });

  it("skips points that lie between two looks", () => {
    expect(new PathReader(path).at(1_121)).to.equal(80);
  });

  it("refuses a path without points", () => {
    expect(() => new PathReader([])).to.throw(RangeError);
  });
});

describe("jumpDiffusion", () => {
  it("depends on the seed alone", () => {
    const draw = (seed: number) => jumpDiffusion(new Random(seed), start, 60, CRASHES.slow);
    expect(draw(5)).to.deep.equal(draw(5));
    expect(draw(5)).not.to.deep.equal(draw(6));
  });

  it("has a point every interval through all phases, at prices above 0", () => {
    const path = jumpDiffusion(new Random(1), start, 60, CRASHES.slow);
    expect(path.length).to.equal(24 * 60 + 1);
    path.forEach(({ time, price }, i) => {
      expect(time).to.equal(start.time + 60 * i);
      expect(price).to.be.above(0);
    });
  });

  it("without noise follows its drift", () => {
    const still = { dailyVolatility: 0, jumpsPerHour: 0, jumpMean: 0, jumpDeviation: 0 };
    const path = jumpDiffusion(new Random(1), start, 60, [
      { seconds: 3_600, drift: Math.log(0.5), ...still },
    ]);
    expectNear(path.at(-1)?.price, 50, 1e-9);
  });

  it("generates crashes: a fifth or more is lost at the worst", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const prices = jumpDiffusion(new Random(seed), start, 12, CRASHES.slow).map(({ price }) => price);
      expect(Math.min(...prices)).to.be.within(30, 80);
    }
  });

  it("generates fast crashes: a sixth or more within a minute, a third or more in all", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const prices = jumpDiffusion(new Random(seed), start, 12, CRASHES.fast).map(({ price }) => price);
      const falls = prices.slice(5).map((price, i) => 1 - price / (prices[i] ?? price));
      expect(Math.max(...falls)).to.be.within(1 / 6, 0.3);
      expect(Math.min(...prices)).to.be.within(50, 67);
    }
  });
});
