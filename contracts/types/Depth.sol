// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Depth of one pair's market.
/// @param reserve Quote-side virtual reserve, loan units.
/// @param updatedAt Unix seconds up to which it was observed.
/// @param isComplete Whether enough was seen for it to count.
struct Depth {
  uint128 reserve;
  uint40 updatedAt;
  bool isComplete;
}
