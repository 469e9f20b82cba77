// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {Cover, CoverConfig} from "../../../contracts/types/Cover.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {IManager, VaultTest} from "../base/VaultTest.sol";
import {BackstopHandler} from "./BackstopHandler.sol";

/// @notice The real vault, the real curve and the real backstop over any sequence of anyone's acts, with interest and a price
/// that has a band.
contract BackstopInvariantTest is VaultTest {
  IBackstop private _backstop;
  BackstopHandler private _handler;

  function setUp() public {
    _deployVault();
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = IBackstop.setCover.selector;
    IManager(manager).setTargetFunctionRole(address(_backstop), selectors, GOVERNOR_ROLE);
    SaleTerms memory resale;
    resale.startPremiumBps = 100;
    resale.maxDiscountBps = 300;
    resale.halfLife = 1 hours;
    resale.horizon = 5 hours;
    resale.lot = 250_000e6;
    vm.prank(governor);
    _backstop.setCover(address(vault), CoverConfig(10_000_000e6, resale));
    _handler = new BackstopHandler(vault, _backstop, loan, collateral, oracle);
    IManager(manager).grantRole(GOVERNOR_ROLE, address(_handler), 0);
    _lend(makeAddr("first lender"), 20_000_000e6);
    _handler.stake(0, 300_000e6);
    _handler.borrow(0, 150_000e6);
    targetContract(address(_handler));
  }

  function _beforeVault() internal override {
    _backstop = IBackstop(
      deployCode(
        _artifact("backstop", "Backstop"),
        abi.encode(address(loan), "Gavel backstop", "gBACK", 7 days, 2 days, manager)
      )
    );
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.backstop = address(_backstop);
  }

  function invariant_laws() public view {
    _checkLaws();
  }

  /// @dev That the laws were tried: everybody acted, and every act got through.
  function test_theHandlerDoesRealWork() public {
    for (uint256 i = 0; i < 2_000; ++i) {
      _act(uint256(keccak256(abi.encode(i))));
      if (i % 20 == 0) _checkLaws();
    }
    _checkLaws();
    string[21] memory acts = [
      "stake",
      "cool down",
      "leave",
      "moved",
      "locked",
      "flash",
      "flash that leaves",
      "flash with a purchase",
      "flash with a loss",
      "flash with a resale",
      "buy",
      "resell",
      "cap",
      "lend",
      "wait",
      "realize",
      "cover with cash",
      "cover with inventory",
      "borrow",
      "start",
      "take"
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.calls(bytes32(bytes(acts[i]))), 3, acts[i]);
  }

  /// @dev Often a sale that nobody wants; what follows is anyone's.
  function _act(uint256 seed) private {
    uint256 what = seed % 24;
    uint256 a = seed >> 8;
    uint256 b = seed >> 80;
    if (what == 0) _handler.stake(a, b);
    else if (what == 1) _handler.coolDown(a, b % 2 == 0 ? type(uint256).max : b);
    else if (what == 2) _handler.exit(a, b);
    else if (what == 3) _handler.move(a, b, seed >> 120);
    else if (what == 4) _handler.flash(b, a, seed >> 160);
    else if (what == 5) _handler.buy(a);
    else if (what == 6) _handler.resell(b);
    else if (what == 7) _handler.realize(a);
    else if (what == 8) _handler.take(a);
    else if (what < 11) _handler.borrow(a, b);
    else if (what == 11) _handler.movePrice(a);
    else if (what < 14) _handler.pass(a);
    else if (what == 14) _handler.cap(b);
    else if (what < 17) _coolDown(a, b);
    else if (what == 17) _handler.lend(b);
    else if (what == 18) _neglect(a, b);
    else _ripen(a, b);
  }

  /// @dev What the backstop bought with its last cash waits for a buyer longer than a loss may wait.
  function _neglect(uint256 a, uint256 b) private {
    _handler.borrow(a, type(uint256).max);
    _handler.ripen(a, b);
    _handler.buy(a);
    _handler.take(a);
    _handler.realize(a);
    for (uint256 i = 0; i < 5; ++i) _handler.pass(4);
    _handler.realize(a);
  }

  function _coolDown(uint256 a, uint256 b) private {
    _handler.coolDownAndWait(a, b);
    if (b % 2 == 0) _handler.exit(a, type(uint256).max);
    else _handler.flash(b >> 8, a, b >> 16);
  }

  /// @dev Then the backstop, a flash or a bidder comes first.
  function _ripen(uint256 a, uint256 b) private {
    _handler.ripen(a, b);
    if (b % 5 == 0) _handler.flash(b >> 8, a, b >> 16);
    else if (b % 5 < 3) _handler.buy(a);
    else {
      _handler.take(a);
      if (b % 5 == 3) _handler.flash(b >> 8, a, b >> 16);
    }
    _handler.realize(a);
  }

  function _checkLaws() private view {
    if (_handler.violationCount() != 0) assertEq(_handler.violations(0), "");
    Cover memory cover = _backstop.coverOf(address(vault));
    assertEq(collateral.balanceOf(address(_backstop)), cover.inventory, "inventory");
    assertGe(loan.balanceOf(address(_backstop)) + cover.cost, _backstop.totalAssets(), "a gain before its resale");
    if (cover.inventory == 0) assertEq(cover.cost, 0, "cost of nothing");
    uint256 pending;
    for (uint256 i = 0; i < _handler.borrowerCount(); ++i) {
      pending += vault.pendingLossOf(_handler.borrowers(i)).assets;
    }
    assertEq(cover.owed, pending, "what waits is the same on both sides");
    assertGe(vault.markdown(), pending, "what waits is marked");
    for (uint256 i = 0; i < _handler.holderCount(); ++i) {
      address holder = _handler.holders(i);
      assertLe(_backstop.lockedOf(holder), _backstop.balanceOf(holder), "locked");
    }
  }
}
