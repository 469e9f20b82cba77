import { expect } from "chai";
import { network } from "hardhat";

import { maxDebt } from "../../sdk/saleMath.ts";
import { OracleState } from "../../sdk/oracleAdapter.ts";
import { feedsSay, type OracleSystem, START } from "../helpers/oracleSystem.ts";
import { deployOracleVault, openPosition, type OracleVault, STORY } from "../helpers/oracleVault.ts";
import {
  addLiquidity,
  createPool,
  deployUniswap,
  movePrice,
  type Pool,
  type UniswapV3,
} from "../../scripts/kit/uniswap.ts";

// An estimate of gas would settle for the least with which the outer call succeeds, whatever becomes of the inner one.
const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const BORROW_LTV_BPS = 8_000n;
const WINDOW = 1_800n;
const PLENTY = 10n ** 36n;
/** Collateral tokens on the pool's one side. */
const DEPTH = 5_000n;

interface Market {
  readonly uniswap: UniswapV3;
  readonly pool: Pool;
}

describe("Security 3: prices moved with a flash loan", () => {
  /** A real pool of the pair at the start price, old enough for its TWAP, and a TWAP of it. */
  async function deployTwap({ loan, collateral, onePrice, guardian, config, decimals }: OracleSystem) {
    const uniswap = await deployUniswap(connection);
    const pool = await createPool(connection, uniswap, {
      base: await collateral.getAddress(),
      quote: await loan.getAddress(),
      fee: 500n,
      price: START * onePrice,
      cardinality: 200n,
    });
    const baseAmount = DEPTH * 10n ** decimals.collateral;
    const quoteAmount = DEPTH * START * 10n ** decimals.loan;
    await collateral.mint(guardian, PLENTY);
    await loan.mint(guardian, PLENTY);
    await addLiquidity(connection, uniswap, pool, { owner: guardian, baseAmount, quoteAmount });
    await time.increase(WINDOW);
    const feed = await ethers.deployContract("UniswapV3TwapFeed", [
      pool.address,
      collateral,
      loan,
      WINDOW,
      (await pool.contract.liquidity()) / 4n,
    ]);
    return {
      market: { uniswap, pool },
      source: { ...config.primary, kind: 2n, target: await feed.getAddress() },
    };
  }

  /** The worst case: nothing but the pool's TWAP decides. */
  async function twapAlone() {
    return deployOn((config, source) => ({
      ...config,
      primary: source,
      second: { ...config.second, kind: 0n },
    }));
  }
  /** The advised one: an aggregator decides and the TWAP is compared with it. */
  async function twapSecond() {
    return deployOn((config, source) => ({ ...config, second: source, secondIsPool: true }));
  }

  async function deployOn(
    place: (
      config: OracleSystem["config"],
      source: OracleSystem["config"]["primary"],
    ) => OracleSystem["config"],
  ) {
    let market: Market | undefined;
    const system = await deployOracleVault(connection, {}, async (base) => {
      const twap = await deployTwap(base);
      market = twap.market;
      await feedsSay(base, { primary: {}, second: {} });
      return ethers.deployContract("OracleAdapter", [place(base.config, twap.source), base.authority]);
    });
    if (market === undefined) throw new Error("no market was made");
    await openPosition(system, system.borrower);
    const manipulator = await ethers.deployContract("MockPoolManipulator");
    for (const token of [system.loan, system.collateral]) await token.mint(manipulator, PLENTY);
    return { ...system, market, manipulator };
  }
  type Attacked = Awaited<ReturnType<typeof deployOn>>;

  /** Moves the pool to 64 times its price, or a 64th, makes the call, and moves it back. What the call came to. */
  async function attack(system: Attacked, way: "up" | "down", target: string, call: string) {
    const { manipulator, market } = system;
    const { sqrtPriceX96 } = await market.pool.contract.slot0();
    const sqrtPrice = (way === "up") === market.pool.baseIsToken0 ? sqrtPriceX96 * 8n : sqrtPriceX96 / 8n;
    const sent = await manipulator.attack(market.pool.address, sqrtPrice, target, call);
    const receipt = await sent.wait();
    for (const log of receipt?.logs ?? []) {
      const parsed = manipulator.interface.parseLog(log);
      if (parsed?.name === "Attempted") {
        return { success: parsed.args[0] as boolean, result: parsed.args[1] as string };
      }
    }
    throw new Error("nothing was attempted");
  }

  for (const [name, fixture] of [
    ["GivenTheTwapAlone", twapAlone],
    ["GivenTheTwapAsSecondSource", twapSecond],
  ] as const) {
    describe(name, () => {
      it("the oracle says the same to the last digit while the pool stands 64 times higher or lower", async () => {
        const system = await networkHelpers.loadFixture(fixture);
        const { oracle } = system;
        const data = oracle.interface.encodeFunctionData("price");
        for (const way of ["up", "down"] as const) {
          const before = await oracle.price();
          const { success, result } = await attack(system, way, await oracle.getAddress(), data);
          expect(success).to.equal(true);
          const [during] = oracle.interface.decodeFunctionResult("price", result) as unknown as [
            typeof before,
          ];
          for (const field of ["deciding", "low", "high", "startBound", "state"] as const)
            expect(during[field], field).to.equal(before[field]);
        }
      });

      it("the attack is one: in its middle the pool's spot price is 64 times another", async () => {
        const system = await networkHelpers.loadFixture(fixture);
        const { contract, address, baseIsToken0 } = system.market.pool;
        const { sqrtPriceX96: before } = await contract.slot0();
        const { result } = await attack(
          system,
          "up",
          address,
          contract.interface.encodeFunctionData("slot0"),
        );
        const [during] = contract.interface.decodeFunctionResult("slot0", result) as unknown as [bigint];
        expect(during).to.equal(baseIsToken0 ? before * 8n : before / 8n);
      });

      it("nobody borrows more for it", async () => {
        const system = await networkHelpers.loadFixture(fixture);
        const { vault, oracle, borrower, manipulator, oneLoan, oneCollateral } = system;
        await vault.connect(borrower).setOperator(manipulator, true);
        const most = maxDebt(STORY.collateral * oneCollateral, (await oracle.price()).low, BORROW_LTV_BPS);
        const more = most - STORY.debt * oneLoan + 1n;
        const borrow = vault.interface.encodeFunctionData("borrow", [
          more,
          borrower.address,
          borrower.address,
        ]);
        const { success, result } = await attack(system, "up", await vault.getAddress(), borrow);
        expect(success).to.equal(false);
        const error = vault.interface.parseError(result);
        expect(error?.name).to.equal("InsufficientCollateral");
        expect([...(error?.args ?? [])]).to.deep.equal([most + 1n, most]);
        // One unit less is what the price allows, attack or not.
        await vault.connect(borrower).borrow(more - 1n, borrower, borrower);
      });

      it("nobody is sold out for it", async () => {
        const system = await networkHelpers.loadFixture(fixture);
        const { vault, borrower } = system;
        const start = vault.interface.encodeFunctionData("startSale", [borrower.address, ethers.ZeroAddress]);
        const { success, result } = await attack(system, "down", await vault.getAddress(), start);
        expect(success).to.equal(false);
        expect(vault.interface.parseError(result)?.name).to.equal("PositionHealthy");
      });
    });
  }

  describe("GivenAPoolHeldOffTheMarketForAWholeWindow", () => {
    async function hold(system: Attacked, percent: bigint): Promise<void> {
      const { market, onePrice, guardian } = system;
      const price = (START * onePrice * percent) / 100n;
      await movePrice(connection, market.uniswap, market.pool, {
        trader: guardian,
        price,
        spendable: PLENTY / 10n,
      });
      await time.increase(WINDOW);
      await feedsSay(system, { primary: { price: START } });
    }

    async function expectNotBorrowed({ vault, borrower }: OracleVault): Promise<void> {
      await expect(vault.connect(borrower).borrow(1n, borrower, borrower)).to.be.revertedWithCustomError(
        vault,
        "OracleNotFresh",
      );
    }

    for (const percent of [103n, 97n]) {
      it(`the guard against disagreement stops loans at ${percent}% of the price, and no position is sold`, async () => {
        const system = await networkHelpers.loadFixture(twapSecond);
        const { vault, borrower, oracle, onePrice } = system;
        await hold(system, percent);
        const price = await oracle.price();
        expect(price.state).to.equal(OracleState.SUSPECT);
        expect(price.deciding).to.equal(START * onePrice);
        await expectNotBorrowed(system);
        await expect(vault.startSale(borrower, ethers.ZeroAddress)).to.be.revertedWithCustomError(
          vault,
          "PositionHealthy",
        );
      });
    }

    it("within the guard it lowers what can be borrowed and never raises it", async () => {
      for (const percent of [101n, 99n]) {
        const system = await networkHelpers.loadFixture(twapSecond);
        const { vault, borrower, oracle, onePrice, oneLoan, oneCollateral } = system;
        await hold(system, percent);
        const { state, low } = await oracle.price();
        expect(state).to.equal(OracleState.FRESH);
        expect(low).to.be.at.most(START * onePrice);
        const most = maxDebt(STORY.collateral * oneCollateral, low, BORROW_LTV_BPS);
        await expect(vault.connect(borrower).borrow(most - STORY.debt * oneLoan + 1n, borrower, borrower))
          .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
          .withArgs(most + 1n, most);
      }
    });
  });
});
