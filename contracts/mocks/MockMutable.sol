// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockMutable
/// @notice Something for `npm run mutate` to break: the tests of `isAtLeast` leave its edge out on purpose.
contract MockMutable {
  function sum(uint256 a, uint256 b) external pure returns (uint256) {
    return a + b;
  }

  function isAtLeast(uint256 a, uint256 b) external pure returns (bool) {
    return a >= b;
  }
}
