// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IParameters} from "./IParameters.sol";
import {IRateModel} from "./IRateModel.sol";

/// @title IAdaptiveRateModel
/// @notice A curve through the rate at target that climbs while utilisation is above target and sinks while it is below, so
/// that nobody has to set rates. The error is utilisation's distance from target as a share of the room on that side, -1
/// to 1. Within an interval the rate at target moves by `e^(speed x error x seconds)` between its bounds; what is charged
/// is the exact average over the interval, so that it does not matter how often somebody accrues.
interface IAdaptiveRateModel is IParameters, IRateModel {
  /// @notice Utilisation at which the rate at target stands still, WAD; inside (0, 1).
  function targetUtilisation() external view returns (uint256);

  /// @notice Rate at full utilisation over the rate at target, WAD; 1 to 100.
  function steepness() external view returns (uint256);

  /// @notice Speed of the rate at target at full utilisation, WAD per second; at most 1,000 a year.
  function speed() external view returns (uint256);

  /// @notice Rate at target before the first interval, WAD per second.
  function initialRateAtTarget() external view returns (uint256);

  /// @notice Lowest rate at target, WAD per second; above 0.
  function minRateAtTarget() external view returns (uint256);

  /// @notice Highest rate at target, WAD per second; times the steepness it stays below 2^40.
  function maxRateAtTarget() external view returns (uint256);
}
