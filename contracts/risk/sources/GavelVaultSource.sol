// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IVault} from "../../interfaces/IVault.sol";
import {IVaultFactory} from "../../interfaces/IVaultFactory.sol";
import {IGavelVaultSource} from "../../interfaces/sources/IGavelVaultSource.sol";
import {InterestMath} from "../../libraries/InterestMath.sol";
import {StressMath} from "../../libraries/StressMath.sol";
import {Totals} from "../../types/Totals.sol";

/// @title GavelVaultSource
/// @dev ASSUMPTIONS: the governor lists vaults large enough that filling one costs something. Utilisation is that of the moment:
/// whoever borrows or lends much for one transaction moves it at will, so this is listed behind a `DampedSource`. Marks move with
/// the oracle, in state FRESH only, and when somebody touches the position.
/// LIVENESS: says nothing while a listed vault is within an operation, or none is listed. ROUNDING: up.
contract GavelVaultSource is IGavelVaultSource, AccessManaged {
  using EnumerableSet for EnumerableSet.AddressSet;

  uint256 private constant _MAX_VAULTS = 8;

  /// @inheritdoc IGavelVaultSource
  address public immutable factory;
  /// @inheritdoc IGavelVaultSource
  uint256 public immutable kink;
  /// @inheritdoc IGavelVaultSource
  uint256 public immutable fullMark;

  EnumerableSet.AddressSet private _vaults;

  constructor(address factory_, uint256 kink_, uint256 fullMark_, address authority_) AccessManaged(authority_) {
    if (kink_ == 0 || kink_ >= StressMath.WAD) revert InvalidParameter("kink", kink_);
    if (fullMark_ == 0 || fullMark_ > StressMath.WAD) revert InvalidParameter("fullMark", fullMark_);
    factory = factory_;
    kink = kink_;
    fullMark = fullMark_;
  }

  /// @inheritdoc IGavelVaultSource
  function addVault(address vault) external restricted {
    bool isListable = _vaults.length() < _MAX_VAULTS && IVaultFactory(factory).isVault(vault) && _vaults.add(vault);
    if (!isListable) revert VaultNotListable(vault);
    emit VaultListed(vault, true);
  }

  /// @inheritdoc IGavelVaultSource
  function removeVault(address vault) external restricted {
    if (!_vaults.remove(vault)) revert VaultNotWatched(vault);
    emit VaultListed(vault, false);
  }

  /// @inheritdoc IGavelVaultSource
  function vaults() external view returns (address[] memory) {
    return _vaults.values();
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    uint256 count = _vaults.length();
    if (count == 0) revert NoReading(address(this));
    for (uint256 i = 0; i < count; ++i) level = Math.max(level, _stressOf(IVault(_vaults.at(i))));
    updatedAt = block.timestamp;
  }

  function _stressOf(IVault vault) private view returns (uint256) {
    Totals memory totals = vault.accruedTotals();
    uint256 debt = InterestMath.toAssetsDown(totals.scaledDebt, totals.index);
    uint256 overKink = StressMath.between(StressMath.share(debt, debt + totals.cash), kink, StressMath.WAD);
    if (!totals.marked) return overKink;
    return Math.max(overKink, StressMath.share(StressMath.share(vault.markdown(), debt), fullMark));
  }
}
