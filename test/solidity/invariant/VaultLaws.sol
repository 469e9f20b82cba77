// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdAssertions} from "forge-std/StdAssertions.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {Totals} from "../../../contracts/types/Totals.sol";
import {VaultHandler} from "./VaultHandler.sol";

/// @notice What holds of a vault's books after every step, and the handler's laws.
abstract contract VaultLaws is StdAssertions {
  function _checkLaws(VaultHandler handler) internal view {
    IVault vault = handler.vault();
    Totals memory totals = vault.accruedTotals();

    // SOLV-1: cash and debts cover what lenders and the reserve may claim, to the wei after rounding.
    uint256 debts;
    uint256 scaled;
    uint256 held;
    uint256 scaledMarks;
    for (uint256 i = 0; i < handler.borrowerCount(); ++i) {
      address borrower = handler.borrowers(i);
      Position memory position = vault.position(borrower);
      scaled += position.scaledDebt;
      held += position.collateral;
      debts += vault.debtOf(borrower);
      scaledMarks += vault.markOf(borrower);
      // SOLV-2: an emptied position carries its whole debt as mark; no other carries more than that.
      if (position.collateral == 0) assertEq(vault.markOf(borrower), vault.debtOf(borrower), "SOLV-2 mark");
      else assertLe(vault.markOf(borrower), vault.debtOf(borrower), "SOLV-2 mark");
    }
    assertGe(totals.cash + debts, vault.totalAssets() + totals.reserve - _min(totals.reserve, scaledMarks), "SOLV-1");
    assertGe(handler.loan().balanceOf(address(vault)), totals.cash, "SOLV-1 cash is there");
    assertGe(handler.collateral().balanceOf(address(vault)), held, "SOLV-1 collateral is there");
    // ACC-1: the sum of positions is the total.
    assertEq(scaled, totals.scaledDebt, "ACC-1");
    assertGe(debts, vault.totalDebt(), "ACC-1 rounding");

    if (handler.violationCount() != 0) revert(handler.violations(0));
  }

  function _min(uint256 a, uint256 b) private pure returns (uint256) {
    return a < b ? a : b;
  }
}
