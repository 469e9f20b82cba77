// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IVolatilitySource
/// @notice Realised volatility of one feed: 0 up to `calm`, 1 from `wild` on, a straight line between them.
interface IVolatilitySource is IStressSource {
  /// @notice `IVolatilityOracle`.
  function oracle() external view returns (address);

  /// @notice Feed whose volatility is looked at.
  function feed() external view returns (address);

  /// @notice WAD per sqrt(second).
  function calm() external view returns (uint256);

  /// @notice WAD per sqrt(second).
  function wild() external view returns (uint256);
}
