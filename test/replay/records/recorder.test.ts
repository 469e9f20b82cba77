import { expect } from "chai";

import { ONE_COLLATERAL, ONE_LOAN, priceToScaled } from "../../../sdk/units.ts";
import type { SaleEvent } from "../../../scripts/replay/mechanisms/lending.ts";
import { Recorder } from "../../../scripts/replay/records/recorder.ts";

const BORROWER = `0x${"cd".repeat(20)}`;

describe("Recorder", () => {
  const create = () => {
    const recorder = new Recorder(new Map([[BORROWER, "account 1"]]));
    const before = new Map([[BORROWER, { debt: 80n * ONE_LOAN, collateral: 100n * ONE_COLLATERAL }]]);
    const read = (time: number, event: SaleEvent, marketPrice = 1): void => {
      recorder.read([event], { time, marketPrice, before });
    };
    const start = (time: number): void => {
      read(time, { kind: "started", borrower: BORROWER, debt: 5n, collateral: 7n, reward: 0n });
    };
    const end = (time: number): void => {
      read(time, { kind: "ended", borrower: BORROWER, ending: "sold" });
    };
    const look = (time: number, isDue: boolean, marketPrice = 1): void => {
      recorder.looked(BORROWER, isDue, { time, marketPrice });
    };
    const take = (time: number, marketPrice: number): void => {
      const paid = { repaid: 40n * ONE_LOAN, penalty: ONE_LOAN, price: priceToScaled(0.82) };
      const sold = { collateral: 50n * ONE_COLLATERAL, keptCollateral: 0n };
      read(time, { kind: "take", borrower: BORROWER, taker: "somebody", ...paid, ...sold }, marketPrice);
    };
    const readAll = (time: number, events: readonly SaleEvent[]): void => {
      recorder.read(events, { time, marketPrice: 1, before });
    };
    return { recorder, start, end, look, take, readAll };
  };

  it("counts a sale as due from when the position was first seen unhealthy, however late it starts", () => {
    const { recorder, start, look } = create();
    for (const time of [100, 112, 124]) look(time, true);
    start(136);
    expect(recorder.sales[0]).to.include({ account: "account 1", dueAt: 100, startedAt: 136 });
  });

  it("begins anew where the price brought the position back before a sale started", () => {
    const { recorder, start, look } = create();
    look(100, true);
    look(112, false);
    look(200, true);
    start(212);
    expect(recorder.sales[0]?.dueAt).to.equal(200);
  });

  it("begins anew after a sale, which keeps its own moment", () => {
    const { recorder, start, end, look } = create();
    look(100, true);
    start(112);
    look(124, false);
    end(136);
    look(300, true);
    start(312);
    expect(recorder.sales.map(({ dueAt }) => dueAt)).to.deep.equal([100, 300]);
    expect(recorder.sales[0]?.end).to.deep.equal({ ending: "sold", time: 136 });
  });

  it("takes a sale that nobody looked at before as due when it starts", () => {
    const { recorder, start } = create();
    start(500);
    expect(recorder.sales[0]?.dueAt).to.equal(500);
  });

  it("reckons a take at the market of its moment, and at that of when its position fell due", () => {
    const { recorder, start, look, take } = create();
    look(100, true, 1.25);
    look(112, true, 1.125);
    start(112);
    take(124, 1);
    const [only] = recorder.sales[0]?.takes ?? [];
    expect(only).to.deep.include({ marketPrice: 1, due: { time: 100, marketPrice: 1.25 } });
    expect(only?.atTake).to.include({
      fairValue: 50n * ONE_LOAN,
      equity: 20n * ONE_LOAN,
      loss: 9n * ONE_LOAN,
    });
    expect(only?.atDue).to.include({
      fairValue: (125n * ONE_LOAN) / 2n,
      equity: 45n * ONE_LOAN,
      loss: (43n * ONE_LOAN) / 2n,
    });
    expect(recorder.firstDueOf(BORROWER)).to.deep.equal({ time: 100, marketPrice: 1.25 });
  });

  it("takes a position that was healthy in between as due from when it was unhealthy again", () => {
    const { recorder, start, look, take } = create();
    look(100, true, 1.2);
    start(100);
    look(112, false, 1.3);
    look(200, true, 1.1);
    take(212, 1);
    expect(recorder.sales[0]?.takes[0]?.due).to.deep.equal({ time: 200, marketPrice: 1.1 });
    expect(recorder.sales[0]).to.include({ dueAt: 100, duePrice: 1.2 });
    expect(recorder.firstDueOf(BORROWER)?.time).to.equal(100);
  });

  it("follows a position through a transaction that starts its sale, takes and gives back", () => {
    const { recorder, readAll } = create();
    const borrower = BORROWER;
    const take = { kind: "take", borrower, taker: "a", penalty: 0n, keptCollateral: 0n, price: 1n } as const;
    readAll(100, [
      {
        kind: "started",
        borrower,
        debt: 82n * ONE_LOAN,
        collateral: 100n * ONE_COLLATERAL,
        reward: 2n * ONE_LOAN,
      },
      { ...take, repaid: 30n * ONE_LOAN, collateral: 31n * ONE_COLLATERAL },
      { ...take, repaid: 20n * ONE_LOAN, collateral: 21n * ONE_COLLATERAL },
      { kind: "repaid", borrower, amount: ONE_LOAN / 2n },
    ]);
    const [first, second] = recorder.sales[0]?.takes ?? [];
    expect(first).to.deep.include({
      before: { debt: 82n * ONE_LOAN, collateral: 100n * ONE_COLLATERAL },
      returned: ONE_LOAN / 2n,
    });
    expect(first?.atTake.loss).to.equal(ONE_LOAN / 2n);
    expect(second).to.deep.include({
      before: { debt: 52n * ONE_LOAN, collateral: 69n * ONE_COLLATERAL },
      returned: 0n,
    });
  });
});
