import { expect } from "chai";

import { isStartWorthIt, openingPrice, promiseOfStart, START_GAS } from "../../scripts/strategies/starts.ts";
import { priceToScaled } from "../../sdk/units.ts";
import { BEHIND, gasAt, PRICE, RULES, viewOf } from "./scene.ts";
import { expectNear } from "../helpers/near.ts";

describe("Strategies: starts", () => {
  it("opens at the deciding price, at a premium where the terms have one, and at hold where the sale lapsed", () => {
    const at = (share: bigint): bigint => (priceToScaled(PRICE) * share) / 10_000n;
    expect(openingPrice(viewOf("STARTABLE", { collateral: 10, ltv: 0.85 }), RULES.terms)).to.equal(
      at(10_000n),
    );
    expect(openingPrice(viewOf("STARTABLE", { collateral: 10, ltv: 0.85 }), BEHIND.terms)).to.equal(
      at(11_500n),
    );
    expect(openingPrice(viewOf("LAPSED", { collateral: 10, ltv: 0.85 }), RULES.terms)).to.equal(at(9_850n));
  });

  it("never opens under the price that covers debt and penalty, as far as that is under the deciding one", () => {
    const view = viewOf("LAPSED", { collateral: 10, ltv: 0.99 });
    expect(openingPrice(view, RULES.terms) > (priceToScaled(PRICE) * 9_850n) / 10_000n).to.equal(true);
    expect(openingPrice(view, RULES.terms) <= priceToScaled(PRICE)).to.equal(true);
  });

  it("pays from the gas price on at which reward and margin just cover it", () => {
    const promise = promiseOfStart(viewOf("STARTABLE", { collateral: 10, ltv: 0.85 }), RULES, 0.001);
    const most = promise.margin + promise.mostReward;
    // Half the penalty of 0.5%, and a tenth of a per cent.
    expectNear(promise.mostReward / promise.margin, 2.5, 1e-6);
    const cost = (share: number): number => gasAt((share * most) / START_GAS)(START_GAS);
    expect(isStartWorthIt(promise, promise.mostReward, cost(0.999))).to.equal(true);
    expect(isStartWorthIt(promise, promise.mostReward, cost(1.001))).to.equal(false);
    expect(isStartWorthIt(promise, 0, cost(0.999))).to.equal(false);
  });
});
