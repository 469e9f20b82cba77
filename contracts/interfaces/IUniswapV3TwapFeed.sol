// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceFeed} from "./IPriceFeed.sol";

/// @title IUniswapV3TwapFeed
/// @notice Geometric-mean price of one Uniswap v3 pool over a window.
interface IUniswapV3TwapFeed is IPriceFeed {
  /// @notice The pool does not trade this pair.
  error WrongPool(address pool);
  /// @notice The window must be between five minutes and a day, seconds.
  error InvalidWindow(uint256 window);
  /// @notice The pool's liquidity, as the harmonic mean over the window, is under the least that the feed trusts.
  error TooShallow(uint256 liquidity, uint256 minLiquidity);
  /// @notice The least liquidity must not be 0.
  error NoMinLiquidity();

  /// @notice Pool that is read.
  function pool() external view returns (address);

  /// @notice Seconds averaged over. The pool must keep observations that far back, or reading reverts.
  function window() external view returns (uint32);

  /// @notice Least harmonic-mean liquidity over the window, in the pool's units, or reading reverts.
  function minLiquidity() external view returns (uint128);
}
