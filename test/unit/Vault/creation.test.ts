import { expect } from "chai";

import { WAD } from "../../../sdk/math.ts";
import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import {
  CALM_TERMS,
  CONFIG,
  deployVault,
  emptyVault,
  LOAN,
  MAX,
  NOBODY,
  RATE_MODEL,
} from "../../helpers/vault.ts";

describe("Creation", () => {
  it("builds the vault that the configuration says", async () => {
    const { vault, loan, collateral, oracle, rateModel, curve, extension, authority } =
      await loadFixture(emptyVault);
    expect(await vault.asset()).to.equal(await loan.getAddress());
    expect(await vault.collateralAsset()).to.equal(await collateral.getAddress());
    expect(await vault.oracle()).to.equal(await oracle.getAddress());
    expect(await vault.rateModel()).to.equal(await rateModel.getAddress());
    expect(await vault.curve()).to.equal(await ethers.resolveAddress(curve));
    expect(await vault.extension()).to.equal(await extension.getAddress());
    expect([
      await vault.directLiquidator(),
      await vault.batchLiquidator(),
      await vault.backstop(),
    ]).to.deep.equal([NOBODY, NOBODY, NOBODY]);
    expect(await vault.authority()).to.equal(await authority.getAddress());
    expect(await vault.minDebt()).to.equal(CONFIG.minDebt);
    expect([...(await vault.terms(1n))]).to.deep.equal(Object.values(CALM_TERMS));
    expect([...(await vault.caps())]).to.deep.equal([
      CONFIG.supplyCap,
      CONFIG.borrowCap,
      CONFIG.maxPositionDebt,
    ]);
    expect(await vault.stressDepth()).to.equal(CONFIG.stressDepth);
    expect([...(await vault.rewardConfig())]).to.deep.equal(Object.values(CONFIG.reward));
    expect(await vault.liquidationLtvBps()).to.equal(CONFIG.liquidationLtvBps);
    const params = await vault.params();
    expect([
      params.borrowLtvBps,
      params.reserveFactorBps,
      params.maxOracleStepBps,
      params.termsId,
      params.pausedActions,
    ]).to.deep.equal([CONFIG.borrowLtvBps, CONFIG.reserveFactorBps, CONFIG.maxOracleStepBps, 1n, 0n]);
    const totals = await vault.totals();
    expect([...totals].slice(0, 3)).to.deep.equal([0n, 0n, totals.accruedAt]);
    expect([totals.index, totals.reserve, totals.marked]).to.deep.equal([WAD, 0n, false]);
  });

  it("tells of all parameters", async () => {
    const { vault, code } = await loadFixture(emptyVault);
    const tx = code.deploymentTransaction();
    const second = await now();
    await expect(tx).to.emit(vault, "TermsSet").withArgs(1n, Object.values(CALM_TERMS));
    await expect(tx).to.emit(vault, "BorrowLtvSet").withArgs(CONFIG.borrowLtvBps);
    await expect(tx)
      .to.emit(vault, "LiquidationLtvRamped")
      .withArgs(CONFIG.liquidationLtvBps, CONFIG.liquidationLtvBps, second, second);
    await expect(tx)
      .to.emit(vault, "CapsSet")
      .withArgs(CONFIG.supplyCap, CONFIG.borrowCap, CONFIG.maxPositionDebt);
    await expect(tx).to.emit(vault, "ReserveFactorSet").withArgs(CONFIG.reserveFactorBps);
    await expect(tx).to.emit(vault, "RewardConfigSet").withArgs(Object.values(CONFIG.reward));
    await expect(tx).to.emit(vault, "StressDepthSet").withArgs(CONFIG.stressDepth);
  });

  it("begins with the state that the rate model gives", async () => {
    const { rateModel } = await loadFixture(emptyVault);
    await rateModel.set(5n, 77n, RATE_MODEL.answers);
    const { vault } = await deployVault({ config: { rateModel } });
    expect((await vault.totals()).rateState).to.equal(77n);
  });

  it("refuses one asset for both sides", async () => {
    const { code, loan } = await loadFixture(emptyVault);
    const oracle = await ethers.deployContract("MockOracle", [loan, loan]);
    await expect(
      deployVault({ config: { asset: loan, collateralAsset: loan, oracle } }),
    ).to.be.revertedWithCustomError(code, "SameAsset");
  });

  it("refuses an oracle of another pair", async () => {
    const { code, loan, collateral } = await loadFixture(emptyVault);
    const pairs = [
      [collateral, collateral],
      [loan, loan],
      [loan, collateral],
    ] as const;
    for (const [base, quote] of pairs) {
      const oracle = await ethers.deployContract("MockOracle", [base, quote]);
      await expect(deployVault({ config: { asset: loan, collateralAsset: collateral, oracle } }))
        .to.be.revertedWithCustomError(code, "WrongOraclePair")
        .withArgs(base, quote);
    }
  });

  it("fits the size limit @gas", async () => {
    const { vault, extension } = await loadFixture(emptyVault);
    for (const contract of [vault, extension]) {
      const bytes = (await ethers.provider.getCode(contract)).length / 2 - 1;
      expect(bytes).to.be.at.most(24_576);
    }
  });

  describe("setUp", () => {
    it("can't be called again, by anybody", async () => {
      const { vault, config, governor, deployer, stranger } = await loadFixture(emptyVault);
      for (const user of [governor, deployer, stranger]) {
        await expect(vault.connect(user).setUp(config)).to.be.revertedWithCustomError(vault, "AlreadySetUp");
      }
    });

    it("can't be called on the extension's code", async () => {
      const { extension, config } = await loadFixture(emptyVault);
      await expect(extension.setUp(config)).to.be.revertedWithCustomError(extension, "AlreadySetUp");
    });
  });

  it("gives nobody power over the extension's code itself", async () => {
    const { extension, governor, deployer, authority } = await loadFixture(emptyVault);
    for (const user of [governor, deployer]) {
      const as = extension.connect(user);
      for (const act of [
        () => as.setTerms(CALM_TERMS),
        () => as.setBorrowLtv(1n),
        () => as.rampLiquidationLtv(1n, 0n),
        () => as.setCaps(1n, 1n, 1n),
        () => as.tightenCaps(0n, 0n, 0n),
        () => as.setReserveFactor(0n),
        () => as.setRewardConfig({ cap: 0n, nativePrice: 0n }),
        () => as.setStressDepth(1n),
        () => as.pause(1n),
        () => as.unpause(1n),
        () => as.windDown(),
        () => as.claimReserve(user, 0n),
        () => as.claimSweptCollateral(user),
      ]) {
        await expect(act())
          .to.be.revertedWithCustomError(extension, "AccessManagedUnauthorized")
          .withArgs(user);
      }
      await expect(as.setAuthority(authority)).to.be.revertedWithCustomError(
        extension,
        "AccessManagedUnauthorized",
      );
    }
  });

  describe("what the vault does not know", () => {
    it("reverts: unknown selectors, short calls and no data at all", async () => {
      const { vault, code, stranger } = await loadFixture(emptyVault);
      for (const data of ["0xdeadbeef", "0x", "0x12", "0xdeadbeef" + "00".repeat(64)]) {
        await expect(stranger.sendTransaction({ to: vault, data })).to.be.revertedWithCustomError(
          code,
          "FailedCall",
        );
      }
    });

    it("takes no native coins", async () => {
      const { vault, stranger } = await loadFixture(emptyVault);
      await expect(stranger.sendTransaction({ to: vault, value: 1n })).to.revert(ethers);
      await expect(
        stranger.sendTransaction({
          to: vault,
          value: 1n,
          data: vault.interface.encodeFunctionData("deposit", [LOAN, stranger.address]),
        }),
      ).to.revert(ethers);
      expect(await ethers.provider.getBalance(vault)).to.equal(0n);
    });

    it("passes on what the extension's code reverts with", async () => {
      const { vault, governor } = await loadFixture(emptyVault);
      await expect(vault.connect(governor).pause(MAX)).to.be.revertedWithCustomError(
        vault,
        "InvalidParameter",
      );
    });
  });
});
