import { expect } from "chai";

import { dutchLot, dutchOrder, isWorthTaking } from "../../scripts/strategies/dutch.ts";
import { BEHIND, FEE, gasAt, poolAt, PRICE, RULES, viewOf } from "./scene.ts";
import { START_GAS } from "../../scripts/strategies/starts.ts";
import { expectNear } from "../helpers/near.ts";

const MARKET = { pool: poolAt(PRICE, 10_000_000), fee: FEE, margin: 0.001 };
const CHEAP = gasAt(0);

describe("Strategies: the Dutch auction", () => {
  const dear = viewOf("FOR_SALE", { collateral: 20, ltv: 0.85, salePrice: 1 }, "0x01");
  const cheap = viewOf("FOR_SALE", { collateral: 20, ltv: 0.85, salePrice: 0.97 }, "0x02");
  const cheaper = viewOf("FOR_SALE", { collateral: 20, ltv: 0.85, salePrice: 0.96 }, "0x03");

  it("takes what the pool pays more for, the cheapest first, and leaves the rest", () => {
    const order = dutchOrder([dear, cheap, cheaper], MARKET, RULES, CHEAP);
    expect(order?.borrowers).to.deep.equal(["0x03", "0x02"]);
    expect(order?.start).to.equal(false);
    expect(order?.maxRepay).to.equal(cheap.closeAmount + cheaper.closeAmount);
  });

  it("takes a part where the pool falls to what still pays", () => {
    const order = dutchOrder([cheap], { ...MARKET, pool: poolAt(PRICE, 10_000) }, RULES, CHEAP);
    expect(order !== undefined && order.maxRepay > 0n && order.maxRepay < cheap.closeAmount).to.equal(true);
  });

  it("insists on gas and margin, and orders nothing that does not bring them", () => {
    const gas = gasAt(100);
    const order = dutchOrder([cheap], MARKET, RULES, gas);
    const margin = Number(cheap.closeAmount + cheap.penalty) * MARKET.margin;
    expectNear(Number(order?.minProfit), gas(330_000) + margin, 2);
    expect(dutchOrder([cheap], MARKET, RULES, gasAt(10_000))).to.equal(undefined);
    expect(dutchOrder([dear], MARKET, RULES, CHEAP)).to.equal(undefined);
    expect(dutchOrder([], MARKET, RULES, CHEAP)).to.equal(undefined);
  });

  it("starts what it takes, where a start opens low enough", () => {
    const lapsed = viewOf("LAPSED", { collateral: 20, ltv: 0.85 });
    const order = dutchOrder([lapsed], MARKET, RULES, CHEAP);
    expect([order?.start, order?.borrowers]).to.deep.equal([true, ["0x01"]]);
    const gas = gasAt(100);
    const started = dutchOrder([lapsed], { ...MARKET, margin: 0 }, RULES, gas);
    expectNear(Number(started?.minProfit), gas(330_000 + START_GAS), 1);
    const startable = viewOf("STARTABLE", { collateral: 20, ltv: 0.85 });
    expect(dutchOrder([startable], MARKET, BEHIND, CHEAP)).to.equal(undefined);
  });

  it("sees no lot in a position that is healthy, armed or empty", () => {
    for (const status of ["HEALTHY", "RECOVERED", "WAITING", "EMPTIED", "FROZEN"] as const)
      expect(dutchLot(viewOf(status, { collateral: 20, ltv: 0.5 }), RULES)).to.equal(undefined);
  });

  it("holds a position worth a take where the deepest discount on all of it pays for the gas", () => {
    const worth = Number(cheap.value) * 0.08;
    expect(isWorthTaking(cheap, RULES, () => worth * 0.999)).to.equal(true);
    expect(isWorthTaking(cheap, RULES, () => worth * 1.001)).to.equal(false);
  });
});
