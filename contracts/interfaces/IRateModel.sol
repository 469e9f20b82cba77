// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRateModel
/// @notice Borrow rate as a function without storage: the vault keeps the model's state in its own books.
interface IRateModel {
  /// @notice Average rate over the last `dt` seconds, and the model's next state.
  /// @param state What the model returned last; 0 the first time. A per-second WAD rate: where the model fails to answer,
  /// the vault charges it.
  /// @param utilisation Debt / (cash + debt) at the start of the interval, WAD, at most 1e18.
  /// @param dt Seconds since the last call.
  /// @return ratePerSecond Rate to compound over `dt`, WAD per second.
  /// @return newState State to pass next time, below 2^40.
  function rate(
    uint256 state,
    uint256 utilisation,
    uint256 dt
  ) external view returns (uint256 ratePerSecond, uint256 newState);
}
