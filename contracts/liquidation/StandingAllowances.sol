// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IStandingAllowances} from "../interfaces/IStandingAllowances.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultFactory} from "../interfaces/IVaultFactory.sol";

/// @title StandingAllowances
/// @notice What all who buy from vaults within one transaction share: which vaults they serve, and the allowances of those.
/// @dev ASSUMPTIONS: the factory's vaults run the vault's code. Vaults take from their caller only; a flash loan takes from its
/// receiver, but needs one that answers (`onFlashLoan`), and whoever stands on this must not. LIVENESS: open to all. ROUNDING: none
/// of its own.
abstract contract StandingAllowances is IStandingAllowances, ReentrancyGuardTransient {
  using SafeERC20 for IERC20;

  /// @inheritdoc IStandingAllowances
  address public immutable vaultFactory;
  /// @inheritdoc IStandingAllowances
  mapping(address vault => address asset) public servedAsset;

  constructor(address vaultFactory_) {
    vaultFactory = vaultFactory_;
  }

  /// @inheritdoc IStandingAllowances
  function serve(address vault) external nonReentrant {
    _serve(vault);
  }

  /// @dev Neither changes: a vault of the factory stays one, and its loan asset is fixed.
  function _serve(address vault) private returns (address asset) {
    if (!IVaultFactory(vaultFactory).isVault(vault)) revert IVaultFactory.UnknownVault(vault);
    asset = IVault(vault).asset();
    servedAsset[vault] = asset;
    emit VaultServed(vault, asset);
    IERC20(asset).forceApprove(vault, type(uint256).max);
  }

  /// @return asset Loan asset of the vault, which is served from its first order on.
  function _assetOf(address vault) internal returns (address asset) {
    asset = servedAsset[vault];
    if (asset == address(0)) asset = _serve(vault);
  }
}
