// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVaultBorrowing} from "../../../contracts/interfaces/IVaultBorrowing.sol";
import {IVaultLosses} from "../../../contracts/interfaces/IVaultLosses.sol";
import {IVaultSales} from "../../../contracts/interfaces/IVaultSales.sol";
import {PauseBits} from "../../../contracts/types/Params.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {SaleQuote, SellParams} from "../../../contracts/types/TakeParams.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {VaultTest} from "../base/VaultTest.sol";

/// @notice Marks, two-sided price, losses and sales away from the clock. No interest, so that figures are exact.
contract VaultLossesTest is VaultTest {
  uint256 private constant _DEBT = 150_000e6;
  uint256 private constant _COLLATERAL = 100 ether;
  /// @dev Debt above 98.5% of the collateral's value.
  uint256 private constant _UNDER_WATER = 1_400e24;

  address private _lender = makeAddr("lender");
  address private _other = makeAddr("other lender");
  address private _borrower = makeAddr("borrower");
  address private _direct = makeAddr("direct liquidator");
  address private _batch = makeAddr("batch liquidator");

  function setUp() public {
    _deployVault();
    rateModel.set(0, 0, 0);
    vault.accrue();
    _lend(_lender, 600_000e6);
    _lend(_other, 400_000e6);
    _open(_borrower, _COLLATERAL, _DEBT);
  }

  /// @dev Figures are exact to the unit here; the models hold them at other indices.
  function _age() internal override {}

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.directLiquidator = _direct;
    config.batchLiquidator = _batch;
  }

  // ---------------------------------------------------------------------------------------------------------------- marks

  function test_startSale_marksWhatTheCollateralDoesNotCover() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    // 100 x 1,400 x 96% = 134,400: to 4% the clocks come in a half-life.
    assertEq(vault.markOf(_borrower), 15_600e6);
    assertEq(vault.markdown(), 15_600e6);
    assertEq(vault.totalAssets(), 1_000_000e6 - 15_600e6);
  }

  function test_startSale_marksNothing_whileTheCollateralCovers() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    assertEq(vault.markOf(_borrower), 0);
    assertEq(vault.totalAssets(), 1_000_000e6);
    assertFalse(vault.totals().marked);
  }

  function test_SOLV_2_whoLeavesGetsTheMarkedDownValue_whoEntersPaysTheFullOne() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));

    uint256 shares = vault.balanceOf(_lender);
    uint256 quoted = vault.previewRedeem(shares);
    vm.prank(_lender);
    uint256 got = vault.redeem(shares, _lender, _lender);
    assertEq(got, quoted);
    assertEq(got, 600_000e6 - 9_360e6, "his part of the mark, to the unit");

    // One who enters pays as if there were no mark; when the mark is written back, he has gained nothing.
    loan.mint(address(this), 100_000e6);
    loan.approve(address(vault), 100_000e6);
    uint256 bought = vault.deposit(100_000e6, address(this));
    assertLt(vault.previewRedeem(bought), 100_000e6, "and bears his part at once");
    oracle.setPrice(START_PRICE);
    vault.endSale(_borrower);
    assertEq(vault.markOf(_borrower), 0);
    uint256 worth = vault.previewRedeem(bought);
    assertLe(worth, 100_000e6, "no gain from the write-back");
    assertGe(worth + 1, 100_000e6);
    // What the leaver left behind belongs to those who stayed.
    assertEq(vault.totalAssets(), 1_000_000e6 - got + 100_000e6);
  }

  function test_whenTheLossIsRealized_whoLeftBeforeHadNoBetterPrice() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    uint256 shares = vault.balanceOf(_lender);
    vm.prank(_lender);
    uint256 early = vault.redeem(shares, _lender, _lender);
    // The collateral goes a half-life on: what the mark reckoned with.
    vm.warp(block.timestamp + 212);
    _take(makeAddr("taker"), _borrower, type(uint256).max);
    vault.realizeLoss(_borrower);
    vm.startPrank(_other);
    uint256 late = vault.redeem(vault.maxRedeem(_other), _other, _other);
    vm.stopPrank();
    assertApproxEqAbs((early * 2) / 3, late, 20e6, "the same price a share, but for rounding");
    assertLe(late, (early * 2) / 3 + 20e6);
  }

  function test_markDown_followsThePriceUpAndDown() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    oracle.setPrice(1_300e24);
    assertEq(vault.markDown(_borrower), 150_000e6 - 124_800e6);
    assertEq(vault.totalAssets(), 1_000_000e6 - 25_200e6);
    oracle.setPrice(1_500e24);
    assertEq(vault.markDown(_borrower), 6_000e6);
    oracle.setPrice(1_600e24);
    assertEq(vault.markDown(_borrower), 0);
    assertFalse(vault.totals().marked);
  }

  function test_RevertWhen_markDown_theOracleIsNotFresh() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    _suspectPrice(1_000e24, 980e24, 1_020e24);
    vm.expectRevert(IVaultBorrowing.OracleNotFresh.selector);
    vault.markDown(_borrower);
  }

  function test_RevertWhen_markDown_noSaleIsLive() public {
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.SaleNotStarted.selector, _borrower));
    vault.markDown(_borrower);
  }

  function test_startSale_marksNothing_whileTheOracleIsSuspect() public {
    _suspectPrice(_UNDER_WATER, 1_390e24, 1_410e24);
    vault.startSale(_borrower, address(0));
    assertEq(vault.markOf(_borrower), 0);
    oracle.setPrice(_UNDER_WATER);
    assertEq(vault.markDown(_borrower), 15_600e6, "as soon as the sources agree");
  }

  function test_aPartialTake_remarksWhatStays() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    _take(makeAddr("taker"), _borrower, 70_000e6);
    uint256 left = vault.position(_borrower).collateral;
    uint256 expected = vault.debtOf(_borrower) - (_sellPrice(_UNDER_WATER, left) * 9_600) / BPS;
    assertEq(vault.markOf(_borrower), expected);
  }

  function test_aRepayment_remarksWhatStays_andClearsItInTheEnd() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    loan.mint(address(this), _DEBT);
    loan.approve(address(vault), _DEBT);
    vault.repay(10_000e6, _borrower);
    assertEq(vault.markOf(_borrower), 5_600e6);
    vault.repay(_DEBT, _borrower);
    assertEq(vault.markOf(_borrower), 0);
    assertEq(vault.totalAssets(), 1_000_000e6);
    assertFalse(vault.totals().marked);
  }

  function test_addedCollateral_remarks() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    collateral.mint(address(this), 5 ether);
    collateral.approve(address(vault), 5 ether);
    vault.supplyCollateral(5 ether, _borrower);
    assertEq(vault.markOf(_borrower), 150_000e6 - 141_120e6);
  }

  function test_aMarkOfASaleThatEndedInDoubt_isClearedOnceTheSourcesAgree() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    // A price in doubt ends the sale but moves no mark.
    _suspectPrice(START_PRICE, 1_960e24, 2_040e24);
    vault.endSale(_borrower);
    assertEq(vault.markOf(_borrower), 15_600e6);
    oracle.setPrice(START_PRICE);
    assertEq(vault.markDown(_borrower), 0);
  }

  function test_marksGrowWithTheDebt() public {
    oracle.setPrice(_UNDER_WATER);
    vault.startSale(_borrower, address(0));
    rateModel.set(1e9, 1e9, 0);
    vm.warp(block.timestamp + 365 days);
    uint256 growth = (vault.debtOf(_borrower) * WAD) / _DEBT;
    assertApproxEqAbs(vault.markOf(_borrower), (15_600e6 * growth) / WAD, 2);
  }

  // ------------------------------------------------------------------------------------------------------------- realized

  function test_realizeLoss_reserveFirst_thenLenders() public {
    oracle.setPrice(1_300e24);
    vault.startSale(_borrower, address(0));
    _take(makeAddr("taker"), _borrower, type(uint256).max);
    uint256 debt = vault.debtOf(_borrower);
    assertEq(vault.markOf(_borrower), debt);
    uint256 before = vault.totalAssets();
    vm.expectEmit(true, true, true, true, address(vault));
    emit IVaultSales.LossRealized(_borrower, 0, 0, debt);
    assertEq(vault.realizeLoss(_borrower), debt);
    assertEq(vault.totalAssets(), before, "the mark bore it already");
    assertEq(vault.debtOf(_borrower), 0);
    assertEq(vault.markdown(), 0);
  }

  function test_RevertWhen_realizeLoss_collateralOfValueStands_howeverDeepTheBlip() public {
    oracle.setPrice(1_000e24);
    vault.startSale(_borrower, address(0));
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotEmptied.selector, _borrower, 100_500e6, 1e6));
    vault.realizeLoss(_borrower);
    oracle.setPrice(START_PRICE);
    assertEq(vault.debtOf(_borrower), _DEBT, "a blip forgives nothing");
  }

  function test_RevertWhen_realizeLoss_thereIsNoDebt() public {
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotEmptied.selector, _lender, 0, 0));
    vault.realizeLoss(_lender);
  }

  function test_realizeLoss_sweepsDust_toTheReserve() public {
    _worthDust();
    vault.startSale(_borrower, address(0));
    vm.warp(block.timestamp + _terms().horizon);
    vm.expectEmit(true, true, true, true, address(vault));
    emit IVaultLosses.CollateralSwept(_borrower, _COLLATERAL);
    assertEq(vault.realizeLoss(_borrower), _DEBT);
    assertEq(vault.position(_borrower).collateral, 0);
    assertEq(vault.position(address(vault)).collateral, _COLLATERAL);
    vm.prank(governor);
    assertEq(vault.claimSweptCollateral(governor), _COLLATERAL);
    assertEq(collateral.balanceOf(governor), _COLLATERAL);
  }

  function test_RevertWhen_realizeLoss_noSaleOfTheDustIsLive() public {
    _worthDust();
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.SaleNotStarted.selector, _borrower));
    vault.realizeLoss(_borrower);
  }

  function test_RevertWhen_realizeLoss_theDustWasOfferedForLessThanAHorizon() public {
    _worthDust();
    vault.startSale(_borrower, address(0));
    uint256 horizon = _terms().horizon;
    vm.warp(block.timestamp + horizon - 1);
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotOfferedYet.selector, _borrower, horizon - 1, horizon));
    vault.realizeLoss(_borrower);
  }

  function test_RevertWhen_realizeLoss_anOutageInterruptedTheOffer() public {
    _worthDust();
    vault.startSale(_borrower, address(0));
    uint256 horizon = _terms().horizon;
    vm.warp(block.timestamp + 2 * horizon);
    Price memory price = oracle.price();
    price.liveSince = block.timestamp - 5;
    oracle.set(price);
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotOfferedYet.selector, _borrower, 5, horizon));
    vault.realizeLoss(_borrower);
  }

  function test_RevertWhen_realizeLoss_salesArePaused_orHaveJustBeenUnpaused() public {
    _worthDust();
    vault.startSale(_borrower, address(0));
    uint256 horizon = _terms().horizon;
    vm.prank(governor);
    vault.pause(PauseBits.SALES);
    vm.warp(block.timestamp + 2 * horizon);
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.ActionPaused.selector, PauseBits.SALES));
    vault.realizeLoss(_borrower);
    vm.prank(governor);
    vault.unpause(PauseBits.SALES);
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotOfferedYet.selector, _borrower, 0, horizon));
    vault.realizeLoss(_borrower);
  }

  function test_RevertWhen_realizeLoss_dustIsJudgedOnADoubtfulPrice() public {
    _suspectPrice(0.01e24, 0.01e24, 0.01e24);
    vm.expectRevert(abi.encodeWithSelector(IVaultLosses.NotEmptied.selector, _borrower, 1e6, 1e6));
    vault.realizeLoss(_borrower);
  }

  // ----------------------------------------------------------------------------------------------- away from the clock

  function test_sell_atAPriceOfItsOwn_withinTheCloseAmount() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    uint256 price = 1_775e24;
    SaleQuote memory quote = vault.quoteSell(_borrower, price, type(uint256).max);
    uint256 debtBefore = vault.debtOf(_borrower);
    (uint256 payment, uint256 sold) = _sell(_direct, price, type(uint256).max);
    assertEq(payment, quote.repay + quote.penalty);
    assertEq(sold, quote.collateral);
    assertApproxEqAbs(debtBefore - vault.debtOf(_borrower), quote.repay, 1);
    assertEq(collateral.balanceOf(_direct), sold);
    assertEq(vault.position(_borrower).saleStartedAt, 0, "health restored");
    assertGt(vault.totals().saleClock, 0, "the vault-wide clock moved");
  }

  function test_RevertWhen_sell_isCalledByAnyoneElse() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.NotSeller.selector, address(this)));
    vault.sell(_sellParams(1_775e24, type(uint256).max, address(this)));
  }

  function test_RevertWhen_sell_thePriceIsUnderTheFloor() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    // Of the lower price.
    uint256 floor = (oracle.price().low * 9_200) / BPS;
    assertLt(oracle.price().low, 1_780e24);
    vm.prank(_batch);
    vm.expectRevert(abi.encodeWithSelector(IVaultSales.PriceBelowFloor.selector, floor - 1, floor));
    vault.sell(_sellParams(floor - 1, type(uint256).max, _batch));
    (uint256 payment, ) = _sell(_batch, floor, type(uint256).max);
    assertGt(payment, 0);
  }

  function test_sell_worksForBothLiquidatorsWhileTheSourcesDisagree() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    _suspectPrice(1_780e24, 1_770e24, 1_790e24);
    (uint256 payment, ) = _sell(_direct, 1_775e24, 10_000e6);
    assertEq(payment, 10_050e6);
    (payment, ) = _sell(_batch, 1_775e24, 10_000e6);
    assertEq(payment, 10_050e6);
  }

  function test_RevertWhen_sell_theOracleIsStale() public {
    oracle.setPrice(1_780e24);
    vault.startSale(_borrower, address(0));
    _stalePrice();
    vm.prank(_direct);
    vm.expectRevert(IVaultSales.OracleStale.selector);
    vault.sell(_sellParams(1_775e24, type(uint256).max, _direct));
  }

  function test_RevertWhen_sell_noSaleIsLive() public {
    oracle.setPrice(1_780e24);
    vm.prank(_batch);
    vm.expectRevert(IVaultSales.NothingToTake.selector);
    vault.sell(_sellParams(1_775e24, type(uint256).max, _batch));
  }

  function test_sell_startsTheSaleForTheDirectLiquidator() public {
    oracle.setPrice(1_780e24);
    (uint256 payment, ) = _sell(_direct, 1_775e24, 10_000e6);
    assertEq(payment, 10_050e6);
    assertEq(vault.position(_borrower).saleStartedAt, block.timestamp);
  }

  /// @dev A hundredth of the smallest debt is 1 loan asset: 100 collateral assets at a higher price of 0.01 are exactly that.
  function _worthDust() private {
    oracle.setPrice(0.0099e24);
    Price memory price = oracle.price();
    price.high = 0.01e24;
    oracle.set(price);
  }

  function _sellParams(uint256 price, uint256 maxRepay, address receiver) private view returns (SellParams memory) {
    address[] memory borrowers = new address[](1);
    borrowers[0] = _borrower;
    return SellParams(borrowers, receiver, maxRepay, price, "");
  }

  function _sell(address seller, uint256 price, uint256 maxRepay) private returns (uint256 payment, uint256 sold) {
    loan.mint(seller, 1e12);
    vm.startPrank(seller);
    loan.approve(address(vault), type(uint256).max);
    (payment, sold) = vault.sell(_sellParams(price, maxRepay, seller));
    vm.stopPrank();
  }
}
