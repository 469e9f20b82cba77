import { expect } from "chai";
import { network } from "hardhat";

import { Recorder } from "../../scripts/replay/recorder.ts";

const { ethers } = await network.create({ network: "sim", chainType: "l1" });

const VAULT = `0x${"ab".repeat(20)}`;
const BORROWER = `0x${"cd".repeat(20)}`;

describe("Recorder", () => {
  const create = async () => {
    const vault = await ethers.getContractAt("IVault", VAULT);
    const recorder = new Recorder(vault, new Map([[BORROWER, "account 1"]]));
    const read = (time: number, name: "SaleStarted" | "SaleEnded", values: readonly unknown[]): void => {
      const { topics, data } = vault.interface.encodeEventLog(name, values);
      const log = { address: VAULT, topics: topics, data };
      recorder.read({ gasUsed: 0n, logs: [log] }, { time, marketPrice: 1, before: new Map() });
    };
    const start = (time: number): void => {
      read(time, "SaleStarted", [BORROWER, VAULT, 1n, BigInt(time), 5n, 7n, 9n, 0n]);
    };
    const end = (time: number): void => {
      read(time, "SaleEnded", [BORROWER, 1n]);
    };
    const look = (time: number, isDue: boolean): void => {
      recorder.looked(BORROWER, isDue, time);
    };
    return { recorder, start, end, look };
  };

  it("counts a sale as due from when the position was first seen unhealthy, however late it starts", async () => {
    const { recorder, start, look } = await create();
    for (const time of [100, 112, 124]) look(time, true);
    start(136);
    expect(recorder.sales[0]).to.include({ account: "account 1", dueAt: 100, startedAt: 136 });
  });

  it("begins anew where the price brought the position back before a sale started", async () => {
    const { recorder, start, look } = await create();
    look(100, true);
    look(112, false);
    look(200, true);
    start(212);
    expect(recorder.sales[0]?.dueAt).to.equal(200);
  });

  it("begins anew after a sale, which keeps its own moment", async () => {
    const { recorder, start, end, look } = await create();
    look(100, true);
    start(112);
    look(124, false);
    end(136);
    look(300, true);
    start(312);
    expect(recorder.sales.map(({ dueAt }) => dueAt)).to.deep.equal([100, 300]);
    expect(recorder.sales[0]?.end).to.deep.equal({ ending: "sold", time: 136 });
  });

  it("takes a sale that nobody looked at before as due when it starts", async () => {
    const { recorder, start } = await create();
    start(500);
    expect(recorder.sales[0]?.dueAt).to.equal(500);
  });
});
