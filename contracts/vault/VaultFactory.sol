// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IVaultFactory} from "../interfaces/IVaultFactory.sol";
import {VaultConfig} from "../types/VaultConfig.sol";

/// @title VaultFactory
/// @dev ASSUMPTIONS: the creation code behind the hash is the vault's: it calls out only by static calls and into
/// `vaultExtension`, so that nothing comes back here during a creation. LIVENESS: open to all for ever; nobody can take an
/// address that another caller has worked out, since the caller is part of the salt. Nothing to own, nothing to set.
contract VaultFactory is IVaultFactory {
  /// @inheritdoc IVaultFactory
  bytes32 public immutable creationCodeHash;
  /// @inheritdoc IVaultFactory
  address public immutable vaultExtension;
  /// @inheritdoc IVaultFactory
  mapping(address vault => bool) public isVault;

  address[] private _vaults;

  constructor(bytes32 creationCodeHash_, address vaultExtension_) {
    creationCodeHash = creationCodeHash_;
    vaultExtension = vaultExtension_;
  }

  /// @inheritdoc IVaultFactory
  function createVault(
    VaultConfig calldata config,
    bytes calldata creationCode,
    bytes32 salt
  ) external returns (address vault) {
    vault = Create2.deploy(0, _callersSalt(msg.sender, salt), _initCode(config, creationCode));
    isVault[vault] = true;
    _vaults.push(vault);
    emit VaultCreated(
      vault,
      config.asset,
      config.collateralAsset,
      config.oracle,
      config.rateModel,
      config.curve,
      config.authority,
      msg.sender
    );
  }

  /// @inheritdoc IVaultFactory
  function vaultAddress(
    VaultConfig calldata config,
    bytes calldata creationCode,
    bytes32 salt,
    address creator
  ) external view returns (address) {
    return Create2.computeAddress(_callersSalt(creator, salt), keccak256(_initCode(config, creationCode)));
  }

  /// @inheritdoc IVaultFactory
  function vaultCount() external view returns (uint256) {
    return _vaults.length;
  }

  /// @inheritdoc IVaultFactory
  function vaults(uint256 offset, uint256 limit) external view returns (address[] memory page) {
    page = new address[](Math.min(limit, Math.saturatingSub(_vaults.length, offset)));
    for (uint256 i = 0; i < page.length; ++i) page[i] = _vaults[offset + i];
  }

  function _initCode(VaultConfig calldata config, bytes calldata creationCode) private view returns (bytes memory) {
    bytes32 hash = keccak256(creationCode);
    if (hash != creationCodeHash) revert WrongCreationCode(hash, creationCodeHash);
    if (config.extension != vaultExtension) revert WrongExtension(config.extension, vaultExtension);
    return bytes.concat(creationCode, abi.encode(config));
  }

  function _callersSalt(address caller, bytes32 salt) private pure returns (bytes32) {
    return keccak256(abi.encode(caller, salt));
  }
}
