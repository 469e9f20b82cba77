// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ITakeCallback
/// @notice Implemented by takers that sell the collateral before they pay for it.
interface ITakeCallback {
  /// @notice Called on the payer after the collateral left the vault and before the payment is pulled from the payer.
  /// The vault is locked meanwhile: neither its functions nor its views can be called.
  /// @param payment Loan units that the vault pulls from the payer when this returns.
  /// @param collateral Collateral units that the receiver got.
  /// @param data What the payer passed.
  /// @return `ITakeCallback.onTake.selector`; anything else reverts.
  function onTake(uint256 payment, uint256 collateral, bytes calldata data) external returns (bytes4);
}
