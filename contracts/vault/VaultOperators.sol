// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultOperators} from "../interfaces/IVaultOperators.sol";
import {VaultDeleveraging} from "./VaultDeleveraging.sol";

/// @title VaultOperators
/// @notice Who may act for a borrower, by call or by signature: a layer of `VaultExtension`.
/// @dev STORAGE: the nonces lie under a name of their own (ERC-7201), as in `VaultDeleveraging`. Every change of an operator uses
/// one up, so that nothing signed before it survives it. ASSUMPTIONS, LIVENESS, ROUNDING: none.
abstract contract VaultOperators is VaultDeleveraging, IVaultOperators {
  using SlotDerivation for bytes32;
  using StorageSlot for bytes32;

  bytes32 private constant _SET_OPERATOR_TYPEHASH = keccak256(
    "SetOperator(address owner,address operator,bool approved,uint256 nonce,uint256 deadline)"
  );
  /// @dev `mapping(address owner => uint256)`.
  bytes32 private constant _OPERATOR_NONCES =
    keccak256(abi.encode(uint256(keccak256("gavel.storage.VaultOperators.nonces")) - 1)) & ~bytes32(uint256(0xff));

  /// @inheritdoc IVaultOperators
  function setOperator(address operator, bool approved) external {
    _useOperatorNonce(msg.sender);
    _setOperator(msg.sender, operator, approved);
  }

  /// @inheritdoc IVaultOperators
  function setOperatorWithSig(
    address owner,
    address operator,
    bool approved,
    uint256 deadline,
    bytes calldata signature
  ) external {
    bytes32 digest = MessageHashUtils.toTypedDataHash(
      IVaultCore(address(this)).DOMAIN_SEPARATOR(),
      keccak256(abi.encode(_SET_OPERATOR_TYPEHASH, owner, operator, approved, _useOperatorNonce(owner), deadline))
    );
    if (block.timestamp > deadline || !SignatureChecker.isValidSignatureNowCalldata(owner, digest, signature)) {
      revert InvalidOperatorSignature(owner, deadline);
    }
    _setOperator(owner, operator, approved);
  }

  /// @inheritdoc IVaultOperators
  function isOperator(address owner, address operator) external view returns (bool) {
    return _operators[owner][operator];
  }

  /// @inheritdoc IVaultOperators
  function operatorNonce(address owner) external view returns (uint256) {
    return _operatorNonce(owner).value;
  }

  function _setOperator(address owner, address operator, bool approved) private {
    _operators[owner][operator] = approved;
    emit OperatorSet(owner, operator, approved);
  }

  function _useOperatorNonce(address owner) private returns (uint256) {
    return _operatorNonce(owner).value++;
  }

  function _operatorNonce(address owner) private pure returns (StorageSlot.Uint256Slot storage nonce) {
    return _OPERATOR_NONCES.deriveMapping(owner).getUint256Slot();
  }
}
