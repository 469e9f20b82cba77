// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILeverageCallback
/// @notice Implemented by callers of `supplyCollateralAndBorrow` and `repayAndWithdrawCollateral` that turn one side into
/// the other before they pay: leverage and its undoing in one transaction.
interface ILeverageCallback {
  /// @notice Called on the payer after the borrowed assets were sent and before the collateral is pulled from the payer.
  /// The vault is locked meanwhile.
  /// @param borrowed Loan units that the receiver got.
  /// @param collateralDue Collateral units that the vault pulls from the payer when this returns.
  /// @return `ILeverageCallback.onBorrow.selector`; anything else reverts.
  function onBorrow(uint256 borrowed, uint256 collateralDue, bytes calldata data) external returns (bytes4);

  /// @notice Called on the payer after the collateral was sent and before the repayment is pulled from the payer. The
  /// vault is locked meanwhile.
  /// @param withdrawn Collateral units that the receiver got.
  /// @param repaymentDue Loan units that the vault pulls from the payer when this returns.
  /// @return `ILeverageCallback.onRepay.selector`; anything else reverts.
  function onRepay(uint256 withdrawn, uint256 repaymentDue, bytes calldata data) external returns (bytes4);
}
