import { expect } from "chai";

import { createPool, sqrtPriceX96 } from "../../../scripts/kit/uniswap.ts";
import {
  depthOf,
  harmonicMean,
  packShares,
  type Range,
  reserveAt,
  sellableOf,
  sharesOf,
  type Stretch,
} from "../../../sdk/depthMath.ts";
import { BPS } from "../../../sdk/math.ts";
import { connection, ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import {
  deployDepth,
  deposit,
  type DepthOptions,
  type DepthSystem,
  everywhere,
  lastWindow,
  LIQUIDITY,
  MAX_TICKS,
  passWindows,
  PLENTY,
  PRICE,
  toNextWindow,
  trade,
  WINDOW,
  WINDOWS,
  withdraw,
} from "../../helpers/depth.ts";

const BLOCK = 12n;
const ALL_FEES = [500n, 3_000n, 10_000n];
const SHARES_OF_ALL = 2n ** 64n - 1n;
const EVEN = Array<bigint>(8).fill(255n);

/** Pools that held their liquidity over the whole range for all windows, and one more. */
async function filled(options: DepthOptions) {
  const system = await deployDepth(options);
  for (const pool of system.pools) await deposit(system.provider, pool, everywhere(LIQUIDITY, pool.fee));
  await passWindows(WINDOWS + 1n);
  return system;
}
const one = () => filled({});
const oneMirrored = () => filled({ collateralIsToken0: false });
const three = () => filled({ fees: ALL_FEES });
const threeMirrored = () => filled({ fees: ALL_FEES, collateralIsToken0: false });
const empty = () => deployDepth();
const emptyMirrored = () => deployDepth({ collateralIsToken0: false });

const BOTH_ORDERS = [
  ["collateral first", one, empty, three],
  ["loan asset first", oneMirrored, emptyMirrored, threeMirrored],
] as const;

const poke = ({ oracle, pair }: DepthSystem) => oracle.poke(...pair);
const reserveOf = async ({ oracle, pair }: DepthSystem) => (await oracle.depth(...pair)).reserve;

/** The record of a pool's window, as the model has it. */
async function recordOf({ oracle, pair, pools }: DepthSystem, window: bigint, pool = 0) {
  const { liquidity, tick, shares, evenness } = await oracle.recordOf(...pair, pools[pool]!.address, window);
  return { liquidity, tick, shares, isSeen: evenness !== 0n };
}

/** Ticks at which the collateral costs less by so many, whichever token it is; both ends of a range, in order. */
function below(system: DepthSystem, tick: bigint, from: bigint, to: bigint, liquidity: bigint): Range {
  return system.collateralIsToken0
    ? { lower: tick - to, upper: tick - from, liquidity }
    : { lower: tick + from, upper: tick + to, liquidity };
}

const floorTo = (tick: bigint, spacing: bigint): bigint => tick - (((tick % spacing) + spacing) % spacing);

/** A usable tick at which the collateral costs up to a spacing of 60 less than at `tick`. */
function anchor({ collateralIsToken0 }: DepthSystem, tick: bigint): bigint {
  return floorTo(tick, 60n) + (collateralIsToken0 ? 0n : 60n);
}

describe("DepthOracle", () => {
  describe("setPair", () => {
    it("keeps the pools and windows, and says so", async () => {
      const { oracle, pair, config, pools } = await loadFixture(three);
      expect(pools.length).to.equal(3);
      await expect(oracle.setPair(...pair, config))
        .to.emit(oracle, "PairSet")
        .withArgs(...pair, Object.values(config));
      const kept = await oracle.configOf(...pair);
      expect([kept.window, kept.windows, kept.maxTicks]).to.deep.equal([WINDOW, WINDOWS, MAX_TICKS]);
      expect([...kept.pools]).to.deep.equal(config.pools);
    });

    it("drops what was measured", async () => {
      const system = await loadFixture(one);
      const { oracle, pair, config } = system;
      await poke(system);
      const window = await lastWindow();
      expect((await recordOf(system, window)).liquidity).to.be.greaterThan(0n);
      await oracle.setPair(...pair, config);
      expect((await recordOf(system, window)).liquidity).to.equal(0n);
      expect([...(await oracle.depth(...pair))]).to.deep.equal([0n, 0n, false]);
      expect(await oracle.sellable(...pair, 100n)).to.equal(0n);
    });

    it("RevertWhen anybody but the governor calls", async () => {
      const { oracle, pair, config, stranger } = await loadFixture(empty);
      await expect(oracle.connect(stranger).setPair(...pair, config))
        .to.be.revertedWithCustomError(oracle, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    for (const [name, least, most] of [
      ["window", 300n, 86_400n],
      ["windows", 2n, 24n],
      ["maxTicks", 1n, 512n],
    ] as const) {
      it(`RevertWhen ${name} is outside of its range`, async () => {
        const { oracle, pair, config } = await loadFixture(empty);
        for (const value of [least, most]) await oracle.setPair(...pair, { ...config, [name]: value });
        for (const value of [least - 1n, most + 1n]) {
          await expect(oracle.setPair(...pair, { ...config, [name]: value }))
            .to.be.revertedWithCustomError(oracle, "InvalidParameter")
            .withArgs(ethers.encodeBytes32String(name), value);
        }
      });
    }

    it("RevertWhen there is no pool, or more than eight", async () => {
      const { oracle, pair, config, pools } = await loadFixture(empty);
      for (const count of [0, 9]) {
        await expect(
          oracle.setPair(...pair, { ...config, pools: Array<string>(count).fill(pools[0]!.address) }),
        )
          .to.be.revertedWithCustomError(oracle, "InvalidParameter")
          .withArgs(ethers.encodeBytes32String("pools"), count);
      }
    });

    it("RevertWhen a pool is listed twice, is none, of another pair, or not the factory's", async () => {
      const { oracle, pair, config, pools, stranger, loan } = await loadFixture(empty);
      const genuine = pools[0]!.address;
      const fake = await ethers.deployContract("MockRawAnswer");
      await fake.setAnswer(0n, ethers.zeroPadValue(ethers.toBeHex(3_000n), 32));
      const [collateral] = pair;
      const other = await ethers.deployContract("MockERC20", ["", "", 18n]);
      for (const [of, list] of [
        [pair, [genuine, genuine]],
        [pair, [stranger.address]],
        [pair, [await fake.getAddress()]],
        [[collateral, other] as const, [genuine]],
        [[other, loan] as const, [genuine]],
      ] as const) {
        await expect(oracle.setPair(...of, { ...config, pools: [...list] }))
          .to.be.revertedWithCustomError(oracle, "InvalidPool")
          .withArgs(list.at(-1));
      }
    });

    it("RevertWhen a pair was never set, whatever is asked of it", async () => {
      const { oracle, loan, collateral, pools } = await loadFixture(empty);
      const wrong = [loan, collateral] as const;
      for (const act of [
        () => oracle.poke(...wrong),
        () => oracle.depth(...wrong),
        () => oracle.sellable(...wrong, 1n),
        () => oracle.recordOf(...wrong, pools[0]!.address, 1n),
      ]) {
        await expect(act())
          .to.be.revertedWithCustomError(oracle, "UnknownPair")
          .withArgs(...wrong);
      }
    });
  });

  for (const [order, fixture, bare, several] of BOTH_ORDERS) {
    describe(`poke, ${order}`, () => {
      it("measures each window that is over, and sums them up", async () => {
        const system = await loadFixture(fixture);
        const { oracle, pair, pools, collateralIsToken0 } = system;
        const last = await lastWindow();
        const { tick } = await pools[0]!.contract.slot0();
        // The pool's tick is rounded down: upward the price is a tick further.
        const mean = { liquidity: LIQUIDITY - 1n, tick: collateralIsToken0 ? tick : tick + 1n };
        const reserve = depthOf([{ windows: [{ ...mean, evenness: 255n }] }], collateralIsToken0);
        await expect(poke(system))
          .to.emit(oracle, "WindowMeasured")
          .withArgs(pools[0]!.address, last, mean.liquidity, mean.tick)
          .and.to.emit(oracle, "DepthMeasured")
          .withArgs(...pair, reserve, (last + 1n) * WINDOW, true);
        for (let i = 0n; i < WINDOWS; ++i) {
          // Within what the pool's own sums round.
          expect((await recordOf(system, last - i)).liquidity).to.be.within(LIQUIDITY - 1n, LIQUIDITY);
        }
        expect((await recordOf(system, last - WINDOWS)).liquidity).to.equal(0n);
        expect([...(await oracle.depth(...pair))]).to.deep.equal([reserve, (last + 1n) * WINDOW, true]);
      });

      it("finds the loan tokens that the pool holds over the whole range", async () => {
        const system = await loadFixture(fixture);
        await poke(system);
        const held = await system.loan.balanceOf(system.pools[0]!.address);
        const reserve = await reserveOf(system);
        // The window's tick lies within a tick of the price, and the range ends far away.
        expect(reserve).to.be.at.most(held);
        expect(reserve * 10_001n).to.be.greaterThan(held * 10_000n);
      });

      it("adds up the pools of several fee tiers", async () => {
        const system = await loadFixture(several);
        const { pools, collateralIsToken0 } = system;
        await poke(system);
        const last = await lastWindow();
        const windows = await Promise.all(pools.map((_, i) => recordOf(system, last, i)));
        const depths = windows.map((mean) => ({ windows: [{ ...mean, evenness: 255n }] }));
        expect(await reserveOf(system)).to.equal(depthOf(depths, collateralIsToken0));
        for (const { liquidity } of windows) expect(liquidity).to.be.within(LIQUIDITY - 1n, LIQUIDITY);
      });

      it("takes the mean price of each window, to where the collateral costs less", async () => {
        const system = await loadFixture(fixture);
        const { pools, collateralIsToken0 } = system;
        const [pool] = pools;
        const { tick: before } = await pool!.contract.slot0();
        await pass(100n);
        await trade(system, pool!, (PRICE * 97n) / 100n);
        const { tick: after } = await pool!.contract.slot0();
        await toNextWindow();
        await poke(system);
        const sum = before * 100n + after * (WINDOW - 100n);
        const floor = sum / WINDOW - (sum < 0n && sum % WINDOW !== 0n ? 1n : 0n);
        const { tick, liquidity } = await recordOf(system, await lastWindow());
        expect(sum % WINDOW).not.to.equal(0n);
        expect(tick).to.equal(collateralIsToken0 ? floor : floor + 2n);
        const cheapest = reserveAt(liquidity, tick, collateralIsToken0);
        expect(await reserveOf(system)).to.equal(cheapest);
      });

      it("sees in each step the least liquidity below the mean price, wherever the price stands", async () => {
        const system = await loadFixture(bare);
        const { provider, pools, collateralIsToken0 } = system;
        const [pool] = pools;
        const { tick } = await pool!.contract.slot0();
        const at = anchor(system, tick);
        const ranges = [
          everywhere(LIQUIDITY),
          below(system, at, -600n, 60n, LIQUIDITY),
          below(system, at, 120n, 240n, LIQUIDITY * 3n),
          below(system, at, 480n, 960n, LIQUIDITY / 3n),
        ];
        for (const range of ranges) await deposit(provider, pool!, range);
        await passWindows(1n);
        const looks = new Set<bigint>();
        for (const percent of [100n, 104n, 97n, 93n]) {
          await trade(system, pool!, (PRICE * percent) / 100n);
          await poke(system);
          const record = await recordOf(system, await lastWindow());
          const wanted = packShares(sharesOf(ranges, record, collateralIsToken0));
          expect(record.isSeen).to.equal(true);
          expect(record.shares).to.equal(wanted);
          looks.add(record.shares);
        }
        expect(looks.size).to.equal(1);
      });

      it("sells at least what it says, and over even liquidity hardly more", async () => {
        const system = await loadFixture(fixture);
        const { oracle, pair, pools, loan, governor } = system;
        await poke(system);
        const [pool] = pools;
        for (const impactBps of [1n, 8n, 50n, 150n, 500n, 974n]) {
          const amount = await oracle.sellable(...pair, impactBps);
          const held = await loan.balanceOf(governor);
          await trade(system, pool!, (PRICE * (BPS - impactBps)) / BPS);
          const paid = (await loan.balanceOf(governor)) - held;
          expect(amount).to.be.at.most(paid);
          // The mean tick is up to a bp under the price, whose fall is counted from there.
          expect(amount * 101n).to.be.greaterThan(paid * 100n - paid / impactBps);
          await trade(system, pool!, PRICE);
        }
      });

      it("has nothing for sale beyond the last step", async () => {
        const system = await loadFixture(fixture);
        const { oracle, pair, collateralIsToken0 } = system;
        await poke(system);
        const record = await recordOf(system, await lastWindow());
        const windows = [record];
        const shares = EVEN;
        expect(record.shares).to.equal(SHARES_OF_ALL);
        for (const impactBps of [0n, 1n, 100n, 973n, 974n, 975n, 5_000n, 10_000n]) {
          const wanted = sellableOf([{ windows, shares }], impactBps, collateralIsToken0);
          expect(await oracle.sellable(...pair, impactBps), String(impactBps)).to.equal(wanted);
        }
        expect(await oracle.sellable(...pair, 0n)).to.equal(0n);
        expect(await oracle.sellable(...pair, 975n)).to.equal(await oracle.sellable(...pair, 10_000n));
        await expect(oracle.sellable(...pair, 10_001n))
          .to.be.revertedWithCustomError(oracle, "InvalidImpact")
          .withArgs(10_001n);
      });

      it("stops at a cliff under the price", async () => {
        const system = await loadFixture(bare);
        const { oracle, pair, provider, pools } = system;
        const [pool] = pools;
        const { tick } = await pool!.contract.slot0();
        const at = anchor(system, tick);
        await deposit(provider, pool!, below(system, at, -1_200n, 180n, LIQUIDITY));
        await passWindows(WINDOWS + 1n);
        await poke(system);
        const near = await oracle.sellable(...pair, 100n);
        expect(near).to.be.greaterThan(0n);
        // The steps end 128 and 256 ticks down: what holds for half of the last counts for none of it.
        const end = await oracle.sellable(...pair, 128n);
        expect(await oracle.sellable(...pair, 10_000n)).to.equal(end);
        const { loan, governor } = system;
        const held = await loan.balanceOf(governor);
        await trade(system, pool!, PRICE / 2n);
        expect((await loan.balanceOf(governor)) - held).to.be.greaterThan(end);
      });
    });
  }

  describe("GivenLiquidityThatComesAndGoes", () => {
    /** Moves liquidity in and out, in and out, as often as told; what the window's mean must be. */
    async function through(system: DepthSystem, stretches: readonly Stretch[]): Promise<bigint> {
      const { provider, pools } = system;
      let held = LIQUIDITY;
      for (const { seconds, liquidity } of stretches) {
        const change = liquidity - held;
        if (change > 0n) await deposit(provider, pools[0]!, everywhere(change));
        if (change < 0n) await withdraw(provider, pools[0]!, everywhere(-change));
        held = liquidity;
        await pass(seconds);
      }
      return harmonicMean(stretches);
    }
    const rest = (seconds: bigint): Stretch => ({ seconds, liquidity: LIQUIDITY });

    it("a deposit for a block counts for a fiftieth in its window, and not at all in the depth", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const before = await reserveOf(system);
      const mean = await through(system, [
        rest(100n),
        { seconds: BLOCK, liquidity: LIQUIDITY * 1_000_000n },
        rest(WINDOW - 100n - BLOCK),
      ]);
      await poke(system);
      const { liquidity } = await recordOf(system, await lastWindow());
      expect(liquidity).to.equal(mean);
      expect(liquidity).to.be.within(LIQUIDITY, (LIQUIDITY * WINDOW) / (WINDOW - BLOCK) + 1n);
      expect(await reserveOf(system)).to.equal(before);
    });

    it("a deposit for a half of every window doubles it at most, and for half of all but one not at all", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const before = await reserveOf(system);
      for (let i = 1n; i <= WINDOWS; ++i) {
        const mean = await through(system, [
          { seconds: WINDOW / 2n, liquidity: LIQUIDITY * 1_000_000n },
          rest(WINDOW / 2n),
        ]);
        await poke(system);
        expect((await recordOf(system, await lastWindow())).liquidity).to.equal(mean);
        const raised = await reserveOf(system);
        if (i < WINDOWS) expect(raised).to.equal(before);
        else expect(raised).to.be.within((before * 19n) / 10n, before * 2n);
      }
    });

    it("a deposit that stays counts in full after all windows, and not before", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const before = await reserveOf(system);
      await deposit(system.provider, system.pools[0]!, everywhere(LIQUIDITY));
      for (let i = 1n; i <= WINDOWS; ++i) {
        await passWindows(1n);
        await poke(system);
        const expected = i < WINDOWS ? before : before * 2n;
        expect(await reserveOf(system)).to.be.within(expected, expected + 1n);
      }
    });

    it("a withdrawal shows in the window in which it happens, by more than its share of the time", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const before = await reserveOf(system);
      const mean = await through(system, [rest(WINDOW - 60n), { seconds: 60n, liquidity: LIQUIDITY / 100n }]);
      await poke(system);
      const { liquidity } = await recordOf(system, await lastWindow());
      expect(liquidity).to.equal(mean);
      // A tenth of the window at a hundredth: hardly more than a twelfth of it.
      const after = await reserveOf(system);
      expect(after).to.be.lessThan(before / 10n);
      await passWindows(1n);
      await poke(system);
      expect(await reserveOf(system)).to.be.within(before / 101n, before / 99n);
    });

    it("a withdrawal after the last poke shows at the next, a window later", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const { provider, pools } = system;
      await withdraw(provider, pools[0]!, everywhere(LIQUIDITY));
      await passWindows(1n);
      await poke(system);
      // An empty pool counts as one unit.
      expect(await reserveOf(system)).to.equal(0n);
    });

    it("liquidity that moves to another pool between two windows is not lost", async () => {
      const system = await loadFixture(three);
      const { provider, pools } = system;
      await poke(system);
      const before = await reserveOf(system);
      await withdraw(provider, pools[0]!, everywhere(LIQUIDITY, pools[0]!.fee));
      await deposit(provider, pools[1]!, everywhere(LIQUIDITY, pools[1]!.fee));
      await passWindows(1n);
      await poke(system);
      expect(await reserveOf(system)).to.be.within((before * 9_999n) / 10_000n, before);
    });
  });

  describe("GivenPokesThatComeLate", () => {
    /** Five windows in which liquidity and price change, with a poke after those named. */
    async function run(after: readonly number[]) {
      const system = await loadFixture(one);
      const { provider, pools } = system;
      for (let i = 0; i < 5; ++i) {
        await pass(BigInt(50 * i + 1));
        await deposit(provider, pools[0]!, everywhere(LIQUIDITY / BigInt(i + 1)));
        await trade(system, pools[0]!, (PRICE * BigInt(1_000 - 3 * i)) / 1_000n);
        await toNextWindow();
        if (i === 2) await withdraw(provider, pools[0]!, everywhere(LIQUIDITY));
        if (after.includes(i)) await poke(system);
      }
      const last = await lastWindow();
      const windows = [];
      for (let i = 0n; i < WINDOWS; ++i) {
        const { liquidity, tick } = await recordOf(system, last - i);
        windows.push({ liquidity, tick });
      }
      return { windows, depth: [...(await system.oracle.depth(...system.pair))] };
    }

    it("the same windows are measured, and the depth is the same, whoever poked when", async () => {
      const each = await run([0, 1, 2, 3, 4]);
      expect(new Set(each.windows.map(({ liquidity }) => liquidity)).size).to.equal(Number(WINDOWS));
      for (const after of [[4], [2, 4], [0, 4], [0, 3, 4]]) expect(await run(after)).to.deep.equal(each);
    });

    it("without pokes the depth is as it was, complete for two windows, and then not", async () => {
      const system = await loadFixture(one);
      const { oracle, pair } = system;
      expect([...(await oracle.depth(...pair))]).to.deep.equal([0n, 0n, false]);
      await poke(system);
      const { reserve, updatedAt } = await oracle.depth(...pair);
      expect(updatedAt).to.equal(await now());
      for (const [age, isComplete] of [
        [2n * WINDOW, true],
        [2n * WINDOW + 1n, false],
      ] as const) {
        await pass(updatedAt + age - (await now()));
        expect([...(await oracle.depth(...pair))]).to.deep.equal([reserve, updatedAt, isComplete]);
      }
      await poke(system);
      expect((await oracle.depth(...pair)).isComplete).to.equal(true);
    });

    it("a window that lies further back than the last ones is not measured any more", async () => {
      const system = await loadFixture(one);
      await poke(system);
      const old = await lastWindow();
      await passWindows(WINDOWS + 3n);
      await poke(system);
      expect((await recordOf(system, old)).liquidity).to.equal(0n);
      expect((await recordOf(system, (await lastWindow()) - WINDOWS + 1n)).liquidity).to.equal(LIQUIDITY);
      expect((await system.oracle.depth(...system.pair)).isComplete).to.equal(true);
    });

    const forgetful = () => filled({ cardinality: 1n });
    it("a pool that does not look back counts as empty, and the depth as incomplete, until it has for all windows", async () => {
      const system = await loadFixture(forgetful);
      const { oracle, pair, pools } = system;
      await pass(10n);
      // One observation: a trade forgets all before it.
      await trade(system, pools[0]!, (PRICE * 99n) / 100n);
      await poke(system);
      expect([...(await oracle.depth(...pair))].slice(0, 1)).to.deep.equal([0n]);
      expect((await oracle.depth(...pair)).isComplete).to.equal(false);
      expect(await oracle.sellable(...pair, 100n)).to.equal(0n);
      await toNextWindow();
      for (let i = 1n; i <= WINDOWS; ++i) {
        await passWindows(1n);
        await poke(system);
        expect((await oracle.depth(...pair)).isComplete).to.equal(i === WINDOWS);
      }
      expect((await oracle.depth(...pair)).reserve).to.be.greaterThan(0n);
    });

    const two = () => filled({ fees: [500n, 3_000n] });
    it("one pool that does not look back does not stop the others", async () => {
      const system = await loadFixture(two);
      const { oracle, pair, config } = system;
      await poke(system);
      const { reserve } = await oracle.depth(...pair);
      // A third fee tier, whose pool is made only now.
      const [base, quote] = [await system.collateral.getAddress(), await system.loan.getAddress()];
      const fresh = await createPool(connection, system.uniswap, { base, quote, fee: 10_000n, price: PRICE });
      await deposit(system.provider, fresh, everywhere(LIQUIDITY, 10_000n));
      await oracle.setPair(...pair, { ...config, pools: [fresh.address, ...config.pools] });
      await poke(system);
      const depth = await oracle.depth(...pair);
      expect(depth.isComplete).to.equal(false);
      expect(depth.reserve).to.equal(reserve);
    });
  });

  describe("GivenALookBelowThePrice", () => {
    it("keeps the lowest of all looks of a window", async () => {
      const system = await loadFixture(one);
      const { provider, pools, oracle, pair } = system;
      const { tick } = await pools[0]!.contract.slot0();
      const under = below(system, anchor(system, tick), 120n, 600n, LIQUIDITY);
      await withdraw(provider, pools[0]!, everywhere(LIQUIDITY));
      const around = below(system, anchor(system, tick), -600n, 120n, LIQUIDITY);
      await deposit(provider, pools[0]!, around);
      await deposit(provider, pools[0]!, under);
      await passWindows(WINDOWS + 1n);
      await poke(system);
      const high = await oracle.sellable(...pair, 500n);
      await withdraw(provider, pools[0]!, under);
      expect(await oracle.sellable(...pair, 500n)).to.equal(high);
      await poke(system);
      const low = await oracle.sellable(...pair, 500n);
      expect(low).to.be.lessThan(high / 2n);
      await deposit(provider, pools[0]!, under);
      await poke(system);
      expect(await oracle.sellable(...pair, 500n)).to.equal(low);
      // It counts again once all windows have seen it.
      for (let i = 1n; i <= WINDOWS; ++i) {
        await passWindows(1n);
        await poke(system);
        const amount = await oracle.sellable(...pair, 500n);
        expect(amount).to.equal(i < WINDOWS ? low : high);
      }
      // A later look that finds less counts at once.
      await withdraw(provider, pools[0]!, under);
      await passWindows(1n);
      await poke(system);
      expect(await oracle.sellable(...pair, 500n)).to.equal(low);
    });

    it("counts nothing in a step that more ticks lie before than are crossed", async () => {
      const system = await loadFixture(one);
      const { provider, pools, oracle, pair, config } = system;
      const { tick } = await pools[0]!.contract.slot0();
      const at = anchor(system, tick);
      await poke(system);
      const whole = await oracle.sellable(...pair, 900n);
      for (const from of [120n, 240n, 360n, 480n, 600n])
        await deposit(provider, pools[0]!, below(system, at, from, from + 60n, 1n));
      await poke(system);
      expect(await oracle.sellable(...pair, 900n)).to.equal(whole);
      // Ten initialised ticks lie below; four may be crossed.
      await oracle.setPair(...pair, { ...config, maxTicks: 5n });
      await poke(system);
      const record = await recordOf(system, await lastWindow());
      expect(record.shares).to.equal(2n ** 48n - 1n);
      expect(await oracle.sellable(...pair, 900n)).to.be.lessThan(whole);
    });

    it("has enough ticks to cross wherever the price stands, if it has from the mean price on", async () => {
      const system = await loadFixture(one);
      const { provider, pools, oracle, pair, config } = system;
      const { tick } = await pools[0]!.contract.slot0();
      for (const from of [120n, 240n, 360n, 480n])
        await deposit(provider, pools[0]!, below(system, anchor(system, tick), from, from + 60n, 1n));
      // Eight ticks lie below the mean price, and as many are crossed on the way back to it.
      await oracle.setPair(...pair, { ...config, maxTicks: 9n });
      await trade(system, pools[0]!, (PRICE * 93n) / 100n);
      await poke(system);
      expect((await recordOf(system, await lastWindow())).shares).to.equal(SHARES_OF_ALL);
    });

    const fine = () => filled({ fees: [100n] });
    const fineMirrored = () => filled({ fees: [100n], collateralIsToken0: false });
    for (const [order, fixture] of [
      ["collateral first", fine],
      ["loan asset first", fineMirrored],
    ] as const) {
      it(`knows the end of a step to the tick, ${order}`, async () => {
        const seen = new Set<bigint>();
        for (const offset of [-2n, -1n, 0n, 1n, 2n]) {
          const system = await loadFixture(fixture);
          const { provider, pools, collateralIsToken0 } = system;
          await poke(system);
          const { tick } = await recordOf(system, await lastWindow());
          // Ends around where the fourth step does, sixty-four ticks below the price.
          const ranges = [everywhere(LIQUIDITY), below(system, tick, -900n, 64n + offset, LIQUIDITY)];
          await deposit(provider, pools[0]!, ranges[1]!);
          await passWindows(1n);
          await poke(system);
          const record = await recordOf(system, await lastWindow());
          expect(record.tick).to.equal(tick);
          expect(record.shares).to.equal(packShares(sharesOf(ranges, record, collateralIsToken0)));
          seen.add(record.shares);
        }
        expect(seen.size).to.equal(2);
      });

      it(`finds ticks at both ends of the pool's bitmap words, ${order}`, async () => {
        for (const offset of [-1n, 0n]) {
          const system = await loadFixture(fixture);
          const { provider, pools, collateralIsToken0 } = system;
          await poke(system);
          const { tick } = await recordOf(system, await lastWindow());
          // A word has 256 ticks.
          const word = tick / 256n + (collateralIsToken0 ? -1n : 1n);
          const end = word * 256n + offset;
          const cliff = collateralIsToken0
            ? { lower: end, upper: tick + 900n, liquidity: LIQUIDITY }
            : { lower: tick - 900n, upper: end, liquidity: LIQUIDITY };
          await deposit(provider, pools[0]!, cliff);
          await passWindows(1n);
          await poke(system);
          const record = await recordOf(system, await lastWindow());
          const ranges = [everywhere(LIQUIDITY), cliff];
          expect(record.shares).to.equal(packShares(sharesOf(ranges, record, collateralIsToken0)));
          expect(record.shares).not.to.equal(SHARES_OF_ALL);
        }
      });
    }

    it("sees nothing while the price stands further away than the last step, and nothing can be sold", async () => {
      const system = await loadFixture(one);
      const { pools, oracle, pair } = system;
      for (const percent of [89n, 112n]) {
        await trade(system, pools[0]!, (PRICE * percent) / 100n);
        await poke(system);
        expect((await recordOf(system, await lastWindow())).isSeen).to.equal(false);
        expect(await oracle.sellable(...pair, 900n)).to.equal(0n);
        expect(await reserveOf(system)).to.equal(0n);
      }
      for (const percent of [91n, 110n]) {
        await trade(system, pools[0]!, (PRICE * percent) / 100n);
        await poke(system);
        expect((await recordOf(system, await lastWindow())).isSeen).to.equal(true);
        expect(await reserveOf(system)).to.be.greaterThan(0n);
      }
    });

    it("a look that sees nothing changes nothing", async () => {
      const system = await loadFixture(one);
      const { pools, oracle, pair } = system;
      await poke(system);
      const before = await oracle.sellable(...pair, 900n);
      const reserve = await reserveOf(system);
      await trade(system, pools[0]!, PRICE / 2n);
      await poke(system);
      expect(await oracle.sellable(...pair, 900n)).to.equal(before);
      expect(await reserveOf(system)).to.equal(reserve);
    });
  });

  it("RevertWhen the caller brings less gas than a pool's memory may need", async () => {
    const system = await loadFixture(one);
    const errors = await ethers.getContractAt("GasGuard", system.oracle);
    await expect(system.oracle.poke(...system.pair, { gasLimit: 320_000n })).to.be.revertedWithCustomError(
      errors,
      "InsufficientGas",
    );
    expect(PLENTY).to.be.greaterThan(sqrtPriceX96(PRICE, true));
  });

  it("costs under 650k gas for the first poke of three pools and four windows, 270k for each further window", async () => {
    const system = await loadFixture(three);
    const { oracle, pair, governor } = system;
    const used = async (sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
      (await (await sent).wait())?.gasUsed ?? 0n;
    const first = await used(poke(system));
    const again = await used(poke(system));
    await passWindows(1n);
    const next = await used(poke(system));
    const read = await used(governor.sendTransaction(await oracle.depth.populateTransaction(...pair)));
    const sale = await used(
      governor.sendTransaction(await oracle.sellable.populateTransaction(...pair, 150n)),
    );
    if (process.env.SHOW) console.log({ first, again, next, read, sale });
    expect(first).to.be.lessThan(650_000n);
    expect(next).to.be.lessThan(270_000n);
    expect(again).to.be.lessThan(next);
    expect(read).to.be.lessThan(40_000n);
    expect(sale).to.be.lessThan(150_000n);
  });
});
