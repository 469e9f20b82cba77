import { expect } from "chai";
import { network } from "hardhat";

import { WAD } from "../../../sdk/math.ts";
import {
  deployUnhealthy,
  type DirectSystem,
  MARKET,
  quotedOrder,
  SUNK_PRICE,
  WINDOW,
} from "../../helpers/directSale.ts";
import { moveMarket, ONE_LOAN, setPrice } from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

/** Estimates run at a base fee of 0, at which nobody is rewarded: too little gas for what then happens. */
const GAS = { gasLimit: 8_000_000n };
type Shares = [bigint, bigint, bigint, bigint];
const HALVES: Shares = [WAD / 2n, WAD / 2n, 0n, 0n];

describe("SplitLiquidator", () => {
  /** A market in which half and half is better than either. */
  async function deploy() {
    const system = await deployUnhealthy(connection);
    await system.policy.setInputs(system.vault, { ...MARKET, depth: 12_000_000n * ONE_LOAN });
    return system;
  }

  /** A deeper fall: half of the lot does not restore health. */
  async function deployDeeper() {
    const system = await deploy();
    // The market is seen to fall: pools remember where they stood, and the feed has a round of before.
    await time.increase(10n * 60n);
    await setPrice(system, SUNK_PRICE);
    await moveMarket(system, 1_720n);
    await time.increase(2n * WINDOW);
    return system;
  }

  /** A clock that has come to what takers want, and pools that are dear to sell in: most of the lot is for takers. */
  async function deployRipe() {
    const system = await deploy();
    await system.policy.setInputs(system.vault, {
      ...MARKET,
      depth: 12_000_000n * ONE_LOAN,
      priceMargin: 15n * 10n ** 15n,
    });
    await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
    await time.increase(60);
    return system;
  }

  const MOSTLY_DUTCH: Shares = [WAD / 20n, WAD - WAD / 20n, 0n, 0n];

  const splitOf = async (system: DirectSystem, shares: Shares, pools: readonly string[] = []) => ({
    direct: (await quotedOrder(system)).order,
    shares,
    pools: [...pools],
    minProfit: 0n,
  });

  it("sells the direct part now and leaves the rest to the clock", async () => {
    const system = await loadFixture(deployDeeper);
    const { split, keeper, vault, borrower, direct } = system;
    const order = await splitOf(system, HALVES);
    const whole = await vault.quoteSell(borrower, order.direct.price, 2n ** 255n);
    const before = await vault.debtOf(borrower);
    const execution = split.connect(keeper).execute(order, GAS);
    await expect(execution).to.emit(split, "Split").withArgs(vault, borrower, keeper, HALVES);
    await expect(execution).to.emit(direct, "DirectSale");
    const repaid = before - (await vault.debtOf(borrower));
    expect(repaid).to.be.within((whole.repay * 49n) / 100n, (whole.repay * 51n) / 100n);
    expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
  });

  it("sells directly and takes at the clock's price, in one transaction", async () => {
    const system = await loadFixture(deployRipe);
    const { split, keeper, direct, liquidator, loan, receiver, pool } = system;
    const order = await splitOf(system, MOSTLY_DUTCH, [pool.address]);
    const execution = split.connect(keeper).execute(order, GAS);
    await expect(execution).to.emit(direct, "DirectSale");
    await expect(execution).to.emit(liquidator, "Executed");
    expect(await loan.balanceOf(receiver)).to.be.above(0n);
    expect(await loan.balanceOf(split)).to.equal(0n);
    expect(await loan.balanceOf(keeper)).to.equal(0n);
  });

  it("refuses a split that is expected to lose more than the best single mechanism", async () => {
    const system = await loadFixture(deploy);
    const { split, keeper, policy, vault } = system;
    // All of it directly, where pools are thin and waiting is cheap.
    await policy.setInputs(vault, {
      ...MARKET,
      depth: 12_000_000n * ONE_LOAN,
      volatility: 10n ** 14n,
      priceMargin: 3n * 10n ** 16n,
    });
    const order = await splitOf(system, [WAD, 0n, 0n, 0n]);
    await expect(split.connect(keeper).execute(order, GAS))
      .to.be.revertedWithCustomError(split, "SplitRefused")
      .withArgs(
        (expected: bigint) => expected > 3n * 10n ** 16n,
        (best: bigint) => best < 2n * 10n ** 16n,
      );
  });

  it("refuses a split with a part that can't be done", async () => {
    const system = await loadFixture(deploy);
    const order = await splitOf(system, [WAD / 2n, 0n, WAD / 2n, 0n]);
    await expect(system.split.execute(order, GAS)).to.be.revertedWithCustomError(
      system.split,
      "SplitRefused",
    );
  });

  it("reverts when nothing is to be done now", async () => {
    const system = await loadFixture(deploy);
    const { split, policy, vault } = system;
    await policy.setInputs(vault, { ...MARKET, priceMargin: 5n * 10n ** 16n });
    const order = await splitOf(system, [0n, WAD, 0n, 0n]);
    await expect(split.execute(order, GAS)).to.be.revertedWithCustomError(split, "NothingToDo");
  });

  it("undoes the direct part where the take fails", async () => {
    const system = await loadFixture(deployRipe);
    const { split, vault, borrower, pool, liquidator } = system;
    const order = await splitOf(system, MOSTLY_DUTCH, [pool.address]);
    const before = await vault.position(borrower);
    await expect(
      split.execute({ ...order, minProfit: 10n ** 12n * ONE_LOAN }, GAS),
    ).to.be.revertedWithCustomError(liquidator, "Unprofitable");
    expect((await vault.position(borrower)).collateral).to.equal(before.collateral);
  });
});
