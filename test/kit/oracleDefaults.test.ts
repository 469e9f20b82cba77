import { expect } from "chai";

import { parseParameters } from "../../deploy/parameters.ts";
import { systemOf } from "../../deploy/system.ts";
import { ORACLE } from "../../scripts/kit/oracleDefaults.ts";
import { localParameters, readParametersFile } from "../deploy/fixtures.ts";

const ADDRESSES = ["a1", "b2"].map((end) => `0x${end.padStart(40, "0")}`);

/** The example with any address where one is to be filled in: roles first, which must differ. */
function exampleSystem() {
  const left = [...ADDRESSES];
  const text = JSON.stringify(readParametersFile("deploy/params/sepolia.example.json5"));
  const filled = text.replaceAll("FILL IN", () => left.shift() ?? ADDRESSES[0] ?? "");
  return systemOf(parseParameters(JSON.parse(filled)));
}

describe("Oracle defaults", () => {
  const local = systemOf(localParameters());
  const example = exampleSystem();

  for (const [name, { oracle }] of [["local", local] as const, ["Sepolia", example] as const]) {
    it(`are what the ${name} file says of disagreement and grace`, () => {
      const { maxDisagreementBps, primaryGrace } = ORACLE;
      expect(oracle).to.include({ maxDisagreementBps, primaryGrace });
    });
  }

  it("are what the Sepolia file says of the feed that moves, and of the pool's mean", () => {
    const { primary, second } = example.sources;
    if (primary.kind !== "chainlinkRatio" || second?.kind !== "uniswapTwap") throw new Error("other sources");
    expect(primary.base.heartbeat).to.equal(ORACLE.heartbeat);
    expect(second.window).to.equal(ORACLE.twapWindow);
    // 4 million USDC on one side at 3,000: the root of 4e12 units of the one times 4e12 / 3,000 times 1e12 of the other.
    const usual = (4e12 * 1e6) / Math.sqrt(3_000);
    expect((Number(second.minLiquidity) * Number(ORACLE.liquidityDivisor)) / usual).to.be.within(0.98, 1.02);
  });

  it("differ in the local file only in what a node of one's own forces: sources without rounds and without a past", () => {
    const { primary, second } = local.sources;
    expect([primary.kind, second?.kind]).to.deep.equal(["chainlink", "chainlink"]);
    expect([primary.heartbeat, second?.heartbeat]).to.deep.equal([86_400n, 86_400n]);
  });
});
