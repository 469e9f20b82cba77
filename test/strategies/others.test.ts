import { expect } from "chai";

import { bonusOrders, isBonusWorthIt } from "../../scripts/strategies/bonus.ts";
import { distanceOf, reachOf, rescuable, rescuePrice } from "../../scripts/strategies/rescues.ts";
import { touchDueAt, touchGain } from "../../scripts/strategies/touches.ts";
import { secondsToHold } from "../../sdk/decayCurve.ts";
import { WAD } from "../../sdk/math.ts";
import { sixteenth } from "../../sdk/saleClock.ts";
import { ONE_LOAN } from "../../sdk/units.ts";
import { FEE, gasAt, LIQUIDATION_LTV_BPS, poolAt, PRICE, RULES, unscaled, viewOf } from "./scene.ts";
import { expectNear } from "../helpers/near.ts";

const POOL = poolAt(PRICE, 10_000_000);

describe("Strategies: liquidations at a bonus", () => {
  const rules = { gas: 300_000, minDebt: RULES.minDebt, fee: FEE, margin: 0.001 };

  it("orders nothing that pays for its gas, but not for the margin on top", () => {
    const view = viewOf("FOR_SALE", { collateral: 5, ltv: 0.85, salePrice: 0.95 });
    const gas = gasAt((0.03 * Number(view.closeAmount)) / rules.gas);
    expect(bonusOrders([view], POOL, rules, gas)).to.have.length(1);
    expect(bonusOrders([view], POOL, { ...rules, margin: 0.04 }, gas)).to.deep.equal([]);
  });

  it("orders what pays, the best first", () => {
    const small = viewOf("FOR_SALE", { collateral: 5, ltv: 0.85, salePrice: 0.95 }, "0x01");
    const large = viewOf("FOR_SALE", { collateral: 50, ltv: 0.85, salePrice: 0.95 }, "0x02");
    const dear = viewOf("FOR_SALE", { collateral: 50, ltv: 0.85, salePrice: 1.01 }, "0x03");
    const orders = bonusOrders([small, dear, large], POOL, rules, gasAt(10));
    expect(orders.map(({ view }) => view.borrower)).to.deep.equal(["0x02", "0x01"]);
    expect(bonusOrders([small], POOL, rules, gasAt(10_000))).to.deep.equal([]);
    expect(isBonusWorthIt(large, PRICE, rules.gas, gasAt(10))).to.equal(true);
    expect(isBonusWorthIt(dear, PRICE, rules.gas, gasAt(10))).to.equal(false);
  });
});

describe("Strategies: touches", () => {
  const { terms } = RULES;
  const start = 1_000_000n;

  it("are due two steps before the last proof is too old, and not before the discount is at hold", () => {
    const toHold = secondsToHold(terms);
    expect(touchDueAt({ saleStartedAt: start, proof: 0n }, terms, 12n)).to.equal(start + toHold - 24n);
    const proven = start + 15n * sixteenth(terms.horizon) + terms.halfLife;
    expect(touchDueAt({ saleStartedAt: start, proof: 16n }, terms, 12n)).to.equal(proven - 24n);
  });

  it("gain less the older a sale is", () => {
    const clock = { saleStartedAt: start, proof: 16n };
    const gains = [0n, 212n, 424n].map((age) => touchGain(100_000n * ONE_LOAN, clock, terms, start + age));
    expect(gains.every((gain, i) => gain > 0 && gain < (gains[i - 1] ?? Infinity))).to.equal(true);
  });
});

describe("Strategies: rescues", () => {
  const order = {
    targetLtvBps: 7_500n,
    triggerDistance: WAD,
    horizon: 900n,
    maxCostBps: 100n,
    minInterval: 600n,
    expiry: 2n ** 40n,
    nonce: 0n,
  };
  const rules = { order, liquidationLtvBps: LIQUIDATION_LTV_BPS, minDebt: RULES.minDebt, fee: FEE };
  const near = viewOf("HEALTHY", { collateral: 20, ltv: 0.82 }, "0x01");

  it("go to those within reach, the nearest first, whose sale is over or never was", () => {
    const views = [
      near,
      viewOf("HEALTHY", { collateral: 20, ltv: 0.5 }, "0x02"),
      viewOf("RECOVERED", { collateral: 20, ltv: 0.825 }, "0x03"),
      viewOf("FOR_SALE", { collateral: 20, ltv: 0.85 }, "0x04"),
    ];
    const reach = reachOf((17n * WAD) / 10_000n, 900n);
    expectNear(reach, 0.051, 1e-9);
    expectNear(distanceOf(near), Math.log(0.83 / 0.82), 1e-6);
    expect(rescuable(views, reach).map(({ borrower }) => borrower)).to.deep.equal(["0x03", "0x01"]);
  });

  it("ask for what the pool brings after its gas, and for nothing where the target is kept", () => {
    const price = rescuePrice(near, POOL, rules, gasAt(0));
    expect(price !== undefined && unscaled(price) < POOL.root ** 2).to.equal(true);
    const dearer = rescuePrice(near, POOL, rules, gasAt(10));
    expect(dearer !== undefined && price !== undefined && dearer < price).to.equal(true);
    const safe = viewOf("HEALTHY", { collateral: 20, ltv: 0.7 });
    expect(rescuePrice(safe, POOL, rules, gasAt(0))).to.equal(undefined);
  });
});
