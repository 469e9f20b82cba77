// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IGavelVaultSource
/// @notice Stress of our own vaults, for us and for others: the highest of all listed vaults. Of one vault it is the larger of its
/// utilisation above the kink (0 at the kink, 1 at 100%) and its marked debt (loss that lenders bear already, net of the reserve)
/// over its debt, full at `fullMark`. Vaults keep no sum of what is for sale: only what of it is under water shows. A loss that
/// was realised shows no longer; `IERC4626Source` remembers it.
interface IGavelVaultSource is IStressSource {
  /// @notice A vault is one of our own from now on, or no longer.
  event VaultListed(address indexed vault, bool isListed);

  /// @notice It does not come from our factory, is listed already, or all 8 places are taken.
  error VaultNotListable(address vault);
  /// @notice It is not listed.
  error VaultNotWatched(address vault);

  /// @notice `IVaultFactory`.
  function factory() external view returns (address);

  /// @notice Utilisation at which stress begins, WAD.
  function kink() external view returns (uint256);

  /// @notice Marked debt that is full stress, WAD share of the vault's debt.
  function fullMark() external view returns (uint256);

  /// @notice Our own vaults.
  function vaults() external view returns (address[] memory);

  /// @notice Name a vault our own. Restricted (governor). That it comes from the factory says what its code is; that it is ours
  /// only the governor can say, since the factory is open to all.
  function addVault(address vault) external;

  /// @notice Strike a vault off. Restricted (governor).
  function removeVault(address vault) external;
}
