import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

import { OracleState } from "../../../sdk/oracleAdapter.ts";
import { PRICE_SCALE } from "../../../sdk/math.ts";
import type { MockERC20 } from "../../../typechain-types/index.ts";
import {
  addLiquidity,
  createPool,
  deployUniswap,
  movePrice,
  type Pool,
} from "../../../scripts/kit/uniswap.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const WINDOW = 1_800n;
const FEE = 3_000n;
const SPENDABLE = 10n ** 45n;

/** 1.0001^exponent x 1e36 to far more digits than a price has: square and multiply with 512 binary places. */
function priceAtTick(tick: bigint): bigint {
  const places = 512n;
  const one = 1n << places;
  let base = tick < 0n ? (one * 10_000n) / 10_001n : (one * 10_001n) / 10_000n;
  let power = one;
  for (let n = tick < 0n ? -tick : tick; n > 0n; n >>= 1n) {
    if (n & 1n) power = (power * base) >> places;
    base = (base * base) >> places;
  }
  return (power * PRICE_SCALE) >> places;
}

function floorDiv(a: bigint, b: bigint): bigint {
  return a < 0n && a % b !== 0n ? a / b - 1n : a / b;
}

/** Where the pool stood from when on. */
interface Stand {
  readonly from: bigint;
  readonly tick: bigint;
}

/** Sum of the tick over every second of the window. */
function tickSeconds(stands: readonly Stand[], now: bigint, window: bigint): bigint {
  return stands.reduce((sum, { from, tick }, i) => {
    const start = from > now - window ? from : now - window;
    const end = stands[i + 1]?.from ?? now;
    return end > start ? sum + tick * (end - start) : sum;
  }, 0n);
}

describe("UniswapV3TwapFeed", () => {
  /** Two tokens of which the collateral's address is the lower, or the higher. */
  async function deployPair(decimals: { loan: bigint; collateral: bigint }, collateralIsToken0: boolean) {
    const collateral = await ethers.deployContract("MockERC20", ["", "", decimals.collateral]);
    for (;;) {
      const loan = await ethers.deployContract("MockERC20", ["", "", decimals.loan]);
      if (BigInt(await collateral.getAddress()) < BigInt(await loan.getAddress()) === collateralIsToken0)
        return { loan, collateral };
    }
  }

  async function deploy(options: {
    readonly decimals?: { loan: bigint; collateral: bigint };
    readonly collateralIsToken0?: boolean;
    readonly price?: bigint;
    readonly cardinality?: bigint;
    readonly window?: bigint;
    readonly minLiquidity?: bigint;
  }) {
    const {
      decimals = { loan: 6n, collateral: 18n },
      collateralIsToken0 = true,
      cardinality = 200n,
    } = options;
    const [trader] = await ethers.getSigners();
    if (!trader) throw new Error("too few accounts");
    const uniswap = await deployUniswap(connection);
    const { loan, collateral } = await deployPair(decimals, collateralIsToken0);
    const price = options.price ?? 2_000n * 10n ** (36n + decimals.loan - decimals.collateral);
    const pool = await createPool(connection, uniswap, {
      base: await collateral.getAddress(),
      quote: await loan.getAddress(),
      fee: FEE,
      price,
      ...(cardinality === 1n ? {} : { cardinality }),
    });
    const stands: Stand[] = [await standOf(pool)];
    const window = options.window ?? WINDOW;
    const { minLiquidity = 1n } = options;
    const feed = await ethers.deployContract("UniswapV3TwapFeed", [
      pool.address,
      collateral,
      loan,
      window,
      minLiquidity,
    ]);
    return { uniswap, loan, collateral, pool, feed, trader, stands, price, decimals };
  }
  type System = Awaited<ReturnType<typeof deploy>>;

  async function standOf(pool: Pool): Promise<Stand> {
    const { tick } = await pool.contract.slot0();
    return { from: BigInt(await time.latest()), tick };
  }

  async function fund(token: MockERC20, owner: HardhatEthersSigner): Promise<void> {
    await token.mint(owner, SPENDABLE);
  }

  /** A thousand collateral tokens on one side and their worth on the other, over the whole range. */
  async function fill({ uniswap, loan, collateral, pool, trader, price, decimals }: System): Promise<void> {
    for (const token of [loan, collateral]) await fund(token, trader);
    const baseAmount = 1_000n * 10n ** decimals.collateral;
    const quoteAmount = (baseAmount * price) / PRICE_SCALE;
    await addLiquidity(connection, uniswap, pool, { owner: trader, baseAmount, quoteAmount });
  }

  async function trade(system: System, price: bigint): Promise<void> {
    const { uniswap, pool, trader } = system;
    await movePrice(connection, uniswap, pool, { trader, price, spendable: SPENDABLE / 1_000n });
    system.stands.push(await standOf(pool));
  }

  /** What the window's mean should be, from the ticks that the test saw. */
  function expected(system: System, now: bigint, window = WINDOW): bigint {
    const sum = tickSeconds(system.stands, now, window);
    return priceAtTick(floorDiv(system.pool.baseIsToken0 ? sum : -sum, window));
  }

  /** Equal to fifteen digits. */
  function expectClose(actual: bigint, wanted: bigint): void {
    const gap = actual > wanted ? actual - wanted : wanted - actual;
    expect(gap * 10n ** 15n, `${actual} against ${wanted}`).to.be.at.most(wanted);
  }

  async function filled() {
    const system = await deploy({});
    await fill(system);
    await time.increase(WINDOW);
    return system;
  }

  it("shows pool, pair and window", async () => {
    const { feed, pool, collateral, loan } = await networkHelpers.loadFixture(filled);
    expect(await feed.pool()).to.equal(pool.address);
    expect(await feed.collateralAsset()).to.equal(await collateral.getAddress());
    expect(await feed.loanAsset()).to.equal(await loan.getAddress());
    expect(await feed.window()).to.equal(WINDOW);
  });

  it("vouches for now and no longer, and does not know of interruptions: they lasted until now", async () => {
    const { feed } = await networkHelpers.loadFixture(filled);
    expect((await feed.read()).validUntil).to.equal(await time.latest());
    for (const since of [0n, 2n ** 256n - 1n])
      expect(await feed.interruptedUntil(since)).to.equal(await time.latest());
  });

  for (const collateralIsToken0 of [true, false]) {
    for (const decimals of [
      { loan: 6n, collateral: 18n },
      { loan: 18n, collateral: 18n },
      { loan: 18n, collateral: 6n },
      { loan: 6n, collateral: 8n },
    ]) {
      const order = collateralIsToken0 ? "collateral first" : "loan asset first";
      it(`is the mean of the ticks over the window: ${order}, loan ${decimals.loan}, collateral ${decimals.collateral}`, async () => {
        const system = await deploy({ decimals, collateralIsToken0 });
        await fill(system);
        await time.increase(WINDOW);
        // Nothing moved: the pool's own price, but for the tick that the pool rounds down to.
        const still = (await system.feed.read()).price;
        expectClose(still, expected(system, BigInt(await time.latest())));
        expect(still).to.be.within((system.price * 9_998n) / 10_000n, (system.price * 10_002n) / 10_000n);

        for (const [percent, seconds] of [
          [103n, 97n],
          [91n, 411n],
          [64n, 7n],
          [77n, 600n],
          [130n, 1n],
          [88n, 313n],
        ] as const) {
          await trade(system, (system.price * percent) / 100n);
          await time.increase(seconds);
          expectClose((await system.feed.read()).price, expected(system, BigInt(await time.latest())));
        }
        await time.increase(WINDOW);
        expectClose((await system.feed.read()).price, expected(system, BigInt(await time.latest())));
      });
    }

    it(`never rounds up: ${collateralIsToken0 ? "collateral first" : "loan asset first"}`, async () => {
      const system = await deploy({ collateralIsToken0 });
      await fill(system);
      await time.increase(WINDOW);
      for (const percent of [120n, 60n]) {
        await trade(system, (system.price * percent) / 100n);
        for (let i = 0; i < 5; ++i) {
          await time.increase(61n);
          const now = BigInt(await time.latest());
          const sum = tickSeconds(system.stands, now, WINDOW);
          const ticks = system.pool.baseIsToken0 ? sum : -sum;
          expect(ticks % WINDOW, "a mean between two ticks").not.to.equal(0n);
          const price = (await system.feed.read()).price;
          expectClose(price, priceAtTick(floorDiv(ticks, WINDOW)));
          // Truncating towards zero would round negative means up.
          expect(price).to.be.lessThan(priceAtTick(floorDiv(ticks, WINDOW) + 1n));
        }
      }
    });
  }

  it("does not move at all in the block of a manipulation, and by its share of the window after", async () => {
    const system = await networkHelpers.loadFixture(filled);
    const { price, feed, pool, stands } = system;
    const before = (await feed.read()).price;
    const tickBefore = (await pool.contract.slot0()).tick;
    await trade(system, price * 50n);
    const moved = (await pool.contract.slot0()).tick - tickBefore;
    expect(moved).to.be.greaterThan(39_000n);
    expect((await feed.read()).price).to.equal(before);

    // The attacker holds it for one block of twelve seconds: 12 / 1,800 of the log of 50, 2.6%.
    await time.increase(12n);
    const after = (await feed.read()).price;
    expectClose(after, priceAtTick(tickBefore + (moved * 12n) / WINDOW));
    expect(after).to.be.lessThan((before * 1_027n) / 1_000n);
    expect(stands.length).to.equal(2);
  });

  describe("extremes", () => {
    for (const collateralIsToken0 of [true, false]) {
      for (const [what, raw] of [
        ["the highest", 2n ** 127n * PRICE_SCALE],
        ["the lowest", 1n],
        ["a very low", 10n ** 12n],
      ] as const) {
        it(`${what} price, ${collateralIsToken0 ? "collateral" : "loan asset"} first`, async () => {
          const system = await deploy({ collateralIsToken0, price: raw });
          await time.increase(WINDOW);
          const { tick } = system.stands[0] ?? { tick: 0n };
          const wanted = priceAtTick(collateralIsToken0 ? tick : -tick);
          const { price } = await system.feed.read();
          // Few digits are left at the lowest.
          const gap = price > wanted ? price - wanted : wanted - price;
          expect(gap * 1_000n).to.be.at.most(wanted + 1_000n);
        });
      }
    }
  });

  describe("least liquidity", () => {
    it("is shown, and is never none", async () => {
      const { feed, pool, collateral, loan } = await networkHelpers.loadFixture(filled);
      expect(await feed.minLiquidity()).to.equal(1n);
      const twap = await ethers.getContractFactory("UniswapV3TwapFeed");
      await expect(twap.deploy(pool.address, collateral, loan, WINDOW, 0n)).to.be.revertedWithCustomError(
        twap,
        "NoMinLiquidity",
      );
    });

    it("is the mean over the window: what there was passes, and more does not", async () => {
      const { pool, collateral, loan } = await networkHelpers.loadFixture(filled);
      const liquidity = await pool.contract.liquidity();
      const deployWith = (least: bigint) =>
        ethers.deployContract("UniswapV3TwapFeed", [pool.address, collateral, loan, WINDOW, least]);
      // The pool adds up whole seconds per liquidity: the mean may be a unit less.
      const enough = await deployWith(liquidity - 1n);
      const tooMuch = await deployWith(liquidity + 1n);
      await time.increase(WINDOW);
      expect((await enough.read()).price).to.be.greaterThan(0n);
      await expect(tooMuch.read())
        .to.be.revertedWithCustomError(tooMuch, "TooShallow")
        .withArgs((shown: bigint) => shown >= liquidity - 1n && shown <= liquidity, liquidity + 1n);
    });

    it("is harmonic: a second without any liquidity in the window leaves next to nothing", async () => {
      const system = await deploy({ minLiquidity: 1_000_000n });
      await time.increase(WINDOW);
      await expect(system.feed.read())
        .to.be.revertedWithCustomError(system.feed, "TooShallow")
        .withArgs(1n, 1_000_000n);
      await fill(system);
      await time.increase(WINDOW - 1n);
      // One second of 1,800 with a liquidity that counts as one.
      await expect(system.feed.read())
        .to.be.revertedWithCustomError(system.feed, "TooShallow")
        .withArgs((shown: bigint) => shown > 500n && shown <= WINDOW, 1_000_000n);
      await time.increase(2n);
      expect((await system.feed.read()).price).to.be.greaterThan(0n);
    });
  });

  describe("GivenAPoolThatDoesNotLookBackFarEnough", () => {
    async function forgetful() {
      const system = await deploy({ cardinality: 1n });
      await fill(system);
      await time.increase(WINDOW);
      return system;
    }

    it("reads while nobody trades, and reverts after a trade until the window has passed", async () => {
      const system = await networkHelpers.loadFixture(forgetful);
      await system.feed.read();
      await trade(system, (system.price * 101n) / 100n);
      await expect(system.feed.read()).to.be.revertedWith("OLD");
      await time.increase(WINDOW - 1n);
      await expect(system.feed.read()).to.be.revertedWith("OLD");
      await time.increase(1n);
      expectClose((await system.feed.read()).price, expected(system, BigInt(await time.latest())));
    });

    it("as an adapter's second source degrades the state, and nothing else", async () => {
      const { collateral, loan, feed, price, trader, ...system } =
        await networkHelpers.loadFixture(forgetful);
      const primary = await ethers.deployContract("MockAggregator", [8n]);
      await primary.pushAnswer(2_000n * 10n ** 8n);
      const bounds = { heartbeat: 86_400n, minPrice: price / 1_000n, maxPrice: price * 1_000n };
      const oracle = await ethers.deployContract("OracleAdapter", [
        {
          collateralAsset: collateral,
          loanAsset: loan,
          primary: { kind: 1n, target: await primary.getAddress(), ...bounds },
          second: { kind: 2n, target: await feed.getAddress(), ...bounds },
          standby: { kind: 0n, target: ethers.ZeroAddress, heartbeat: 0n, minPrice: 0n, maxPrice: 0n },
          sequencerFeed: ethers.ZeroAddress,
          sequencerGrace: 0n,
          maxDisagreementBps: 200n,
          primaryGrace: 0n,
          secondIsPool: true,
        },
        await ethers.deployContract("AccessManager", [trader]),
      ]);
      const fresh = await oracle.price();
      expect(fresh.state).to.equal(OracleState.FRESH);
      expect(fresh.low).to.equal((await feed.read()).price);
      await trade({ collateral, loan, feed, price, trader, ...system }, (price * 101n) / 100n);
      const suspect = await oracle.price();
      expect(suspect.state).to.equal(OracleState.SUSPECT);
      expect(suspect.deciding).to.equal(price);
    });
  });

  describe("refuses", () => {
    const factory = () => ethers.getContractFactory("UniswapV3TwapFeed");

    it("a window under five minutes or over a day", async () => {
      const twap = await factory();
      const { pool, collateral, loan } = await networkHelpers.loadFixture(filled);
      for (const window of [0n, 299n, 86_401n]) {
        await expect(twap.deploy(pool.address, collateral, loan, window, 1n))
          .to.be.revertedWithCustomError(twap, "InvalidWindow")
          .withArgs(window);
      }
      for (const window of [300n, 86_400n]) {
        const feed = await twap.deploy(pool.address, collateral, loan, window, 1n);
        expect(await feed.window()).to.equal(window);
      }
    });

    it("a pool of another pair", async () => {
      const twap = await factory();
      const { pool, collateral, loan } = await networkHelpers.loadFixture(filled);
      const other = await ethers.deployContract("MockERC20", ["", "", 18n]);
      for (const pair of [
        [other, loan],
        [collateral, other],
        [loan, other],
        [other, collateral],
        [loan, loan],
        [collateral, collateral],
      ] as const) {
        await expect(twap.deploy(pool.address, ...pair, WINDOW, 1n))
          .to.be.revertedWithCustomError(twap, "WrongPool")
          .withArgs(pool.address);
      }
    });
  });
});
