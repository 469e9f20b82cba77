// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IVaultOperators
/// @notice Whom a borrower lets borrow and withdraw collateral for him.
interface IVaultOperators {
  /// @notice An operator was appointed or dismissed.
  event OperatorSet(address indexed owner, address indexed operator, bool approved);

  /// @notice The signature is not the owner's over these values, or its deadline has passed.
  error InvalidOperatorSignature(address owner, uint256 deadline);

  /// @notice Appoint or dismiss an operator, who may then borrow and withdraw collateral on the caller's behalf. Voids what the
  /// caller has signed for `setOperatorWithSig` and nobody has used yet.
  function setOperator(address operator, bool approved) external;

  /// @notice The same by EIP-712 signature (ERC-1271 for contracts) in the vault's domain, with the owner's next
  /// `operatorNonce(owner)`:
  /// `SetOperator(address owner,address operator,bool approved,uint256 nonce,uint256 deadline)`.
  /// @param deadline Unix seconds after which the signature is void.
  function setOperatorWithSig(
    address owner,
    address operator,
    bool approved,
    uint256 deadline,
    bytes calldata signature
  ) external;

  /// @notice Whether `operator` may act for `owner`.
  function isOperator(address owner, address operator) external view returns (bool);

  /// @notice Nonce of the owner's next `setOperatorWithSig`. Not the counter of `permit`: dismissing an operator leaves permits
  /// alone.
  function operatorNonce(address owner) external view returns (uint256);
}
