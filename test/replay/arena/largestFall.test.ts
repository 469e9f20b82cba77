import { expect } from "chai";

import { clip, largestFall, spanAround } from "../../../scripts/replay/arena/largestFall.ts";

const path = (...prices: number[]) => prices.map((price, i) => ({ time: 1_000 + 60 * i, price }));

describe("largestFall", () => {
  it("finds the largest fall from a price to a later one", () => {
    expect(largestFall(path(100, 120, 90, 110, 85, 100), 3_600)).to.deep.equal({
      from: 1_060,
      to: 1_240,
      share: 1 - 85 / 120,
    });
  });

  it("leaves out falls that take longer", () => {
    expect(largestFall(path(100, 95, 90, 85, 90, 80), 60)).to.deep.equal({
      from: 1_240,
      to: 1_300,
      share: 1 - 80 / 90,
    });
  });

  it("takes the first of equal falls, and the whole of a rise as none", () => {
    expect(largestFall(path(100, 90, 100, 90), 60)).to.include({ from: 1_000, to: 1_060 });
    expect(largestFall(path(100, 110, 120), 3_600)).to.deep.equal({ from: 1_000, to: 1_000, share: 0 });
  });

  it("agrees with trying all pairs", () => {
    // A walk that repeats itself, without luck.
    const walk = path(...Array.from({ length: 200 }, (_, i) => 100 + 10 * Math.sin(i / 3) + ((i * 37) % 11)));
    for (const within of [60, 300, 1_200]) {
      let share = 0;
      for (const high of walk)
        for (const low of walk)
          if (low.time > high.time && low.time <= high.time + within)
            share = Math.max(share, 1 - low.price / high.price);
      expect(largestFall(walk, within).share).to.equal(share);
    }
  });

  it("refuses an empty path", () => {
    expect(() => largestFall([], 60)).to.throw(RangeError);
  });
});

describe("spanAround", () => {
  const long = path(...Array.from({ length: 101 }, () => 1));

  it("has the fall in its middle", () => {
    expect(spanAround({ from: 4_000, to: 4_200 }, long, 1_000)).to.deep.equal({ from: 3_600, to: 4_600 });
  });

  it("stays within the path", () => {
    expect(spanAround({ from: 1_000, to: 1_060 }, long, 1_000)).to.deep.equal({ from: 1_000, to: 2_000 });
    expect(spanAround({ from: 6_900, to: 7_000 }, long, 1_000)).to.deep.equal({ from: 6_000, to: 7_000 });
    expect(spanAround({ from: 1_000, to: 7_000 }, long, 9_000)).to.deep.equal({ from: 1_000, to: 7_000 });
  });
});

describe("clip", () => {
  it("begins with the price that is true at its first moment", () => {
    expect(clip(path(1, 2, 3, 4), { from: 1_090, to: 1_120 })).to.deep.equal([
      { time: 1_090, price: 2 },
      { time: 1_120, price: 3 },
    ]);
  });
});
