import { expect } from "chai";
import { network } from "hardhat";

import { parseParameters } from "../../deploy/parameters.ts";
import { systemOf } from "../../deploy/system.ts";
import { boundsByName } from "../../scripts/kit/riskDefaults.ts";
import { deployLocally, failuresOf, readParametersFile } from "./fixtures.ts";

const KINDS = [
  { file: "deploy/params/ethLike.json5", ltvs: [8_050n, 8_300n], target: 7_055n, discount: 800n },
  { file: "deploy/params/aaveLike.json5", ltvs: [7_250n, 7_500n], target: 5_625n, discount: 1_000n },
] as const;

for (const { file, ltvs, target, discount } of KINDS) {
  describe(`Parameters in ${file}`, () => {
    const parameters = parseParameters(readParametersFile(file));

    it("are the terms and LTVs of their kind of asset, with the envelope that goes with them", () => {
      const { vault, policy, risk } = systemOf(parameters);
      expect([vault.borrowLtvBps, vault.liquidationLtvBps]).to.deep.equal(ltvs);
      expect(vault.terms).to.include({ targetLtvBps: target, maxDiscountBps: discount });
      const calm = { ltvs: vault, calmDepth: policy.depth };
      expect(risk.steward.bounds).to.deep.equal(boundsByName({ ...vault, ...calm }));
    });

    it("are deployed as they say", async () => {
      const connection = await network.create({ network: "sim", chainType: "l1" });
      try {
        expect(await failuresOf(await deployLocally(connection, parameters))).to.deep.equal([]);
      } finally {
        await connection.close();
      }
    });
  });
}
