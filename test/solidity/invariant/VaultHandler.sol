// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {DecayCurve} from "../../../contracts/libraries/DecayCurve.sol";
import {DeleverageParams} from "../../../contracts/types/Deleveraging.sol";
import {PauseBits} from "../../../contracts/types/Params.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {SaleQuote, TakeManyParams, TakeParams} from "../../../contracts/types/TakeParams.sol";
import {Totals} from "../../../contracts/types/Totals.sol";
import {IMintable, IMockOracle, IMockRateModel} from "../base/VaultTest.sol";
import {Laws} from "./Laws.sol";

/// @notice All roles' hands on one vault: lender, borrower, keeper, attacker, governor, price and time. What a law says of a
/// single step is checked here, in the step.
contract VaultHandler is StdUtils, Laws, IERC3156FlashBorrower {
  uint256 internal constant _BPS = 10_000;
  uint256 private constant _WAD = 1e18;

  IVault public immutable vault;
  IMintable public immutable loan;
  IMintable public immutable collateral;
  IMockOracle public immutable oracle;
  IMockRateModel public immutable rateModel;
  address public immutable governor;

  address[] public borrowers;
  address[] public lenders;
  address public constant KEEPER = address(0xBEE);
  address public constant ATTACKER = address(0xBAD);
  /// @dev Let in by every borrower to deleverage, and free to ask for anything.
  address public constant DELEVERAGER = address(0xDE1);

  mapping(bytes32 => uint256) public calls;
  uint256 public totalCalls;
  /// @dev Loan units that went into lending and out of it, by anyone.
  uint256 public lastIndex;
  bool internal _lowered;

  /// @dev The price of a sale as last seen, for AUC-1.
  mapping(address => uint256) public lastSalePrice;
  mapping(address => uint256) public lastOraclePrice;
  mapping(address => uint256) public lastSaleStart;
  mapping(address => bytes32) public termsAtStart;
  /// @dev Seconds since the start of its sale at whose beginning or end a position was for sale, for AUC-3.
  mapping(address => uint256) public unhealthySeconds;
  /// @dev Seconds at whose beginning and end it was not for sale, since it last was.
  mapping(address borrower => uint256) public unseenSeconds;
  uint256 public salesSinceStart;

  constructor(
    IVault vault_,
    IMintable loan_,
    IMintable collateral_,
    IMockOracle oracle_,
    IMockRateModel rateModel_,
    address governor_
  ) {
    vault = vault_;
    loan = loan_;
    collateral = collateral_;
    oracle = oracle_;
    rateModel = rateModel_;
    governor = governor_;
    for (uint256 i = 1; i <= 4; ++i) borrowers.push(address(uint160(0xB000 + i)));
    for (uint256 i = 1; i <= 2; ++i) lenders.push(address(uint160(0xA000 + i)));
    borrowers.push(ATTACKER);
    lenders.push(ATTACKER);
    lastIndex = _WAD;
  }

  function borrowerCount() external view returns (uint256) {
    return borrowers.length;
  }

  // -------------------------------------------------------------------------------------------------------- every step

  modifier step(bytes32 name) {
    uint256 priceBefore = _sharePrice();
    uint256 markdownBefore = vault.markdown();
    _lowered = false;
    totalCalls += 1;
    _before();
    _;
    _after(name);
    _checkAges();
    calls[name] += 1;
    uint256 index = vault.accruedTotals().index;
    if (index < lastIndex) _violated("ACC-2");
    lastIndex = index;
    if (vault.markdown() > markdownBefore) _lowered = true;
    // A share may lose to rounding, a wei of assets over all shares; anything more needs a mark or a realized loss.
    uint256 supply = vault.totalSupply() + 1e6;
    if (!_lowered && _sharePrice() + (4 * 1e36) / supply + 1 < priceBefore) _violated("SOLV-2");
  }

  /// @dev Assets a share, 1e36 scale.
  function _sharePrice() private view returns (uint256) {
    return ((vault.totalAssets() + 1) * 1e36) / (vault.totalSupply() + 1e6);
  }

  /// @dev AUC-3: beyond the time to hold an age is unhealthy time, in which the sale could be taken from, but for recoveries that
  /// fit between two proofs.
  function _checkAges() private {
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      Position memory position = vault.position(borrower);
      if (position.saleStartedAt == 0) {
        unhealthySeconds[borrower] = 0;
        unseenSeconds[borrower] = 0;
        continue;
      }
      try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
        SaleTerms memory terms = vault.terms(position.termsId);
        uint256 hold = DecayCurve.secondsToHold(terms);
        uint256 most = hold + unhealthySeconds[borrower];
        if (unseenSeconds[borrower] <= terms.halfLife) most += unseenSeconds[borrower];
        if (quote.ownSeconds > most) _violated("AUC-3 age");
        if (quote.ownSeconds > hold) calls["age beyond hold"] += 1;
      } catch {
        calls["not for sale"] += 1;
      }
    }
  }

  /// @dev Lets time pass and books it for those for sale before or after; a single pass, that no proof interrupts, deepens an age
  /// by one half-life at most.
  function _pass(uint256 time) internal {
    uint256[] memory ages = new uint256[](borrowers.length);
    for (uint256 i = 0; i < borrowers.length; ++i) ages[i] = _ageOf(borrowers[i]);
    _VM.warp(block.timestamp + time);
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      uint256 age = _ageOf(borrower);
      if (ages[i] == type(uint256).max && age == type(uint256).max) {
        unseenSeconds[borrower] += time;
        continue;
      }
      SaleTerms memory terms = vault.terms(vault.position(borrower).termsId);
      // A recovery that fits between two proofs is not seen.
      if (unseenSeconds[borrower] <= terms.halfLife) time += unseenSeconds[borrower];
      unseenSeconds[borrower] = 0;
      unhealthySeconds[borrower] += time;
      if (age == type(uint256).max) continue;
      uint256 most = DecayCurve.secondsToHold(terms);
      if (ages[i] != type(uint256).max && ages[i] > most) most = ages[i];
      if (age > most + terms.halfLife) _violated("AUC-3 half-life");
    }
  }

  /// @dev Age of the sale, seconds; the highest number where nothing can be taken.
  function _ageOf(address borrower) private view returns (uint256) {
    try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
      return quote.ownSeconds;
    } catch {
      return type(uint256).max;
    }
  }

  /// @dev For laws that a system around the vault adds.
  function _before() internal virtual {}

  function _after(bytes32 name) internal virtual {}

  function _borrower(uint256 seed) internal view returns (address) {
    return borrowers[seed % borrowers.length];
  }

  function _lender(uint256 seed) private view returns (address) {
    return lenders[seed % lenders.length];
  }

  function _debtLimit(uint256 collateral_, uint256 price, uint256 ltv) internal pure returns (uint256) {
    return (((collateral_ * price) / 1e36) * ltv) / _BPS;
  }

  // ------------------------------------------------------------------------------------------------------------ lenders

  function deposit(uint256 seed, uint256 assets) external step("deposit") {
    address lender = _lender(seed);
    assets = bound(assets, 1, 5_000_000e6);
    loan.mint(lender, assets);
    _VM.startPrank(lender);
    loan.approve(address(vault), assets);
    uint256 preview = vault.previewDeposit(assets);
    try vault.deposit(assets, lender) returns (uint256 shares) {
      if (shares != preview) _violated("preview deposit");
      if (vault.previewRedeem(shares) > assets) _violated("a round trip pays");
    } catch {
      calls["deposit refused"] += 1;
    }
    _VM.stopPrank();
  }

  function withdraw(uint256 seed, uint256 assets) external step("withdraw") {
    address lender = _lender(seed);
    uint256 most = vault.maxWithdraw(lender);
    if (most == 0) return;
    assets = bound(assets, 1, most);
    _VM.prank(lender);
    try vault.withdraw(assets, lender, lender) {} catch {
      _violated("LIVE-1 exit up to cash");
    }
  }

  function redeem(uint256 seed, uint256 shares) external step("redeem") {
    address lender = _lender(seed);
    uint256 most = vault.maxRedeem(lender);
    if (most == 0) return;
    shares = bound(shares, 1, most);
    if (vault.previewRedeem(shares) == 0) return;
    _VM.prank(lender);
    try vault.redeem(shares, lender, lender) {} catch {
      _violated("LIVE-1 exit up to cash");
    }
  }

  function donate(uint256 amount, bool ofLoan) external step("donate") {
    amount = bound(amount, 1, 1_000_000e6);
    uint256 assets = vault.totalAssets();
    (ofLoan ? loan : collateral).mint(address(vault), amount);
    if (vault.totalAssets() != assets) _violated("CAP-1");
  }

  // ---------------------------------------------------------------------------------------------------------- borrowers

  function supplyCollateral(uint256 seed, uint256 assets) external step("supplyCollateral") {
    address borrower = _borrower(seed);
    assets = bound(assets, 1, 2_000 ether);
    collateral.mint(borrower, assets);
    Position memory before = vault.position(borrower);
    _VM.startPrank(borrower);
    collateral.approve(address(vault), assets);
    try vault.supplyCollateral(assets, borrower) {
      if (before.collateral == 0 && before.scaledDebt != 0) _violated("an emptied position took collateral");
    } catch {
      if (before.collateral != 0 || before.scaledDebt == 0) _violated("LIVE-1 supplyCollateral");
    }
    _VM.stopPrank();
  }

  function withdrawCollateral(uint256 seed, uint256 assets) external step("withdrawCollateral") {
    address borrower = _borrower(seed);
    Position memory before = vault.position(borrower);
    if (before.collateral == 0) return;
    assets = bound(assets, 1, before.collateral);
    _VM.prank(borrower);
    try vault.withdrawCollateral(assets, borrower, borrower) {
      _requireBorrowHealth(borrower);
    } catch {
      if (before.scaledDebt == 0) _violated("LIVE-1 withdrawCollateral without debt");
    }
  }

  function borrow(uint256 seed, uint256 assets) external step("borrow") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    uint256 most = _debtLimit(position.collateral, oracle.price().low, 8_000);
    assets = bound(assets, 1, most + 2);
    _VM.prank(borrower);
    try vault.borrow(assets, borrower, borrower) {
      _requireBorrowHealth(borrower);
      (, uint256 borrowCap, uint256 positionCap) = vault.caps();
      if (vault.totalDebt() > borrowCap || vault.debtOf(borrower) > positionCap) _violated("CAP-1");
    } catch {
      calls["borrow refused"] += 1;
    }
  }

  function _requireBorrowHealth(address borrower) private {
    Price memory price = oracle.price();
    uint256 debt = vault.debtOf(borrower);
    if (debt == 0) return;
    if (price.state != OracleState.FRESH) _violated("ORA borrow while not FRESH");
    if (debt > _debtLimit(vault.position(borrower).collateral, price.low, vault.params().borrowLtvBps)) {
      _violated("borrowed beyond health");
    }
    if (debt < vault.minDebt()) _violated("LIQ-4");
  }

  function repay(uint256 seed, uint256 payerSeed, uint256 assets) external step("repay") {
    address borrower = _borrower(seed);
    address payer = _borrower(payerSeed);
    uint256 debt = vault.debtOf(borrower);
    if (debt == 0) return;
    assets = bound(assets, 1, debt * 2);
    loan.mint(payer, debt * 2);
    _VM.startPrank(payer);
    loan.approve(address(vault), type(uint256).max);
    try vault.repay(assets, borrower) returns (uint256 repaid) {
      uint256 debtAfter = vault.debtOf(borrower);
      if (debtAfter + repaid + 2 < debt) _violated("LIQ-5");
      if (debtAfter != 0 && debtAfter < vault.minDebt()) _violated("LIQ-4");
      if (vault.position(borrower).collateral == 0) _lowered = true;
    } catch {
      // Only a part of the smallest debt is refused.
      if (assets >= debt || debt > vault.minDebt()) _violated("LIVE-1 repay");
    }
    _VM.stopPrank();
  }

  // -------------------------------------------------------------------------------------------------------------- sales

  function startSale(uint256 seed, bool forReward) external step("startSale") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    Price memory price = oracle.price();
    uint256 debt = vault.debtOf(borrower);
    bool unhealthy = debt > _debtLimit(position.collateral, price.startBound, vault.liquidationLtvBps());
    _VM.prank(KEEPER);
    try vault.startSale(borrower, forReward ? KEEPER : address(0)) {
      if (!unhealthy) _violated("LIQ-1");
      _remember(borrower);
    } catch {
      bool refusable =
        position.saleStartedAt != 0 ||
          position.collateral == 0 ||
          price.state == OracleState.STALE ||
          vault.params().pausedActions & PauseBits.SALES != 0;
      if (unhealthy && !refusable) _violated("LIQ-7");
    }
  }

  function take(uint256 seed, uint256 maxRepay, bool all) external step("take") {
    address borrower = _borrower(seed);
    try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
      maxRepay = all ? type(uint256).max : bound(maxRepay, 1, quote.repay);
      _take(borrower, maxRepay, quote, false);
    } catch {
      _VM.startPrank(KEEPER);
      try vault.take(_takeParams(borrower, maxRepay)) {
        _violated("LIQ-1");
      } catch {
        calls["take refused"] += 1;
      }
      _VM.stopPrank();
    }
  }

  function startAndTake(uint256 seed, uint256 maxRepay, bool all) external step("startAndTake") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    uint256 debt = vault.debtOf(borrower);
    bool unhealthy = debt > _debtLimit(position.collateral, oracle.price().startBound, vault.liquidationLtvBps());
    maxRepay = all ? type(uint256).max : bound(maxRepay, 1, debt + 1);
    _fundKeeper();
    _VM.startPrank(KEEPER);
    try vault.startAndTake(_takeParams(borrower, maxRepay)) {
      if (!unhealthy) _violated("LIQ-1");
      if (vault.position(borrower).collateral == 0) _lowered = true;
      _checkDust(borrower);
      _remember(borrower);
    } catch {
      calls["startAndTake refused"] += 1;
    }
    _VM.stopPrank();
  }

  function takeMany(uint256 maxRepay) external step("takeMany") {
    maxRepay = bound(maxRepay, 1, 50_000_000e6);
    _fundKeeper();
    uint256[] memory debts = new uint256[](borrowers.length);
    for (uint256 i = 0; i < borrowers.length; ++i) debts[i] = vault.debtOf(borrowers[i]);
    _VM.startPrank(KEEPER);
    try vault.takeMany(TakeManyParams(borrowers, KEEPER, maxRepay, type(uint256).max, 0, block.timestamp, "")) returns (
      uint256 payment,
      uint256
    ) {
      uint256 fallen;
      for (uint256 i = 0; i < borrowers.length; ++i) {
        fallen += debts[i] - vault.debtOf(borrowers[i]);
        if (vault.position(borrowers[i]).collateral == 0) _lowered = true;
        _checkDust(borrowers[i]);
        _remember(borrowers[i]);
      }
      if (fallen > payment + 10) _violated("LIQ-5");
    } catch {
      calls["takeMany refused"] += 1;
    }
    _VM.stopPrank();
  }

  function _take(address borrower, uint256 maxRepay, SaleQuote memory quote, bool) private {
    Position memory before = vault.position(borrower);
    SaleTerms memory terms = vault.terms(before.termsId);
    Price memory price = oracle.price();
    uint256 debt = vault.debtOf(borrower);
    _checkAuction(borrower, quote, price, terms);

    _fundKeeper();
    _VM.startPrank(KEEPER);
    try vault.take(_takeParams(borrower, maxRepay)) returns (uint256 payment, uint256 bought) {
      Position memory afterwards = vault.position(borrower);
      uint256 debtAfter = vault.debtOf(borrower);
      if (afterwards.collateral == 0 && debtAfter != 0) _lowered = true;
      if (debtAfter + payment + 2 < debt) _violated("LIQ-5");
      if (bought != 0 && (payment * 1e36) / bought + 1 < quote.price) _violated("the taker's rounding");
      _checkDust(borrower);
      if (quote.liveSeconds < terms.halfLife) _checkYoung(before, debt, borrower, price.deciding);
      // LIQ-2: while LTV (1+f) P / p <= 1 what stays is never worse off.
      bool covered = debt * (_BPS + terms.penaltyBps) <= ((before.collateral * quote.price) / 1e36) * _BPS;
      if (covered && debtAfter != 0 && debtAfter * before.collateral > (debt + _unit()) * afterwards.collateral) {
        _violated("LIQ-2");
      }
      // LIQ-3: the maximum ends at or under the target, or leaves nothing (a unit of rounding aside).
      if (maxRepay >= quote.repay && debtAfter != 0 && afterwards.collateral != 0) {
        if (debtAfter > _debtLimit(afterwards.collateral, price.deciding, terms.targetLtvBps) + 2 + _unit())
          _violated("LIQ-3");
      }
      _remember(borrower);
    } catch {
      if (maxRepay >= quote.repay) _violated("LIQ-7 a quoted take fails");
      calls["part refused"] += 1;
    }
    _VM.stopPrank();
  }

  /// @dev What one unit of scaled debt is worth by now, loan units, rounded up: a debt falls by so much less than what was paid.
  function _unit() internal view returns (uint256) {
    return vault.accruedTotals().index / _WAD + 1;
  }

  function _checkDust(address borrower) internal {
    uint256 debt = vault.debtOf(borrower);
    Position memory position = vault.position(borrower);
    if (debt != 0 && debt < vault.minDebt() && position.collateral != 0) _violated("LIQ-4");
  }

  /// @dev AUC-1 and AUC-2, from one look to the next.
  function _checkAuction(address borrower, SaleQuote memory quote, Price memory price, SaleTerms memory terms) private {
    if (quote.price < (price.low * (_BPS - terms.maxDiscountBps)) / _BPS) _violated("AUC-1 floor");
    uint256 anchor = price.state == OracleState.SUSPECT ? price.high : price.deciding;
    if (quote.price > (anchor * (_BPS + terms.startPremiumBps)) / _BPS + 1) _violated("AUC-1 ceiling");
    if (keccak256(abi.encode(terms)) != termsAtStart[borrower]) _violated("AUC-2");
    if (quote.liveSeconds >= terms.halfLife) return;
    // A young sale gives no discount at the lenders' expense.
    uint256 owed = vault.debtOf(borrower) * (_BPS + terms.penaltyBps);
    uint256 held = vault.position(borrower).collateral;
    if (quote.price < price.deciding && quote.price * held < owed * (1e36 / _BPS)) _violated("AUC-1 covering price");
  }

  /// @dev A young sale leaves the lenders no worse off than the deciding price itself does, but for a unit of rounding of what is
  /// paid and one of what the debt falls by.
  function _checkYoung(Position memory before, uint256 debt, address borrower, uint256 deciding) private {
    Position memory left = vault.position(borrower);
    uint256 shortBefore = _shortfall(debt, before.collateral, deciding);
    if (_shortfall(vault.debtOf(borrower), left.collateral, deciding) > shortBefore + 2 + _unit()) {
      _violated("a young sale made bad debt");
    }
    calls[shortBefore == 0 ? bytes32("young sale") : bytes32("young sale under water")] += 1;
  }

  /// @dev What the collateral lacks to pay the debt, rounded up.
  function _shortfall(uint256 debt, uint256 held, uint256 price) private pure returns (uint256) {
    uint256 worth = (held * price) / 1e36;
    return debt > worth ? debt - worth : 0;
  }

  function _remember(address borrower) internal {
    Position memory position = vault.position(borrower);
    if (position.saleStartedAt == 0 || lastSaleStart[borrower] == position.saleStartedAt) return;
    lastSaleStart[borrower] = position.saleStartedAt;
    termsAtStart[borrower] = keccak256(abi.encode(vault.terms(position.termsId)));
  }

  function _takeParams(address borrower, uint256 maxRepay) private view returns (TakeParams memory) {
    return TakeParams(borrower, KEEPER, maxRepay, type(uint256).max, 0, block.timestamp, "");
  }

  function _fundKeeper() internal {
    loan.mint(KEEPER, 1e15);
    _VM.prank(KEEPER);
    loan.approve(address(vault), type(uint256).max);
  }

  function endSale(uint256 seed) external step("endSale") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    Price memory price = oracle.price();
    uint256 most = _debtLimit(position.collateral, price.deciding, vault.liquidationLtvBps());
    try vault.endSale(borrower) {
      // Under health 1.02 only from health 1, and only a sale past its time to hold.
      uint256 debt = vault.debtOf(borrower);
      bool old =
        position.saleStartedAt != 0 &&
          block.timestamp - position.saleStartedAt > DecayCurve.secondsToHold(vault.terms(position.termsId));
      if (debt * 10_200 > most * _BPS && (debt > most || !old)) _violated("ended below health 1.02");
    } catch {
      calls["endSale refused"] += 1;
    }
  }

  /// @dev AUC-3: a look by itself never deepens a discount.
  function touch(uint256 seed) external step("touch") {
    address borrower = _borrower(seed);
    uint256 before = type(uint256).max;
    try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
      before = quote.ownSeconds;
    } catch {
      calls["touch of what is not for sale"] += 1;
    }
    try vault.touch(borrower) {
      if (before == type(uint256).max) return;
      if (vault.quoteTake(borrower).ownSeconds > before) _violated("AUC-3");
    } catch {
      calls["touch refused"] += 1;
    }
  }

  function realizeLoss(uint256 seed) external step("realizeLoss") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    uint256 assets = vault.totalAssets();
    uint256 debt = vault.debtOf(borrower);
    try vault.realizeLoss(borrower) returns (uint256 loss) {
      if (position.collateral != 0 || position.scaledDebt == 0) _violated("LIQ-5");
      if (loss > debt) _violated("LIQ-5");
      // The mark bore it already: realizing moves nothing.
      if (vault.totalAssets() + 2 < assets || vault.totalAssets() > assets + 2) _violated("SOLV-2");
    } catch {
      if (position.collateral == 0 && position.scaledDebt != 0) _violated("LIVE realizeLoss");
    }
  }

  // ------------------------------------------------------------------------------------------------------- deleveraging

  function deleverage(uint256 seed, uint256 paid, uint256 priceBps) external step("deleverage") {
    address borrower = _borrower(seed);
    uint256 debt = vault.debtOf(borrower);
    if (debt == 0) return;
    uint256 price = oracle.price().deciding;
    if (price == 0) price = 2_000e24;
    paid = bound(paid, 1, debt + 1);
    // Around the floor and the price itself.
    priceBps = bound(priceBps, 9_000, 10_300);
    uint256 sold = (paid * 1e36 * _BPS) / (price * priceBps) + 1;
    _VM.prank(borrower);
    vault.setDeleverager(DELEVERAGER, true);
    loan.mint(DELEVERAGER, paid);
    _VM.prank(DELEVERAGER);
    loan.approve(address(vault), type(uint256).max);
    _deleverage(borrower, debt, paid, sold, priceBps >= 9_300);
  }

  /// @param isDear Whether the price is surely above the floor.
  function _deleverage(address borrower, uint256 debt, uint256 paid, uint256 sold, bool isDear) private {
    Position memory before = vault.position(borrower);
    Price memory price = oracle.price();
    uint256 ltvBps = vault.liquidationLtvBps();
    bool isAllowed =
      price.state == OracleState.FRESH &&
        vault.params().pausedActions & PauseBits.SALES == 0 &&
        debt <= _debtLimit(before.collateral, price.deciding, ltvBps);
    uint256 clock = vault.totals().saleClock;
    _VM.prank(DELEVERAGER);
    try vault.deleverage(DeleverageParams(borrower, sold, paid, DELEVERAGER, "")) {
      calls["deleverage went"] += 1;
      if (!isAllowed) _violated("LIQ-1 deleverage");
      // A sale that was live ended with it: it was dead.
      if (vault.position(borrower).saleStartedAt != 0) _violated("LIQ-1 deleverage beside a sale");
      Position memory left = vault.position(borrower);
      uint256 debtAfter = vault.debtOf(borrower);
      if (debtAfter + paid + 2 < debt || debtAfter + paid > debt + _unit()) _violated("LIQ-5 deleverage");
      if (before.collateral - left.collateral != sold) _violated("deleverage collateral");
      if (debtAfter * before.collateral >= debt * left.collateral) _violated("LIQ-2 deleverage");
      if (debtAfter > _debtLimit(left.collateral, price.deciding, ltvBps)) _violated("deleverage to unhealthy");
      uint256 floorBps = _BPS - vault.terms(vault.params().termsId).maxDiscountBps;
      if (paid * 1e36 < sold * ((price.low * floorBps) / _BPS)) _violated("deleverage floor");
      if (vault.totals().saleClock != clock) _violated("deleverage clock");
      _checkDust(borrower);
    } catch {
      uint256 rest = debt > paid ? debt - paid : 0;
      bool isPlain = isDear && paid > 1e4 * _unit() && paid <= debt && (rest == 0 || rest > vault.minDebt());
      if (isAllowed && isPlain && before.saleStartedAt == 0) _violated("LIVE deleverage");
    }
  }

  // ----------------------------------------------------------------------------------------------------------- attacker

  /// @dev Tries, from inside a flash loan, everything that a lock must stop.
  function flashLoan(uint256 amount, uint8 what) external step("flashLoan") {
    uint256 most = vault.maxFlashLoan(address(loan));
    if (most == 0) return;
    amount = bound(amount, 1, most);
    uint256 assets = vault.totalAssets();
    try vault.flashLoan(this, address(loan), amount, abi.encode(what % 6)) {} catch {
      if (vault.params().pausedActions & PauseBits.FLASH_LOAN == 0) _violated("flash loan refused");
    }
    if (vault.totalAssets() != assets) _violated("ADV flash loan moved the books");
  }

  function onFlashLoan(
    address,
    address token,
    uint256 amount,
    uint256,
    bytes calldata data
  ) external returns (bytes32) {
    uint256 what = abi.decode(data, (uint256));
    IMintable(token).approve(address(vault), type(uint256).max);
    bool went;
    if (what == 0) (went, ) = address(vault).call(abi.encodeCall(vault.deposit, (amount, address(this))));
    if (what == 1) (went, ) = address(vault).call(abi.encodeCall(vault.repay, (amount, borrowers[0])));
    if (what == 2) (went, ) = address(vault).call(abi.encodeCall(vault.totalAssets, ()));
    if (what == 3) (went, ) = address(vault).call(abi.encodeCall(vault.flashLoan, (this, token, amount, data)));
    if (what == 4) (went, ) = address(vault).call(abi.encodeCall(vault.startSale, (borrowers[1], address(this))));
    if (what == 5) (went, ) = address(vault).call(abi.encodeCall(vault.quoteTake, (borrowers[1])));
    if (went) _violated("ADV lock");
    return keccak256("ERC3156FlashBorrower.onFlashLoan");
  }

  /// @dev Acts on a stranger's position without being asked.
  function meddle(uint256 seed, uint256 amount, uint8 what) external step("meddle") {
    address victim = borrowers[seed % 4];
    uint256 held = collateral.balanceOf(victim) + loan.balanceOf(victim) + vault.balanceOf(victim);
    _VM.startPrank(ATTACKER);
    bool went;
    bytes memory call;
    if (what % 6 == 0) call = abi.encodeCall(vault.borrow, (amount, victim, ATTACKER));
    if (what % 6 == 1) call = abi.encodeCall(vault.withdrawCollateral, (amount, victim, ATTACKER));
    if (what % 6 == 2) call = abi.encodeCall(vault.withdraw, (bound(amount, 1, 1e30), ATTACKER, lenders[0]));
    if (what % 6 == 3) call = abi.encodeCall(vault.setOperatorWithSig, (victim, ATTACKER, true, block.timestamp, ""));
    if (what % 6 == 4)
      call = abi.encodeCall(vault.setDeleveragerWithSig, (victim, ATTACKER, true, block.timestamp, ""));
    if (what % 6 == 5) call = abi.encodeCall(vault.deleverage, (DeleverageParams(victim, 1, 1e6, ATTACKER, "")));
    (went, ) = address(vault).call(call);
    _VM.stopPrank();
    if (went) _violated("AUTH-1");
    if (collateral.balanceOf(victim) + loan.balanceOf(victim) + vault.balanceOf(victim) < held) _violated("AUTH-1");
  }

  // ----------------------------------------------------------------------------------------------------------- governor

  function govern(uint256 seed, uint256 value) external step("govern") {
    uint256 what = seed % 7;
    _VM.startPrank(governor);
    if (what == 0) {
      SaleTerms memory terms = vault.terms(1);
      terms.holdBps = bound(value, 50, 300);
      terms.halfLife = bound(value, 60, 600);
      try vault.setTerms(terms) {} catch {}
    }
    if (what == 1) {
      // forge-lint: disable-next-line
      try vault.rampLiquidationLtv(bound(value, 8_250, 8_500), 2 days) {} catch {}
    }
    if (what == 2) try vault.setReserveFactor(bound(value, 0, 5_000)) {} catch {}
    if (what == 3) {
      Totals memory totals = vault.accruedTotals();
      uint256 most = totals.reserve < totals.cash ? totals.reserve : totals.cash;
      if (most != 0) try vault.claimReserve(governor, bound(value, 1, most)) {} catch {}
    }
    if (what == 4) {
      uint256 actions = bound(value, 1, 31);
      // What ended by itself is paused again after the governor's word only.
      try vault.pause(actions) {} catch {
        vault.unpause(31);
        try vault.pause(actions) {} catch {
          _violated("LIVE-2");
        }
      }
    }
    if (what >= 5) vault.unpause(31);
    _VM.stopPrank();
  }

  // ----------------------------------------------------------------------------------------------------- price and time

  function movePrice(uint256 seed, uint256 bps) external step("movePrice") {
    uint256 price = oracle.price().deciding;
    if (price == 0) price = 2_000e24;
    bps = bound(bps, 8_800, 11_000);
    price = bound((price * bps) / _BPS, 200e24, 20_000e24);
    uint256 what = seed % 8;
    if (what < 6) return oracle.setPrice(price);
    Price memory said;
    if (what == 6) {
      said.deciding = price;
      said.low = (price * 98) / 100;
      said.high = (price * 102) / 100;
      said.startBound = price;
      said.state = OracleState.SUSPECT;
    }
    oracle.set(said);
  }

  /// @dev The price goes to around health 1 of a borrower, on either side, and a sale starts where it may: most prices cross nobody's.
  function aimPrice(uint256 seed, uint256 healthBps) external step("aimPrice") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    if (position.scaledDebt == 0) {
      if (!_openAimed(borrower)) return;
      position = vault.position(borrower);
    }
    if (position.collateral == 0) return;
    uint256 limit = (vault.debtOf(borrower) * _BPS) / vault.liquidationLtvBps();
    uint256 price = (((limit * 1e36) / position.collateral) * bound(healthBps, 9_700, 10_300)) / _BPS;
    oracle.setPrice(bound(price, 200e24, 20_000e24));
    try vault.startSale(borrower, address(0)) {
      _remember(borrower);
    } catch {
      calls["nothing to start"] += 1;
    }
  }

  /// @dev A lender's money, collateral, and a loan at three quarters of its worth. Deposits and loans may be refused: they are
  /// capped, paused or unpriced; collateral of a position without debt never is.
  function _openAimed(address borrower) private returns (bool) {
    loan.mint(lenders[0], 200_000e6);
    collateral.mint(borrower, 100 ether);
    oracle.setPrice(2_000e24);
    _VM.startPrank(lenders[0]);
    loan.approve(address(vault), 200_000e6);
    try vault.deposit(200_000e6, lenders[0]) {
      calls["aimed deposit"] += 1;
    } catch {
      calls["deposit refused"] += 1;
    }
    _VM.stopPrank();
    _VM.startPrank(borrower);
    collateral.approve(address(vault), 100 ether);
    try vault.supplyCollateral(100 ether, borrower) {
      calls["aimed collateral"] += 1;
    } catch {
      _violated("LIVE-1 supplyCollateral");
    }
    bool isOpen;
    try vault.borrow(150_000e6, borrower, borrower) {
      isOpen = true;
      calls["aimed loan"] += 1;
      _requireBorrowHealth(borrower);
    } catch {
      calls["borrow refused"] += 1;
    }
    _VM.stopPrank();
    return isOpen;
  }

  function pass(uint256 time) external step("pass") {
    _pass(bound(time, 1, 2 hours));
  }

  /// @dev So short that a proof reaches the next.
  function passShort(uint256 time) external step("passShort") {
    _pass(bound(time, 1, 200));
  }

  function passLong(uint256 time) external step("passLong") {
    _pass(bound(time, 1 days, 60 days));
  }

  function setRate(uint256 rate, uint8 mode) external step("setRate") {
    // A pure model answers the same for the same interval: what has passed is booked first.
    vault.accrue();
    rateModel.set(bound(rate, 0, 4e11), bound(rate, 0, 4e11), mode % 4);
  }
}
