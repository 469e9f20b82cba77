import { expect } from "chai";
import { network } from "hardhat";
import type { JsonRpcServer } from "hardhat/types/network";

import type { Fork } from "../../../scripts/replay/world/environment.ts";
import { replay } from "../../../scripts/replay/run/engine.ts";
import { InputError } from "../../../sdk/errors.ts";
import { dutch } from "../../../scripts/replay/mechanisms/gavel.ts";
import { toResult, toRun } from "../../../scripts/replay/records/result.ts";
import { CRASH, SCENARIO } from "../scenarios.ts";

describe("Replay on a fork", () => {
  const scenario = { ...SCENARIO, path: CRASH };
  let server: JsonRpcServer;
  let url: string;

  const run = async (fork?: Fork) => {
    const outcome = await replay(scenario, dutch, { fork });
    return toResult(scenario, outcome.system.book, [toRun(dutch, outcome)]);
  };

  /** A node of a chain that Hardhat does not know, with a past of a few blocks. */
  before(async () => {
    const override = { chainId: 424_242 };
    server = await network.createServer({ network: "sim", chainType: "l1", override }, "127.0.0.1", 0);
    const { address, port } = await server.listen();
    url = `http://${address}:${port}`;
    const { ethers } = await network.create({
      network: "localhost",
      chainType: "l1",
      override: { url, chainId: 424_242 },
    });
    for (let i = 0; i < 3; ++i) await ethers.deployContract("MockERC20", ["Before", "B", 18n]);
  });

  after(async () => {
    await server.close();
  });

  it("gives the same table as a chain of its own @gas", async () => {
    expect(await run({ url, block: undefined })).to.deep.equal(await run());
  });

  it("forks at a block", async () => {
    const { runs } = await run({ url, block: 1 });
    expect(runs[0]?.conservation.ok).to.equal(true);
  });

  it("refuses a block that is not there yet", async () => {
    const refusal: unknown = await run({ url, block: 99 }).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(InputError).with.property("message").that.contains("--block: 99");
  });
});
