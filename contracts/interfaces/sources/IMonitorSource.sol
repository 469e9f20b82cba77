// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IMonitorSource
/// @notice What a contagion monitor hears, as a source for others; as old as the oldest reading in it. Reading it
/// costs what all its sources cost: who allows a source less listens through a `DampedSource`. Who is listened to by the
/// monitor in return had better listen to `IGavelVaultSource`, our own vaults alone: two aggregates that listen to each other
/// keep each other's alarm up.
interface IMonitorSource is IStressSource {
  /// @notice `IContagionMonitor`.
  function monitor() external view returns (address);
}
