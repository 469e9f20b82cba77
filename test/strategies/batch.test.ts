import { expect } from "chai";

import {
  biddersAway,
  bidTick,
  claimPays,
  clearingGroup,
  clearingPays,
  isResaleDue,
  isWorthClearing,
  leastBid,
  resaleLimit,
} from "../../scripts/strategies/batch.ts";
import { ONE_COLLATERAL, ONE_LOAN, rawPrice } from "../../sdk/units.ts";
import { FEE, gasAt, PRICE, viewOf } from "./scene.ts";
import { expectNear } from "../helpers/near.ts";

describe("Strategies: batch auctions", () => {
  it("bids at ticks that rise evenly, up to a discount of 2%", () => {
    const ticks = Array.from({ length: 10 }, (_, i) => bidTick(i, 10, 15n));
    expect(ticks).to.deep.equal([1n, 2n, 4n, 5n, 6n, 8n, 9n, 10n, 12n, 13n]);
  });

  it("clears together what pays within a tick of the least, by ascending address", () => {
    const at = (salePrice: number, borrower: string, collateral = 10) =>
      viewOf("FOR_SALE", { collateral, ltv: 0.85, salePrice }, borrower);
    const views = [at(0.98, "0x04"), at(0.9815, "0x02"), at(0.983, "0x01"), at(0.98, "0x03")];
    expect(clearingGroup(views, 15n)).to.deep.equal(["0x03", "0x04"]);
    expect(clearingGroup(views, 16n)).to.deep.equal(["0x02", "0x03", "0x04"]);
    expect(clearingGroup([viewOf("STARTABLE", { collateral: 10, ltv: 0.85 })], 15n)).to.deep.equal([]);
  });

  it("clears the forty largest where more pay the same", () => {
    const views = Array.from({ length: 41 }, (_, i) =>
      viewOf("FOR_SALE", { collateral: 1 + i, ltv: 0.85, salePrice: 0.98 }, `0x${String(10 + i)}`),
    );
    const group = clearingGroup(views, 15n);
    expect(group).to.have.length(40);
    expect(group).to.not.include("0x10");
  });

  it("clears where the gain pays for the gas, and never nothing", () => {
    const preview = { collateral: ONE_COLLATERAL, payment: 2_900n * ONE_LOAN };
    const gain = 100 * Number(ONE_LOAN);
    const gas = 250_000 + 2 * 60_000;
    expect(clearingPays(preview, 2, rawPrice(PRICE), gasAt((0.999 * gain) / gas))).to.equal(true);
    expect(clearingPays(preview, 2, rawPrice(PRICE), gasAt((1.001 * gain) / gas))).to.equal(false);
    expect(clearingPays({ collateral: 0n, payment: 0n }, 1, rawPrice(PRICE), gasAt(0))).to.equal(false);
    const view = viewOf("FOR_SALE", { collateral: 10, ltv: 0.85 });
    expect(isWorthClearing(view, () => 599 * Number(ONE_LOAN))).to.equal(true);
    expect(isWorthClearing(view, () => 601 * Number(ONE_LOAN))).to.equal(false);
  });

  it("claims and bids anew what is worth twenty times its gas, or the least debt where that is more", () => {
    const price = rawPrice(PRICE);
    const gas = gasAt((150 * Number(ONE_LOAN)) / 90_000);
    expect(claimPays(ONE_COLLATERAL + 1n, price, gas)).to.equal(false);
    expect(claimPays((ONE_COLLATERAL * 1_001n) / 1_000n, price, gas)).to.equal(true);
    expectNear(leastBid(100n * ONE_LOAN, gas), 3_000 * Number(ONE_LOAN), 1);
    expect(leastBid(5_000n * ONE_LOAN, gas)).to.equal(5_000 * Number(ONE_LOAN));
  });

  it("resells while the pool is above the market less fee and patience", () => {
    const limit = resaleLimit(PRICE, FEE);
    expectNear(limit, PRICE * 0.999, 1e-9);
    expect(isResaleDue(PRICE, limit)).to.equal(true);
    expect(isResaleDue(limit, limit)).to.equal(false);
  });

  it("lets nobody leave a calm market, and the share it names a wild one", () => {
    expect([0, 0.5, 1].map((wildness) => biddersAway(10, wildness, 0.9))).to.deep.equal([0, 5, 9]);
  });
});
