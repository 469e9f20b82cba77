// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title StressMath
/// @notice Levels of stress from what sources read. Pure; never reverts. ROUNDING: up, towards more stress.
library StressMath {
  uint256 internal constant WAD = 1e18;

  /// @notice `part / whole`, at most 1. Something of nothing is 1, nothing of nothing 0.
  function share(uint256 part, uint256 whole) internal pure returns (uint256) {
    if (part == 0) return 0;
    return part >= whole ? WAD : FixedPointMathLib.fullMulDivUp(part, WAD, whole);
  }

  /// @notice 0 up to `calm`, 1 from `full` on, a straight line between them.
  function between(uint256 value, uint256 calm, uint256 full) internal pure returns (uint256) {
    return value <= calm ? 0 : share(value - calm, full - FixedPointMathLib.min(calm, full));
  }
}
