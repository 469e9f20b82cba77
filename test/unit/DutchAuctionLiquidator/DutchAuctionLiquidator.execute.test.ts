import { expect } from "chai";
import { network } from "hardhat";

import type { AuctionOrderStruct } from "../../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";

import {
  CALM_TERMS,
  createVault,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  setPrice,
  startSale,
  type System,
} from "../../helpers/system.ts";
import { swap, wrapEther } from "../../../scripts/kit/uniswap.ts";
import { createThinPool, orderOf, RIPE, withDetour, withPositions, withSales, withSunk } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const GWEI = 10n ** 9n;

describe("DutchAuctionLiquidator: execute", () => {
  const positions = () => withPositions(connection);
  const sunk = () => withSunk(connection);
  const sales = () => withSales(connection);
  const detour = () => withDetour(connection);

  /** What the keeper's order did: the result that it would return, and the receiver's gain. */
  async function execute(system: System, order: AuctionOrderStruct) {
    const { liquidator, keeper, loan, receiver, vault } = system;
    const before = { loan: await loan.balanceOf(receiver), shares: await vault.balanceOf(receiver) };
    // Said, since an estimate does not know the base fee that a reward depends on.
    const transaction = await liquidator.connect(keeper).execute(order, { gasLimit: 5_000_000n });
    const receipt = await transaction.wait();
    if (receipt === null) throw new Error("not mined");
    const { blockNumber } = receipt;
    const [event] = await liquidator.queryFilter(liquidator.filters.Executed, blockNumber);
    if (event === undefined) throw new Error("no event");
    const { payment, collateral, proceeds } = event.args;
    return {
      payment,
      collateral,
      proceeds,
      event: event.args,
      blockNumber,
      timestamp: await time.latest(),
      takes: (await vault.queryFilter(vault.filters.Take, blockNumber)).map(({ args }) => args),
      starts: (await vault.queryFilter(vault.filters.SaleStarted, blockNumber)).map(({ args }) => args),
      profit: (await loan.balanceOf(receiver)) - before.loan,
      shares: (await vault.balanceOf(receiver)) - before.shares,
    };
  }

  async function expectNothingStays({ liquidator, loan, collateral, vault }: System) {
    for (const token of [loan, collateral, vault]) expect(await token.balanceOf(liquidator)).to.equal(0n);
    // The vault's standing allowance, which there is nothing to take of.
    expect(await loan.allowance(liquidator, vault)).to.equal(NO_LIMIT);
    expect(await collateral.allowance(liquidator, vault)).to.equal(0n);
  }

  describe("one position", () => {
    it("is sold for a keeper without capital, who pays the vault's price and keeps the rest", async () => {
      const system = await loadFixture(sales);
      const { vault, borrower, keeper, receiver, liquidator, loan } = system;
      expect(await loan.balanceOf(keeper)).to.equal(0n);
      const done = await execute(system, orderOf(system, [borrower]));
      const [sold] = done.takes;
      if (sold === undefined) throw new Error("nothing taken");
      expect([sold.borrower, sold.taker]).to.deep.equal([borrower.address, await liquidator.getAddress()]);
      expect(done.payment).to.equal(sold.repaid + sold.penalty);
      expect(done.collateral).to.equal(sold.collateral);
      expect(done.profit).to.equal(done.proceeds - done.payment);
      expect(done.profit).to.be.above(0n);
      expect([done.event.vault, done.event.caller, done.event.receiver]).to.deep.equal([
        await vault.getAddress(),
        keeper.address,
        receiver.address,
      ]);
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
      expect(done.shares).to.equal(0n);
      expect(await loan.balanceOf(keeper)).to.equal(0n);
      await expectNothingStays(system);
    });

    it("is sold in part when the order says how much debt to repay", async () => {
      const system = await loadFixture(sales);
      const { vault, borrower } = system;
      const before = await vault.debtOf(borrower);
      const maxRepay = 10_000n * ONE_LOAN;
      const done = await execute(system, orderOf(system, [borrower], { maxRepay }));
      expect(done.payment).to.equal((maxRepay * 10_050n) / 10_000n);
      // Interest of a second is less than a cent.
      expect(before - (await vault.debtOf(borrower))).to.be.within(maxRepay - 10_000n, maxRepay);
      expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
      await expectNothingStays(system);
    });

    it("is started and taken in one call; the reward comes out of the penalty", async () => {
      const system = await loadFixture(sunk);
      const { borrower } = system;
      // Without a discount there is no profit at the oracle's price: the pool pays more.
      await moveMarket(system, 1_900n);
      await setPrice(system, 1_840n);
      await networkHelpers.setNextBlockBaseFeePerGas(50n * GWEI);
      const done = await execute(system, orderOf(system, [borrower], { start: true }));
      const [started] = done.starts;
      const [taken] = done.takes;
      if (!started || !taken) throw new Error("not started and taken");
      expect(started.reward).to.equal(0n);
      // 90,000 gas at 50 gwei and 2,000 a coin.
      const reward = 9n * ONE_LOAN;
      const penalty = (taken.repaid * CALM_TERMS.penaltyBps + 9_999n) / 10_000n;
      expect(taken.penalty).to.equal(penalty - reward);
      expect(done.payment).to.equal(taken.repaid + taken.penalty);
      expect(done.profit).to.equal(done.proceeds - done.payment);
      expect(done.shares).to.equal(0n);
      await expectNothingStays(system);
    });

    it("that has lapsed is restarted and taken", async () => {
      const system = await loadFixture(sales);
      const { vault, borrower } = system;
      await time.increase(12n * CALM_TERMS.horizon);
      await expect(execute(system, orderOf(system, [borrower]))).to.be.revertedWithCustomError(
        vault,
        "SaleLapsed",
      );
      const done = await execute(system, orderOf(system, [borrower], { start: true }));
      expect(done.profit).to.be.above(0n);
      expect(done.shares).to.equal(0n);
      await expectNothingStays(system);
    });

    it("that is for sale already is taken though the order says start", async () => {
      const system = await loadFixture(sales);
      const done = await execute(system, orderOf(system, [system.borrower], { start: true }));
      expect(done.profit).to.be.above(0n);
    });

    describe("gives back what the vault refuses, as the vault's own error", () => {
      it("SaleNotStarted: unhealthy, and the order does not say start", async () => {
        const system = await loadFixture(sunk);
        const { vault, borrower } = system;
        await expect(execute(system, orderOf(system, [borrower])))
          .to.be.revertedWithCustomError(vault, "SaleNotStarted")
          .withArgs(borrower);
      });

      it("PositionHealthy: nothing to start", async () => {
        const system = await loadFixture(positions);
        await expect(
          execute(system, orderOf(system, [system.borrower], { start: true })),
        ).to.be.revertedWithCustomError(system.vault, "PositionHealthy");
      });

      it("OracleStale: the clocks stand still", async () => {
        const system = await loadFixture(sales);
        await time.increase(2 * 86_400);
        await expect(execute(system, orderOf(system, [system.borrower]))).to.be.revertedWithCustomError(
          system.vault,
          "OracleStale",
        );
      });

      it("ZeroAmount: nothing to repay", async () => {
        const system = await loadFixture(sales);
        await expect(
          execute(system, orderOf(system, [system.borrower], { maxRepay: 0n })),
        ).to.be.revertedWithCustomError(system.vault, "ZeroAmount");
      });
    });
  });

  describe("many positions", () => {
    it("are bought with one payment, sold in one swap", async () => {
      const system = await loadFixture(sales);
      const { vault, borrowers, loan, collateral, liquidator } = system;
      const done = await execute(system, orderOf(system, borrowers));
      expect(done.takes.map(({ borrower }) => borrower)).to.deep.equal(
        borrowers.map(({ address }) => address),
      );
      expect(done.payment).to.equal(
        done.takes.reduce((sum, { repaid, penalty }) => sum + repaid + penalty, 0n),
      );
      expect(done.collateral).to.equal(done.takes.reduce((sum, { collateral: sold }) => sum + sold, 0n));
      expect(done.profit).to.be.above(0n);
      const payments = await loan.queryFilter(loan.filters.Transfer(liquidator, vault), done.blockNumber);
      expect(payments.map(({ args }) => args.value)).to.deep.equal([done.payment]);
      expect(await collateral.balanceOf(vault)).to.equal(300n * ONE_COLLATERAL - done.collateral);
      await expectNothingStays(system);
    });

    it("are sold without the one whose owner was faster", async () => {
      const system = await loadFixture(sales);
      const { vault, borrowers, loan } = system;
      const [first, cured, third] = borrowers;
      await loan.connect(cured).approve(vault, NO_LIMIT);
      await vault.connect(cured).repay(50_000n * ONE_LOAN, cured);
      expect((await vault.position(cured)).saleStartedAt).to.equal(0n);
      const before = await vault.position(cured);
      const done = await execute(system, orderOf(system, borrowers));
      expect(done.takes.map(({ borrower }) => borrower)).to.deep.equal([first.address, third.address]);
      expect(await vault.position(cured)).to.deep.equal(before);
      await expectNothingStays(system);
    });

    it("are started where they need it; the rewards go to the receiver in shares", async () => {
      const system = await loadFixture(sunk);
      const { vault, borrowers, receiver } = system;
      const [first, second, third] = borrowers;
      await startSale(system, first);
      await startSale(system, second);
      await time.increase(12n * CALM_TERMS.horizon + 1n);
      // The first one has lapsed, the second one is young again, the third one was never started.
      await startSale(system, second);
      await time.increase(RIPE);
      await networkHelpers.setNextBlockBaseFeePerGas(50n * GWEI);
      const done = await execute(system, orderOf(system, borrowers, { start: true }));
      expect(done.starts.map(({ borrower, reward }) => [borrower, reward])).to.deep.equal([
        [first.address, 0n],
        [third.address, (9n * ONE_LOAN) / 2n],
      ]);
      expect(done.takes).to.have.length(3);
      expect(await vault.convertToAssets(await vault.balanceOf(receiver))).to.be.within(
        (9n * ONE_LOAN) / 2n - 1n,
        (9n * ONE_LOAN) / 2n,
      );
      expect(done.shares).to.equal(await vault.balanceOf(receiver));
      await expectNothingStays(system);
    });

    it("are bought up to the order's debt", async () => {
      const system = await loadFixture(sales);
      const { borrowers } = system;
      const maxRepay = 130_000n * ONE_LOAN;
      const done = await execute(system, orderOf(system, borrowers, { maxRepay }));
      expect(done.takes.map(({ borrower }) => borrower)).to.deep.equal(
        borrowers.slice(0, 2).map(({ address }) => address),
      );
      expect(done.takes.reduce((sum, { repaid }) => sum + repaid, 0n)).to.equal(maxRepay);
    });

    it("revert with NothingToTake when none is for sale", async () => {
      const system = await loadFixture(sunk);
      const { vault, borrowers } = system;
      await expect(execute(system, orderOf(system, borrowers))).to.be.revertedWithCustomError(
        vault,
        "NothingToTake",
      );
      await expect(execute(system, orderOf(system, []))).to.be.revertedWithCustomError(
        vault,
        "NothingToTake",
      );
    });
  });

  describe("profit", () => {
    it("must be at least what the order says, to the unit", async () => {
      const system = await loadFixture(sales);
      const { liquidator, borrower } = system;
      const snapshot = await networkHelpers.takeSnapshot();
      const { profit, payment, proceeds, timestamp } = await execute(system, orderOf(system, [borrower]));
      const again = async (minProfit: bigint) => {
        await snapshot.restore();
        await time.setNextBlockTimestamp(timestamp);
        return execute(system, orderOf(system, [borrower], { minProfit }));
      };
      expect((await again(profit)).profit).to.equal(profit);
      await expect(again(profit + 1n))
        .to.be.revertedWithCustomError(liquidator, "Unprofitable")
        .withArgs(proceeds, payment, profit + 1n);
      await expect(again(NO_LIMIT))
        .to.be.revertedWithCustomError(liquidator, "Unprofitable")
        .withArgs(proceeds, payment, NO_LIMIT);
    });

    it("is never made up from what lies here: a payment above the proceeds reverts", async () => {
      const system = await loadFixture(sales);
      const { liquidator, loan, vault, borrower } = system;
      await moveMarket(system, 1_500n);
      await setPrice(system, 1_840n);
      await loan.mint(liquidator, 10n ** 6n * ONE_LOAN);
      await expect(execute(system, orderOf(system, [borrower]))).to.be.revertedWithCustomError(
        liquidator,
        "Unprofitable",
      );
      expect(await loan.balanceOf(liquidator)).to.equal(10n ** 6n * ONE_LOAN);
      expect((await vault.position(borrower)).collateral).to.equal(100n * ONE_COLLATERAL);
    });

    it("does not contain what somebody sent here before, which neither leaves nor hinders", async () => {
      const system = await loadFixture(detour);
      const { liquidator, loan, collateral, vault, middle, borrower, stranger, uniswap, lender } = system;
      const order = orderOf(system, [borrower], { pools: system.detour.map(({ address }) => address) });
      const timestamp = (await time.latest()) + 60;
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(timestamp);
      const { profit } = await execute(system, order);
      await snapshot.restore();
      await loan.mint(liquidator, 123n * ONE_LOAN);
      await middle.mint(liquidator, 456n);
      await wrapEther(connection, uniswap, stranger, 789n);
      await collateral.connect(stranger).transfer(liquidator, 789n);
      await vault.connect(lender).transfer(liquidator, 1_000n);
      await time.setNextBlockTimestamp(timestamp);
      const done = await execute(
        system,
        orderOf(system, [borrower], { pools: system.detour.map((p) => p.address) }),
      );
      expect(done.profit).to.equal(profit);
      expect(await loan.balanceOf(liquidator)).to.equal(123n * ONE_LOAN);
      expect(await middle.balanceOf(liquidator)).to.equal(456n);
      expect(await collateral.balanceOf(liquidator)).to.equal(789n);
      expect(await vault.balanceOf(liquidator)).to.equal(1_000n);
    });
  });

  describe("route", () => {
    it("may have several hops, each selling exactly what the one before brought", async () => {
      const system = await loadFixture(detour);
      const { borrowers, middle, liquidator, detour: pools, loan, collateral } = system;
      expect(pools.map(({ baseIsToken0 }) => baseIsToken0)).to.deep.equal([true, false]);
      const done = await execute(
        system,
        orderOf(system, borrowers, { pools: pools.map(({ address }) => address) }),
      );
      const { blockNumber } = done;
      const [first, last] = pools;
      const sold = await collateral.queryFilter(
        collateral.filters.Transfer(liquidator, first.address),
        blockNumber,
      );
      expect(sold.map(({ args }) => args.at(2) as bigint)).to.deep.equal([done.collateral]);
      const through = await middle.queryFilter(
        middle.filters.Transfer(first.address, liquidator),
        blockNumber,
      );
      const on = await middle.queryFilter(middle.filters.Transfer(liquidator, last.address), blockNumber);
      expect(on.map(({ args }) => args.value)).to.deep.equal(through.map(({ args }) => args.value));
      const got = await loan.queryFilter(loan.filters.Transfer(last.address, liquidator), blockNumber);
      expect(got.map(({ args }) => args.value)).to.deep.equal([done.proceeds]);
      expect(await middle.balanceOf(liquidator)).to.equal(0n);
      await expectNothingStays(system);
    });

    it("reverts through a pool that was never listed, or is no longer", async () => {
      const system = await loadFixture(sales);
      const { liquidator, governor, pool, borrower } = system;
      const thin = await createThinPool(connection, system);
      await expect(execute(system, orderOf(system, [borrower], { pools: [thin.address] })))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(thin.address);
      await liquidator.connect(governor).setPoolListed(pool.address, false);
      await expect(execute(system, orderOf(system, [borrower])))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(pool.address);
    });

    it("reverts when it is empty, ends elsewhere, comes back, or starts elsewhere", async () => {
      const system = await loadFixture(detour);
      const { liquidator, borrower, pool, detour: pools } = system;
      const [first, last] = pools;
      for (const route of [[], [first], [pool, pool], [last], [first, last, pool], [pool, first]]) {
        await expect(
          execute(system, orderOf(system, [borrower], { pools: route.map(({ address }) => address) })),
        ).to.be.revertedWithCustomError(liquidator, "InvalidRoute");
      }
    });

    it("reverts when a pool has not liquidity enough for the whole lot", async () => {
      const system = await loadFixture(sales);
      const { liquidator, governor, borrower, vault } = system;
      const thin = await createThinPool(connection, system);
      await liquidator.connect(governor).setPoolListed(thin.address, true);
      const { collateral } = await vault.quoteTake(borrower);
      const attempt = execute(system, orderOf(system, [borrower], { pools: [thin.address] }));
      await expect(attempt)
        .to.be.revertedWithCustomError(liquidator, "SwapIncomplete")
        .withArgs(
          thin.address,
          (swapped: bigint) => swapped > 0n && swapped < 2n * ONE_COLLATERAL,
          // The whole lot.
          (given: bigint) => given > (collateral * 99n) / 100n && given > 50n * ONE_COLLATERAL,
        );
      expect((await vault.position(borrower)).collateral).to.equal(100n * ONE_COLLATERAL);
    });
  });

  describe("who and when", () => {
    it("serves only vaults of the factory, not their twins", async () => {
      const system = await loadFixture(sales);
      const { liquidator, config, borrower, stranger } = system;
      const twin = await ethers.deployContract("Vault", [config]);
      for (const vault of [twin, stranger]) {
        await expect(execute(system, orderOf(system, [borrower], { vault })))
          .to.be.revertedWithCustomError(liquidator, "UnknownVault")
          .withArgs(vault);
      }
    });

    it("serves any vault of the factory", async () => {
      const system = await loadFixture(sales);
      const { factory, config, creationCode, borrower } = system;
      const other = await createVault(connection, factory, config, creationCode, ethers.id("another"));
      await expect(
        execute(system, orderOf(system, [borrower], { vault: other })),
      ).to.be.revertedWithCustomError(other, "SaleNotStarted");
    });

    it("sends the profit neither to nobody nor to itself", async () => {
      const system = await loadFixture(sales);
      const { liquidator, borrower } = system;
      for (const receiver of [ethers.ZeroAddress, await liquidator.getAddress()]) {
        await expect(execute(system, orderOf(system, [borrower], { receiver })))
          .to.be.revertedWithCustomError(liquidator, "InvalidReceiver")
          .withArgs(receiver);
      }
    });

    it("works up to the deadline and not after it", async () => {
      const system = await loadFixture(sales);
      const { borrower } = system;
      const deadline = BigInt(await time.latest()) + 10n;
      const order = orderOf(system, [borrower], { deadline, maxRepay: 10_000n * ONE_LOAN });
      await time.setNextBlockTimestamp(deadline);
      await execute(system, order);
      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(execute(system, order))
        .to.be.revertedWithCustomError(system.vault, "DeadlinePassed")
        .withArgs(deadline);
    });
  });

  it("LIQ-1: can't sell a position that is healthy, whatever the order says", async () => {
    const system = await loadFixture(positions);
    const { vault, borrowers } = system;
    for (const start of [false, true]) {
      await expect(execute(system, orderOf(system, borrowers, { start }))).to.be.revertedWithCustomError(
        vault,
        "NothingToTake",
      );
    }
  });

  it("moves the pools like anybody who sells there", async () => {
    const system = await loadFixture(sales);
    const { uniswap, pool, loan, borrower, stranger } = system;
    const snapshot = await networkHelpers.takeSnapshot();
    const { collateral, proceeds } = await execute(system, orderOf(system, [borrower]));
    await snapshot.restore();
    await wrapEther(connection, uniswap, stranger, collateral);
    await swap(connection, uniswap, pool, { trader: stranger, tokenIn: pool.base, amountIn: collateral });
    expect(await loan.balanceOf(stranger)).to.equal(proceeds);
  });
});
