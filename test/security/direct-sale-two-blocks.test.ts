import { expect } from "chai";
import { network } from "hardhat";

import { less } from "../../sdk/directSaleMath.ts";
import { max, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { movePrice, poolPrice } from "../../scripts/kit/uniswap.ts";
import { deployUnhealthy, offBy, SUNK_PRICE } from "../helpers/directSale.ts";
import {
  type Attacked,
  between,
  execute,
  GAS,
  handsOrder,
  inBps,
  inOneTransaction,
  justAbove,
  push,
  saleOf,
  sandwich,
  UNBOUNDED,
  wealth,
  withAttacker,
  worth,
} from "../helpers/directSaleAttack.ts";
import { ONE_ANSWER, ONE_LOAN, ONE_PRICE, setPrice } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const ORACLE = SUNK_PRICE * ONE_PRICE;
const BLOCK = 12n;
/** What a pool may end under the oracle while nothing fell, WAD. */
const FIVE_PER_MILLE = (5n * WAD) / 1_000n;
/** Of the pool. */
const FEE = (5n * WAD) / 10_000n;

/** A young sale at the sunk price, and an attacker with all that he can use. */
const withSale = async (): Promise<Attacked> => {
  const attacked = await withAttacker(await deployUnhealthy(connection));
  await time.increase(10n * 60n);
  await setPrice(attacked, SUNK_PRICE);
  await attacked.vault.startSale(attacked.borrower, ethers.ZeroAddress, GAS);
  return attacked;
};

/**
 * THREATS, row 16: who makes two blocks in a row, and who waits for the block that suits him. The last transaction of the first block
 * pushes the pool, and for all of the mean's window it stands there; the first one of the second block sells and goes back. Nobody
 * trades between.
 */
describe("A direct sale of a proposer with two blocks in a row", () => {
  /** The market moves, and stands there for longer than any window looks back. */
  const marketAt = async (attacked: Attacked, price: bigint): Promise<void> => {
    const { uniswap, pool, governor } = attacked;
    await movePrice(connection, uniswap, pool, { trader: governor, price, spendable: UNBOUNDED / 4n });
  };

  const nextBlock = async (): Promise<void> => {
    await time.setNextBlockTimestamp(BigInt(await time.latest()) + BLOCK);
  };

  /** Pushes to where nothing but the oracle's bound holds, and sells there, one block later, all that may be sold. */
  const attack = async (attacked: Attacked, floor: bigint, maxRepay?: bigint) => {
    const { pool } = attacked;
    const truth = await poolPrice(pool);
    const stand = justAbove(floor);
    const before = await wealth(attacked, truth);
    await inOneTransaction(attacked, [await push(attacked, pool, { from: truth, to: stand })]);
    await nextBlock();
    // The mean will be where the pool stands: the lowest price is that less its loss, which is half a per cent and the impact.
    const order = await handsOrder(attacked, offBy(stand, -90n), maxRepay);
    const sent = await inOneTransaction(attacked, [
      await between(attacked, pool, stand, await execute(attacked, order)),
      await push(attacked, pool, { from: stand - 1n, to: truth }),
    ]);
    const { collateral, proceeds } = await saleOf(attacked, sent);
    const value = worth(collateral, truth);
    return { gain: (await wealth(attacked, truth)) - before, loss: value - proceeds, value, truth };
  };

  /** What the attack costs where nothing is sold: to push the pool there, and back. */
  const costOfPush = async (attacked: Attacked, to: bigint): Promise<bigint> => {
    const { pool } = attacked;
    const truth = await poolPrice(pool);
    const snapshot = await networkHelpers.takeSnapshot();
    const before = await wealth(attacked, truth);
    await inOneTransaction(attacked, [
      await push(attacked, pool, { from: truth, to }),
      await push(attacked, pool, { from: to, to: truth }),
    ]);
    const cost = before - (await wealth(attacked, truth));
    await snapshot.restore();
    return cost;
  };

  it("in a calm market gains 44 bps of what is sold: half a per cent under the oracle, less what the push costs", async () => {
    const attacked = await loadFixture(withSale);
    const { direct, vault, borrower } = attacked;
    const { leastPrice, impact } = await direct.bounds(vault, borrower);
    expect(leastPrice).to.equal(less(ORACLE, FIVE_PER_MILLE));
    const cost = await costOfPush(attacked, leastPrice);
    expect(cost).to.be.within(112n * ONE_LOAN, 113n * ONE_LOAN);
    const { gain, loss, value } = await attack(attacked, leastPrice);
    expect(value).to.be.within(105_000n * ONE_LOAN, 106_000n * ONE_LOAN);
    expect(inBps(gain, value)).to.equal(44n);
    expect(inBps(loss, value)).to.equal(54n);
    expect(gain + cost).to.be.at.most((value * (FIVE_PER_MILLE + 2n * FEE)) / WAD);
    expect(gain).to.be.at.most((value * (impact + FIVE_PER_MILLE)) / WAD);
  });

  it("after a fall that the feed has followed gains 3.5%: what fell, which is phi, and half a per cent", async () => {
    const attacked = await loadFixture(withSale);
    const { direct, vault, borrower } = attacked;
    const fallen = (SUNK_PRICE * 97n) / 100n;
    await setPrice(attacked, SUNK_PRICE);
    await marketAt(attacked, fallen * ONE_PRICE);
    await time.increase(BLOCK);
    await setPrice(attacked, fallen);
    await time.increase(BLOCK);
    const bounds = await direct.bounds(vault, borrower);
    expect(bounds.fall).to.be.within((30n * WAD) / 1_000n, (31n * WAD) / 1_000n);
    const snapshot = await networkHelpers.takeSnapshot();
    // Within a block the pool's own mean holds: the impact alone is to be had.
    const once = await sandwich(attacked, bounds);
    expect(inBps(once.loss, once.value)).to.be.within(350n, 354n);
    expect(once.loss).to.be.at.most((once.value * (bounds.impact + FEE)) / WAD);
    await snapshot.restore();
    const { gain, loss, value } = await attack(attacked, bounds.leastPrice);
    expect(inBps(gain, value)).to.be.within(350n, 354n);
    expect(inBps(loss, value)).to.be.within(360n, 365n);
    expect(loss).to.be.at.most((value * (FIVE_PER_MILLE + bounds.fall + FEE)) / WAD);
  });

  /** How far the market stands over a feed that has not followed: what one block and what two blocks take of what is sold, bps. */
  const ABOVE = [
    { bps: 50n, once: 104n, twice: 104n, gain: 83n },
    { bps: 200n, once: 156n, twice: 249n, gain: 197n },
  ] as const;
  for (const { bps, once: onceBps, twice, gain: gained } of ABOVE) {
    it(`where the market stands ${bps} bps over the feed the sale loses ${onceBps} bps of it to one block, ${twice} bps to two`, async () => {
      const attacked = await loadFixture(withSale);
      const { direct, vault, borrower } = attacked;
      // By the urgency that the pushed mean will leave: that at the oracle's price.
      const { impact: pushed } = await direct.bounds(vault, borrower);
      await marketAt(attacked, offBy(ORACLE, bps));
      await time.increase(10n * BLOCK);
      const bounds = await direct.bounds(vault, borrower);
      const snapshot = await networkHelpers.takeSnapshot();
      const once = await sandwich(attacked, bounds);
      expect(inBps(once.loss, once.value)).to.equal(onceBps);
      expect(once.loss).to.be.at.most((once.value * (bounds.impact + FEE)) / WAD);
      expect(once.gain).to.be.at.most(once.loss);
      await snapshot.restore();
      const { gain, loss, value } = await attack(attacked, bounds.leastPrice);
      expect(inBps(gain, value)).to.equal(gained);
      expect(inBps(loss, value)).to.equal(twice);
      // What is left is the oracle's bound: the market's distance from it comes on top.
      const distance = ((await poolPrice(attacked.pool)) * WAD) / ORACLE - WAD;
      expect(loss).to.be.at.most((value * (distance + FIVE_PER_MILLE + FEE)) / WAD);
      expect(gain).to.be.at.most((value * (pushed + FIVE_PER_MILLE)) / WAD);
    });
  }

  it("sells what the market calls healthy where the feed is low by itself: the mean helps against one block, not against two", async () => {
    const attacked = await loadFixture(withSale);
    const { direct, vault, borrower } = attacked;
    await marketAt(attacked, offBy(ORACLE, 500n));
    await time.increase(10n * BLOCK);
    await expect(direct.bounds(vault, borrower)).to.be.revertedWithCustomError(direct, "HealthyAtMarket");
    const cost = await costOfPush(attacked, less(ORACLE, FIVE_PER_MILLE));
    const { gain, loss, value } = await attack(attacked, less(ORACLE, FIVE_PER_MILLE));
    expect(cost).to.be.within(1_237n * ONE_LOAN, 1_238n * ONE_LOAN);
    expect(inBps(gain, value)).to.equal(417n);
    expect(inBps(loss, value)).to.equal(528n);
    // The feed's own error and half a per cent under it, nothing more.
    expect(loss).to.be.at.most(
      value - (worth((value * PRICE_SCALE) / offBy(ORACLE, 500n), ORACLE) * 9_945n) / 10_000n,
    );
  });

  describe("pushed up", () => {
    /** Up in the first block, down again first thing in the second: what that costs, and what a keeper meets then. */
    const CASES = [
      { bps: 20n, cost: 44n, error: undefined },
      { bps: 300n, cost: 663n, error: "ImpactTooHigh" },
      { bps: 450n, cost: 988n, error: "HealthyAtMarket" },
    ] as const;
    for (const { bps, cost, error } of CASES) {
      it(`by ${bps} bps costs ${cost} and ${error === undefined ? "stops nothing" : "stops direct sales for a block, and no take"}`, async () => {
        const attacked = await loadFixture(withSale);
        const { direct, vault, borrower, pool } = attacked;
        const to = offBy(ORACLE, bps);
        const truth = await poolPrice(pool);
        const before = await wealth(attacked, truth);
        await inOneTransaction(attacked, [await push(attacked, pool, { from: truth, to })]);
        await nextBlock();
        await inOneTransaction(attacked, [await push(attacked, pool, { from: to, to: truth })]);
        const spent = before - (await wealth(attacked, truth));
        expect(spent).to.be.within(cost * ONE_LOAN, (cost + 1n) * ONE_LOAN);
        const sale = async () => {
          const mean = await attacked.venue.meanPrice(pool.base, { blockTag: "pending" });
          // By the least loss that any urgency allows.
          const order = await handsOrder(attacked, less(mean, 125n * (WAD / 10_000n)), 8_000n * ONE_LOAN);
          return direct.execute(order, GAS);
        };
        if (error === undefined) return void (await sale());
        await expect(sale()).to.be.revertedWithCustomError(direct, error);
        // The clock's own sale knows no mean.
        expect((await vault.quoteTake(borrower)).repay).to.be.above(0n);
        await time.increase(BLOCK);
        await expect(sale()).to.emit(direct, "DirectSale");
      });
    }
  });
});

/** THREATS, row 16: who sends the same order whenever it suits him, over a market that moves and a feed that follows. */
describe("A direct sale at the worst of twenty blocks", () => {
  /** The market, bps of where the sale begins: a fall of 4% in two minutes, and half of it back. */
  const PATH = [
    0n,
    -15n,
    -45n,
    -70n,
    -120n,
    -170n,
    -160n,
    -230n,
    -290n,
    -340n,
    -330n,
    -380n,
    -400n,
    -370n,
    -310n,
    -250n,
    -270n,
    -220n,
    -190n,
    -200n,
  ] as const;
  /** A feed speaks up at half a per cent, one block later. */
  const DEVIATION = 50n;

  it("loses no more than the impact under the mean, and half a per cent and phi under the oracle, at any of them", async () => {
    const attacked = await loadFixture(withSale);
    const { direct, vault, borrower, pool, primary, second } = attacked;
    const outcomes: { gainBps: bigint; lossBps: bigint }[] = [];
    let refused = 0;
    let said = 0n;
    let saysNext: bigint | undefined;
    // Each block has its second: a slow machine would else stretch what the mean looks back over.
    let at = BigInt(await time.latest());
    for (const bps of PATH) {
      at += BLOCK;
      const price = offBy(ORACLE, bps);
      const market = await push(attacked, pool, { from: await poolPrice(pool), to: price });
      await time.setNextBlockTimestamp(at - 3n);
      await inOneTransaction(attacked, [market]);
      if (saysNext !== undefined) {
        said = saysNext;
        const answer = offBy(SUNK_PRICE * ONE_ANSWER, said);
        for (const [i, feed] of [primary, second].entries()) {
          await time.setNextBlockTimestamp(at - 2n + BigInt(i));
          await feed.pushAnswer(answer);
        }
      }
      saysNext = max(bps - said, said - bps) >= DEVIATION ? bps : undefined;
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(at);
      const bounds = await direct.bounds(vault, borrower, { blockTag: "pending" });
      const outcome = await sandwich(attacked, bounds, { maxRepay: 60_000n * ONE_LOAN }).catch(
        () => undefined,
      );
      await snapshot.restore();
      if (outcome === undefined) {
        ++refused;
        continue;
      }
      const { gain, loss, value } = outcome;
      expect(gain).to.be.at.most(loss);
      expect(gain).to.be.at.most((value * (bounds.impact + FIVE_PER_MILLE + bounds.fall)) / WAD);
      // The lower of both bounds that a sale has, by the value at each one's price.
      const proceeds = value - loss;
      const collateral = (value * PRICE_SCALE) / price;
      const byMean = (worth(collateral, bounds.mean) * (WAD - bounds.impact - FEE)) / WAD;
      const byOracle = (worth(collateral, bounds.leastPrice) * (WAD - FEE)) / WAD;
      expect(proceeds).to.be.at.least(max(byMean, byOracle) - ONE_LOAN);
      outcomes.push({ gainBps: inBps(gain, value), lossBps: inBps(loss, value) });
    }
    const gains = outcomes.map(({ gainBps }) => gainBps);
    expect([refused, gains.length, gains.indexOf(391n)]).to.deep.equal([0, 20, 14]);
    expect(gains.every((gain) => gain <= 391n)).to.equal(true);
  });
});
