import { expect } from "chai";

import type { SaleEvent } from "../../scripts/replay/lending.ts";
import { Recorder } from "../../scripts/replay/recorder.ts";

const BORROWER = `0x${"cd".repeat(20)}`;

describe("Recorder", () => {
  const create = () => {
    const recorder = new Recorder(new Map([[BORROWER, "account 1"]]));
    const read = (time: number, event: SaleEvent): void => {
      recorder.read([event], { time, marketPrice: 1, before: new Map() });
    };
    const start = (time: number): void => {
      read(time, { kind: "started", borrower: BORROWER, debt: 5n, collateral: 7n, reward: 0n });
    };
    const end = (time: number): void => {
      read(time, { kind: "ended", borrower: BORROWER, ending: "sold" });
    };
    const look = (time: number, isDue: boolean): void => {
      recorder.looked(BORROWER, isDue, { time, marketPrice: 1 });
    };
    return { recorder, start, end, look };
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
});
