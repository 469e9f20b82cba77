// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Realised volatility of one feed.
/// @param perRootSecond Of the logarithm of the price, WAD per sqrt(second).
/// @param updatedAt Unix seconds up to which rounds are in it.
/// @param isComplete Whether enough was seen for it to count.
struct Volatility {
  uint64 perRootSecond;
  uint40 updatedAt;
  bool isComplete;
}
