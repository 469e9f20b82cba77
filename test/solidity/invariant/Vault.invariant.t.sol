// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Position} from "../../../contracts/types/Position.sol";
import {Totals} from "../../../contracts/types/Totals.sol";
import {VaultTest} from "../base/VaultTest.sol";
import {VaultHandler} from "./VaultHandler.sol";

/// @notice The laws over any sequence of anyone's acts. Laws about one step are asserted in `VaultHandler`.
contract VaultInvariantTest is VaultTest {
  VaultHandler private _handler;

  function setUp() public {
    _deployVault();
    _handler = new VaultHandler(vault, loan, collateral, oracle, rateModel, governor);
    _lend(makeAddr("first lender"), 1_000_000e6);
    targetContract(address(_handler));
  }

  /// @dev SOLV-1, ACC-1 and the handler's laws in one function: the runner replays the whole campaign for each one.
  function invariant_laws() public view {
    Totals memory totals = vault.accruedTotals();

    // SOLV-1: cash and debts cover what lenders and the reserve may claim, to the wei after rounding.
    uint256 debts;
    uint256 scaled;
    uint256 held;
    uint256 scaledMarks;
    for (uint256 i = 0; i < _handler.borrowerCount(); ++i) {
      address borrower = _handler.borrowers(i);
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
    assertGe(loan.balanceOf(address(vault)), totals.cash, "SOLV-1 cash is there");
    assertGe(collateral.balanceOf(address(vault)), held, "SOLV-1 collateral is there");
    // ACC-1: the sum of positions is the total.
    assertEq(scaled, totals.scaledDebt, "ACC-1");
    assertGe(debts, vault.totalDebt(), "ACC-1 rounding");

    if (_handler.violationCount() != 0) revert(_handler.violations(0));
  }

  function _min(uint256 a, uint256 b) private pure returns (uint256) {
    return a < b ? a : b;
  }
}
