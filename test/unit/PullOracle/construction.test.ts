import { expect } from "chai";

import { PULL_WINDOW } from "../../../scripts/kit/pull.ts";
import { MAX_DISAGREEMENT_BPS } from "../../helpers/oracleSystem.ts";
import { deployPullVaults, FEE } from "../../helpers/pull.ts";
import { connection, ethers, networkHelpers } from "../../helpers/chain.ts";

const MOST_WINDOW = 15n;

describe("PullOracle: construction", () => {
  const deploy = () => deployPullVaults(connection);
  const load = () => networkHelpers.loadFixture(deploy);

  it("says what it was built from", async () => {
    const { pull, oracle, factory, pyth, feedId, loan, collateral } = await load();
    expect(await pull.pushOracle()).to.equal(await oracle.getAddress());
    expect(await pull.vaultFactory()).to.equal(await factory.getAddress());
    expect(await pull.pyth()).to.equal(await pyth.getAddress());
    expect(await pull.feedId()).to.equal(feedId);
    expect(await pull.window()).to.equal(PULL_WINDOW);
    expect(await pull.toleranceBps()).to.equal(MAX_DISAGREEMENT_BPS);
    expect(await pull.loanAsset()).to.equal(await loan.getAddress());
    expect(await pull.collateralAsset()).to.equal(await collateral.getAddress());
    expect(await pull.updateFee(["0x", "0x"])).to.equal(2n * FEE);
  });

  it("refuses parts that are missing or have no code, no feed, and a window of nothing or over fifteen seconds", async () => {
    const { pull, oracle, factory, pyth, feedId, stranger } = await load();
    const config = { oracle, vaultFactory: factory, pyth, feedId, window: PULL_WINDOW };
    for (const change of [
      { oracle: stranger },
      { vaultFactory: stranger },
      { pyth: stranger },
      { pyth: ethers.ZeroAddress },
      { feedId: ethers.ZeroHash },
      { window: 0n },
      { window: MOST_WINDOW + 1n },
    ]) {
      await expect(
        ethers.deployContract("PullOracle", [{ ...config, ...change }]),
      ).to.be.revertedWithCustomError(pull, "InvalidConfig");
    }
    const widest = await ethers.deployContract("PullOracle", [{ ...config, window: MOST_WINDOW }]);
    expect(await widest.window()).to.equal(MOST_WINDOW);
  });

  it("fits into a contract with room to spare", async () => {
    const { pull } = await load();
    const code = await ethers.provider.getCode(pull);
    expect((code.length - 2) / 2).to.be.lessThan(12_000);
  });
});
