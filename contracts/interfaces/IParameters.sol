// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IParameters
/// @notice What everything that is configured by numbers says of a wrong one.
interface IParameters {
  /// @notice A single parameter is outside of its own range.
  /// @param name Its name, ASCII.
  /// @param value In the parameter's own unit.
  error InvalidParameter(bytes32 name, uint256 value);
}
