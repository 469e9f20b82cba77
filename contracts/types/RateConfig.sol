// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an `AdaptiveRateModel` is built from. All WAD; rates per second.
/// @param targetUtilisation Utilisation at which the rate at target stands still.
/// @param steepness Rate at full utilisation over the rate at target; its inverse at utilisation 0.
/// @param speed How fast the rate at target grows at full utilisation, and falls at utilisation 0, per second.
/// @param initialRateAtTarget Rate at target before the first interval.
/// @param minRateAtTarget Lowest rate at target.
/// @param maxRateAtTarget Highest rate at target.
struct AdaptiveRateConfig {
  uint256 targetUtilisation;
  uint256 steepness;
  uint256 speed;
  uint256 initialRateAtTarget;
  uint256 minRateAtTarget;
  uint256 maxRateAtTarget;
}

/// @notice What a `KinkedRateModel` is built from. All WAD; rates per second.
/// @param base Rate at utilisation 0.
/// @param slope1 What the rate rises by from utilisation 0 to the kink.
/// @param slope2 What the rate rises by from the kink to full utilisation.
/// @param kink Utilisation at which the slope changes.
struct KinkedRateConfig {
  uint256 base;
  uint256 slope1;
  uint256 slope2;
  uint256 kink;
}
