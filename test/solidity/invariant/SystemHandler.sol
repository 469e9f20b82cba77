// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDeleverager} from "../../../contracts/interfaces/IDeleverager.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {IVolatilityOracle} from "../../../contracts/interfaces/IVolatilityOracle.sol";
import {
  DeleverageExecution,
  DeleverageOrder,
  DeleverageParams,
  DeleveragePreview
} from "../../../contracts/types/Deleveraging.sol";
import {Depth} from "../../../contracts/types/Depth.sol";
import {PauseBits} from "../../../contracts/types/Params.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {Stress} from "../../../contracts/types/Stress.sol";
import {SellParams} from "../../../contracts/types/TakeParams.sol";
import {IMintable, IMockOracle, IMockRateModel} from "../base/VaultTest.sol";
import {StewardBook} from "./StewardBook.sol";
import {IMockInputs} from "./StewardHandler.sol";
import {VaultHandler} from "./VaultHandler.sol";

interface IRounds {
  function pushAnswer(int256 answer) external;

  function setMode(uint8 mode) external;

  function skipRounds(uint80 count) external;
}

/// @notice What the system around a vault is made of.
struct SystemParts {
  IRiskSteward steward;
  IDeleverager deleverager;
  IVolatilityOracle volatilityOracle;
  IRounds feed;
  IMockInputs inputs;
  address guardian;
}

/// @notice Everybody's hands on a vault whose parameters a steward moves and whose borrowers may be rescued. Every price is a round
/// of the feed whose volatility counts.
contract SystemHandler is VaultHandler, StewardBook {
  IDeleverager public immutable deleverager;
  IVolatilityOracle public immutable volatilityOracle;
  IRounds public immutable feed;
  IMockInputs public immutable inputs;
  address public immutable guardian;
  address public constant BATCH = address(0xBAD2);
  address public constant EXECUTOR = address(0xE8EC);

  mapping(address borrower => DeleverageOrder) private _orders;

  /// @dev As it was before the step.
  struct Before {
    uint256 collateral;
    bool isHealthy;
    bool isForSale;
  }
  mapping(address borrower => Before) private _befores;
  uint256 private _priceBefore;
  uint256 private _timeBefore;
  uint256 private _ltvBefore;
  uint256 private _lastRound;

  constructor(
    SystemParts memory parts,
    IVault vault_,
    IMintable loan_,
    IMintable collateral_,
    IMockOracle oracle_,
    IMockRateModel rateModel_,
    address governor_
  ) VaultHandler(vault_, loan_, collateral_, oracle_, rateModel_, governor_) StewardBook(parts.steward, vault_) {
    deleverager = parts.deleverager;
    volatilityOracle = parts.volatilityOracle;
    feed = parts.feed;
    inputs = parts.inputs;
    guardian = parts.guardian;
    _lastRound = oracle_.price().deciding;
    loan_.mint(EXECUTOR, 1e30);
    _VM.prank(EXECUTOR);
    loan_.approve(address(deleverager), type(uint256).max);
    _VM.prank(BATCH);
    loan_.approve(address(vault_), type(uint256).max);
    loan_.mint(BATCH, 1e30);
  }

  // -------------------------------------------------------------------------------------------------------- every step

  function _isHealthy(address borrower, uint256 price) private view returns (bool) {
    uint256 most = _debtLimit(vault.position(borrower).collateral, price, vault.liquidationLtvBps());
    return vault.debtOf(borrower) <= most;
  }

  function _before() internal override {
    _priceBefore = oracle.price().deciding;
    _timeBefore = block.timestamp;
    _ltvBefore = vault.liquidationLtvBps();
    for (uint256 i = 0; i < borrowers.length; ++i) {
      Position memory position = vault.position(borrowers[i]);
      bool isForSale = position.saleStartedAt != 0;
      _befores[borrowers[i]] = Before(position.collateral, _isHealthy(borrowers[i], _priceBefore), isForSale);
    }
  }

  function _after(bytes32 name) internal override {
    uint256 price = oracle.price().deciding;
    if (price != _lastRound && price != 0) {
      _lastRound = price;
      feed.pushAnswer(int256(price / 1e16));
    }
    if (name == "govern" && vault.params().rampStart == block.timestamp) _rampTo = vault.params().liquidationLtvToBps;
    _checkLiquidationLtv();
    bool isSamePrice = price == _priceBefore && block.timestamp == _timeBefore;
    bool isOwners =
      name == "withdrawCollateral" || name == "deleverage" || name == "deleverageHair" || name == "rescue";
    uint256 shrunk;
    for (uint256 i = 0; i < borrowers.length; ++i) {
      Before memory before = _befores[borrowers[i]];
      if (vault.position(borrowers[i]).collateral < before.collateral) {
        ++shrunk;
        if (before.isHealthy && !before.isForSale && !isOwners) _violated("LIQ-1 a healthy position was sold");
      }
      if (isSamePrice && before.isHealthy && !before.isForSale && !_isHealthy(borrowers[i], price)) {
        _violated("RISK-1 a healthy position became unhealthy");
      }
    }
    if (isOwners && shrunk > 1) _violated("LIQ-1 another's position was sold");
  }

  /// @dev It falls on a ramp only: one that had its notice, or the governor's own.
  function _checkLiquidationLtv() private {
    uint256 ltv = vault.liquidationLtvBps();
    if (ltv >= _ltvBefore) return;
    if (block.timestamp == _timeBefore) _violated("RISK-1 liquidationLtv jumped");
    if (ltv < _rampTo) _violated("RISK-1 liquidationLtv fell without a ramp");
    ++counts["ramped"];
  }

  // ---------------------------------------------------------------------------------------------------------- anyone

  function applyTo(uint256 caller) external step("applyTo") {
    // As an application does first, so that what is seen before it is what it sees.
    volatilityOracle.poke(address(feed), 512);
    _apply(address(uint160(bound(caller, 1, type(uint160).max))));
  }

  function poke(uint256 maxRounds) external step("poke") {
    if (volatilityOracle.poke(address(feed), bound(maxRounds, 1, 64)) != 0) ++counts["poked"];
  }

  /// @dev Eight hours of a calm market that everybody looks at.
  function calm() external step("calm") {
    _pass(8 hours);
    if (_priceBefore != 0) feed.pushAnswer(int256(_lastRound / 1e16));
    volatilityOracle.poke(address(feed), 64);
    _tell(1_600e12, 0, 0);
  }

  /// @dev Days of it. Calls from outside: within one the compiler takes time to stand still.
  function calmDays() external {
    for (uint256 i = 0; i < 7; ++i) {
      this.calm();
      this.applyTo(i + 1);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- inputs

  function tell(uint256 depth, uint256 stress, uint8 missing) external step("tell") {
    _tell(bound(depth, 0, 3_200e12), bound(stress, 0, 1e18), missing);
  }

  function _tell(uint256 depth, uint256 stress, uint8 missing) private {
    inputs.setDepth(Depth(uint128(depth), uint40(block.timestamp), missing & 3 != 3));
    inputs.setStress(Stress(uint64(stress), 3, missing & 12 != 12));
  }

  /// @dev Rounds are missing, or the feed answers no more until it does again.
  function breakFeed(uint256 seed) external step("breakFeed") {
    uint256 what = seed % 6;
    if (what == 0) feed.skipRounds(uint80(bound(seed >> 8, 1, 5)));
    if (what == 1) feed.setMode(1);
    if (what > 1) feed.setMode(0);
  }

  /// @dev To where the borrower's debt is the most that its collateral bears.
  function moveToTheEdge(uint256 seed) external step("moveToTheEdge") {
    address borrower = _borrower(seed);
    uint256 held = vault.position(borrower).collateral;
    uint256 debt = vault.debtOf(borrower);
    if (held == 0 || debt == 0) return;
    uint256 value = (debt * _BPS + vault.liquidationLtvBps() - 1) / vault.liquidationLtvBps();
    uint256 price = (value * 1e36 + held - 1) / held;
    if (price < 200e24 || price > 20_000e24) return;
    oracle.setPrice(price);
    ++counts["at the edge"];
  }

  // ---------------------------------------------------------------------------------------------------------- rescues

  function placeOrder(uint256 seed, uint256 target, uint256 trigger, uint256 cost) external step("placeOrder") {
    address borrower = _borrower(seed);
    DeleverageOrder memory order = DeleverageOrder({
      borrower: borrower,
      vault: address(vault),
      targetLtvBps: bound(target, 3_000, 7_900),
      triggerDistance: bound(trigger, 0.5e18, 20e18),
      horizon: bound(trigger >> 64, 1 hours, 3 days),
      maxCostBps: bound(cost, 20, 790),
      minInterval: bound(cost >> 64, 1, 1 days),
      expiry: block.timestamp + bound(cost >> 128, 1 days, 365 days),
      nonce: 0
    });
    _VM.startPrank(borrower);
    deleverager.placeOrder(order);
    vault.setDeleverager(address(deleverager), cost % 8 != 0);
    _VM.stopPrank();
    _orders[borrower] = order;
  }

  function cancelOrder(uint256 seed) external step("cancelOrder") {
    DeleverageOrder memory order = _orders[_borrower(seed)];
    if (order.vault == address(0) || seed % 3 != 0) return;
    _VM.prank(order.borrower);
    deleverager.cancelOrder(order);
    ++counts["cancelled"];
  }

  /// @dev Anyone executes, and buys at any price that the order allows, or one just under.
  function rescue(uint256 seed, uint256 priceBps) external step("rescue") {
    DeleverageOrder memory order = _orders[_borrower(seed)];
    if (order.vault == address(0)) return;
    try volatilityOracle.poke(address(feed), 64) {} catch {}
    uint256 deciding = oracle.price().deciding;
    uint256 price = (deciding * bound(priceBps, _BPS - order.maxCostBps - 3, _BPS)) / _BPS + 1;
    try deleverager.preview(order, price) returns (DeleveragePreview memory plan) {
      ++counts["due"];
      _rescue(order, plan, price);
    } catch {
      if (_executes(order, price)) _violated("a rescue that is not due");
      ++counts["not due"];
    }
  }

  function _executes(DeleverageOrder memory order, uint256 price) private returns (bool) {
    DeleverageExecution memory execution;
    execution.order = order;
    execution.price = price;
    execution.receiver = EXECUTOR;
    execution.deadline = block.timestamp;
    _VM.prank(EXECUTOR);
    try deleverager.execute(execution) {
      return true;
    } catch {
      return false;
    }
  }

  function _rescue(DeleverageOrder memory order, DeleveragePreview memory plan, uint256 price) private {
    address borrower = order.borrower;
    Before memory before = _befores[borrower];
    uint256 debt = vault.debtOf(borrower);
    bool isAllowed =
      before.isHealthy &&
        !before.isForSale &&
        oracle.price().state == OracleState.FRESH &&
        vault.params().pausedActions & PauseBits.SALES == 0 &&
        vault.isDeleverager(borrower, address(deleverager));
    if (!_executes(order, price)) {
      if (isAllowed) _violated("LIVE a rescue that is due");
      ++counts[before.isHealthy ? bytes32("refused") : bytes32("refused: unhealthy")];
      return;
    }
    ++counts["rescued"];
    // A dead sale ends with the rescue.
    bool wasDead = before.isForSale && vault.position(borrower).saleStartedAt == 0;
    if (!isAllowed && !wasDead) _violated("LIQ-1 rescued what may not be");
    Position memory left = vault.position(borrower);
    uint256 debtAfter = vault.debtOf(borrower);
    uint256 sold = before.collateral - left.collateral;
    if (sold != plan.collateral || debtAfter > debt - plan.repay + _unit()) _violated("LIQ-5 rescue");
    if (plan.repay * 1e36 < sold * ((plan.deciding * (_BPS - order.maxCostBps)) / _BPS)) _violated("the order's price");
    bool isAtTarget = debtAfter <= _debtLimit(left.collateral, plan.deciding, order.targetLtvBps) + 2 + _unit();
    if (!isAtTarget) _violated("LIQ-2 rescue above its target");
    if (loan.balanceOf(address(deleverager)) + collateral.balanceOf(address(deleverager)) != 0) _violated("custody");
    _checkDust(borrower);
  }

  /// @dev Whom the borrower let in sells a hair, where a unit of rounding can tip a position or spare its debt.
  function deleverageHair(uint256 seed, uint256 paid, uint256 priceBps) external step("deleverageHair") {
    address borrower = _borrower(seed);
    uint256 price = oracle.price().deciding;
    uint256 held = vault.position(borrower).collateral;
    uint256 debt = vault.debtOf(borrower);
    if (price == 0 || debt == 0) return;
    paid = bound(paid, 1, 100);
    uint256 sold = (paid * 1e36 * _BPS) / (price * bound(priceBps, 8_900, 9_400));
    _VM.prank(borrower);
    vault.setDeleverager(DELEVERAGER, true);
    loan.mint(DELEVERAGER, paid);
    _VM.startPrank(DELEVERAGER);
    loan.approve(address(vault), type(uint256).max);
    try vault.deleverage(DeleverageParams(borrower, sold, paid, DELEVERAGER, "")) {
      ++counts["hair sold"];
      if (vault.debtOf(borrower) * held >= debt * vault.position(borrower).collateral) _violated("LIQ-2 LTV not lower");
    } catch {
      ++counts["hair refused"];
    }
    _VM.stopPrank();
  }

  // ---------------------------------------------------------------------------------------------------------- sellers

  /// @dev The batch auction's hand: sells whatever is for sale.
  function sell(uint256 maxRepay, uint256 priceBps) external step("sell") {
    Price memory price = oracle.price();
    uint256 asked = (price.deciding * bound(priceBps, 8_900, _BPS)) / _BPS + 1;
    maxRepay = bound(maxRepay, 1, 50_000_000e6);
    _VM.prank(BATCH);
    try vault.sell(SellParams(borrowers, BATCH, maxRepay, asked, "")) {
      ++counts["sold"];
      for (uint256 i = 0; i < borrowers.length; ++i) {
        if (vault.position(borrowers[i]).collateral == 0) _lowered = true;
        _checkDust(borrowers[i]);
        _remember(borrowers[i]);
      }
    } catch {
      ++counts["not sold"];
    }
  }

  // ---------------------------------------------------------------------------------------------- governor, guardian

  function guard(uint256 what) external step("guard") {
    (uint256 supplyCap, uint256 borrowCap, uint256 maxDebt) = vault.caps();
    _VM.startPrank(guardian);
    if (what % 6 == 0) steward.freeze();
    if (what % 6 == 1) _veto();
    if (what % 6 == 2) vault.tightenCaps(supplyCap, borrowCap, maxDebt - maxDebt / 8);
    // A pause that ended by itself is spent until the governor unpauses.
    if (what % 6 == 3) {
      try vault.pause(PauseBits.SALES) {} catch {
        ++counts["pause spent"];
      }
    }
    _VM.stopPrank();
    _VM.startPrank(governor);
    if (what % 6 == 4) vault.unpause(31);
    if (what % 6 >= 4) steward.unfreeze();
    _VM.stopPrank();
  }
}
