// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IContagionMonitor} from "../../interfaces/IContagionMonitor.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IMonitorSource} from "../../interfaces/sources/IMonitorSource.sol";
import {Stress} from "../../types/Stress.sol";

/// @title MonitorSource
/// @dev ASSUMPTIONS: the monitor's. Its own monitor can't hear it: it would run out of its allowance of gas and count as dead.
/// LIVENESS: says nothing while too few sources are live. ROUNDING: none.
contract MonitorSource is IMonitorSource {
  /// @inheritdoc IMonitorSource
  address public immutable monitor;

  constructor(address monitor_) {
    if (monitor_.code.length == 0) revert NoReading(monitor_);
    monitor = monitor_;
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    Stress memory heard;
    (heard, updatedAt) = IContagionMonitor(monitor).aggregate();
    if (!heard.isKnown) revert NoReading(monitor);
    level = heard.level;
  }
}
