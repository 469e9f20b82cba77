import { expect } from "chai";
import { network } from "hardhat";

import { deploySystem, ONE_PRICE, POOL_FEE, START_PRICE } from "../../helpers/system.ts";
import { createPool, deployUniswap } from "../../../scripts/kit/uniswap.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture } = networkHelpers;

describe("DutchAuctionLiquidator: pools", () => {
  const deploy = () => deploySystem(connection);

  it("shows the factories and the authority that it was built with", async () => {
    const { liquidator, factory, uniswap, authority } = await loadFixture(deploy);
    expect(await liquidator.vaultFactory()).to.equal(factory);
    expect(await liquidator.poolFactory()).to.equal(uniswap.factory);
    expect(await liquidator.authority()).to.equal(authority);
  });

  describe("setPoolListed", () => {
    it("lists a pool of the pool factory, and strikes it off", async () => {
      const { liquidator, governor, uniswap, loan, collateral } = await loadFixture(deploy);
      const pool = await createPool(connection, uniswap, {
        base: await collateral.getAddress(),
        quote: await loan.getAddress(),
        fee: 3_000n,
        price: START_PRICE * ONE_PRICE,
      });
      expect(await liquidator.isPoolListed(pool.address)).to.equal(false);
      for (const listed of [true, false]) {
        await expect(liquidator.connect(governor).setPoolListed(pool.address, listed))
          .to.emit(liquidator, "PoolListed")
          .withArgs(pool.address, listed);
        expect(await liquidator.isPoolListed(pool.address)).to.equal(listed);
      }
    });

    it("is the governor's alone", async () => {
      const { liquidator, stranger, pool } = await loadFixture(deploy);
      for (const listed of [true, false]) {
        await expect(liquidator.connect(stranger).setPoolListed(pool.address, listed))
          .to.be.revertedWithCustomError(liquidator, "AccessManagedUnauthorized")
          .withArgs(stranger);
      }
      expect(await liquidator.isPoolListed(pool.address)).to.equal(true);
    });

    it("refuses a pool that only claims to be one: the factory knows another", async () => {
      const { liquidator, governor, loan, collateral, pool } = await loadFixture(deploy);
      const [token0, token1] = pool.baseIsToken0 ? [collateral, loan] : [loan, collateral];
      const fake = await ethers.deployContract("MockHostilePool", [token0, token1]);
      expect(await fake.fee()).to.equal(POOL_FEE);
      await expect(liquidator.connect(governor).setPoolListed(fake, true))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(fake);
    });

    it("refuses a pool for tokens that the factory has no pool of", async () => {
      const { liquidator, governor, loan, curve } = await loadFixture(deploy);
      const fake = await ethers.deployContract("MockHostilePool", [loan, curve]);
      await expect(liquidator.connect(governor).setPoolListed(fake, true)).to.be.revertedWithCustomError(
        liquidator,
        "PoolNotListed",
      );
    });

    it("refuses a genuine pool of another factory", async () => {
      const { liquidator, governor, loan, collateral } = await loadFixture(deploy);
      const elsewhere = await createPool(connection, await deployUniswap(connection), {
        base: await collateral.getAddress(),
        quote: await loan.getAddress(),
        fee: POOL_FEE,
        price: START_PRICE * ONE_PRICE,
      });
      await expect(liquidator.connect(governor).setPoolListed(elsewhere.address, true))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(elsewhere.address);
    });

    it("refuses an address without code", async () => {
      const { liquidator, governor, stranger } = await loadFixture(deploy);
      await expect(liquidator.connect(governor).setPoolListed(stranger, true))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(stranger);
    });

    it("strikes off whatever it is told, so that nothing can stay listed", async () => {
      const { liquidator, governor, stranger } = await loadFixture(deploy);
      await expect(liquidator.connect(governor).setPoolListed(stranger, false))
        .to.emit(liquidator, "PoolListed")
        .withArgs(stranger, false);
    });
  });
});
