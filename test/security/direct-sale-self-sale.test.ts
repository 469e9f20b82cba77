import { expect } from "chai";
import type { BaseContract } from "ethers";
import { network } from "hardhat";

import { less } from "../../sdk/directSaleMath.ts";
import { max, WAD } from "../../sdk/math.ts";
import { createVault } from "../../scripts/kit/protocol.ts";
import { addLiquidity, createPool, movePrice, poolPrice, wrapEther } from "../../scripts/kit/uniswap.ts";
import { deployUnhealthy, offBy, SUNK_PRICE } from "../helpers/directSale.ts";
import {
  accounts,
  type Attacked,
  between,
  type Call,
  encode,
  execute,
  GAS,
  handsOrder,
  inBps,
  inOneTransaction,
  justAbove,
  push,
  sandwich,
  saleOf,
  UNBOUNDED,
  wealth,
  withAttacker,
  worth,
} from "../helpers/directSaleAttack.ts";
import { NO_LIMIT, ONE_COLLATERAL, ONE_LOAN, ONE_PRICE, setPrice } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const ORACLE = SUNK_PRICE * ONE_PRICE;
/** What a pool may end under the oracle while the feed has not fallen, and the pool's fee on top, WAD. */
const BOUND = (55n * WAD) / 10_000n;
/** How far the pool is pushed up, bps, and what that costs the attacker, loan units. */
const UP = [
  [50n, 304n, 305n],
  [200n, 1_565n, 1_566n],
] as const;
const LOCKED = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);

const attackedAt = async (price: bigint): Promise<Attacked> => {
  const system = await deployUnhealthy(connection);
  const attacked = await withAttacker(system);
  // A hair above the oracle, whose price the pool's own rounding would miss.
  const { uniswap, pool, governor } = system;
  const hair = price * ONE_PRICE + (price * ONE_PRICE) / 10n ** 6n;
  await movePrice(connection, uniswap, pool, { trader: governor, price: hair, spendable: UNBOUNDED / 4n });
  await time.increase(10n * 60n);
  await setPrice(system, price);
  await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
  return attacked;
};

/**
 * THREATS, rows 10 and 16: the borrower sells to himself. He sends the sale, owns the liquidity on which it lands, and may walk away
 * from what is left. What he gains, and what lenders and reserve lose, is held against plain repayment, which moves money from one
 * pocket into another. All at the market's price.
 */
describe("A direct sale of one's own position", () => {
  /** What borrower and attacker gained together, walking away where nothing is left to them, and what the others lost. */
  const outcome = async (attacked: Attacked, attack: () => Promise<unknown>) => {
    const { pool, borrower } = attacked;
    const truth = await poolPrice(pool);
    const look = async () => {
      const position = await accounts(attacked, truth);
      const owned = await wealth(attacked, truth, [borrower]);
      return { ...position, honest: owned + position.equity, left: owned + max(position.equity, 0n) };
    };
    const before = await look();
    await attack();
    const after = await look();
    const sold = worth(before.collateral - after.collateral, truth);
    return {
      sold,
      honest: after.honest - before.honest,
      gain: after.left - before.left,
      lost: before.lent - after.lent,
    };
  };

  /** At the lowest price that the vault may be paid, into the pool as it stands, as much as that bears. */
  const alone = async (attacked: Attacked): Promise<void> => {
    const { direct, vault, borrower } = attacked;
    const { mean, maxLoss } = await direct.bounds(vault, borrower);
    const order = await handsOrder(attacked, less(mean, maxLoss - WAD / 10_000n), 8_000n * ONE_LOAN);
    await inOneTransaction(attacked, [await execute(attacked, order)]);
  };

  /** With all the capital there is: as deep as the bounds let the pool stand, and all on his own liquidity. */
  const asMaker = async (attacked: Attacked): Promise<void> => {
    const { direct, vault, borrower } = attacked;
    await sandwich(attacked, await direct.bounds(vault, borrower), { partners: [borrower] });
  };

  /** Shares of what is sold, in bps: what he gains and what the others lose, alone and as maker, young and old. */
  const CASES = [
    {
      price: SUNK_PRICE,
      ltv: "86.4%",
      young: { alone: [-55n, -48n], maker: [-58n, -48n] },
      old: { alone: [-55n, -48n], maker: [-58n, -48n] },
    },
    {
      price: 1_720n,
      ltv: "92.4%",
      young: { alone: [-63n, -47n], maker: [-48n, -47n] },
      old: { alone: [-63n, -47n], maker: [-48n, -47n] },
    },
    // The collateral pays the debt, not the penalty: what he saves of that he pays to the pool.
    {
      price: 1_650n,
      ltv: "96.4%, under water",
      young: { alone: [-16n, 0n], maker: [0n, 0n] },
      old: { alone: [-16n, 0n], maker: [0n, 0n] },
    },
    {
      price: 1_610n,
      ltv: "98.8%, under water",
      young: { alone: [-16n, 0n], maker: [0n, 0n] },
      old: { alone: [-16n, 0n], maker: [-1n, 0n] },
    },
    // Whatever the pool pays less is the lenders'.
    {
      price: 1_570n,
      ltv: "101.3%, worth less than its debt",
      young: { alone: [0n, 16n], maker: [4n, 4n] },
      old: { alone: [0n, 16n], maker: [53n, 54n] },
    },
  ] as const;
  for (const { price, ltv, ...ages } of CASES) {
    const fixture = () => attackedAt(price);
    for (const age of ["young", "old"] as const) {
      for (const [way, attack] of [
        ["alone", alone],
        ["maker", asMaker],
      ] as const) {
        const [gained, lostBps] = ages[age][way];
        it(`at an LTV of ${ltv}, ${age}, ${way === "maker" ? "as the pool's maker" : way}: he gains ${gained} bps, the others lose ${lostBps}`, async () => {
          const attacked = await loadFixture(fixture);
          const { vault, borrower } = attacked;
          const { halfLife } = await vault.terms((await vault.position(borrower)).termsId);
          if (age === "old") await time.increase(halfLife);
          const { sold, honest, gain, lost } = await outcome(attacked, () => attack(attacked));
          expect(sold).to.be.above(8_000n * ONE_LOAN);
          // A borrower who walks away from nothing never gains.
          expect(honest).to.be.at.most(0n);
          // Nor does anybody but the lenders bear what one gains who walks away.
          expect(gain).to.be.at.most(max(lost, 0n));
          for (const amount of [gain, lost]) expect(amount).to.be.at.most((sold * BOUND) / WAD);
          expect(inBps(gain, sold)).to.be.within(gained - 1n, gained + 1n);
          expect(inBps(lost, sold)).to.be.within(lostBps - 1n, lostBps + 1n);
        });
      }
    }
  }
});

/** THREATS, rows 3 and 16: in one transaction, with money that is there for no longer. */
describe("A direct sale inside a flash loan", () => {
  const withSale = async () => attackedAt(SUNK_PRICE);

  /** A second vault of the factory, full of cash, that lends it for the time of a call. */
  const withLender = async () => {
    const attacked = await withSale();
    const { factory, config, creationCode, loan, lender, hand } = attacked;
    const bank = await createVault(connection, factory, config, creationCode, ethers.id("bank"));
    const cash = 5_000_000n * ONE_LOAN;
    await loan.mint(lender, cash);
    await loan.connect(lender).approve(bank, cash);
    await bank.connect(lender).deposit(cash, lender);
    for (const vault of [bank, attacked.vault]) {
      const { target, data } = await encode(loan, "approve", [await vault.getAddress(), NO_LIMIT]);
      await hand.execute(target, data);
    }
    return { ...attacked, bank };
  };

  const flash = async (
    { hand, loan }: Attacked,
    vault: BaseContract,
    amount: bigint,
    plan: readonly Call[],
  ) => {
    await hand.setPlan([...plan]);
    const args = [await hand.getAddress(), await loan.getAddress(), amount, "0x"];
    return [await encode(vault, "flashLoan", args)];
  };

  it("of the vault's own cash sells nothing: the vault is locked", async () => {
    const attacked = await loadFixture(withLender);
    const { vault, pool, hand } = attacked;
    const truth = await poolPrice(pool);
    const order = await handsOrder(attacked, offBy(ORACLE, -90n));
    const plan = [
      ...(await push(attacked, pool, { from: truth, to: offBy(truth, 100n) })),
      ...(await execute(attacked, order)),
      ...(await push(attacked, pool, { from: offBy(truth, 100n), to: truth })),
    ];
    await inOneTransaction(attacked, [await flash(attacked, vault, 1_000_000n * ONE_LOAN, plan)]);
    const results = await hand.results();
    expect(results.map(({ success }) => success)).to.deep.equal([true, false, true]);
    expect(results[1]?.data.slice(0, 10)).to.equal(LOCKED);
  });

  it("pushed up, it pays the borrower: what the sale brings more is the attacker's loss, and fees on top", async () => {
    const attacked = await loadFixture(withLender);
    const { bank, pool, hand, direct, vault, borrower } = attacked;
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [bps, least, most] of UP) {
      const truth = await poolPrice(pool);
      const to = offBy(truth, bps);
      const { mean, maxLoss } = await direct.bounds(vault, borrower);
      const order = await handsOrder(attacked, less(mean, maxLoss - WAD / 10_000n), 60_000n * ONE_LOAN);
      const plan = [
        ...(await push(attacked, pool, { from: truth, to })),
        ...(await execute(attacked, order)),
        // The sale leaves the pool above where it stood.
        ...(await push(attacked, pool, { from: to, to: truth })),
      ];
      const before = await wealth(attacked, truth);
      const sent = await inOneTransaction(attacked, [
        await flash(attacked, bank, 4_000_000n * ONE_LOAN, plan),
      ]);
      const went = (await hand.results()).slice(-3).map(({ success }) => success);
      expect(went, `${bps} bps`).to.deep.equal([true, true, true]);
      const { collateral, proceeds } = await saleOf(attacked, sent);
      const value = worth(collateral, truth);
      const cost = before - (await wealth(attacked, truth));
      expect(proceeds).to.be.above(value);
      expect(cost).to.be.above(proceeds - value);
      expect(cost).to.be.within(least * ONE_LOAN, most * ONE_LOAN);
      await snapshot.restore();
    }
  });

  it("of another pool, pushed down, pays at most what one's own capital would, less that pool's fee", async () => {
    const attacked = await loadFixture(withSale);
    const { uniswap, collateral, loan, governor, stranger, pool, hand, direct, vault, borrower } = attacked;
    const far = await createPool(connection, uniswap, {
      base: await collateral.getAddress(),
      quote: await loan.getAddress(),
      fee: 3_000n,
      price: ORACLE,
    });
    await loan.mint(governor, 1_840_000n * ONE_LOAN);
    await wrapEther(connection, uniswap, governor, 1_000n * ONE_COLLATERAL);
    const amounts = { baseAmount: 1_000n * ONE_COLLATERAL, quoteAmount: 1_840_000n * ONE_LOAN };
    await addLiquidity(connection, uniswap, far, { owner: governor, ...amounts });
    const own = await networkHelpers.takeSnapshot();
    const bounds = await direct.bounds(vault, borrower);
    const rich = await sandwich(attacked, bounds);
    expect(inBps(rich.gain, rich.value)).to.be.within(44n, 45n);
    await own.restore();

    // Nothing of his own but a coin and two thousand for fees; the makers' side is paid for out of what the push brings.
    for (const [token, kept] of [
      [collateral, ONE_COLLATERAL],
      [loan, 2_000n * ONE_LOAN],
    ] as const) {
      const rest = (await token.balanceOf(hand)) - kept;
      const { target, data } = await encode(token, "transfer", [stranger.address, rest]);
      await hand.execute(target, data);
    }
    const truth = await poolPrice(pool);
    const stand = justAbove(max(less(bounds.mean, bounds.impact), bounds.leastPrice));
    const lent = 80n * ONE_COLLATERAL;
    const fee = (lent * 3n) / 1_000n;
    const order = await handsOrder(attacked, offBy(less(bounds.mean, bounds.maxLoss), 2n));
    const sale = await execute(attacked, order);
    await hand.setPlan([
      ...(await push(attacked, pool, { from: truth, to: stand })),
      ...(await between(attacked, pool, stand, sale)),
      ...(await push(attacked, pool, { from: stand - 1n, to: truth })),
      await encode(collateral, "transfer", [far.address, lent + fee]),
    ]);
    const lender = await ethers.getContractAt(["function flash(address,uint256,uint256,bytes)"], far.address);
    const lentAmounts = far.baseIsToken0 ? [lent, 0n] : [0n, lent];
    const before = await wealth(attacked, truth);
    const flashed = await encode(lender, "flash", [await hand.getAddress(), ...lentAmounts, "0x"]);
    const sent = await inOneTransaction(attacked, [[flashed]]);
    expect((await hand.results()).every(({ success }) => success)).to.equal(true);
    const value = worth((await saleOf(attacked, sent)).collateral, truth);
    const gain = (await wealth(attacked, truth)) - before;
    const paid = worth(fee, truth);
    expect(gain + paid).to.be.within(rich.gain - ONE_LOAN, rich.gain + ONE_LOAN);
    expect(gain).to.be.at.most((value * BOUND) / WAD - paid);
  });
});
