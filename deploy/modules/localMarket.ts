import { createRequire } from "node:module";

import { type Artifact, buildModule, type Future } from "@nomicfoundation/ignition-core";
import { parseUnits, ZeroAddress } from "ethers";

import type { Parameters } from "../parameters.ts";

/** What a local chain lacks: tokens, aggregators with rounds, and a Uniswap v3 pool with liquidity. */

type LocalMarket = NonNullable<Parameters["localMarket"]>;

const require = createRequire(import.meta.url);
const artifact = (path: string): Artifact => require(path) as Artifact;

const POOL_FACTORY = artifact(
  "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
);
const POSITION_MANAGER = artifact(
  "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
);

const FOREVER = 2n ** 40n;
const MAX_TICK = 887_272;
const TICK_SPACING = { 100: 1, 500: 10, 3000: 60, 10000: 200 } as const;

/** Tokens, aggregators and an empty Uniswap v3. */
export const localMarketModule = (market: LocalMarket) =>
  buildModule("LocalMarket", (m) => {
    const tokenOf = (id: "loan" | "collateral") => {
      const { name, symbol, decimals } = market[id];
      return m.contract("MockERC20", [name, symbol, decimals], { id });
    };
    const aggregatorOf = (id: "primary" | "second") => {
      const { decimals, answers } = market[id];
      const aggregator = m.contract("MockAggregator", [decimals], { id });
      let before: Future[] = [];
      for (const [i, answer] of answers.entries()) {
        const arguments_ = [parseUnits(answer, decimals)];
        before = [m.call(aggregator, "pushAnswer", arguments_, { id: `${id}_answer_${i}`, after: before })];
      }
      return aggregator;
    };
    const poolFactory = m.contract("UniswapV3Factory", POOL_FACTORY);
    // Neither wrapped ether nor a descriptor, which only draws pictures of positions: nothing here uses them.
    const positionManager = m.contract("NonfungiblePositionManager", POSITION_MANAGER, [
      poolFactory,
      ZeroAddress,
      ZeroAddress,
    ]);
    return {
      loan: tokenOf("loan"),
      collateral: tokenOf("collateral"),
      primary: aggregatorOf("primary"),
      second: aggregatorOf("second"),
      poolFactory,
      positionManager,
    };
  });

/** Addresses of a local market without its pool. */
export interface MarketAddresses {
  readonly loan: string;
  readonly collateral: string;
  readonly poolFactory: string;
  readonly positionManager: string;
}

/** The pool, in a module of its own: Uniswap orders tokens by address, which must be known first. */
export const localPoolModule = (market: LocalMarket, addresses: MarketAddresses) =>
  buildModule("LocalPool", (m) => {
    const { fee, price } = market.pool;
    const loan = {
      address: addresses.loan,
      amount: parseUnits(market.pool.loan, market.loan.decimals),
      unit: 10 ** market.loan.decimals,
    };
    const collateral = {
      address: addresses.collateral,
      amount: parseUnits(market.pool.collateral, market.collateral.decimals),
      unit: 10 ** market.collateral.decimals,
    };
    const collateralIsToken0 = BigInt(collateral.address) < BigInt(loan.address);
    const [token0, token1] = collateralIsToken0 ? [collateral, loan] : [loan, collateral];
    const loanPerCollateral = (Number(price) * loan.unit) / collateral.unit;
    const ratio = collateralIsToken0 ? loanPerCollateral : 1 / loanPerCollateral;

    const poolFactory = m.contractAt("UniswapV3Factory", POOL_FACTORY, addresses.poolFactory);
    const manager = m.contractAt("NonfungiblePositionManager", POSITION_MANAGER, addresses.positionManager);
    const creation = m.call(manager, "createAndInitializePoolIfNecessary", [
      token0.address,
      token1.address,
      fee,
      BigInt(Math.round(Math.sqrt(ratio) * 2 ** 96)),
    ]);
    const pool = m.contractAt(
      "IUniswapV3Pool",
      m.readEventArgument(creation, "PoolCreated", "pool", { emitter: poolFactory }),
    );
    const approvals = [loan, collateral].map(({ address, amount }, i) => {
      const token = m.contractAt("MockERC20", address, { id: `token_${i}` });
      // One half for the pool, the other for the seed and whatever one wants to try.
      const minting = m.call(token, "mint", [m.getAccount(0), 2n * amount], { id: `mint_${i}` });
      return m.call(token, "approve", [manager, amount], { id: `approve_${i}`, after: [minting] });
    });
    const lastTick = Math.floor(MAX_TICK / TICK_SPACING[fee]) * TICK_SPACING[fee];
    m.call(
      manager,
      "mint",
      [
        {
          token0: token0.address,
          token1: token1.address,
          fee,
          tickLower: -lastTick,
          tickUpper: lastTick,
          amount0Desired: token0.amount,
          amount1Desired: token1.amount,
          amount0Min: 0n,
          amount1Min: 0n,
          recipient: m.getAccount(0),
          deadline: FOREVER,
        },
      ],
      { after: [creation, ...approvals] },
    );
    return { pool };
  });
