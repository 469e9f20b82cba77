// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How a source is registered. One storage slot: `source u160 | weight u16 | heartbeat u32 | expiresAt u40`.
/// @param source `IStressSource`.
/// @param weight In the median. The largest of all is less than twice the smallest.
/// @param heartbeat A reading that is older, seconds, does not count.
/// @param expiresAt Unix seconds at which the registration ends.
struct StressSource {
  address source;
  uint16 weight;
  uint32 heartbeat;
  uint40 expiresAt;
}

/// @notice What a registered source says now.
/// @param level WAD; 0 unless live.
/// @param updatedAt Unix seconds for which the level is known; 0 unless live.
struct StressReading {
  address source;
  uint256 weight;
  uint256 level;
  uint256 updatedAt;
  bool isLive;
}
