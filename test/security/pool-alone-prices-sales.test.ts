import { expect } from "chai";
import { network } from "hardhat";

import { addLiquidity, createPool, deployUniswap, movePrice } from "../../scripts/kit/uniswap.ts";
import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, HEARTBEAT, MAX_DISAGREEMENT_BPS, PRIMARY_GRACE, START } from "../helpers/oracleSystem.ts";
import { deployOracleVault, openPosition, startSale, takeOf } from "../helpers/oracleVault.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const WINDOW = 1_800n;
const BLOCK = 12n;
const LATENESS = 300n;
const HOUR = 3_600n;
const BPS = 10_000n;
const PLENTY = 10n ** 36n;
/** Collateral tokens on the pool's one side, in a range of half to twice the price. */
const DEPTH = 5_000n;
/** Where the primary stands when it falls silent: the borrower of 75% at 2,000 is unhealthy, the one of 60% is not. */
const LAST = 1_800n;
/** The victims, whole tokens. */
const ARMED = { collateral: 200n, debt: 300_000n } as const;
const HEALTHY = { collateral: 300n, debt: 324_000n } as const;

/** The end of the tick scale, and the other. */
const ENDS = { MIN: 4_295_128_740n, MAX: 1461446703485210103287273052203988822378723970341n } as const;

describe("Security 3: a pool alone prices sales while the primary is silent", () => {
  /** @param share The feed trusts a mean of this part of the pool's liquidity; undefined for one that trusts anything. */
  async function deployOn(share: bigint | undefined) {
    const uniswap = await deployUniswap(connection);
    let pool: Awaited<ReturnType<typeof createPool>> | undefined;
    const system = await deployOracleVault(connection, {}, async (base) => {
      const { loan, collateral, onePrice, guardian, config, decimals } = base;
      const market = await createPool(connection, uniswap, {
        base: await collateral.getAddress(),
        quote: await loan.getAddress(),
        fee: 500n,
        price: START * onePrice,
        cardinality: 200n,
      });
      pool = market;
      await collateral.mint(guardian, PLENTY);
      await loan.mint(guardian, PLENTY);
      await addLiquidity(connection, uniswap, market, {
        owner: guardian,
        baseAmount: DEPTH * 10n ** decimals.collateral,
        quoteAmount: DEPTH * START * 10n ** decimals.loan,
        range: { lower: (START * onePrice) / 2n, upper: 2n * START * onePrice },
      });
      await time.increase(WINDOW);
      const minLiquidity = share === undefined ? 1n : (await market.contract.liquidity()) / share;
      const feed = await ethers.deployContract("UniswapV3TwapFeed", [
        market.address,
        collateral,
        loan,
        WINDOW,
        minLiquidity,
      ]);
      await feedsSay(base, { primary: {} });
      const second = { ...config.primary, kind: 2n, target: await feed.getAddress() };
      return ethers.deployContract("OracleAdapter", [
        { ...config, second, secondIsPool: true },
        base.authority,
      ]);
    });
    if (pool === undefined) throw new Error("no pool was made");
    await openPosition(system, system.borrower, ARMED.collateral, ARMED.debt);
    await openPosition(system, system.stranger, HEALTHY.collateral, HEALTHY.debt);
    const world = { ...system, uniswap, pool };
    await move(world, LAST * system.onePrice);
    await time.increase(WINDOW);
    await feedsSay(system, { primary: { price: LAST } });
    await startSale(system);
    return world;
  }
  type World = Awaited<ReturnType<typeof deployOn>>;

  const trusting = () => deployOn(undefined);
  const careful = () => deployOn(4n);

  async function move({ uniswap, pool, guardian }: Omit<World, "pool"> & Pick<World, "pool">, price: bigint) {
    await movePrice(connection, uniswap, pool, { trader: guardian, price, spendable: PLENTY / 10n });
  }

  /** Seconds since the primary's heartbeat at which the attack's mean is read. */
  async function push(world: World, after: bigint): Promise<void> {
    const { primary, pool, guardian, uniswap, onePrice } = world;
    const [, , , updatedAt] = await primary.latestRoundData();
    const readAt = updatedAt + HEARTBEAT + after;
    // One block at the end of the scale where the collateral is worth nothing, and back in the next one.
    await time.increaseTo(readAt - BLOCK - 4n);
    const { collateral } = world;
    await collateral.connect(guardian).approve(await uniswap.router.getAddress(), PLENTY / 10n);
    await uniswap.router.connect(guardian).getFunction("exactInputSingle")({
      tokenIn: pool.base,
      tokenOut: pool.quote,
      fee: pool.fee,
      recipient: guardian.address,
      deadline: 2n ** 40n,
      amountIn: PLENTY / 10n,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: pool.baseIsToken0 ? ENDS.MIN : ENDS.MAX - 1n,
    });
    await time.increase(BLOCK - 1n);
    await move(world, LAST * onePrice);
    await time.increaseTo(readAt);
  }

  it("the attack is one: a block at the end of the scale moves the mean by more than a third", async () => {
    const world = await networkHelpers.loadFixture(trusting);
    const { oracle, onePrice } = world;
    await push(world, 1n);
    const { second } = await oracle.config();
    const feed = await ethers.getContractAt("IPriceFeed", second.target);
    expect((await feed.read()).price).to.be.lessThan((LAST * onePrice * 67n) / 100n);
  });

  it("a mean that counts such a block is too shallow to count", async () => {
    const world = await networkHelpers.loadFixture(careful);
    const { oracle, vault, keeper } = world;
    const { second } = await oracle.config();
    const feed = await ethers.getContractAt("UniswapV3TwapFeed", second.target);
    expect((await feed.read()).price).to.be.greaterThan(0n);
    await push(world, LATENESS + 1n);
    await expect(feed.read()).to.be.revertedWithCustomError(feed, "TooShallow");
    expect((await oracle.price()).state).to.equal(OracleState.STALE);
    await expect(vault.connect(keeper).take(takeOf(world))).to.be.revertedWithCustomError(
      vault,
      "OracleStale",
    );
  });

  for (const [when, after] of [
    ["a second after the primary's heartbeat", 1n],
    ["once the primary is late no more but dead", LATENESS + 1n],
    ["in the last second of the grace", PRIMARY_GRACE],
  ] as const) {
    it(`a live sale is priced within the disagreement of the primary's last price ${when}`, async () => {
      const world = await networkHelpers.loadFixture(trusting);
      const { oracle, vault, borrower, keeper, loan, collateral, onePrice, oneCollateral } = world;
      await push(world, after - 1n);
      const least = (LAST * onePrice * (BPS - MAX_DISAGREEMENT_BPS)) / BPS;
      const price = await oracle.price();
      expect(price.state).to.equal(OracleState.SUSPECT);
      expect(price.low).to.be.at.least(least);
      const paidBefore = await loan.balanceOf(keeper);
      const gotBefore = await collateral.balanceOf(keeper);
      await vault.connect(keeper).take(takeOf(world));
      const paid = paidBefore - (await loan.balanceOf(keeper));
      const got = (await collateral.balanceOf(keeper)) - gotBefore;
      // 8% is the most that the terms give at all: 380,000 of collateral went for 222,202 here.
      expect(paid * oneCollateral * 100n).to.be.at.least((got * least * oneCollateral * 92n) / 10n ** 36n);
      expect(got).to.be.greaterThan(0n);
      await expect(
        vault.connect(keeper).startSale(world.stranger, ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(vault, "PositionHealthy");
      expect((await vault.position(borrower)).collateral).to.be.lessThan(ARMED.collateral * oneCollateral);
    });
  }

  for (const hours of [0n, 1n, 3n]) {
    it(`${hours} h after the grace it sets no price further away than 5% an hour, nor starts a healthy borrower's sale`, async () => {
      const world = await networkHelpers.loadFixture(trusting);
      const { oracle, vault, keeper, stranger, onePrice } = world;
      await push(world, PRIMARY_GRACE + hours * HOUR + 1n);
      const { deciding, low, state } = await oracle.price();
      expect(state).to.equal(OracleState.SUSPECT);
      const least = (LAST * onePrice * (BPS - MAX_DISAGREEMENT_BPS - 500n * hours)) / BPS;
      expect(deciding).to.equal(least);
      expect(low).to.equal(least);
      // 60% at 1,800: what an honest fall by a quarter would take.
      await expect(
        vault.connect(keeper).startSale(stranger, ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(vault, "PositionHealthy");
    });
  }

  it("a mean pushed up stops sales once the grace is over, and prices none", async () => {
    const world = await networkHelpers.loadFixture(trusting);
    const { oracle, vault, keeper, primary, onePrice } = world;
    const [, , , updatedAt] = await primary.latestRoundData();
    await time.increaseTo(updatedAt + HEARTBEAT + PRIMARY_GRACE - WINDOW);
    await move(world, ((LAST * 105n) / 100n) * onePrice);
    await time.increaseTo(updatedAt + HEARTBEAT + PRIMARY_GRACE + 1n);
    expect((await oracle.price()).state).to.equal(OracleState.STALE);
    await expect(vault.connect(keeper).take(takeOf(world))).to.be.revertedWithCustomError(
      vault,
      "OracleStale",
    );
  });
});
