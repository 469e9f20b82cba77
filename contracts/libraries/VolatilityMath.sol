// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {DecayCurve} from "./DecayCurve.sol";

/// @title VolatilityMath
/// @notice Average of squared log returns per second, `v' = w v + (1 - w) r^2 / dt` with `w = 2^(-dt / halfLife)`. Returns are
/// WAD, variances per second 1e36.
/// @dev ASSUMPTIONS: answers above 0 and under 2^128, returns of at most 1e18, variances under 2^128, times above 0.
/// LIVENESS: nothing reverts inside its domain. ROUNDING: up.
library VolatilityMath {
  uint256 internal constant WAD = 1e18;
  /// @dev What `DecayCurve.halvings` is too high by at most.
  uint256 private constant _WEIGHT_ERROR = 2;

  /// @notice Magnitude of the log return between two answers, WAD, the same in both directions; 0 only where they are equal.
  function logReturn(uint256 from, uint256 to) internal pure returns (uint256) {
    if (from == to) return 0;
    (uint256 low, uint256 high) = from < to ? (from, to) : (to, from);
    // At most 2^188; the logarithm is off by less than 1.
    return uint256(FixedPointMathLib.lnWad(int256(FixedPointMathLib.divUp(high * WAD, low)))) + 1;
  }

  /// @notice Variance after a return that took `dt` seconds. For returns that take no time `(1 - w) / dt` goes to
  /// `ln 2 / halfLife`, so that no return counts for more than `r^2 ln 2 / halfLife`.
  function update(uint256 variance, uint256 logReturn_, uint256 dt, uint256 halfLife) internal pure returns (uint256) {
    uint256 weight = DecayCurve.halvings(dt, halfLife);
    uint256 kept = FixedPointMathLib.divUp(variance * weight, WAD);
    uint256 added = (WAD + _WEIGHT_ERROR - weight) * logReturn_ * logReturn_;
    return kept + FixedPointMathLib.divUp(added, WAD * dt);
  }

  /// @notice Variance after `silence` seconds in which the price is known to have moved by no more than `deviation`: as after a
  /// return of that size, and never more than before.
  function quiet(
    uint256 variance,
    uint256 deviation,
    uint256 silence,
    uint256 halfLife
  ) internal pure returns (uint256) {
    if (silence == 0) return variance;
    return FixedPointMathLib.min(variance, update(variance, deviation, silence, halfLife));
  }

  /// @notice Standard deviation per sqrt(second), WAD.
  function perRootSecond(uint256 variance) internal pure returns (uint256 root) {
    root = FixedPointMathLib.sqrt(variance);
    if (root * root < variance) ++root;
  }
}
