import { expect } from "chai";

import { Random } from "../../scripts/world/random.ts";
import { RealisedVolatility } from "../../scripts/world/realisedVolatility.ts";
import { expectNear } from "../helpers/near.ts";

describe("RealisedVolatility", () => {
  it("finds the volatility of a random walk, whatever the distance between looks", () => {
    for (const seconds of [1, 12, 60]) {
      const random = new Random(seconds);
      const seen = new RealisedVolatility(20_000 * seconds, 1e-3);
      let price = 100;
      for (let i = 0; i < 200_000; ++i) {
        seen.observe(price, i * seconds);
        price *= Math.exp(5e-4 * Math.sqrt(seconds) * random.normal());
      }
      expectNear(seen.perRootSecond, 5e-4, 2e-5);
    }
  });

  it("forgets half of the variance in a half-life of a price that stands still", () => {
    const seen = new RealisedVolatility(600, 1e-3);
    seen.observe(100, 0);
    seen.observe(100, 600);
    expectNear(seen.perRootSecond, 1e-3 * Math.SQRT1_2, 1e-9);
    seen.observe(150, 600);
    expectNear(seen.perRootSecond, 1e-3 * Math.SQRT1_2, 1e-9);
    expect(seen.perRootSecond).to.be.above(0);
  });
});
