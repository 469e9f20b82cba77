// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title VaultAuthoritySlot
/// @notice The slot in which `AccessManaged`, which is first in `VaultExtension`, keeps the authority: first in `Vault`.
abstract contract VaultAuthoritySlot {
  uint256 private _authoritySlot;
}
