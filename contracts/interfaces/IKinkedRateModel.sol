// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IParameters} from "./IParameters.sol";
import {IRateModel} from "./IRateModel.sol";

/// @title IKinkedRateModel
/// @notice Two straight lines that meet at the kink. The state is the rate last computed; it is never read back.
interface IKinkedRateModel is IParameters, IRateModel {
  /// @notice Rate at utilisation 0, WAD per second.
  function base() external view returns (uint256);

  /// @notice What the rate rises by from utilisation 0 to the kink, WAD per second.
  function slope1() external view returns (uint256);

  /// @notice What the rate rises by from the kink to full utilisation, WAD per second; with the others below 2^40.
  function slope2() external view returns (uint256);

  /// @notice Utilisation at which the slope changes, WAD; inside (0, 1).
  function kink() external view returns (uint256);
}
