// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";

/// @notice How liquidity comes into a Uniswap v3 pool and leaves it.
interface IUniswapV3PoolLiquidity {
  function mint(
    address recipient,
    int24 tickLower,
    int24 tickUpper,
    uint128 amount,
    bytes calldata data
  ) external returns (uint256 amount0, uint256 amount1);

  function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);

  function collect(
    address recipient,
    int24 tickLower,
    int24 tickUpper,
    uint128 amount0Requested,
    uint128 amount1Requested
  ) external returns (uint128 amount0, uint128 amount1);
}

/// @title MockPoolLiquidity
/// @notice Provides liquidity to pools with whatever it holds, to the unit and to the tick, and for as long as one call lasts: what
/// a flash loan makes possible for everybody.
contract MockPoolLiquidity {
  /// @notice How the call ended.
  event Attempted(bool success, bytes result);

  /// @notice Deposits, makes a call, and withdraws, in one transaction.
  function flash(
    address pool,
    int24 tickLower,
    int24 tickUpper,
    uint128 amount,
    address target,
    bytes calldata call
  ) external {
    deposit(pool, tickLower, tickUpper, amount);
    (bool success, , bytes memory result) = LibCall.tryCall(target, 0, gasleft(), type(uint16).max, call);
    emit Attempted(success, result);
    withdraw(pool, tickLower, tickUpper, amount);
  }

  function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
    IUniswapV3Pool pool = IUniswapV3Pool(msg.sender);
    if (amount0 != 0) IERC20(pool.token0()).transfer(msg.sender, amount0);
    if (amount1 != 0) IERC20(pool.token1()).transfer(msg.sender, amount1);
  }

  function deposit(address pool, int24 tickLower, int24 tickUpper, uint128 amount) public {
    IUniswapV3PoolLiquidity(pool).mint(address(this), tickLower, tickUpper, amount, "");
  }

  function withdraw(address pool, int24 tickLower, int24 tickUpper, uint128 amount) public {
    IUniswapV3PoolLiquidity(pool).burn(tickLower, tickUpper, amount);
    IUniswapV3PoolLiquidity(pool).collect(address(this), tickLower, tickUpper, type(uint128).max, type(uint128).max);
  }
}
