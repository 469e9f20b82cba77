// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Totals} from "../types/Totals.sol";

/// @title IVaultTotals
/// @notice The books of a vault, for those who watch it. Locked while the vault calls out.
interface IVaultTotals {
  /// @notice The books as stored, without the interest since `accruedAt`.
  function totals() external view returns (Totals memory);

  /// @notice Sum of all debts with interest up to now, rounded down, loan units.
  function totalDebt() external view returns (uint256);
}
