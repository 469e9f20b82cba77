// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title GasGuard
/// @notice Holds callers to the gas that a call to somebody else's code is allowed: whoever could starve it could choose its outcome.
/// @dev ROUNDING: up, against the caller.
library GasGuard {
  /// @notice The call must be given its whole gas allowance: otherwise a caller could make it fail at will. Send the transaction
  /// with more gas.
  /// @param available Gas that was left.
  /// @param required Gas that must be left.
  error InsufficientGas(uint256 available, uint256 required);

  /// @dev Gas between the check and the call: the cold address, and the memory of what is sent and answered.
  uint256 internal constant CALL_MARGIN = 2_000;

  /// @notice Reverts with `InsufficientGas` unless a call can be given all of its allowance.
  /// @param allowance Gas that the call may use.
  function requireGas(uint256 allowance) internal view {
    requireGas(allowance, CALL_MARGIN);
  }

  /// @notice The same where more than a call's own margin must be left.
  /// @param allowance Gas that the call may use, far under 2^250.
  /// @param margin Gas for what comes before the call, and after it where it used all of its allowance.
  function requireGas(uint256 allowance, uint256 margin) internal view {
    // A call forwards at most 63/64 of what is left, and 1 + 1/32 is more than 64/63.
    unchecked {
      uint256 required = allowance + allowance / 32 + margin;
      if (gasleft() < required) revert InsufficientGas(gasleft(), required);
    }
  }
}
