// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IUniswapV3SwapCallback
/// @notice Implemented by callers of `IUniswapV3Pool.swap`, who pay for the swap in it.
interface IUniswapV3SwapCallback {
  /// @notice Called on the swapper after the output was sent and before the input is checked to have come.
  /// @param amount0Delta What the pool wants of token0 (positive) or has sent of it (negative).
  /// @param amount1Delta The same of token1.
  /// @param data What the swapper passed.
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}
