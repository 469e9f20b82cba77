// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VaultConfig} from "../types/VaultConfig.sol";

/// @title IVaultFactory
/// @notice Creates vaults from one creation code only, open to all. That a vault comes from here says that its code is the
/// vault's and that its extension is `vaultExtension`; it says nothing about its assets, oracle, terms or authority.
interface IVaultFactory {
  /// @notice A vault was created. With the vault's own views this is all that a keeper or a page needs to discover it.
  event VaultCreated(
    address indexed vault,
    address indexed asset,
    address indexed collateralAsset,
    address oracle,
    address rateModel,
    address curve,
    address authority,
    address creator
  );

  /// @notice The vault was not created by the factory, or does not name who is to serve it.
  error UnknownVault(address vault);
  /// @notice The creation code is not the one whose hash was fixed.
  error WrongCreationCode(bytes32 hash, bytes32 expected);
  /// @notice The configuration names other extension code than `vaultExtension`.
  error WrongExtension(address extension, address expected);

  /// @notice keccak256 of the vault's creation code, without constructor arguments.
  function creationCodeHash() external view returns (bytes32);

  /// @notice `VaultExtension` that every vault runs.
  function vaultExtension() external view returns (address);

  /// @notice Create a vault by CREATE2. What the vault's constructor refuses comes back as its own error.
  /// @param config Everything it is built from; its `extension` must be `vaultExtension`.
  /// @param creationCode The vault's creation code: in calldata, since it is larger than a contract may hold.
  /// @param salt Free choice; hashed with the caller, so that nobody can take another's address.
  /// @return vault Its address.
  function createVault(
    VaultConfig calldata config,
    bytes calldata creationCode,
    bytes32 salt
  ) external returns (address vault);

  /// @notice Address that `createVault` gives, or gave, for the same arguments when `creator` calls it.
  function vaultAddress(
    VaultConfig calldata config,
    bytes calldata creationCode,
    bytes32 salt,
    address creator
  ) external view returns (address);

  /// @notice Whether the vault was created here.
  function isVault(address vault) external view returns (bool);

  /// @notice Number of vaults created.
  function vaultCount() external view returns (uint256);

  /// @notice A page of the vaults in the order of their creation; shorter, or empty, where the list ends.
  function vaults(uint256 offset, uint256 limit) external view returns (address[] memory);
}
