// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockVaultFactory
/// @notice Says of any address that it is a vault, where told so.
contract MockVaultFactory {
  mapping(address vault => bool) public isVault;

  function setVault(address vault, bool isVault_) external {
    isVault[vault] = isVault_;
  }
}
