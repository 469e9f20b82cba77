// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {IVaultBorrowing} from "../../../contracts/interfaces/IVaultBorrowing.sol";
import {IVaultSales} from "../../../contracts/interfaces/IVaultSales.sol";
import {Cover, CoverConfig} from "../../../contracts/types/Cover.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {SaleQuote} from "../../../contracts/types/TakeParams.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {VaultTest} from "../base/VaultTest.sol";

interface IRoles {
  function setTargetFunctionRole(address target, bytes4[] calldata selectors, uint64 roleId) external;
}

/// @notice The buyer of last resort on a real vault. No interest, so that figures are exact.
contract BackstopTest is VaultTest {
  uint256 private constant _DEBT = 150_000e6;
  uint256 private constant _COOLDOWN = 7 days;
  uint256 private constant _WINDOW = 2 days;
  uint256 private constant _UNHEALTHY = 1_780e24;
  uint128 private constant _CAP = 200_000e6;

  IBackstop private _backstop;
  address private _lender = makeAddr("lender");
  address private _borrower = makeAddr("borrower");
  address private _holder = makeAddr("holder");
  address private _buyer = makeAddr("buyer");

  /// @dev Figures are exact to the unit here; the model holds them at other indices.
  function _age() internal override {}

  function setUp() public {
    _deployVault();
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = IBackstop.setCover.selector;
    IRoles(manager).setTargetFunctionRole(address(_backstop), selectors, GOVERNOR_ROLE);
    rateModel.set(0, 0, 0);
    vault.accrue();
    _lend(_lender, 1_000_000e6);
    _open(_borrower, 100 ether, _DEBT);
    _cover(_CAP);
    loan.mint(_holder, 500_000e6);
    vm.startPrank(_holder);
    loan.approve(address(_backstop), type(uint256).max);
    _backstop.deposit(300_000e6, _holder);
    vm.stopPrank();
  }

  function _beforeVault() internal override {
    _backstop = IBackstop(
      deployCode(
        _artifact("backstop", "Backstop"),
        abi.encode(address(loan), "Gavel backstop", "gBACK", _COOLDOWN, _WINDOW, manager)
      )
    );
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.backstop = address(_backstop);
  }

  function _resale() private pure returns (SaleTerms memory terms) {
    terms.startPremiumBps = 100;
    terms.maxDiscountBps = 300;
    terms.halfLife = 1 hours;
    terms.horizon = 5 hours;
    terms.lot = 250_000e6;
  }

  function _cover(uint128 cap) private {
    vm.prank(governor);
    _backstop.setCover(address(vault), CoverConfig(cap, _resale()));
  }

  function _startSale(uint256 price) private {
    oracle.setPrice(price);
    vault.startSale(_borrower, address(0));
  }

  /// @dev A horizon in which keepers prove the sale before each half-life is over.
  function _ripen() private {
    uint256 until = block.timestamp + 1_060;
    for (uint256 left = 7; left != 0; --left) {
      vm.warp(until - left * 132);
      vault.touch(_borrower);
    }
    vm.warp(until);
  }

  // ------------------------------------------------------------------------------------------------------------------- buy

  function test_buy_atTheSalesOwnDiscount_onceAHorizonOld() public {
    _startSale(_UNHEALTHY);
    _ripen();
    SaleQuote memory quote = vault.quoteTake(_borrower);
    (uint256 payment, uint256 bought) = _backstop.buy(address(vault), _borrower, type(uint256).max);
    // Nobody bought meanwhile: the clock's price is the same.
    assertEq(payment, quote.repay + quote.penalty);
    assertEq(bought, quote.collateral);
    assertEq(_backstop.coverOf(address(vault)).inventory, bought);
    assertEq(collateral.balanceOf(address(_backstop)), bought);
    assertEq(loan.balanceOf(address(_backstop)), 300_000e6 - payment);
    assertEq(loan.allowance(address(_backstop), address(vault)), 0);
    // D(H) = 8% (1 - 2^-5) = 7.75%
    assertApproxEqRel((payment * 1e36) / bought, (_UNHEALTHY * 9_225) / BPS, 1e14);
  }

  function test_buy_whateverTheVaultWideClockSays() public {
    _startSale(_UNHEALTHY);
    _ripen();
    // A purchase brings the vault-wide clock up to now: the clock's price stands at hold.
    _take(_buyer, _borrower, 20_000e6);
    uint256 clockPrice = vault.quoteTake(_borrower).price;
    (uint256 payment, uint256 bought) = _backstop.buy(address(vault), _borrower, type(uint256).max);
    assertLt((payment * 1e36) / bought, clockPrice);
    assertApproxEqRel((payment * 1e36) / bought, (_UNHEALTHY * 9_225) / BPS, 1e14);
  }

  function test_RevertWhen_buy_theSaleIsYounger() public {
    _startSale(_UNHEALTHY);
    vm.warp(block.timestamp + 1_059);
    vm.expectRevert(abi.encodeWithSelector(IBackstop.SaleTooYoung.selector, 1_059, 1_060));
    _backstop.buy(address(vault), _borrower, type(uint256).max);
  }

  function test_buy_spendsNoMoreThanTold() public {
    _startSale(_UNHEALTHY);
    _ripen();
    (uint256 payment, ) = _backstop.buy(address(vault), _borrower, 10_000e6);
    assertLe(payment, 10_000e6);
    assertGt(payment, 9_999e6);
  }

  function test_RevertWhen_buy_theOracleIsSuspect() public {
    _startSale(_UNHEALTHY);
    vm.warp(block.timestamp + 1_060);
    _suspectPrice(_UNHEALTHY, 1_770e24, 1_790e24);
    vm.expectRevert(IVaultBorrowing.OracleNotFresh.selector);
    _backstop.buy(address(vault), _borrower, type(uint256).max);
  }

  function test_RevertWhen_buy_theVaultIsNotListed() public {
    vm.expectRevert(abi.encodeWithSelector(IBackstop.VaultNotListed.selector, address(this)));
    _backstop.buy(address(this), _borrower, 1);
  }

  // ---------------------------------------------------------------------------------------------------------------- resale

  function test_buyInventory_opensAtThePremium_andFalls() public {
    uint256 bought = _fillInventory();
    assertEq(_backstop.resalePrice(address(vault)), (_UNHEALTHY * 10_100) / BPS);
    vm.warp(block.timestamp + 1 hours);
    // 3% - 4% / 2 = 1%
    assertApproxEqRel(_backstop.resalePrice(address(vault)), (_UNHEALTHY * 9_900) / BPS, 1e12);

    loan.mint(_buyer, 1e12);
    vm.startPrank(_buyer);
    loan.approve(address(_backstop), type(uint256).max);
    uint256 half = bought / 2;
    uint256 payment = _backstop.buyInventory(address(vault), half, type(uint256).max, _buyer);
    vm.stopPrank();
    assertApproxEqRel((payment * 1e36) / half, (_UNHEALTHY * 9_900) / BPS, 1e12);
    assertEq(collateral.balanceOf(_buyer), half);
    assertEq(_backstop.coverOf(address(vault)).inventory, bought - half);
    // What was sold moved the clock towards now: the rest is dearer again.
    assertGt(_backstop.resalePrice(address(vault)), (_UNHEALTHY * 9_900) / BPS);
  }

  function test_RevertWhen_buyInventory_beyondIt_orBeyondTheLimit() public {
    uint256 bought = _fillInventory();
    vm.expectRevert(abi.encodeWithSelector(IBackstop.InsufficientInventory.selector, bought + 1, bought));
    _backstop.buyInventory(address(vault), bought + 1, type(uint256).max, _buyer);
    uint256 asked = _backstop.resalePrice(address(vault)) / 1e18;
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.PaymentTooHigh.selector, asked, asked - 1));
    _backstop.buyInventory(address(vault), 1 ether, asked - 1, _buyer);
    vm.expectRevert(IVaultBorrowing.ZeroAmount.selector);
    _backstop.buyInventory(address(vault), 0, 0, _buyer);
  }

  function test_inventory_countsHighForWhoEnters_lowForWhoLeaves() public {
    uint256 bought = _fillInventory();
    uint256 cash = loan.balanceOf(address(_backstop));
    // Bought at 7.75% off: what it cost, less than the lower price less 3%.
    assertEq(_backstop.totalAssets(), 300_000e6);
    assertLt(300_000e6, cash + (_sellPrice(_UNHEALTHY, bought) * 9_700) / BPS);
    oracle.setPrice(1_600e24);
    assertEq(_backstop.totalAssets(), cash + (_sellPrice(oracle.price().low, bought) * 9_700) / BPS);
    oracle.setPrice(_UNHEALTHY);
    uint256 shares = _backstop.previewDeposit(1_000e6);
    assertLt(_backstop.convertToAssets(shares), 1_000e6);
    // Not FRESH: nobody enters, and the inventory is worth nothing to those who leave.
    _suspectPrice(_UNHEALTHY, 1_770e24, 1_790e24);
    assertEq(_backstop.totalAssets(), cash);
    assertEq(_backstop.maxDeposit(_holder), 0);
    assertEq(_backstop.maxMint(_holder), 0);
    vm.expectRevert(IVaultBorrowing.OracleNotFresh.selector);
    _backstop.previewDeposit(1_000e6);
  }

  // ----------------------------------------------------------------------------------------------------------------- losses

  function test_realizeLoss_reserveThenBackstopThenLenders() public {
    _startSale(1_300e24);
    _take(_buyer, _borrower, type(uint256).max);
    uint256 loss = vault.debtOf(_borrower);
    uint256 before = vault.totalAssets();
    vm.expectEmit(true, true, true, true, address(vault));
    emit IVaultSales.LossRealized(_borrower, 0, loss, 0);
    vault.realizeLoss(_borrower);
    assertEq(vault.totalAssets(), before + loss, "lenders lose nothing");
    assertEq(_backstop.totalAssets(), 300_000e6 - loss);
    assertEq(_backstop.coverOf(address(vault)).cap, _CAP - loss);
  }

  function test_realizeLoss_beyondTheCap_fallsOnLenders() public {
    _cover(5_000e6);
    _startSale(1_300e24);
    _take(_buyer, _borrower, type(uint256).max);
    uint256 loss = vault.debtOf(_borrower);
    vm.expectEmit(true, true, true, true, address(vault));
    emit IVaultSales.LossRealized(_borrower, 0, 5_000e6, loss - 5_000e6);
    vault.realizeLoss(_borrower);
    assertEq(_backstop.coverOf(address(vault)).cap, 0);
    assertEq(_backstop.openLoss(), 0);
  }

  function test_RevertWhen_coverLoss_isAskedByAnyoneElse() public {
    vm.expectRevert(abi.encodeWithSelector(IBackstop.VaultNotListed.selector, address(this)));
    _backstop.coverLoss(1, 0);
  }

  // ------------------------------------------------------------------------------------------------------------------ leave

  function test_leaving_takesACooldown_andAWindow() public {
    uint256 shares = _backstop.balanceOf(_holder);
    assertEq(_backstop.maxRedeem(_holder), 0);
    vm.prank(_holder);
    _backstop.startCooldown(shares);
    vm.warp(block.timestamp + _COOLDOWN - 1);
    assertEq(_backstop.maxRedeem(_holder), 0);
    vm.expectRevert(abi.encodeWithSignature("ERC4626ExceededMaxRedeem(address,uint256,uint256)", _holder, shares, 0));
    vm.prank(_holder);
    _backstop.redeem(shares, _holder, _holder);

    vm.warp(block.timestamp + 1);
    assertEq(_backstop.maxRedeem(_holder), shares);
    vm.startPrank(_holder);
    uint256 quoted = _backstop.previewRedeem(shares / 3);
    assertEq(_backstop.redeem(shares / 3, _holder, _holder), quoted);
    assertEq(_backstop.maxRedeem(_holder), shares - shares / 3, "what was announced is used up");
    _backstop.withdraw(1_000e6, _holder, _holder);
    vm.stopPrank();

    vm.warp(block.timestamp + _WINDOW + 1);
    assertEq(_backstop.maxRedeem(_holder), 0);
    assertEq(_backstop.maxWithdraw(_holder), 0);
  }

  function test_nobodyLeaves_whileAListedVaultShowsALoss() public {
    uint256 shares = _backstop.balanceOf(_holder);
    vm.prank(_holder);
    _backstop.startCooldown(shares);
    vm.warp(block.timestamp + _COOLDOWN);
    _startSale(1_400e24);
    // 150,000 - 100 x 1,400 x 96%: what the clock reaches within a half-life is borne already.
    assertEq(_backstop.openLoss(), 15_600e6);
    assertEq(_backstop.maxRedeem(_holder), 0);
    oracle.setPrice(START_PRICE);
    vault.endSale(_borrower);
    assertEq(_backstop.maxRedeem(_holder), shares);
  }

  function test_aLossBeyondTheCover_closesNothing_onceTheCapIsUsedUp() public {
    uint256 shares = _backstop.balanceOf(_holder);
    vm.prank(_holder);
    _backstop.startCooldown(shares);
    vm.warp(block.timestamp + _COOLDOWN);
    _cover(5_000e6);
    _startSale(1_400e24);
    assertEq(_backstop.openLoss(), 5_000e6, "up to the cap");
    _cover(0);
    assertEq(_backstop.coveredVaults().length, 0);
    assertEq(_backstop.maxRedeem(_holder), shares);
  }

  function test_donations_moveNothing() public {
    uint256 assets = _backstop.totalAssets();
    loan.mint(address(_backstop), 1_000_000e6);
    collateral.mint(address(_backstop), 100 ether);
    assertEq(_backstop.totalAssets(), assets);
  }

  function testFuzz_enterAndLeave_neverPays(uint256 assets, uint256 price) public {
    assets = bound(assets, 1e6, 100_000e6);
    _fillInventory();
    oracle.setPrice(bound(price, 1_000e24, 3_000e24));
    vm.startPrank(_holder);
    uint256 shares = _backstop.deposit(assets, _holder);
    assertLe(_backstop.previewRedeem(shares), assets);
    vm.stopPrank();
  }

  // ---------------------------------------------------------------------------------------------------------------- listing

  function test_RevertWhen_setCover_byAStranger_orForAStrangersVault() public {
    vm.expectRevert(abi.encodeWithSignature("AccessManagedUnauthorized(address)", address(this)));
    _backstop.setCover(address(vault), CoverConfig(1, _resale()));
    VaultConfig memory config = _config();
    config.backstop = address(0);
    address other = deployCode(_artifact("vault", "Vault"), abi.encode(config));
    vm.prank(governor);
    vm.expectRevert(abi.encodeWithSelector(IBackstop.VaultNotCoverable.selector, other));
    _backstop.setCover(other, CoverConfig(1, _resale()));
  }

  function test_RevertWhen_setCover_withTermsOutOfRange() public {
    for (uint256 i = 0; i < 6; ++i) {
      SaleTerms memory terms = _resale();
      if (i == 0) terms.startPremiumBps = 2_001;
      if (i == 1) terms.maxDiscountBps = 2_001;
      if (i == 2) terms.holdBps = 301;
      if (i == 3) terms.halfLife = 0;
      if (i == 4) terms.horizon = 1;
      if (i == 5) terms.lot = 0;
      vm.prank(governor);
      vm.expectRevert(IBackstop.InvalidCover.selector);
      _backstop.setCover(address(vault), CoverConfig(1, terms));
    }
  }

  function test_strikingOff_waitsForTheInventory() public {
    uint256 bought = _fillInventory();
    _cover(0);
    assertEq(_backstop.coveredVaults().length, 1);
    loan.mint(_buyer, 1e12);
    vm.startPrank(_buyer);
    loan.approve(address(_backstop), type(uint256).max);
    _backstop.buyInventory(address(vault), bought, type(uint256).max, _buyer);
    vm.stopPrank();
    _cover(0);
    assertEq(_backstop.coveredVaults().length, 0);
    Cover memory cover = _backstop.coverOf(address(vault));
    assertFalse(cover.isListed);
  }

  function _fillInventory() private returns (uint256 bought) {
    _startSale(_UNHEALTHY);
    _ripen();
    (, bought) = _backstop.buy(address(vault), _borrower, type(uint256).max);
  }
}
