// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title DepthMath
/// @notice What a pool of concentrated liquidity pays until its price has fallen by a share: with `Y = L sqrt(P)` on the quote side
/// and liquidity L all the way, `Y (1 - sqrt(1 - x))`; F1 range by range.
/// @dev ASSUMPTIONS: liquidity under 2^128, impacts of at most 10,000 bps. LIVENESS: nothing reverts inside its domain.
/// ROUNDING: down, but for the last digits of Uniswap's own square roots (the twentieth at common prices).
library DepthMath {
  uint256 internal constant WAD = 1e18;
  uint256 internal constant BPS = 10_000;
  /// @notice Steps into which what lies below the price is cut.
  uint256 internal constant STEPS = 8;
  /// @notice Ticks from the price to the end of the nearest step; each further one ends twice as far away.
  uint256 internal constant FIRST_STEP = 8;
  /// @notice A share of all: 255 of 255.
  uint256 internal constant WHOLE = 255;
  /// @notice Fall of the price over which `evenness` is measured, bps: the most that a rescue may move it by.
  uint256 internal constant EVEN_IMPACT_BPS = 200;
  /// @notice Parts that evenness is counted in.
  uint256 internal constant EVEN = 254;

  /// @notice Harmonic mean of a pool's liquidity over a time, from the difference of its seconds per liquidity over it.
  function harmonicMean(uint160 secondsPerLiquidityX128, uint256 time) internal pure returns (uint256) {
    if (secondsPerLiquidityX128 == 0) return 0;
    return FixedPointMathLib.min((time << 128) / secondsPerLiquidityX128, type(uint128).max);
  }

  /// @notice Tick at or beyond the mean price of a time, downward or upward. A pool's own ticks are rounded down, so that the
  /// price stands up to one tick above them.
  function meanTick(int56 moved, uint256 time, bool upward) internal pure returns (int24 tick) {
    int56 length = int56(uint56(time));
    tick = int24(moved / length);
    if (moved < 0 && moved % length != 0) --tick;
    if (upward) tick += moved % length == 0 ? int24(1) : int24(2);
  }

  /// @notice Virtual reserve at a tick of token1, or of token0, under 2^192.
  function reserve(uint256 liquidity, int24 tick, bool ofToken1) internal pure returns (uint256) {
    uint256 sqrtPriceX96 = TickMath.getSqrtPriceAtTick(tick);
    return
      ofToken1
        ? FixedPointMathLib.fullMulDiv(liquidity, sqrtPriceX96, 1 << 96)
        : FixedPointMathLib.fullMulDiv(liquidity, 1 << 96, sqrtPriceX96);
  }

  /// @notice The end of a step, ticks from the price.
  function stepEnd(uint256 step) internal pure returns (uint256) {
    return FIRST_STEP << step;
  }

  /// @notice A step's byte: liquidity over the mean.
  function packShare(uint256 liquidity, uint256 mean, uint256 step) internal pure returns (uint256) {
    if (mean == 0) return 0;
    return FixedPointMathLib.min((liquidity * WHOLE) / mean, WHOLE) << (8 * step);
  }

  /// @notice The lower of two shares, step by step.
  function lowerShares(uint64 a, uint64 b) internal pure returns (uint64 shares) {
    for (uint256 step = 0; step < STEPS; ++step) {
      uint64 mask = uint64(WHOLE << (8 * step));
      shares |= uint64(FixedPointMathLib.min(a & mask, b & mask));
    }
  }

  /// @notice What is paid until the price has fallen by `impactBps`, over the virtual reserve, WAD.
  function paidShare(uint64 shares, uint256 impactBps) internal pure returns (uint256) {
    // Square root of 1 - x, rounded up: an end that is too high leaves out a little.
    uint256 last = FixedPointMathLib.sqrt((BPS - impactBps) * 1e32);
    if (last * last < (BPS - impactBps) * 1e32) ++last;
    uint256[STEPS] memory ends = _stepEnds();
    uint256 upper = WAD;
    uint256 sum;
    for (uint256 step = 0; step < STEPS; ++step) {
      uint256 lower = FixedPointMathLib.max(ends[step], last);
      if (lower >= upper) break;
      sum += ((shares >> (8 * step)) & WHOLE) * (upper - lower);
      upper = ends[step] - 1;
    }
    return sum / WHOLE;
  }

  /// @notice What is paid until the price has fallen by `EVEN_IMPACT_BPS`, over what is paid where the liquidity at the price goes on all
  /// the way: from 1 for nothing to 255 for all of it. A look that finds less everywhere leaves it as it is.
  /// @param near Liquidity at the price over the mean, as in a step's byte.
  function evenness(uint64 shares, uint256 near) internal pure returns (uint8) {
    if (near == 0) return 1;
    // The steps' widths in the square root of the price: the last one ends 2% down.
    uint256 sum = FixedPointMathLib.min(shares & WHOLE, near) * 399_900_019_996_500;
    sum += FixedPointMathLib.min((shares >> 8) & WHOLE, near) * 399_740_099_970_506;
    sum += FixedPointMathLib.min((shares >> 16) & WHOLE, near) * 799_000_695_645_546;
    sum += FixedPointMathLib.min((shares >> 24) & WHOLE, near) * 1_596_085_163_155_212;
    sum += FixedPointMathLib.min((shares >> 32) & WHOLE, near) * 3_184_519_704_688_353;
    sum += FixedPointMathLib.min((shares >> 40) & WHOLE, near) * 3_671_260_655_377_343;
    return uint8((sum * EVEN) / (near * 10_050_506_338_833_460) + 1);
  }

  /// @dev `1.0001^(-stepEnd / 2)`: square root of the price at the end of each step, over that at the start, WAD, rounded up.
  function _stepEnds() private pure returns (uint256[STEPS] memory) {
    return
      [
        uint256(999_600_099_980_003_500),
        999_200_359_880_032_993,
        998_401_359_184_387_446,
        996_805_274_021_232_233,
        993_620_754_316_543_879,
        987_282_203_408_577_651,
        974_726_149_167_296_095,
        950_091_065_870_505_958
      ];
  }
}
