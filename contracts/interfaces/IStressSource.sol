// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IParameters} from "./IParameters.sol";

/// @title IStressSource
/// @notice One source of stress: how near something is to breaking, from 0 (calm) to 1e18. A source that has nothing to say
/// reverts; who listens counts it as not live.
interface IStressSource is IParameters {
  /// @notice What is read can't say anything now.
  error NoReading(address target);

  /// @return level WAD, 0..1e18.
  /// @return updatedAt unix seconds for which the level is known.
  function stress() external view returns (uint256 level, uint256 updatedAt);
}
