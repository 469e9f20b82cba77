// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title UniswapV3Price
/// @notice Prices of Uniswap v3 pools as the protocol writes them: units of one token per unit of the other x 1e36.
/// @dev ROUNDING: down.
library UniswapV3Price {
  uint256 private constant _PRICE_SCALE = 1e36;

  /// @notice Price of token0 in token1, or of token1 in token0.
  function fromSqrt(uint256 sqrtPriceX96, bool ofToken0) internal pure returns (uint256) {
    // token1 per token0, 128 binary places: a square root under 2^160 leaves it under 2^256.
    uint256 ratioX128 = FixedPointMathLib.fullMulDiv(sqrtPriceX96, sqrtPriceX96, 1 << 64);
    return
      ofToken0
        ? FixedPointMathLib.fullMulDiv(ratioX128, _PRICE_SCALE, 1 << 128)
        : FixedPointMathLib.fullMulDiv(1 << 128, _PRICE_SCALE, ratioX128);
  }

  /// @notice Price at the mean tick of a window, from the difference of the pool's tick cumulatives over it.
  /// @param window Seconds, above 0.
  function fromCumulative(int56 moved, uint32 window, bool ofToken0) internal pure returns (uint256) {
    int56 length = int56(uint56(window));
    int24 tick = int24(moved / length);
    if (moved < 0 && moved % length != 0) tick -= 1;
    return fromSqrt(TickMath.getSqrtPriceAtTick(tick), ofToken0);
  }
}
