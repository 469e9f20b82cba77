// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How much a feed's price moves.
/// @param perRootSecond Standard deviation of its logarithm per sqrt(second), WAD.
/// @param updatedAt Unix seconds up to which rounds are in it.
/// @param isComplete Whether it rests on enough of the past.
struct Volatility {
  uint64 perRootSecond;
  uint40 updatedAt;
  bool isComplete;
}
