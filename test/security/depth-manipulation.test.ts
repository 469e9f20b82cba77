import { expect } from "chai";

import { reserveAt } from "../../sdk/depthMath.ts";
import { min } from "../../sdk/math.ts";
import { Random } from "../../scripts/world/random.ts";
import { ethers, loadFixture, pass } from "../helpers/chain.ts";
import {
  deployDepth,
  deposit,
  type DepthSystem,
  everywhere,
  lastWindow,
  LIQUIDITY,
  passWindows,
  PRICE,
  toNextWindow,
  trade,
  WINDOW,
  WINDOWS,
  withdraw,
} from "../helpers/depth.ts";

const BLOCK = 12n;
const HUGE = LIQUIDITY * 10n ** 6n;
/** The whole range. */
const REACH = 887_220n;

const depthOf = async ({ oracle, pair }: DepthSystem) => [...(await oracle.depth(...pair))];
/** Virtual reserve of the first pool in the worst of the last windows. */
async function leastReserve({ oracle, pair, pools, collateralIsToken0 }: DepthSystem): Promise<bigint> {
  const last = await lastWindow();
  const reserves: bigint[] = [];
  for (let i = 0n; i < WINDOWS; ++i) {
    const { liquidity, tick } = await oracle.recordOf(...pair, pools[0]!.address, last - i);
    reserves.push(reserveAt(liquidity, tick, collateralIsToken0));
  }
  return reserves.reduce(min);
}
const sellableOf = ({ oracle, pair }: DepthSystem, impactBps = 500n) => oracle.sellable(...pair, impactBps);

for (const [order, collateralIsToken0] of [
  ["collateral first", true],
  ["loan asset first", false],
] as const) {
  describe(`Security: depth is what was there for whole windows, ${order}`, () => {
    async function filled() {
      const system = await deployDepth({ collateralIsToken0 });
      await deposit(system.provider, system.pools[0]!, everywhere(LIQUIDITY));
      await passWindows(WINDOWS + 1n);
      await system.oracle.poke(...system.pair);
      return system;
    }
    const load = () => loadFixture(filled);

    /** The poke's call data: tokens by their addresses. */
    async function encodePoke({ oracle, collateral, loan }: DepthSystem): Promise<string> {
      const pair = [await collateral.getAddress(), await loan.getAddress()] as const;
      return oracle.interface.encodeFunctionData("poke", [...pair]);
    }

    /** Deposits a million times the pool's liquidity between two ticks, pokes, and withdraws, in one transaction. */
    async function flashPoke(system: DepthSystem, lower: bigint, upper: bigint): Promise<void> {
      const { provider, pools, oracle } = system;
      const call = await encodePoke(system);
      const act = provider.flash(pools[0]!.address, lower, upper, HUGE, oracle, call);
      await expect(act).to.emit(provider, "Attempted").withArgs(true, "0x");
    }

    it("a flash deposit around a poke measures nothing but what was there", async () => {
      const honest = await load();
      await passWindows(1n);
      await honest.oracle.poke(...honest.pair);
      const wanted = [...(await depthOf(honest)), await sellableOf(honest)];
      const system = await load();
      await passWindows(1n);
      await flashPoke(system, -REACH, REACH);
      expect([...(await depthOf(system)), await sellableOf(system)]).to.deep.equal(wanted);
    });

    it("nor at the very second in which a window ends, nor one before or after", async () => {
      for (const offset of [WINDOW - 1n, WINDOW, WINDOW + 1n]) {
        const system = await load();
        const before = await depthOf(system);
        await pass(offset);
        await flashPoke(system, -REACH, REACH);
        const [reserve] = await depthOf(system);
        expect(reserve).to.equal(before[0]);
      }
    });

    it("a deposit over the block in which one window ends and the next begins raises neither by more than its share", async () => {
      const system = await load();
      const { provider, pools, oracle, pair } = system;
      const [before] = await depthOf(system);
      await pass(WINDOW - BLOCK / 2n);
      await deposit(provider, pools[0]!, everywhere(HUGE));
      await pass(BLOCK);
      await withdraw(provider, pools[0]!, everywhere(HUGE));
      await toNextWindow();
      await oracle.poke(...pair);
      const last = await lastWindow();
      for (const window of [last, last - 1n]) {
        const { liquidity } = await oracle.recordOf(...pair, pools[0]!.address, window);
        expect(liquidity).to.be.within(LIQUIDITY - 1n, (LIQUIDITY * WINDOW) / (WINDOW - BLOCK / 2n) + 1n);
      }
      expect((await depthOf(system))[0]).to.equal(before);
    });

    it("one who chooses when to poke gets what one gets who pokes in every window", async () => {
      for (const seed of [1, 2, 3]) {
        const system = await load();
        const { provider, pools, uniswap, governor, config, pair } = system;
        const authority = await ethers.deployContract("AccessManager", [governor]);
        const twin = await ethers.deployContract("DepthOracle", [uniswap.factory, authority]);
        await twin.setPair(...pair, config);
        await twin.poke(...pair);
        const random = new Random(seed);
        for (let i = 0; i < 12; ++i) {
          const extra = everywhere(BigInt(Math.floor(random.uniform() * 1e17)) + 1n);
          await pass(BigInt(Math.floor(random.uniform() * Number(WINDOW))));
          await deposit(provider, pools[0]!, extra);
          await trade(system, pools[0]!, (PRICE * BigInt(980 + Math.floor(random.uniform() * 40))) / 1_000n);
          await pass(BigInt(Math.floor(random.uniform() * Number(WINDOW))));
          if (random.chance(0.7)) await withdraw(provider, pools[0]!, extra);
          // The pools are looked at by the twin once a window at least, by the other now and then.
          await twin.poke(...pair);
          if (random.chance(0.6)) continue;
          await system.oracle.poke(...pair);
          expect([...(await twin.depth(...pair))]).to.deep.equal(await depthOf(system));
        }
      }
    });

    const fine = async () => {
      const system = await deployDepth({ collateralIsToken0, fees: [100n] });
      await deposit(system.provider, system.pools[0]!, everywhere(LIQUIDITY));
      await passWindows(WINDOWS + 1n);
      await system.oracle.poke(...system.pair);
      return system;
    };
    for (const [name, fixture, from, to] of [
      ["in two spacings", filled, -60n, 60n],
      ["in thirty ticks", fine, -15n, 15n],
      ["narrower than the nearest step", fine, -3n, 4n],
    ] as const) {
      it(`liquidity ${name} counts for what it pays until the price has fallen by 2%, however long it stands`, async () => {
        const system = await loadFixture(fixture);
        const { provider, pools, oracle, pair, loan, governor } = system;
        const [before] = await depthOf(system);
        const { tick } = await pools[0]!.contract.slot0();
        const at = fixture === fine ? tick : (tick / 60n) * 60n;
        await deposit(provider, pools[0]!, { lower: at + from, upper: at + to, liquidity: LIQUIDITY * 200n });
        for (let i = 0n; i < WINDOWS + 1n; ++i) {
          await passWindows(1n);
          await oracle.poke(...pair);
        }
        const virtual = await leastReserve(system);
        expect(virtual).to.be.greaterThan((before as bigint) * 199n);
        const [reserve] = await depthOf(system);
        const held = await loan.balanceOf(governor);
        await trade(system, pools[0]!, (PRICE * 98n) / 100n);
        const paid = (await loan.balanceOf(governor)) - held;
        // 1 - sqrt(0.98) of an even pool's reserve is paid until then.
        const even = (paid * 10n ** 18n) / 10_050_506_338_833_465n;
        expect(even).to.be.lessThan(virtual / 2n);
        expect(reserve).to.be.at.most(even);
      });
    }

    it("nor does it count when it was there for the poke alone", async () => {
      const system = await load();
      const { provider, pools, oracle, pair } = system;
      const { tick } = await pools[0]!.contract.slot0();
      const at = (tick / 60n) * 60n;
      const narrow = { lower: at - 60n, upper: at + 60n, liquidity: LIQUIDITY * 200n };
      await deposit(provider, pools[0]!, narrow);
      await passWindows(WINDOWS + 1n);
      await oracle.poke(...pair);
      const [honest] = await depthOf(system);
      for (let i = 0n; i < WINDOWS - 1n; ++i) {
        await passWindows(1n);
        // Fills what lies beside it for one transaction.
        await flashPoke(system, -REACH, REACH);
        expect((await depthOf(system))[0]).to.be.at.most(honest);
        // Takes it away for one poke, so that what is left is even.
        await withdraw(provider, pools[0]!, narrow);
        await oracle.poke(...pair);
        await deposit(provider, pools[0]!, narrow);
        expect((await depthOf(system))[0]).to.be.at.most(honest);
      }
    });

    it("narrow liquidity that is there for the poke alone lowers nothing either", async () => {
      const system = await load();
      const before = await depthOf(system);
      const { tick } = await system.pools[0]!.contract.slot0();
      const at = (tick / 60n) * 60n;
      await passWindows(1n);
      await flashPoke(system, at - 60n, at + 60n);
      expect((await depthOf(system))[0]).to.equal(before[0]);
    });

    it("nor does a part of all of it that leaves for a poke", async () => {
      const system = await load();
      const { provider, pools, oracle, pair } = system;
      const before = await depthOf(system);
      const part = everywhere((LIQUIDITY * 2n) / 3n);
      await withdraw(provider, pools[0]!, part);
      await oracle.poke(...pair);
      await deposit(provider, pools[0]!, part);
      expect(await depthOf(system)).to.deep.equal(before);
    });

    it("no poke at all leaves it as it was and says so by its age", async () => {
      const system = await load();
      const { provider, pools, oracle, pair } = system;
      const [reserve, updatedAt] = await depthOf(system);
      await withdraw(provider, pools[0]!, everywhere(LIQUIDITY));
      await pass(2n * WINDOW + 1n);
      expect(await depthOf(system)).to.deep.equal([reserve, updatedAt, false]);
      await oracle.poke(...pair);
      expect((await depthOf(system))[0]).to.equal(0n);
      expect(await sellableOf(system)).to.equal(0n);
    });

    it("a price moved around a poke, in one transaction, changes nothing", async () => {
      const honest = await load();
      await passWindows(1n);
      await honest.oracle.poke(...honest.pair);
      const wanted = [...(await depthOf(honest)), await sellableOf(honest)];
      // Within the reach of a look and far beyond it, up and down: root of the price in hundredths.
      for (const percent of [98n, 103n, 20n, 500n]) {
        const system = await load();
        const { manipulator, pools, oracle } = system;
        await passWindows(1n);
        const { sqrtPriceX96 } = await pools[0]!.contract.slot0();
        const call = await encodePoke(system);
        const moved = (sqrtPriceX96 * percent) / 100n;
        await expect(manipulator.attack(pools[0]!.address, moved, oracle, call))
          .to.emit(manipulator, "Attempted")
          .withArgs(true, "0x");
        expect([...(await depthOf(system)), await sellableOf(system)]).to.deep.equal(wanted);
      }
    });

    describe("GivenAPoolThatEndsUnderThePrice", () => {
      /** Liquidity from ten percent above to some 1.3% below the price. */
      async function cliff() {
        const system = await deployDepth({ collateralIsToken0 });
        const { tick } = await system.pools[0]!.contract.slot0();
        const at = (tick / 60n) * 60n;
        const [lower, upper] = collateralIsToken0 ? [at - 120n, at + 960n] : [at - 960n, at + 180n];
        await deposit(system.provider, system.pools[0]!, { lower, upper, liquidity: LIQUIDITY });
        await passWindows(WINDOWS + 1n);
        return { ...system, under: collateralIsToken0 ? [lower - 960n, lower] : [upper, upper + 960n] };
      }

      it("a flash deposit below it shows what is not there to no more than one honest poke", async () => {
        const honest = await loadFixture(cliff);
        await honest.oracle.poke(...honest.pair);
        const real = await sellableOf(honest);
        const whole = await leastReserve(honest);

        const system = await loadFixture(cliff);
        const [lower, upper] = system.under as [bigint, bigint];
        await flashPoke(system, lower, upper);
        const pretended = await sellableOf(system);
        expect(pretended).to.be.greaterThan(real * 2n);
        // Even then no more than the window's mean all the way: 5% down are 2.53% of the reserve.
        expect(pretended).to.be.at.most((whole * 254n) / 10_000n);
        await system.oracle.poke(...system.pair);
        expect(await sellableOf(system)).to.equal(real);
        // And for all windows in which that one poke lies.
        for (let i = 1n; i < WINDOWS; ++i) {
          await passWindows(1n);
          await flashPoke(system, lower, upper);
          expect(await sellableOf(system)).to.equal(real);
        }
      });

      it("the virtual reserve does not see it at all", async () => {
        const system = await loadFixture(cliff);
        const [lower, upper] = system.under as [bigint, bigint];
        await system.oracle.poke(...system.pair);
        const before = await depthOf(system);
        await flashPoke(system, lower, upper);
        expect(await depthOf(system)).to.deep.equal(before);
      });
    });

    it("a price pushed out of all liquidity for a block lowers the depth for as many windows as count, and never raises it", async () => {
      const system = await deployDepth({ collateralIsToken0 });
      const { provider, pools, oracle, pair } = system;
      const { tick } = await pools[0]!.contract.slot0();
      const at = (tick / 60n) * 60n;
      await deposit(provider, pools[0]!, { lower: at - 600n, upper: at + 600n, liquidity: LIQUIDITY });
      await passWindows(WINDOWS + 1n);
      await oracle.poke(...pair);
      const [before] = await depthOf(system);
      await pass(100n);
      await trade(system, pools[0]!, PRICE / 2n);
      await pass(BLOCK);
      await trade(system, pools[0]!, PRICE);
      await toNextWindow();
      for (let i = 0n; i < WINDOWS; ++i) {
        await oracle.poke(...pair);
        expect((await depthOf(system))[0]).to.be.lessThan((before as bigint) / 1_000n);
        await passWindows(1n);
      }
      await oracle.poke(...pair);
      expect((await depthOf(system))[0]).to.be.within((before as bigint) - 1n, before as bigint);
    });
  });
}
