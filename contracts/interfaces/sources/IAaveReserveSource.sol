// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IAaveReserveSource
/// @notice A reserve of an Aave v3 pool: 1 while it is paused or frozen; otherwise the larger of its utilisation above the kink
/// (0 at the kink, 1 at 100%) and what its available liquidity lacks of a floor (0 at the floor, 1 at nothing).
/// Utilisation = debt / (debt + available liquidity).
interface IAaveReserveSource is IStressSource {
  /// @notice `IAavePool`.
  function pool() external view returns (address);

  /// @notice Asset whose reserve is looked at.
  function asset() external view returns (address);

  /// @notice Utilisation at which stress begins, WAD: the `getOptimalUsageRatio` of the reserve's rate strategy, or above.
  function kink() external view returns (uint256);

  /// @notice Available liquidity under which stress begins, asset units; 0 for none.
  function floor() external view returns (uint256);
}
