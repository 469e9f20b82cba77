import { expect } from "chai";
import { network } from "hardhat";

import { less } from "../../sdk/directSaleMath.ts";
import { max, WAD } from "../../sdk/math.ts";
import {
  addLiquidity,
  createPool,
  movePrice,
  type Pool,
  poolPrice,
  wrapEther,
} from "../../scripts/kit/uniswap.ts";
import {
  deployUnhealthy,
  deployV3Venue,
  type DirectSystem,
  offBy,
  orderOf,
  SUNK_PRICE,
} from "../helpers/directSale.ts";
import { ONE_ANSWER, ONE_COLLATERAL, ONE_LOAN, ONE_PRICE, setPrices } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers, provider } = connection;
const { loadFixture, time } = networkHelpers;

const GAS = { gasLimit: 8_000_000n };
const ORACLE = SUNK_PRICE * ONE_PRICE;
const UNBOUNDED = 10n ** 27n;
const BLOCK = 12n;
const FIVE_PER_MILLE = 5n * 10n ** 15n;

/**
 * THREATS, row 16: the bound of a direct sale moves with the market. Who moves what it is made of? The attacker has all capital there
 * is, holds pools for as long as it likes, sends the sale himself at the lowest price allowed, and sees feeds before they land.
 */
describe("The bound of a direct sale under attack", () => {
  const withUnhealthy = async () => {
    const system = await deployUnhealthy(connection);
    const { loan, stranger, uniswap, vault, borrower } = system;
    await loan.mint(stranger, UNBOUNDED);
    await wrapEther(connection, uniswap, stranger, UNBOUNDED);
    // What came before lies outside of every window.
    await time.increase(10n * 60n);
    await vault.startSale(borrower, ethers.ZeroAddress, GAS);
    return system;
  };

  const push = async ({ uniswap, pool, stranger }: DirectSystem, price: bigint, at: Pool = pool) =>
    movePrice(connection, uniswap, at, { trader: stranger, price, spendable: UNBOUNDED / 4n });

  /** At the lowest price that the vault may be paid. */
  const lowestOrder = async (
    system: DirectSystem,
    maxRepay: bigint,
    venues?: readonly { getAddress(): Promise<string> }[],
  ) => {
    const bounds = await system.direct.bounds(system.vault, system.borrower);
    const order = await orderOf(system, venues);
    // Above the bound by what a block may move of it.
    const price = less(bounds.mean, bounds.maxLoss) + ORACLE / 10n ** 6n;
    return { bounds, order: { ...order, price, maxRepay, startsToo: false } };
  };

  for (const blocks of [1n, 2n, 10n]) {
    it(`sells nothing under the oracle by more than 0.5% into a pool held down for ${blocks} blocks`, async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, stranger, pool, vault } = system;
      const snapshot = await networkHelpers.takeSnapshot();
      // A pool more than half a per cent under the oracle is none to sell in while the feed has not fallen.
      for (const [bps, error] of [
        [-10n, undefined],
        [-30n, undefined],
        [-60n, "ImpactTooHigh"],
        [-100n, "ImpactTooHigh"],
        [-300n, "ImpactTooHigh"],
        // So far down the vault's own floor says it first.
        [-1_000n, "PriceBelowFloor"],
      ] as const) {
        await push(system, offBy(ORACLE, bps));
        for (let i = 0n; i < blocks; ++i) {
          await time.increase(BLOCK);
          await push(system, offBy(ORACLE, bps));
        }
        const { order } = await lowestOrder(system, 20_000n * ONE_LOAN);
        const sale = direct.connect(stranger).execute(order, GAS);
        if (error === undefined) {
          await expect(sale).to.emit(direct, "DirectSale");
          expect(await poolPrice(pool)).to.be.at.least(less(ORACLE, FIVE_PER_MILLE));
        } else {
          const from = error === "PriceBelowFloor" ? vault : direct;
          await expect(sale).to.be.revertedWithCustomError(from, error);
        }
        await snapshot.restore();
      }
    });
  }

  it("is not opened by a false high round that is corrected: the pool has not fallen", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, vault, borrower } = system;
    await setPrices(system, 2_300n * ONE_ANSWER, SUNK_PRICE * ONE_ANSWER);
    await time.increase(BLOCK);
    await setPrices(system, SUNK_PRICE * ONE_ANSWER, SUNK_PRICE * ONE_ANSWER);
    const [latest, earlier] = await system.oracle.firstPrice(60n);
    expect(earlier).to.be.above(latest);
    const bounds = await direct.bounds(vault, borrower);
    expect(bounds.fall).to.equal(0n);
    expect(bounds.leastPrice).to.equal(less(ORACLE, FIVE_PER_MILLE));
  });

  it("LIQ-1: sells nothing of what the pool calls healthy, however low a false round is", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, vault, borrower, stranger } = system;
    await push(system, 1_950n * ONE_PRICE);
    await time.increase(3n * BLOCK);
    await setPrices(system, 1_500n * ONE_ANSWER, 1_950n * ONE_ANSWER);
    const order = await orderOf(system);
    await expect(
      direct.connect(stranger).execute({ ...order, price: 1_400n * ONE_PRICE, startsToo: false }, GAS),
    ).to.be.revertedWithCustomError(direct, "HealthyAtMarket");
    await expect(direct.bounds(vault, borrower)).to.be.revertedWithCustomError(direct, "HealthyAtMarket");
  });

  it("does not follow the market before the feed says that it fell, and follows it then", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, vault, borrower, stranger } = system;
    const fallen = (SUNK_PRICE * 97n) / 100n;
    await push(system, fallen * ONE_PRICE);
    await time.increase(2n * BLOCK);
    const early = await lowestOrder(system, 20_000n * ONE_LOAN);
    expect(early.bounds.fall).to.equal(0n);
    await expect(direct.connect(stranger).execute(early.order, GAS)).to.be.revertedWithCustomError(
      direct,
      "ImpactTooHigh",
    );
    // A round of before the fall within the window, and one after it.
    await setPrices(system, SUNK_PRICE * ONE_ANSWER, fallen * ONE_ANSWER);
    await time.increase(BLOCK);
    await setPrices(system, fallen * ONE_ANSWER, fallen * ONE_ANSWER);
    const late = await direct.bounds(vault, borrower);
    expect(late.fall).to.be.within((29n * WAD) / 1_000n, (31n * WAD) / 1_000n);
    expect(late.leastPrice).to.be.below(fallen * ONE_PRICE);
    const { order } = await lowestOrder(system, 20_000n * ONE_LOAN);
    await direct.connect(stranger).execute(order, GAS);
  });

  it("forgets a fall once it is older than the window", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, vault, borrower } = system;
    const { fallWindow } = await vault.terms((await vault.position(borrower)).termsId);
    const fallen = (SUNK_PRICE * 97n) / 100n;
    await setPrices(system, SUNK_PRICE * ONE_ANSWER, SUNK_PRICE * ONE_ANSWER);
    await push(system, fallen * ONE_PRICE);
    await time.increase(BLOCK);
    await setPrices(system, fallen * ONE_ANSWER, fallen * ONE_ANSWER);
    await time.increase(BLOCK);
    expect((await direct.bounds(vault, borrower)).fall).to.be.above(0n);
    await time.increase(fallWindow);
    expect((await direct.bounds(vault, borrower)).fall).to.equal(0n);
  });

  /** Two per cent over the oracle, within which the position is still unhealthy: the market has risen, the feed not yet. */
  const ABOVE = 200n;

  it("is not lowered by a push in the sale's own block, from a market that stands above the oracle", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, stranger } = system;
    await push(system, offBy(ORACLE, ABOVE));
    await time.increase(3n * BLOCK);
    const { bounds, order } = await lowestOrder(system, 8_000n * ONE_LOAN);
    expect(less(bounds.mean, bounds.impact)).to.be.above(ORACLE);
    const snapshot = await networkHelpers.takeSnapshot();
    await direct.connect(stranger).execute(order, GAS);
    await snapshot.restore();
    // A second of the mean's twelve is the push's own.
    await push(system, ORACLE);
    await expect(direct.connect(stranger).execute(order, GAS)).to.be.revertedWithCustomError(
      direct,
      "ImpactTooHigh",
    );
  });

  it("is not lowered by a thin pool that the attacker holds: the reference venue's mean counts there too", async () => {
    const system = await loadFixture(withUnhealthy);
    const { uniswap, collateral, loan, governor, direct, stranger } = system;
    await push(system, offBy(ORACLE, ABOVE));
    const thin = await createPool(connection, uniswap, {
      base: await collateral.getAddress(),
      quote: await loan.getAddress(),
      fee: 3_000n,
      price: ORACLE,
      cardinality: 100n,
    });
    await loan.mint(governor, 50_000n * ONE_LOAN);
    await wrapEther(connection, uniswap, governor, 30n * ONE_COLLATERAL);
    const amounts = { baseAmount: 27n * ONE_COLLATERAL, quoteAmount: 50_000n * ONE_LOAN };
    await addLiquidity(connection, uniswap, thin, { owner: governor, ...amounts });
    const venue = await deployV3Venue(system, thin);
    await direct.connect(governor).setVenueListed(venue, true);
    // Where the oracle itself has nothing against it.
    await push(system, offBy(ORACLE, 20n), thin);
    await time.increase(3n * BLOCK);
    const { bounds, order: lowest } = await lowestOrder(system, 100n * ONE_LOAN, [venue]);
    expect(less(bounds.mean, bounds.impact)).to.be.above(offBy(ORACLE, 20n));
    const order = { ...lowest, price: less(bounds.mean, bounds.maxLoss) + ORACLE / 10n ** 6n };
    await expect(direct.connect(stranger).execute(order, GAS)).to.be.revertedWithCustomError(
      direct,
      "ImpactTooHigh",
    );
  });

  it("does not compound over many sales in one block: the mean leaves out what the block itself swapped", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, stranger, vault, borrower, pool } = system;
    const { bounds, order: lowest } = await lowestOrder(system, 8_000n * ONE_LOAN);
    // Each sale makes the next one less urgent: a price that all of them may name.
    const order = { ...lowest, price: less(bounds.mean, WAD / 100n) };
    const debtBefore = await vault.debtOf(borrower);
    await provider.request({ method: "evm_setAutomine", params: [false] });
    const sent = [];
    const nonce = await ethers.provider.getTransactionCount(stranger.address);
    for (let i = 0; i < 6; ++i) {
      sent.push(await direct.connect(stranger).execute(order, { ...GAS, nonce: nonce + i }));
    }
    await provider.request({ method: "evm_mine", params: [] });
    await provider.request({ method: "evm_setAutomine", params: [true] });
    const receipts = await Promise.all(sent.map(({ hash }) => ethers.provider.getTransactionReceipt(hash)));
    const sold = receipts.filter((receipt) => receipt?.status === 1).length;
    expect(sold).to.be.above(3);
    expect(await vault.debtOf(borrower)).to.be.below(debtBefore);
    const least = max(less(bounds.mean, bounds.impact), bounds.leastPrice);
    expect(await poolPrice(pool)).to.be.at.least(least);
  });

  it("sells nothing once the reference venue is struck off, or none is named", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, governor, stranger, venue, vault } = system;
    const { order } = await lowestOrder(system, 20_000n * ONE_LOAN);
    const off = () => direct.connect(stranger).execute(order, GAS);
    await direct.connect(governor).setReferenceVenue(vault, ethers.ZeroAddress);
    await expect(off()).to.be.revertedWithCustomError(direct, "DirectSaleOff");
    await direct.connect(governor).setReferenceVenue(vault, venue);
    await direct.connect(governor).setVenueListed(venue, false);
    await expect(off()).to.be.revertedWithCustomError(direct, "VenueNotListed");
    await expect(direct.bounds(vault, system.borrower)).to.be.revertedWithCustomError(
      direct,
      "DirectSaleOff",
    );
  });
});
