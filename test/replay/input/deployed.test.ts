import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ORACLE } from "../../../scripts/kit/oracleDefaults.ts";
import { max, WAD } from "../../../sdk/math.ts";
import { leastLot } from "../../../sdk/terms.ts";
import { readDeployed } from "../../../scripts/replay/input/deployed.ts";
import { replay } from "../../../scripts/replay/run/engine.ts";
import { auto } from "../../../scripts/replay/mechanisms/gavel.ts";
import { parseOptions } from "../../../scripts/replay/input/options.ts";
import { loadScenario } from "../../../scripts/replay/input/scenario.ts";
import { temporaryFiles } from "../files.ts";
import { path, SCENARIO } from "../scenarios.ts";

const LOCAL = "deploy/params/local.json5";

describe("A deployment's parameters in the replay", () => {
  const write = temporaryFiles();
  /** The local file with parts of its text replaced, each of which it must have. */
  const fileWith = (name: string, ...changes: readonly (readonly [from: string, to: string])[]): string => {
    let text = readFileSync(LOCAL, "utf8");
    for (const [from, to] of changes) {
      expect(text).to.contain(from);
      text = text.replace(from, to);
    }
    return write(name, text);
  };

  it("are the scenario's: oracle, LTVs, terms and policy", () => {
    const file = fileWith(
      "own.json5",
      ["maxDisagreementBps: 500", "maxDisagreementBps: 321"],
      ["primaryGrace: 3600", "primaryGrace: 1234"],
      ["holdBps: 150", "holdBps: 155"],
      ['lot: "21000"', 'lot: "20500.5"'],
      ['forcedLoss: "0.02"', 'forcedLoss: "0.03"'],
    );
    const { oracle, ltvs, deployed } = loadScenario(parseOptions(["--parameters", file]) ?? expect.fail());
    expect(oracle).to.deep.equal({
      ...ORACLE,
      heartbeat: 86_400n,
      maxDisagreementBps: 321n,
      primaryGrace: 1_234n,
    });
    expect(ltvs).to.deep.equal({ borrowLtvBps: 8_000n, liquidationLtvBps: 8_300n, maxOracleStepBps: 300n });
    expect(deployed?.terms).to.include({ startPremiumBps: 1_500n, holdBps: 155n, lot: 20_500_500_000n });
    expect(deployed?.policy).to.include({ forcedLoss: (3n * WAD) / 100n, blockTime: 12_000n });
  });

  it("have the window of a pool's mean, and the heartbeat of the feed that moves", () => {
    const left = ["a1", "b2", "c3", "c3", "c3", "c3", "c3"].map((end) => `0x${end.padStart(40, "0")}`);
    const example = readFileSync("deploy/params/sepolia.example.json5", "utf8")
      .replace(/window: \d+,\n(\s+)minLiquidity/, "window: 777,\n$1minLiquidity")
      .replaceAll("FILL IN", () => left.shift() ?? "");
    const { oracle } = readDeployed(write("example.json5", example));
    expect(oracle).to.deep.equal({ ...ORACLE, twapWindow: 777n });
  });

  it("bring a lot of another token's decimals into the replay's units", () => {
    const file = fileWith("wide.json5", [
      'loan: { address: "@loan", decimals: 6 }',
      'loan: { address: "@loan", decimals: 18 }',
    ]);
    expect(readDeployed(file).terms.lot).to.equal(21_000n * 10n ** 6n);
  });

  it("are what the replay's vault, policy and oracle are made with", async () => {
    const file = fileWith(
      "made.json5",
      ["maxDisagreementBps: 500", "maxDisagreementBps: 321"],
      ["holdBps: 150", "holdBps: 155"],
      ["startPremiumBps: 1500", "startPremiumBps: 1400"],
      ['forcedLoss: "0.02"', 'forcedLoss: "0.03"'],
      ['volatility: "0.0017"', 'volatility: "0.002"'],
    );
    const { oracle, ltvs, deployed } = loadScenario(parseOptions(["--parameters", file]) ?? expect.fail());
    const scenario = { ...SCENARIO, path: path(3_000, 3_000), oracle, ltvs, deployed };
    let seen: unknown;
    await replay(
      scenario,
      {
        name: auto.name,
        deploy: async (ground) => {
          const lending = await auto.deploy(ground);
          const { termsId } = await lending.vault.params();
          const { startPremiumBps, holdBps, lot } = await lending.vault.terms(termsId);
          const { maxDisagreementBps, primaryGrace } = await ground.oracle.config();
          const [, , maxPositionDebt] = await lending.vault.caps();
          seen = { startPremiumBps, holdBps, maxDisagreementBps, primaryGrace };
          // The file's lot, or the least that positions of the replayed market admit.
          expect(lot).to.equal(max(21_000n * 10n ** 6n, leastLot(maxPositionDebt)));
          return lending;
        },
      },
      {},
    );
    expect(seen).to.deep.equal({
      startPremiumBps: 1_400n,
      holdBps: 155n,
      maxDisagreementBps: 321n,
      primaryGrace: 3_600n,
    });
  });
});
