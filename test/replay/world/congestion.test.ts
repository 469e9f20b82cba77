import { expect } from "chai";

import { congestionAt, gasPriceAt, lagAt } from "../../../scripts/replay/world/congestion.ts";
import { MARKETS } from "../../../scripts/replay/input/markets.ts";
import { expectNear } from "../../helpers/near.ts";

/** A price every 12 s from 1,000 on. */
const steps = (...prices: readonly number[]) => prices.map((price, i) => ({ time: 1_000 + 12 * i, price }));

describe("Congestion", () => {
  it("is none where the price stands still, before the path, and at its first point", () => {
    expect(congestionAt(steps(100, 100, 100), 1_024)).to.equal(0);
    expect(congestionAt(steps(100, 90), 999)).to.equal(0);
    expect(congestionAt(steps(100, 90), 1_011)).to.equal(0);
  });

  it("grows with the move of the last minute, up or down, and is full at 2%", () => {
    expectNear(congestionAt(steps(100, 100 * Math.exp(-0.01)), 1_012), 0.5, 1e-9);
    expectNear(congestionAt(steps(100, 100 * Math.exp(0.005)), 1_012), 0.25, 1e-9);
    expect(congestionAt(steps(100, 90), 1_012)).to.equal(1);
  });

  it("counts a dip that is over, and forgets it after the minute", () => {
    const dip = steps(100, 99, 100, 100, 100, 100, 100, 100, 100);
    expectNear(congestionAt(dip, 1_024), -Math.log(0.99) / 0.02, 1e-9);
    expectNear(congestionAt(dip, 1_072), -Math.log(0.99) / 0.02, 1e-9);
    expect(congestionAt(dip, 1_084)).to.equal(0);
  });

  it("does not look into the future", () => {
    const path = steps(100, 100, 50);
    expect(congestionAt(path, 1_023)).to.equal(0);
    expect(congestionAt(path, 1_024)).to.equal(1);
  });

  it("stretches the feed's lag by whole blocks, from the calm one up to the market's most", () => {
    expect(lagAt(MARKETS.calm, 1)).to.equal(12);
    expect([0, 0.25, 0.5, 1].map((congestion) => lagAt(MARKETS.stressed, congestion))).to.deep.equal([
      12, 24, 24, 36,
    ]);
    expect(lagAt(MARKETS.harsh, 1)).to.equal(72);
    expect(lagAt({ lag: 5, lagRise: 3 }, 0)).to.equal(5);
  });

  it("raises the price of gas", () => {
    expect(gasPriceAt(30n, MARKETS.calm, 1)).to.equal(30n);
    expect(gasPriceAt(30n, MARKETS.stressed, 0)).to.equal(30n);
    expect(gasPriceAt(30n, MARKETS.stressed, 0.5)).to.equal(90n);
    expect(gasPriceAt(30n, MARKETS.harsh, 1)).to.equal(600n);
  });
});
