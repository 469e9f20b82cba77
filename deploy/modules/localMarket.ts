import { createRequire } from "node:module";

import {
  type Artifact,
  buildModule,
  type CallableContractFuture,
  type ContractFuture,
  type Future,
  type IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";
import { parseUnits, ZeroAddress } from "ethers";

import type { Parameters } from "../parameters.ts";

/** What a local chain lacks: tokens, aggregators with rounds, two Uniswap v3 pools and a v2 pair with liquidity. */

type LocalMarket = NonNullable<Parameters["localMarket"]>;

const require = createRequire(import.meta.url);
const artifact = (path: string): Artifact => require(path) as Artifact;

const POOL_FACTORY = artifact(
  "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
);
const POSITION_MANAGER = artifact(
  "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
);
const POOL = artifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json");

/** Uniswap v2 ships what Waffle wrote: bytecode without the prefix. It links no libraries. */
const NOTHING_TO_LINK = {
  _format: "",
  deployedBytecode: "0x",
  linkReferences: {},
  deployedLinkReferences: {},
} as const;
const pairArtifact = (contractName: string): Artifact => {
  const sourceName = `@uniswap/v2-core/build/${contractName}.json`;
  const { abi, bytecode } = artifact(sourceName);
  return { contractName, sourceName, abi, bytecode: `0x${bytecode}`, ...NOTHING_TO_LINK };
};
const PAIR_FACTORY = pairArtifact("UniswapV2Factory");
const PAIR = pairArtifact("UniswapV2Pair");

const FOREVER = 2n ** 40n;
const MAX_TICK = 887_272;
const TICK_SPACING = { 100: 1, 500: 10, 3000: 60, 10000: 200 } as const;

/** Tokens, aggregators and an empty Uniswap v3 and v2. */
export const localMarketModule = (market: LocalMarket) =>
  buildModule("LocalMarket", (m) => {
    const tokenOf = (id: "loan" | "collateral") => {
      const { name, symbol, decimals } = market[id];
      return m.contract("MockERC20", [name, symbol, decimals], { id });
    };
    const aggregatorOf = (id: "primary" | "second" | "quote") => {
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
      quote: aggregatorOf("quote"),
      poolFactory,
      positionManager,
      pairFactory: m.contract("UniswapV2Factory", PAIR_FACTORY, [m.getAccount(0)]),
    };
  });

/** Addresses of a local market without its pools. */
export interface MarketAddresses {
  readonly loan: string;
  readonly collateral: string;
  readonly poolFactory: string;
  readonly positionManager: string;
  readonly pairFactory: string;
}

interface MarketToken {
  readonly address: string;
  readonly decimals: number;
}

type MockPool = LocalMarket["pool"];

interface PoolParts {
  readonly loan: MarketToken;
  readonly collateral: MarketToken;
  readonly poolFactory: ContractFuture<string>;
  readonly manager: CallableContractFuture<string>;
  readonly approvals: readonly Future[];
}

/** Creates a pool and puts liquidity in over the whole range, once `approvals` are given. */
const filledPool = (
  m: IgnitionModuleBuilder,
  name: string,
  config: MockPool,
  { loan, collateral, poolFactory, manager, approvals }: PoolParts,
) => {
  const { fee, price } = config;
  const collateralIsToken0 = BigInt(collateral.address) < BigInt(loan.address);
  const loanSide = { address: loan.address, amount: parseUnits(config.loan, loan.decimals) };
  const collateralSide = {
    address: collateral.address,
    amount: parseUnits(config.collateral, collateral.decimals),
  };
  const [token0, token1] = collateralIsToken0 ? [collateralSide, loanSide] : [loanSide, collateralSide];
  const loanPerCollateral = Number(price) * 10 ** (loan.decimals - collateral.decimals);
  const ratio = collateralIsToken0 ? loanPerCollateral : 1 / loanPerCollateral;
  const creation = m.call(
    manager,
    "createAndInitializePoolIfNecessary",
    [token0.address, token1.address, fee, BigInt(Math.round(Math.sqrt(ratio) * 2 ** 96))],
    { id: `${name}_creation` },
  );
  const address = m.readEventArgument(creation, "PoolCreated", "pool", {
    emitter: poolFactory,
    id: `${name}_address`,
  });
  const pool = m.contractAt("UniswapV3Pool", POOL, address, { id: name });
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
    { id: `${name}_liquidity`, after: [creation, ...approvals] },
  );
  return pool;
};

/** The pools, in a module of their own: Uniswap orders tokens by address, which must be known first. */
export const localPoolsModule = (market: LocalMarket, addresses: MarketAddresses) =>
  buildModule("LocalPools", (m) => {
    const poolFactory = m.contractAt("UniswapV3Factory", POOL_FACTORY, addresses.poolFactory);
    const manager = m.contractAt("NonfungiblePositionManager", POSITION_MANAGER, addresses.positionManager);
    const pairFactory = m.contractAt("UniswapV2Factory", PAIR_FACTORY, addresses.pairFactory);
    const pairCreation = m.call(pairFactory, "createPair", [addresses.collateral, addresses.loan]);
    const pair = m.contractAt(
      "UniswapV2Pair",
      PAIR,
      m.readEventArgument(pairCreation, "PairCreated", "pair", { emitter: pairFactory }),
    );
    const approvals: Future[] = [];
    const pairFills: Future[] = [];
    for (const name of ["loan", "collateral"] as const) {
      const { decimals } = market[name];
      const token = m.contractAt("MockERC20", addresses[name], { id: name });
      const amount = parseUnits(market.pool[name], decimals) + parseUnits(market.widePool[name], decimals);
      // One half for the pools, the other for the seed and whatever one wants to try.
      const minting = m.call(token, "mint", [m.getAccount(0), 2n * amount], { id: `mint_${name}` });
      approvals.push(
        m.call(token, "approve", [manager, amount], { id: `approve_${name}`, after: [minting] }),
      );
      const fill = parseUnits(market.pair[name], decimals);
      pairFills.push(m.call(token, "mint", [pair, fill], { id: `mint_${name}_pair` }));
    }
    m.call(pair, "mint", [m.getAccount(0)], { id: "pair_liquidity", after: pairFills });
    const parts: PoolParts = {
      loan: { address: addresses.loan, decimals: market.loan.decimals },
      collateral: { address: addresses.collateral, decimals: market.collateral.decimals },
      poolFactory,
      manager,
      approvals,
    };
    return {
      pool: filledPool(m, "pool", market.pool, parts),
      widePool: filledPool(m, "widePool", market.widePool, parts),
      pair,
    };
  });
