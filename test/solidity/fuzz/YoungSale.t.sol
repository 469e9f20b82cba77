// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {SaleQuote} from "../../../contracts/types/TakeParams.sol";
import {VaultTest} from "../base/VaultTest.sol";

/// @notice A sale live for less than a half-life, on the real vault: at any price, age and size it leaves the lenders no worse off
/// than the deciding price itself does.
contract YoungSaleTest is VaultTest {
  uint256 private constant _COLLATERAL = 100 ether;
  address private _borrower = makeAddr("borrower");
  address private _taker = makeAddr("taker");

  function setUp() public {
    _deployVault();
    _lend(makeAddr("lender"), 1_000_000e6);
    _open(_borrower, _COLLATERAL, 150_000e6);
  }

  function testFuzz_youngSale_makesNoBadDebt(uint256 price, uint256 time, uint256 repay, bool all) public {
    price = _start(price);
    vm.warp(block.timestamp + bound(time, 0, _terms().halfLife - 1));
    SaleQuote memory quote = vault.quoteTake(_borrower);
    assertGe(quote.price, Math.min(price, _covering()));
    uint256 lacking = _lacking(price);
    _takeSome(all ? type(uint256).max : bound(repay, 1, quote.repay));
    // But for rounding: of what is paid, of what the debt falls by, and of what the rest is worth.
    assertLe(_lacking(price), lacking + 3);
  }

  function testFuzz_youngSale_makesNoBadDebt_inManyParts(uint256 price, uint256 seed) public {
    price = _start(price);
    for (uint256 i = 0; i < 6; ++i) {
      vm.warp(block.timestamp + 30);
      uint256 lacking = _lacking(price);
      try vault.quoteTake(_borrower) returns (SaleQuote memory quote) {
        _takeSome(1 + (uint256(keccak256(abi.encode(seed, i))) % quote.repay));
      } catch {
        return;
      }
      assertLe(_lacking(price), lacking + 3);
    }
  }

  /// @dev That the law says something: half a life later the clock's discount may be the lenders'.
  function test_anOldSale_mayMakeIt() public {
    _start(1_540e24);
    vm.warp(block.timestamp + _terms().halfLife);
    uint256 lacking = _lacking(1_540e24);
    assertEq(lacking, 0);
    _takeSome(type(uint256).max);
    assertGt(_lacking(1_540e24), 1_000e6);
  }

  /// @return The price, which calls the position unhealthy.
  function _start(uint256 price) private returns (uint256) {
    price = bound(price, 800e24, 1_790e24);
    oracle.setPrice(price);
    vault.startSale(_borrower, address(0));
    return price;
  }

  function _takeSome(uint256 repay) private {
    loan.mint(_taker, 1e15);
    vm.startPrank(_taker);
    loan.approve(address(vault), type(uint256).max);
    try vault.take(_takeParams(_borrower, _taker, repay)) {} catch {
      // What would leave too little is refused.
      assertLt(repay, type(uint256).max);
    }
    vm.stopPrank();
  }

  function _covering() private view returns (uint256) {
    SaleTerms memory terms = _terms();
    uint256 owed = vault.debtOf(_borrower) * (BPS + terms.penaltyBps);
    return Math.mulDiv(owed, 1e36 / BPS, vault.position(_borrower).collateral, Math.Rounding.Ceil);
  }

  /// @dev What the collateral at the deciding price lacks to pay the debt.
  function _lacking(uint256 price) private view returns (uint256) {
    uint256 debt = vault.debtOf(_borrower);
    uint256 worth = _sellPrice(price, vault.position(_borrower).collateral);
    return debt > worth ? debt - worth : 0;
  }
}
