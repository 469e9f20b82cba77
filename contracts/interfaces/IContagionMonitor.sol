// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Stress} from "../types/Stress.sol";

/// @title IContagionMonitor
/// @notice What a group of sources says of stress elsewhere.
interface IContagionMonitor {
  /// @notice What the live sources say together.
  function stress() external view returns (Stress memory);
}
