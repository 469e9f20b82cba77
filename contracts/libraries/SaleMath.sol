// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title SaleMath
/// @notice Size, price and pace of a forced sale. Pure; prices are loan units per collateral unit x 1e36.
/// Rounding is always against the taker: prices and penalties up, collateral down, discounts down, rewinds up.
/// Products are plain and checked: one that overflows would mean collateral worth more than 1e40 loan units.
library SaleMath {
  uint256 internal constant BPS = 10_000;
  uint256 internal constant WAD = 1e18;
  uint256 internal constant PRICE_SCALE = 1e36;
  /// @notice The sale clock ticks in 1/256 s, so that small sales rewind it in proportion.
  uint256 internal constant TICKS_PER_SECOND = 256;

  /// @notice Size of a take.
  /// @param repay Debt that it repays, loan units.
  /// @param penalty Penalty on top, loan units.
  /// @param penaltyBps Penalty for which collateral is sold: that of the terms, or 0 where the collateral cannot pay it.
  /// @param sellsAll All collateral goes, whatever it pays.
  struct Size {
    uint256 repay;
    uint256 penalty;
    uint256 penaltyBps;
    bool sellsAll;
  }

  /// @notice Value of collateral, loan units, rounded down.
  function value(uint256 collateral, uint256 price) internal pure returns (uint256) {
    return (collateral * price) / PRICE_SCALE;
  }

  /// @notice Value of collateral, loan units, rounded up.
  function valueUp(uint256 collateral, uint256 price) internal pure returns (uint256) {
    return Math.ceilDiv(collateral * price, PRICE_SCALE);
  }

  /// @notice Most debt that collateral bears at an LTV, loan units, rounded down (against the borrower).
  function maxDebt(uint256 collateral, uint256 price, uint256 ltvBps) internal pure returns (uint256) {
    return (value(collateral, price) * ltvBps) / BPS;
  }

  /// @notice Penalty on a repayment, loan units, rounded up.
  function penaltyOn(uint256 repay, uint256 penaltyBps) internal pure returns (uint256) {
    return Math.ceilDiv(repay * penaltyBps, BPS);
  }

  /// @notice Collateral that a fall of the debt buys, penalty included, collateral units, rounded down.
  /// @param credited What the debt falls by, loan units.
  function collateralFor(uint256 credited, uint256 penaltyBps, uint256 price) internal pure returns (uint256) {
    return (((credited * (BPS + penaltyBps)) / BPS) * PRICE_SCALE) / price;
  }

  /// @notice Sale price from anchor and discount, rounded up, never under the floor `low x (1 - maxDiscount)`.
  /// @param discount WAD, negative for a premium; a curve that asks for more than `maxDiscountBps` is held to it.
  function salePrice(
    uint256 anchor,
    uint256 low,
    int256 discount,
    uint256 maxDiscountBps
  ) internal pure returns (uint256) {
    int256 most = int256((maxDiscountBps * WAD) / BPS);
    if (discount > most) discount = most;
    // A premium above 100% would be a broken curve: held there, so that the conversion below is safe.
    if (discount < -int256(WAD)) discount = -int256(WAD);
    uint256 atClock = Math.ceilDiv(anchor * uint256(int256(WAD) - discount), WAD);
    uint256 floor = Math.ceilDiv(low * (BPS - maxDiscountBps), BPS);
    return atClock > floor ? atClock : floor;
  }

  /// @notice The largest legal take. Only what restores health: `x = (D - T C P) / (1 - T P (1 + f) / p)`; the whole debt
  /// where that has no positive solution or less than `minDebt` would stay; all collateral where it cannot pay debt and
  /// penalty: debt is then repaid first and the penalty gets the rest. Above 0 whenever debt and payment are.
  /// @param debt D, loan units. @param collateral C, collateral units.
  /// @param price p, the sale price. @param deciding P, the deciding price.
  /// @param terms T and f.
  /// @param minDebt Smallest debt that may stay, loan units.
  function closeAmount(
    uint256 debt,
    uint256 collateral,
    uint256 price,
    uint256 deciding,
    SaleTerms memory terms,
    uint256 minDebt
  ) internal pure returns (Size memory size) {
    if (_fallsShort(debt, collateral, price, terms.penaltyBps)) {
      uint256 payment = valueUp(collateral, price);
      size.sellsAll = true;
      size.repay = Math.min(debt, payment);
      size.penalty = payment - size.repay;
      return size;
    }
    size.repay = _restoringRepay(debt, collateral, price, deciding, terms);
    if (debt - size.repay < minDebt) size.repay = debt;
    size.penaltyBps = terms.penaltyBps;
    size.penalty = penaltyOn(size.repay, terms.penaltyBps);
  }

  /// @notice A take of less than the maximum; `repay` is 0 where it would leave something too small to be sold by itself:
  /// debt under `minDebt`, or, where the collateral falls short, collateral worth less than that.
  /// @param repay Debt to repay, loan units, under the maximum.
  function part(
    uint256 repay,
    uint256 debt,
    uint256 collateral,
    uint256 price,
    SaleTerms memory terms,
    uint256 minDebt
  ) internal pure returns (Size memory size) {
    if (debt - repay < minDebt) return size;
    if (_fallsShort(debt, collateral, price, terms.penaltyBps)) {
      if (value(collateral, price) < repay + minDebt) return size;
    } else {
      size.penaltyBps = terms.penaltyBps;
      size.penalty = penaltyOn(repay, terms.penaltyBps);
    }
    size.repay = repay;
  }

  function _fallsShort(
    uint256 debt,
    uint256 collateral,
    uint256 price,
    uint256 penaltyBps
  ) private pure returns (bool) {
    return debt * (BPS + penaltyBps) > value(collateral, price) * BPS;
  }

  /// @dev Rounded up, so that a take of the maximum ends at or under the target.
  function _restoringRepay(
    uint256 debt,
    uint256 collateral,
    uint256 price,
    uint256 deciding,
    SaleTerms memory terms
  ) private pure returns (uint256) {
    uint256 safeDebt = maxDebt(collateral, deciding, terms.targetLtvBps);
    if (debt <= safeDebt) return debt;
    uint256 recycled = Math.ceilDiv(
      deciding * terms.targetLtvBps * (BPS + terms.penaltyBps) * (WAD / (BPS * BPS)),
      price
    );
    if (recycled >= WAD) return debt;
    uint256 repay = Math.ceilDiv((debt - safeDebt) * WAD, WAD - recycled);
    return repay < debt ? repay : debt;
  }

  /// @notice Where a sale of fair value `sold` leaves the sale clock, in ticks: forward by `horizon x sold / lot` from no
  /// earlier than `now - horizon`, never past now. Path-independent up to one tick, which goes against the taker.
  /// @param saleClock Clock before, ticks. @param timestamp Now, unix seconds. @param sold Fair value sold, loan units.
  function rewind(
    uint256 saleClock,
    uint256 timestamp,
    uint256 sold,
    uint256 horizon,
    uint256 lot
  ) internal pure returns (uint256) {
    uint256 nowTicks = timestamp * TICKS_PER_SECOND;
    uint256 horizonTicks = horizon * TICKS_PER_SECOND;
    uint256 moved = Math.max(saleClock, nowTicks - horizonTicks) + Math.ceilDiv(sold * horizonTicks, lot);
    return Math.min(nowTicks, moved);
  }
}
