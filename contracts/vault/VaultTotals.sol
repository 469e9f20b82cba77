// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultTotals} from "../interfaces/IVaultTotals.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Totals} from "../types/Totals.sol";
import {VaultOperators} from "./VaultOperators.sol";

/// @title VaultTotals
/// @notice Views of the books that no transaction of the vault's needs: a layer of `VaultExtension`.
abstract contract VaultTotals is VaultOperators, IVaultTotals {
  /// @inheritdoc IVaultTotals
  function totals() external view nonReentrantView returns (Totals memory) {
    return _loadTotals();
  }

  /// @inheritdoc IVaultTotals
  function totalDebt() external view returns (uint256) {
    Totals memory accrued_ = IVaultCore(address(this)).accruedTotals();
    return InterestMath.toAssetsDown(accrued_.scaledDebt, accrued_.index);
  }
}
