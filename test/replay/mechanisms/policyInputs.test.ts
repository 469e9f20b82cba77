import { expect } from "chai";

import { WAD } from "../../../sdk/math.ts";
import { replay } from "../../../scripts/replay/run/engine.ts";
import { auto, direct } from "../../../scripts/replay/mechanisms/gavel.ts";
import { policyInputs } from "../../../scripts/replay/mechanisms/policyInputs.ts";
import { toRun } from "../../../scripts/replay/records/result.ts";
import { CRASH, SCENARIO } from "../scenarios.ts";

/** A book that owes 50 times what the pool pays until it has fallen by 2%. */
const THIN = { ...SCENARIO, path: CRASH, depth: SCENARIO.totalDebt / 50n };

describe("What a sale policy is told at the start", () => {
  it("lies within what it takes, however thin the pool is against the book", async () => {
    const seen: ReturnType<typeof policyInputs>[] = [];
    const { deploy } = direct;
    await replay(
      { ...THIN, path: CRASH.slice(0, 2) },
      {
        name: direct.name,
        deploy: (ground) => {
          const { market } = ground;
          seen.push(policyInputs(ground, 0n));
          const { root } = market.state;
          seen.push(policyInputs({ ...ground, market: { state: { root, liquidity: 1 } } }, 10n ** 20n));
          return deploy(ground);
        },
      },
    );
    expect(seen.length).to.equal(2);
    for (const { cascade, bidArrival, depth } of seen) {
      for (const share of [...cascade, bidArrival]) expect(share).to.be.within(0n, WAD);
      expect(depth).to.be.at.least(1n);
    }
    expect(seen[1]).to.deep.include({ bidArrival: WAD, depth: 1n });
    expect(seen[1]?.cascade).to.deep.equal([WAD, WAD, WAD, 0n]);
  });

  it("ends no run, and so does nothing that it is told later", async () => {
    const outcome = await replay({ ...THIN, market: { ...THIN.market, depthLeft: 0.1 } }, auto);
    expect(toRun(auto, outcome).conservation.ok).to.equal(true);
  });
});
