// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {Vm} from "forge-std/Vm.sol";
import {IUniswapV3Pool} from "../../../contracts/interfaces/external/IUniswapV3Pool.sol";
import {IMintable} from "./VaultTest.sol";

interface IUniswapV3PoolSetUp is IUniswapV3Pool {
  function initialize(uint160 sqrtPriceX96) external;

  function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;

  function mint(
    address recipient,
    int24 tickLower,
    int24 tickUpper,
    uint128 amount,
    bytes calldata data
  ) external returns (uint256 amount0, uint256 amount1);
}

interface IUniswapV3FactorySetUp {
  function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
}

/// @notice A trader without limits in a real Uniswap v3 pool, whose code comes from its package: brings liquidity, and moves the
/// price to where it is told.
contract PoolTrader {
  IUniswapV3PoolSetUp public immutable pool;

  constructor(IUniswapV3PoolSetUp pool_) {
    pool = pool_;
  }

  function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
    _pay(amount0, amount1);
  }

  function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
    _pay(amount0 > 0 ? uint256(amount0) : 0, amount1 > 0 ? uint256(amount1) : 0);
  }

  function provide(uint128 liquidity) external {
    int24 spacing = pool.tickSpacing();
    int24 most = (TickMath.MAX_TICK / spacing) * spacing;
    pool.mint(address(this), -most, most, liquidity, "");
  }

  function moveTo(uint160 sqrtPriceX96) external {
    (uint160 before, , , , , , ) = pool.slot0();
    if (before != sqrtPriceX96) pool.swap(address(this), sqrtPriceX96 < before, type(int128).max, sqrtPriceX96, "");
  }

  function _pay(uint256 amount0, uint256 amount1) private {
    IMintable(pool.token0()).mint(address(pool), amount0);
    IMintable(pool.token1()).mint(address(pool), amount1);
  }
}

/// @notice Real pools in Solidity tests.
library Pools {
  Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
  string private constant _FACTORY =
    "node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";

  error NotDeployed();

  function deployFactory() internal returns (address factory) {
    bytes memory code = _VM.parseJsonBytes(_VM.readFile(_FACTORY), ".bytecode");
    // solhint-disable-next-line no-inline-assembly
    assembly {
      factory := create(0, add(code, 32), mload(code))
    }
    if (factory == address(0)) revert NotDeployed();
  }

  /// @param priceWad Token1 units per token0 unit, WAD.
  function deployPool(
    address factory,
    address tokenA,
    address tokenB,
    uint24 fee,
    uint256 priceWad,
    uint16 cardinality
  ) internal returns (PoolTrader trader) {
    IUniswapV3PoolSetUp pool = IUniswapV3PoolSetUp(IUniswapV3FactorySetUp(factory).createPool(tokenA, tokenB, fee));
    pool.initialize(sqrtPriceX96(priceWad));
    pool.increaseObservationCardinalityNext(cardinality);
    trader = new PoolTrader(pool);
  }

  /// @param priceWad Token1 units per token0 unit, WAD.
  function sqrtPriceX96(uint256 priceWad) internal pure returns (uint160) {
    return uint160((_sqrt(priceWad << 64) << 64) / 1e9);
  }

  function _sqrt(uint256 x) private pure returns (uint256 root) {
    if (x == 0) return 0;
    root = 1 << 128;
    for (uint256 next = (root + x / root) / 2; next < root; next = (root + x / root) / 2) root = next;
  }
}
