// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleQuote} from "../../../contracts/types/TakeParams.sol";
import {VaultTest} from "../base/VaultTest.sol";

/// @notice A forced sale from trigger to settlement, in one sitting.
contract VaultLifecycleTest is VaultTest {
  address private _lender = makeAddr("lender");
  address private _borrower = makeAddr("borrower");
  address private _keeper = makeAddr("keeper");

  function setUp() public {
    _deployVault();
    _lend(_lender, 1_000_000e6);
    _open(_borrower, 100 ether, 150_000e6);
  }

  /// @dev Figures are exact to the unit here; the models hold them at other indices.
  function _age() internal override {}

  function test_aSaleFromTriggerToSettlement() public {
    vm.warp(block.timestamp + 1 days);
    oracle.setPrice(1_780e24);
    vm.prank(_keeper);
    vault.startSale(_borrower, _keeper);
    // A proof in between, or the sale would stand at hold.
    vm.warp(block.timestamp + 140);
    vault.touch(_borrower);
    vm.warp(block.timestamp + 160);
    SaleQuote memory quote = vault.quoteTake(_borrower);
    assertApproxEqRel(quote.price, 1_780e24 * 0.95, 1e15, "five percent after 300 s");
    uint256 debtBefore = vault.debtOf(_borrower);
    (uint256 payment, uint256 bought) = _take(_keeper, _borrower, type(uint256).max);
    assertEq(payment, quote.repay + quote.penalty);
    assertEq(bought, quote.collateral);
    uint256 debt = vault.debtOf(_borrower);
    assertApproxEqAbs(debtBefore - debt, quote.repay, 1);
    assertEq(vault.position(_borrower).saleStartedAt, 0, "cured");
    assertLe(debt * BPS, 7_056 * _sellPrice(1_780e24, vault.position(_borrower).collateral), "at the target");
    uint256 shares = vault.maxRedeem(_lender);
    vm.prank(_lender);
    vault.redeem(shares, _lender, _lender);
  }

  function test_aSaleThatEmptiesIsMarkedAndRealized() public {
    oracle.setPrice(1_300e24);
    uint256 before = vault.totalAssets();
    vault.startSale(_borrower, address(0));
    _take(_keeper, _borrower, type(uint256).max);
    assertEq(vault.position(_borrower).collateral, 0);
    uint256 debt = vault.debtOf(_borrower);
    assertGt(debt, 0);
    assertApproxEqAbs(vault.totalAssets(), before - debt, 1);
    vault.realizeLoss(_borrower);
    assertApproxEqAbs(vault.totalAssets(), before - debt, 1);
    assertEq(vault.debtOf(_borrower), 0);
  }
}
