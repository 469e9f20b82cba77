import { expect } from "chai";

import {
  boundsFrom,
  directOrder,
  isWorthSelling,
  pushFor,
  sellableViews,
  widestBounds,
} from "../../scripts/strategies/direct.ts";
import { MAX_UINT256, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { priceToScaled } from "../../sdk/units.ts";
import { BEHIND, FEE, gasAt, LIQUIDATION_LTV_BPS, poolAt, PRICE, unscaled, viewOf } from "./scene.ts";
import { expectNear } from "../helpers/near.ts";

const DIRECT = { ...BEHIND, liquidationLtvBps: LIQUIDATION_LTV_BPS, fee: FEE };
const DECIDING = priceToScaled(PRICE);
const LOOK = { deciding: DECIDING, mean: DECIDING, fall: 0n };
const DEEP = poolAt(PRICE, 10_000_000);
const FREE = gasAt(0);

describe("Strategies: direct sales", () => {
  const view = viewOf("STARTABLE", { collateral: 20, ltv: 0.84 });
  const bounds = widestBounds(view, LOOK, DIRECT);
  if (bounds === undefined) throw new Error("an unhealthy position has bounds");

  it("looks at what may be sold, the worst position first", () => {
    const views = [
      viewOf("FOR_SALE", { collateral: 1, ltv: 0.85 }, "0x01"),
      viewOf("HEALTHY", { collateral: 1, ltv: 0.7 }, "0x02"),
      viewOf("STARTABLE", { collateral: 1, ltv: 0.95 }, "0x03"),
      viewOf("LAPSED", { collateral: 1, ltv: 0.9 }, "0x04"),
      viewOf("RECOVERED", { collateral: 1, ltv: 0.8 }, "0x05"),
    ];
    expect(sellableViews(views).map(({ borrower }) => borrower)).to.deep.equal(["0x03", "0x04", "0x01"]);
  });

  it("has no bounds where oracle or mean calls the position healthy", () => {
    const look = { ...LOOK, mean: (DECIDING * 102n) / 100n };
    expect(widestBounds(view, look, DIRECT)).to.equal(undefined);
    expect(widestBounds(viewOf("HEALTHY", { collateral: 20, ltv: 0.8 }), LOOK, DIRECT)).to.equal(undefined);
  });

  it("may move the pool further the nearer the position is to bad debt", () => {
    const worse = widestBounds(viewOf("STARTABLE", { collateral: 20, ltv: 0.9 }), LOOK, DIRECT);
    expect(worse && worse.impact > bounds.impact).to.equal(true);
    expectNear(bounds.maxLoss, bounds.impact + 0.005, 1e-12);
  });

  it("reads the liquidator's bounds in the units of the pool", () => {
    const answer = {
      mean: DECIDING,
      impact: WAD / 100n,
      leastPrice: DECIDING,
      leastBefore: 0n,
      maxLoss: WAD / 50n,
    };
    const price = unscaled(DECIDING);
    expect(boundsFrom(answer)).to.deep.equal({
      mean: price,
      impact: 0.01,
      leastPrice: price,
      leastBefore: 0,
      maxLoss: 0.02,
    });
  });

  it("sells all that may be sold where the pool is deep, starts the sale, and asks for what the pool brings", () => {
    const order = directOrder(view, bounds, DEEP, DIRECT, FREE);
    expect([order?.maxRepay, order?.startsToo]).to.deep.equal([MAX_UINT256, true]);
    const price = Number(order?.price) / Number(DECIDING);
    expect(price > 0.999 && price < 1 - FEE).to.equal(true);
  });

  it("sells the part that a shallow pool takes within the bounds", () => {
    const large = viewOf("FOR_SALE", { collateral: 20_000, ltv: 0.84 });
    const rules = { ...DIRECT, terms: { ...DIRECT.terms, lot: 1n } };
    const order = directOrder(large, bounds, poolAt(PRICE, 100_000), rules, FREE);
    if (order === undefined) throw new Error("no order");
    expect(order.maxRepay > 0n && order.maxRepay < large.debt).to.equal(true);
    expect(order.startsToo).to.equal(false);
    expect(unscaled(order.price) >= bounds.mean * (1 - bounds.maxLoss)).to.equal(true);
    // Less than a lot, and a part alone: gas is paid in proportion.
    expect(directOrder(large, bounds, poolAt(PRICE, 100_000), DIRECT, FREE)).to.equal(undefined);
  });

  it("sells nothing where the pool has fallen under a bound, or half the penalty does not pay for the gas", () => {
    const low = { ...bounds, leastBefore: DEEP.root ** 2 * 1.01 };
    expect(directOrder(view, low, DEEP, DIRECT, FREE)).to.equal(undefined);
    expect(directOrder(view, bounds, poolAt(PRICE * 0.9, 10_000_000), DIRECT, FREE)).to.equal(undefined);
    expect(directOrder(view, bounds, DEEP, DIRECT, gasAt(1_000))).to.equal(undefined);
    expect(isWorthSelling(view, DIRECT, gasAt(1_000))).to.equal(false);
    expect(isWorthSelling(view, DIRECT, FREE)).to.equal(true);
    expect(isWorthSelling({ ...view, value: 0n }, DIRECT, FREE)).to.equal(false);
  });

  it("pushes the pool by no more than its share of the way, and so far only that the sale still pays", () => {
    const price = DEEP.root ** 2;
    expect(pushFor(view, bounds, DEEP, DIRECT, FREE, 0)).to.equal(undefined);
    const half = pushFor(view, bounds, DEEP, DIRECT, FREE, 0.5);
    const most = pushFor(view, bounds, DEEP, DIRECT, FREE, 0.6);
    expect(half !== undefined && most !== undefined && most < half && half < price).to.equal(true);
    expect(pushFor(view, { ...bounds, leastBefore: price }, DEEP, DIRECT, FREE, 0.5)).to.equal(undefined);
    const held = 0.1 * price + 0.9 * Number(half);
    expect(pushFor(view, { ...bounds, leastBefore: held }, DEEP, DIRECT, FREE, 0.5)).to.equal(held);
    expect(pushFor(view, bounds, DEEP, DIRECT, gasAt(1_000), 0.5)).to.equal(undefined);
  });

  it("asks for prices in the protocol's scale", () => {
    const order = directOrder(view, bounds, DEEP, DIRECT, FREE);
    expect(order !== undefined && order.price % (PRICE_SCALE / WAD)).to.equal(0n);
  });
});
