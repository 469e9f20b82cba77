// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a group of sources says together.
/// @param level WAD 0..1e18, weighted median of live sources; 0 while it is not known.
/// @param live How many sources are live.
/// @param isKnown At least k are live.
struct Stress {
  uint64 level;
  uint8 live;
  bool isKnown;
}
