import { expect } from "chai";

import { mean, quantile } from "../../scripts/world/statistics.ts";

describe("statistics", () => {
  it("mean: the sum over the count", () => {
    expect(mean([1, 2, 6])).to.equal(3);
  });

  it("quantile: interpolates between neighbours, whatever the order", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).to.equal(2.5);
    expect(quantile([4, 1, 3, 2], 0)).to.equal(1);
    expect(quantile([4, 1, 3, 2], 1)).to.equal(4);
    expect(quantile([10], 0.95)).to.equal(10);
  });

  it("neither exists without samples", () => {
    expect(mean([])).to.equal(undefined);
    expect(quantile([], 0.5)).to.equal(undefined);
  });
});
