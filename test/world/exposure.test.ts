import { expect } from "chai";

import { Exposure } from "../../scripts/world/exposure.ts";
import { WAD } from "../../sdk/math.ts";
import { ONE_COLLATERAL, ONE_LOAN } from "../../sdk/units.ts";

const position = (collateral: bigint, debt: bigint) => ({
  collateral: collateral * ONE_COLLATERAL,
  scaledDebt: debt * ONE_LOAN,
});

describe("Exposure", () => {
  /** LTVs at price 100: 80%, 84%, 110%; no debt; no collateral. */
  const create = () =>
    new Exposure(
      [position(10n, 800n), position(10n, 840n), position(10n, 1_100n), position(10n, 0n), position(0n, 5n)],
      8_300n,
    );

  it("finds the positions that are unhealthy at a price", () => {
    expect(create().nearEdge(100, 0)).to.deep.equal([1, 2, 4]);
    expect(create().nearEdge(110, 0)).to.deep.equal([2, 4]);
  });

  it("finds those that would be at a price a little lower", () => {
    expect(create().nearEdge(100, 0.04)).to.deep.equal([0, 1, 2, 4]);
  });

  it("adds up unhealthy debt, debt under water and its shortfall", () => {
    expect(create().atRisk(100)).to.deep.equal({
      unhealthy: 1_945n * ONE_LOAN,
      underWater: 1_105n * ONE_LOAN,
      shortfall: 105n * ONE_LOAN,
    });
    expect(create().atRisk(1e6)).to.deep.equal({
      unhealthy: 5n * ONE_LOAN,
      underWater: 5n * ONE_LOAN,
      shortfall: 5n * ONE_LOAN,
    });
  });

  it("counts interest by the index", () => {
    const exposure = create();
    exposure.setIndex((WAD * 105n) / 100n);
    expect(exposure.nearEdge(100, 0)).to.deep.equal([0, 1, 2, 4]);
    expect(exposure.atRisk(100).underWater).to.equal((1_105n * ONE_LOAN * 105n) / 100n);
  });

  it("forgets what a position was", () => {
    const exposure = create();
    exposure.set(2, position(10n, 700n));
    expect(exposure.nearEdge(100, 0)).to.deep.equal([1, 4]);
  });
});
