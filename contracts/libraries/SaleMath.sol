// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Limits} from "./Limits.sol";

/// @title SaleMath
/// @notice Size, price and pace of a forced sale. Pure; prices are loan units per collateral unit x 1e36.
/// @dev ASSUMPTIONS: prices under `MAX_PRICE`, collateral, debts and payments under 2^128, basis points under 2^16: nothing
/// but the value of collateral can then overflow, and that is checked: at 2^136 loan units, 10^22 whole coins of 18 decimals.
/// ROUNDING: against the taker: prices and penalties up, collateral down, discounts down, rewinds up.
library SaleMath {
  uint256 internal constant BPS = 10_000;
  uint256 internal constant WAD = 1e18;
  uint256 internal constant PRICE_SCALE = 1e36;
  /// @notice No sale at or above this price: the widest that every product here bears. With 18 decimals of the loan asset and
  /// 8 of the collateral it is 3.9e10 whole coins a coin, with 6 of the collateral a hundredth of that.
  uint256 internal constant MAX_PRICE = 2 ** 188;
  /// @notice The sale clock ticks in 1/256 s, so that small sales rewind it in proportion.
  uint256 internal constant TICKS_PER_SECOND = 256;

  /// @notice Lots that a vault's largest position is worth at most. Whoever buys a lot holds every other sale at its held discount
  /// for a horizon, for eight of them at most: that takes an eighth of the largest position, and the penalty on it.
  uint256 internal constant MOST_LOTS = 64;

  /// @dev What the clock shows beyond a sale's own horizon is used up by this part of its lot.
  uint256 private constant _EXCESS_DIVISOR = 16;
  uint256 private constant _WAD_PER_BPS = 1e14;

  /// @notice Size of a take.
  /// @param repay Debt that it repays, loan units.
  /// @param penalty Penalty on top, loan units.
  /// @param penaltyRate Penalty for which collateral is sold, WAD, rounded down: that of the terms, or what the collateral can pay
  /// of it.
  /// @param sellsAll All collateral goes, whatever it pays.
  struct Size {
    uint256 repay;
    uint256 penalty;
    uint256 penaltyRate;
    bool sellsAll;
  }

  /// @notice Value of collateral, loan units, rounded down.
  function value(uint256 collateral, uint256 price) internal pure returns (uint256) {
    return (collateral * price) / PRICE_SCALE;
  }

  /// @notice Value of collateral, loan units, rounded up.
  function valueUp(uint256 collateral, uint256 price) internal pure returns (uint256) {
    return FixedPointMathLib.divUp(collateral * price, PRICE_SCALE);
  }

  /// @notice Most debt that collateral bears at an LTV, loan units, rounded down (against the borrower).
  function maxDebt(uint256 collateral, uint256 price, uint256 ltvBps) internal pure returns (uint256) {
    // A value is under 2^256 / 1e36 < 2^137.
    unchecked {
      return (value(collateral, price) * ltvBps) / BPS;
    }
  }

  /// @notice Penalty on a repayment, loan units, rounded up.
  function penaltyOn(uint256 repay, uint256 penaltyBps) internal pure returns (uint256) {
    // Under 2^128 x 2^16.
    unchecked {
      return FixedPointMathLib.divUp(repay * penaltyBps, BPS);
    }
  }

  /// @notice Collateral that a fall of the debt buys, penalty included, collateral units, rounded down.
  /// @param credited What the debt falls by, loan units.
  /// @param penaltyRate WAD.
  function collateralFor(uint256 credited, uint256 penaltyRate, uint256 price) internal pure returns (uint256) {
    // Under 2^128 x 2^63 before the division by 2^59, then x 2^120; a price only divides.
    unchecked {
      return (((credited * (WAD + penaltyRate)) / WAD) * PRICE_SCALE) / price;
    }
  }

  /// @notice Sale price from anchor and discount, rounded up, never under the floor `low x (1 - maxDiscount)`.
  /// @param discount WAD, negative for a premium; a curve that asks for more than `maxDiscountBps` is held to it.
  /// @param maxDiscountBps At most 10,000.
  function salePrice(
    uint256 anchor,
    uint256 low,
    int256 discount,
    uint256 maxDiscountBps
  ) internal pure returns (uint256) {
    // The discount is held between -1 and 1: factors under 2^61 on prices under 2^188.
    unchecked {
      int256 most = int256((maxDiscountBps * WAD) / BPS);
      if (discount > most) discount = most;
      if (discount < -int256(WAD)) discount = -int256(WAD);
      uint256 atClock = FixedPointMathLib.divUp(anchor * uint256(int256(WAD) - discount), WAD);
      return FixedPointMathLib.max(atClock, floorPrice(low, maxDiscountBps));
    }
  }

  /// @notice What no sale goes under: `low x (1 - maxDiscount)`, rounded up.
  /// @param maxDiscountBps At most 10,000.
  function floorPrice(uint256 low, uint256 maxDiscountBps) internal pure returns (uint256) {
    // Under 2^188 x 2^14.
    unchecked {
      return FixedPointMathLib.divUp(low * (BPS - maxDiscountBps), BPS);
    }
  }

  /// @notice Price at which all collateral just pays debt and penalty, at most the deciding one: under it a sale is paid for by the
  /// lenders. Rounded up.
  /// @param collateral Above 0.
  function coveringPrice(
    uint256 debt,
    uint256 collateral,
    uint256 deciding,
    uint256 penaltyBps
  ) internal pure returns (uint256) {
    // Under 2^128 x 2^15 x 2^107.
    unchecked {
      uint256 covering = FixedPointMathLib.divUp(debt * (BPS + penaltyBps) * (PRICE_SCALE / BPS), collateral);
      return FixedPointMathLib.min(covering, deciding);
    }
  }

  /// @notice The largest legal take. Only what restores health: `x = (D - T C P) / (1 - T P (1 + f) / p)`; the whole debt
  /// where that has no positive solution or less than `minDebt` would stay; all collateral where it cannot pay debt and
  /// penalty: debt is then repaid first and the penalty gets the rest. Above 0 whenever debt and payment are.
  /// @param debt D, loan units. @param collateral C, collateral units.
  /// @param price p, the sale price, above 0. @param deciding P, the deciding price.
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
    // A repayment is at most the debt, and in a sale of everything at most the payment.
    unchecked {
      if (_fallsShort(debt, collateral, price, terms.penaltyBps)) {
        uint256 payment = valueUp(collateral, price);
        size.sellsAll = true;
        size.repay = FixedPointMathLib.min(debt, payment);
        size.penalty = payment - size.repay;
        return size;
      }
      uint256 repay = _restoringRepay(debt, collateral, price, deciding, terms);
      if (debt - repay < minDebt) repay = debt;
      size.repay = repay;
      size.penaltyRate = terms.penaltyBps * _WAD_PER_BPS;
      size.penalty = penaltyOn(repay, terms.penaltyBps);
    }
  }

  /// @notice A take of less than the maximum; `repay` is 0 where it would leave something too small to be sold by itself:
  /// debt under `minDebt`, or, where the collateral falls short, collateral worth less than that. Where it can pay the debt and a
  /// part of the penalty, each part of the debt pays its part of that, so that no split drops it.
  /// @param repay Debt to repay, loan units, under the maximum.
  function part(
    uint256 repay,
    uint256 debt,
    uint256 collateral,
    uint256 price,
    SaleTerms memory terms,
    uint256 minDebt
  ) internal pure returns (Size memory size) {
    unchecked {
      if (debt - repay < minDebt) return size;
      if (_fallsShort(debt, collateral, price, terms.penaltyBps)) {
        // It is above the debt by less than the penalty, which is at most the debt in any terms: under 2^128 x 2^128.
        uint256 payment = value(collateral, price);
        uint256 beyond = FixedPointMathLib.zeroFloorSub(payment, debt);
        uint256 penalty = FixedPointMathLib.divUp(repay * beyond, debt);
        if (payment < repay + penalty + minDebt) return size;
        size.penaltyRate = (beyond * WAD) / debt;
        size.penalty = penalty;
      } else {
        size.penaltyRate = terms.penaltyBps * _WAD_PER_BPS;
        size.penalty = penaltyOn(repay, terms.penaltyBps);
      }
      size.repay = repay;
    }
  }

  function _fallsShort(
    uint256 debt,
    uint256 collateral,
    uint256 price,
    uint256 penaltyBps
  ) private pure returns (bool) {
    // Debt and basis points: under 2^145; a value is under 2^137: under 2^151.
    unchecked {
      return debt * (BPS + penaltyBps) > value(collateral, price) * BPS;
    }
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
    // Under 2^188 x 2^16 x 2^17 x 2^34 = 2^255, and 2^128 x 2^60.
    unchecked {
      uint256 recycled = FixedPointMathLib.divUp(
        deciding * terms.targetLtvBps * (BPS + terms.penaltyBps) * (WAD / (BPS * BPS)),
        price
      );
      if (recycled >= WAD) return debt;
      return FixedPointMathLib.min(debt, FixedPointMathLib.divUp((debt - safeDebt) * WAD, WAD - recycled));
    }
  }

  /// @notice Where a sale of fair value `sold` leaves the sale clock, in ticks: forward by `horizon x sold / lot`, never past
  /// now. What the clock shows beyond the sale's own horizon counts for sales of longer ones only: it goes first, two hours of it
  /// for a sixteenth of a lot, in proportion, so that a sale of a short horizon moves the clock of no other by more than its
  /// size. Path-independent up to a tick a sale, which goes against the taker.
  /// @param saleClock Clock before, ticks. @param timestamp Now, unix seconds, past the horizon.
  /// @param sold Fair value sold, loan units, under 2^137. @param horizon Seconds under 2^32. @param lot Above 0.
  function rewind(
    uint256 saleClock,
    uint256 timestamp,
    uint256 sold,
    uint256 horizon,
    uint256 lot
  ) internal pure returns (uint256) {
    // Values under 2^137, times ticks under 2^40 and the divisor.
    unchecked {
      uint256 nowTicks = timestamp * TICKS_PER_SECOND;
      uint256 horizonTicks = horizon * TICKS_PER_SECOND;
      uint256 from = FixedPointMathLib.max(saleClock, nowTicks - Limits.LONGEST_HORIZON * TICKS_PER_SECOND);
      if (from < nowTicks - horizonTicks) {
        uint256 excess = nowTicks - horizonTicks - from;
        uint256 pace = Limits.LONGEST_HORIZON * TICKS_PER_SECOND * _EXCESS_DIVISOR;
        // Rounded down: the less of the sale this uses up, the more is left to move the clock.
        uint256 used = (excess * lot) / pace;
        if (sold <= used) return from + FixedPointMathLib.divUp(sold * pace, lot);
        sold -= used;
        from = nowTicks - horizonTicks;
      }
      return FixedPointMathLib.min(nowTicks, from + FixedPointMathLib.divUp(sold * horizonTicks, lot));
    }
  }
}
