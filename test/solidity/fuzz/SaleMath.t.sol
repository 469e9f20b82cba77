// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SaleMath} from "../../../contracts/libraries/SaleMath.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {Test} from "../base/Test.sol";

contract SaleMathTest is Test {
  uint256 private constant _BPS = 10_000;
  uint256 private constant _WAD = 1e18;
  uint256 private constant _SCALE = 1e36;
  uint256 private constant _NOW = 1_800_000_000;

  /// @dev What a take is made of.
  struct Case {
    uint256 debt;
    uint256 collateral;
    uint256 price;
    uint256 deciding;
    uint256 minDebt;
    SaleTerms terms;
  }

  /// @dev What the runner draws it from.
  struct Draw {
    uint256 collateral;
    uint256 value;
    uint256 ltvBps;
    int256 discountBps;
    uint256 minDebtBps;
    uint256 penaltyBps;
    uint256 targetLtvBps;
  }

  // ------------------------------------------------------------------------------------------------- value and debt

  function testFuzz_value_roundsAsNamed(uint96 collateral, uint128 price) public pure {
    assertEq(SaleMath.value(collateral, price), Math.mulDiv(collateral, price, _SCALE));
    assertEq(SaleMath.valueUp(collateral, price), Math.mulDiv(collateral, price, _SCALE, Math.Rounding.Ceil));
  }

  function testFuzz_maxDebt_roundsAgainstTheBorrower(uint96 collateral, uint128 price, uint16 ltvBps) public pure {
    uint256 most = SaleMath.maxDebt(collateral, price, ltvBps);
    assertLe(most * _BPS, Math.mulDiv(uint256(collateral) * ltvBps, price, _SCALE));
    assertEq(most, (Math.mulDiv(collateral, price, _SCALE) * ltvBps) / _BPS);
  }

  function testFuzz_penaltyOn_roundsUp(uint96 repay, uint16 penaltyBps) public pure {
    uint256 penalty = SaleMath.penaltyOn(repay, penaltyBps);
    assertGe(penalty * _BPS, uint256(repay) * penaltyBps);
    assertLt(penalty * _BPS, uint256(repay) * penaltyBps + _BPS);
  }

  function testFuzz_collateralFor_isAtMostWhatIsPaidFor(uint96 repay, uint16 penaltyBps, uint256 price) public pure {
    price = bound(price, 1, SaleMath.MAX_PRICE - 1);
    uint256 collateral = SaleMath.collateralFor(repay, penaltyBps * uint256(1e14), price);
    uint256 payment = repay + SaleMath.penaltyOn(repay, penaltyBps);
    assertLe(Math.mulDiv(collateral, price, _SCALE, Math.Rounding.Ceil), payment);
    // And short of it by less than two units of rounding.
    assertGe(Math.mulDiv(collateral + 1, price, _SCALE, Math.Rounding.Ceil) + 1, payment);
  }

  /// @dev At the widest: 18 decimals of the loan asset on 0 to 8 of the collateral, up to the highest price; what is unchecked
  /// says what 512 bits say.
  function testFuzz_closeAmount_isExactAtTheHighestPrices(Draw memory draw, uint256 priceSeed) public pure {
    Case memory c;
    c.deciding = bound(priceSeed, 2 ** 160, SaleMath.MAX_PRICE - 1);
    c.collateral = bound(draw.collateral, 1, (2 ** 255) / c.deciding);
    uint256 value = SaleMath.value(c.collateral, c.deciding);
    c.debt = Math.min(type(uint96).max, 1 + Math.mulDiv(value, bound(draw.ltvBps, 6_000, 13_000), _BPS));
    c.price = Math.min(
      SaleMath.MAX_PRICE - 1,
      (c.deciding / 10_000) * uint256(10_000 - bound(draw.discountBps, -200, 2_000))
    );
    c.terms.penaltyBps = bound(draw.penaltyBps, 0, 2_000);
    c.terms.targetLtvBps = bound(draw.targetLtvBps, 1, _BPS);
    SaleMath.Size memory size = _closeAmount(c);
    if (size.sellsAll) return assertTrue(_fallsShort(c));
    uint256 safe = Math.mulDiv(value, c.terms.targetLtvBps, _BPS);
    uint256 factor = c.terms.targetLtvBps * (_BPS + c.terms.penaltyBps) * 1e10;
    uint256 recycled = Math.mulDiv(c.deciding, factor, c.price, Math.Rounding.Ceil);
    uint256 expected = c.debt;
    if (c.debt > safe && recycled < _WAD) {
      expected = Math.min(c.debt, Math.mulDiv(c.debt - safe, _WAD, _WAD - recycled, Math.Rounding.Ceil));
    }
    assertEq(size.repay, expected);
  }

  function testFuzz_salePrice_isExactAtTheHighestPrices(uint256 anchor, uint256 low, int256 discount) public pure {
    anchor = bound(anchor, 2 ** 187, SaleMath.MAX_PRICE - 1);
    low = bound(low, 1, anchor);
    discount = bound(discount, -1e18, 1e18);
    uint256 most = 0.08e18;
    uint256 held = discount > int256(most) ? _WAD - most : uint256(1e18 - discount);
    uint256 asked = Math.mulDiv(anchor, held, _WAD, Math.Rounding.Ceil);
    assertEq(
      SaleMath.salePrice(anchor, low, discount, 800),
      Math.max(asked, Math.mulDiv(low, 9_200, _BPS, Math.Rounding.Ceil))
    );
  }

  // --------------------------------------------------------------------------------------------------- close amount

  function testFuzz_closeAmount_isNeverADeadZone(Draw memory draw) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _closeAmount(c);
    assertGt(size.repay, 0);
    assertLe(size.repay, c.debt);
  }

  function testFuzz_closeAmount_LIQ4_leavesNothingOrEnough(Draw memory draw) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _closeAmount(c);
    if (size.sellsAll) return;
    uint256 left = c.debt - size.repay;
    assertTrue(left == 0 || left >= c.minDebt);
  }

  function testFuzz_closeAmount_sellsAll_whenItCannotPayDebtAndPenalty(Draw memory draw) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _closeAmount(c);
    assertEq(size.sellsAll, _fallsShort(c));
    if (!size.sellsAll) {
      assertEq(size.penaltyRate, c.terms.penaltyBps * 1e14);
      assertEq(size.penalty, SaleMath.penaltyOn(size.repay, c.terms.penaltyBps));
      assertLe(_sold(c, size), c.collateral);
      return;
    }
    // Debt first, the penalty gets the rest, and together they are worth the collateral, rounded up.
    uint256 payment = Math.mulDiv(c.collateral, c.price, _SCALE, Math.Rounding.Ceil);
    assertEq(size.repay + size.penalty, payment);
    if (size.penalty != 0) assertEq(size.repay, c.debt);
    assertEq(size.penaltyRate, 0);
    assertLe(size.penalty, SaleMath.penaltyOn(c.debt, c.terms.penaltyBps));
  }

  function testFuzz_closeAmount_LIQ2_neverWorsensWhatStays(Draw memory draw) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _closeAmount(c);
    if (!size.sellsAll) _assertNoWorse(c, size);
  }

  function testFuzz_closeAmount_LIQ3_endsAtOrUnderTheTarget(Draw memory draw) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _closeAmount(c);
    if (size.sellsAll || size.repay == c.debt) return;
    uint256 left = c.collateral - _sold(c, size);
    assertLe(c.debt - size.repay, SaleMath.maxDebt(left, c.deciding, c.terms.targetLtvBps));
  }

  // ----------------------------------------------------------------------------------------------------------- part

  function testFuzz_part_isRefused_exactlyWhereItLeavesDust(Draw memory draw, uint256 repay) public pure {
    Case memory c = _case(draw);
    repay = bound(repay, 1, _closeAmount(c).repay);
    bool dust = c.debt - repay < c.minDebt;
    if (_fallsShort(c)) {
      dust = dust || SaleMath.value(c.collateral, c.price) < repay + _payablePenalty(c, repay) + c.minDebt;
    }
    assertEq(_part(c, repay).repay, dust ? 0 : repay);
  }

  function testFuzz_part_LIQ6_paysThePenalty_asFarAsThePositionCan(Draw memory draw, uint256 repay) public pure {
    Case memory c = _case(draw);
    repay = bound(repay, 1, _closeAmount(c).repay);
    SaleMath.Size memory size = _part(c, repay);
    assertFalse(size.sellsAll);
    if (size.repay == 0) return;
    if (_fallsShort(c)) {
      assertEq(size.penalty, _payablePenalty(c, repay));
      assertLe(size.penaltyRate, c.terms.penaltyBps * 1e14);
    } else {
      assertEq(size.penalty, SaleMath.penaltyOn(repay, c.terms.penaltyBps));
      assertEq(size.penaltyRate, c.terms.penaltyBps * 1e14);
    }
    assertLe(Math.mulDiv(_sold(c, size), c.price, _SCALE), repay + size.penalty);
  }

  function testFuzz_part_LIQ2_neverWorsensWhatStays(Draw memory draw, uint256 repay) public pure {
    Case memory c = _case(draw);
    if (_fallsShort(c)) return;
    SaleMath.Size memory size = _part(c, bound(repay, 1, _closeAmount(c).repay));
    if (size.repay != 0) _assertNoWorse(c, size);
  }

  function testFuzz_part_leavesSomethingToTake(Draw memory draw, uint256 repay) public pure {
    Case memory c = _case(draw);
    SaleMath.Size memory size = _part(c, bound(repay, 1, _closeAmount(c).repay));
    if (size.repay == 0 || size.repay == c.debt) return;
    if (_fallsShort(c)) assertGe(SaleMath.value(c.collateral - _sold(c, size), c.price), c.minDebt);
    _after(c, size);
    if (c.collateral == 0) return;
    assertGt(_closeAmount(c).repay, 0);
  }

  // ----------------------------------------------------------------------------------------------------- sale price

  function testFuzz_salePrice_AUC1_liesWithinTheBand(
    uint128 anchor,
    uint128 low,
    int256 discount,
    uint256 maxDiscountBps
  ) public pure {
    low = uint128(bound(low, 0, anchor));
    maxDiscountBps = bound(maxDiscountBps, 0, _BPS);
    uint256 price = SaleMath.salePrice(anchor, low, discount, maxDiscountBps);
    assertGe(price * _BPS, low * (_BPS - maxDiscountBps));
    assertGe(price * _BPS, anchor * (_BPS - maxDiscountBps));
    assertLe(price, 2 * uint256(anchor));
    if (discount >= 0) assertLe(price, anchor);
  }

  function testFuzz_salePrice_neverRisesInTheDiscount(
    uint128 anchor,
    uint128 low,
    int256 discount,
    uint256 more,
    uint256 maxDiscountBps
  ) public pure {
    maxDiscountBps = bound(maxDiscountBps, 0, _BPS);
    discount = bound(discount, -3e18, 3e18);
    more = bound(more, 0, 3e18);
    assertLe(
      SaleMath.salePrice(anchor, low, discount + int256(more), maxDiscountBps),
      SaleMath.salePrice(anchor, low, discount, maxDiscountBps)
    );
  }

  function testFuzz_salePrice_isTheAnchorLessTheDiscountRoundedUp(uint128 anchor, uint256 discount) public pure {
    discount = bound(discount, 0, _WAD);
    uint256 expected = Math.mulDiv(anchor, _WAD - discount, _WAD, Math.Rounding.Ceil);
    assertEq(SaleMath.salePrice(anchor, 0, int256(discount), _BPS), expected);
  }

  // ------------------------------------------------------------------------------------------------- covering price

  /// @dev What the least price is at which the collateral pays debt and penalty; never above the deciding one.
  function testFuzz_coveringPrice_isTheLeastThatCovers(Draw memory draw) public pure {
    Case memory c = _case(draw);
    uint256 price = _coveringPrice(c);
    uint256 owed = c.debt * (_BPS + c.terms.penaltyBps);
    uint256 exact = Math.mulDiv(owed, _SCALE / _BPS, c.collateral, Math.Rounding.Ceil);
    assertEq(price, Math.min(exact, c.deciding));
    if (exact <= c.deciding) {
      assertGe(price * c.collateral, owed * (_SCALE / _BPS));
      assertLt((price - 1) * c.collateral, owed * (_SCALE / _BPS));
    }
  }

  /// @dev The widest books: nothing overflows what is unchecked.
  function testFuzz_coveringPrice_isExactAtTheWidest(uint128 debt, uint96 collateral, uint16 penaltyBps) public pure {
    collateral = uint96(bound(collateral, 1, type(uint96).max));
    penaltyBps = uint16(bound(penaltyBps, 0, 2 ** 15 - 1 - _BPS));
    uint256 owed = uint256(debt) * (_BPS + penaltyBps);
    uint256 expected = Math.mulDiv(owed, _SCALE / _BPS, collateral, Math.Rounding.Ceil);
    assertEq(SaleMath.coveringPrice(debt, collateral, type(uint256).max, penaltyBps), expected);
  }

  /// @dev It asks more only for more debt, or of less collateral, and follows the oracle up.
  function testFuzz_coveringPrice_risesWithTheDebtAlone(Draw memory draw, uint256 more) public pure {
    Case memory c = _case(draw);
    uint256 price = _coveringPrice(c);
    more = bound(more, 0, c.debt);
    assertGe(SaleMath.coveringPrice(c.debt + more, c.collateral, c.deciding, c.terms.penaltyBps), price);
    assertLe(SaleMath.coveringPrice(c.debt - more, c.collateral, c.deciding, c.terms.penaltyBps), price);
    assertGe(SaleMath.coveringPrice(c.debt, c.collateral, c.deciding + more, c.terms.penaltyBps), price);
  }

  /// @dev Whatever the clock says, a young sale of the maximum makes no bad debt beyond what the deciding price itself leaves.
  function testFuzz_youngSale_ofTheMaximum_makesNoBadDebt(Draw memory draw) public pure {
    Case memory c = _case(draw);
    c.price = Math.max(c.price, _coveringPrice(c));
    _assertNoBadDebt(c, _closeAmount(c));
  }

  function testFuzz_youngSale_ofAPart_makesNoBadDebt(Draw memory draw, uint256 repay) public pure {
    Case memory c = _case(draw);
    c.price = Math.max(c.price, _coveringPrice(c));
    SaleMath.Size memory size = _part(c, bound(repay, 1, _closeAmount(c).repay));
    if (size.repay != 0) _assertNoBadDebt(c, size);
  }

  /// @dev Part after part, each at the price of what the one before it left: none of them lowers it.
  function testFuzz_youngSale_ofManyParts_makesNoBadDebt(Draw memory draw, uint256 seed) public pure {
    Case memory c = _case(draw);
    uint256 atClock = c.price;
    uint256 shortfall = _shortfall(c);
    for (uint256 i = 0; i < 8 && c.collateral != 0 && c.debt != 0; ++i) {
      c.price = Math.max(atClock, _coveringPrice(c));
      SaleMath.Size memory size = _part(c, 1 + (uint256(keccak256(abi.encode(seed, i))) % _closeAmount(c).repay));
      if (size.repay == 0) continue;
      _after(c, size);
      assertLe(_shortfall(c), shortfall + i + 1);
    }
  }

  // --------------------------------------------------------------------------------------------------------- rewind

  function testFuzz_rewind_goesForwardAndNeverPastNow(
    uint256 age,
    uint96 sold,
    uint256 horizon,
    uint96 lot
  ) public pure {
    (uint256 clock, uint256 horizon_, uint256 lot_) = _clock(age, horizon, lot);
    uint256 rewound = SaleMath.rewind(clock, _NOW, sold, horizon_, lot_);
    assertGe(rewound, clock);
    assertLe(rewound, _NOW * 256);
  }

  function testFuzz_rewind_isTheFormulaRoundedUp(uint256 age, uint96 sold, uint256 horizon, uint96 lot) public pure {
    (uint256 clock, uint256 horizon_, uint256 lot_) = _clock(age, horizon, lot);
    uint256 from = Math.max(clock, (_NOW - 2 hours) * 256);
    uint256 start = (_NOW - horizon_) * 256;
    uint256 left = sold;
    if (from < start) {
      // A sixteenth of a lot uses up two hours.
      uint256 used = ((start - from) * lot_) / (16 * 2 hours * 256);
      left = sold > used ? sold - used : 0;
      from = left == 0 ? from + Math.mulDiv(sold, 16 * 2 hours * 256, lot_, Math.Rounding.Ceil) : start;
    }
    uint256 moved = Math.mulDiv(left, horizon_ * 256, lot_, Math.Rounding.Ceil);
    assertEq(SaleMath.rewind(clock, _NOW, sold, horizon_, lot_), Math.min(_NOW * 256, from + moved));
  }

  function testFuzz_rewind_LIQ6_slicesRewindAsOneTake(
    uint256 age,
    uint96 sold,
    uint256 slices,
    uint256 horizon,
    uint96 lot
  ) public pure {
    (uint256 clock, uint256 horizon_, uint256 lot_) = _clock(age, horizon, lot);
    slices = bound(slices, 2, 20);
    uint256 once = SaleMath.rewind(clock, _NOW, sold, horizon_, lot_);
    uint256 left = sold;
    for (uint256 i = 0; i < slices; ++i) {
      uint256 slice = i + 1 == slices ? left : left / (slices - i);
      clock = SaleMath.rewind(clock, _NOW, slice, horizon_, lot_);
      left -= slice;
    }
    assertGe(clock, once);
    assertLe(clock, once + slices);
  }

  function testFuzz_rewind_aLotAndASixteenthTakeARestedClockToNow(
    uint256 age,
    uint256 horizon,
    uint96 lot
  ) public pure {
    (uint256 clock, uint256 horizon_, uint256 lot_) = _clock(age, horizon, lot);
    assertEq(SaleMath.rewind(clock, _NOW, lot_ + lot_ / 16 + 1, horizon_, lot_), _NOW * 256);
    uint256 byOne = SaleMath.rewind(clock, _NOW, lot_, horizon_, lot_);
    assertGe(byOne, _NOW * 256 - horizon_ * 16);
  }

  function testFuzz_rewind_dustMovesATick(uint256 age, uint256 sold, uint256 horizon, uint96 lot) public pure {
    (uint256 clock, uint256 horizon_, uint256 lot_) = _clock(age, horizon, lot);
    sold = bound(sold, 0, lot_ / (16 * 2 hours * 256));
    uint256 from = Math.max(clock, (_NOW - 2 hours) * 256);
    assertLe(SaleMath.rewind(clock, _NOW, sold, horizon_, lot_), from + 1);
  }

  // -------------------------------------------------------------------------------------------------------- helpers

  /// @dev Positions of any size around and beyond the edge, and a sale price inside any band.
  function _case(Draw memory draw) private pure returns (Case memory c) {
    c.collateral = bound(draw.collateral, 1, 2 ** 100);
    uint256 value = bound(draw.value, 1, Math.min(2 ** 90, c.collateral << 40));
    c.deciding = Math.max(1, Math.mulDiv(value, _SCALE, c.collateral));
    c.debt = 1 + (value * bound(draw.ltvBps, 6_000, 13_000)) / _BPS;
    int256 discountBps = bound(draw.discountBps, -200, 2_000);
    c.price = Math.max(1, (c.deciding * uint256(10_000 - discountBps)) / _BPS);
    c.minDebt = (c.debt * bound(draw.minDebtBps, 0, _BPS)) / _BPS;
    c.terms.penaltyBps = bound(draw.penaltyBps, 0, 300);
    c.terms.targetLtvBps = bound(draw.targetLtvBps, 3_000, 9_000);
  }

  function _clock(uint256 age, uint256 horizon, uint96 lot) private pure returns (uint256, uint256, uint256) {
    horizon = bound(horizon, 1, 2 hours);
    return (_NOW * 256 - bound(age, 0, 4 hours * 256), horizon, bound(lot, 1, type(uint96).max));
  }

  function _closeAmount(Case memory c) private pure returns (SaleMath.Size memory) {
    return SaleMath.closeAmount(c.debt, c.collateral, c.price, c.deciding, c.terms, c.minDebt);
  }

  function _part(Case memory c, uint256 repay) private pure returns (SaleMath.Size memory) {
    return SaleMath.part(repay, c.debt, c.collateral, c.price, c.terms, c.minDebt);
  }

  /// @dev A part's share of what the collateral is worth beyond the debt, rounded up.
  function _payablePenalty(Case memory c, uint256 repay) private pure returns (uint256) {
    uint256 value = Math.mulDiv(c.collateral, c.price, _SCALE);
    return value > c.debt ? Math.ceilDiv(repay * (value - c.debt), c.debt) : 0;
  }

  function _sold(Case memory c, SaleMath.Size memory size) private pure returns (uint256) {
    return Math.min(c.collateral, SaleMath.collateralFor(size.repay, size.penaltyRate, c.price));
  }

  function _after(Case memory c, SaleMath.Size memory size) private pure {
    c.collateral -= _sold(c, size);
    c.debt -= size.repay;
  }

  function _fallsShort(Case memory c) private pure returns (bool) {
    return c.debt * (_BPS + c.terms.penaltyBps) > Math.mulDiv(c.collateral, c.price, _SCALE) * _BPS;
  }

  function _coveringPrice(Case memory c) private pure returns (uint256) {
    return SaleMath.coveringPrice(c.debt, c.collateral, c.deciding, c.terms.penaltyBps);
  }

  /// @dev What all collateral at the deciding price lacks to pay the debt, rounded up.
  function _shortfall(Case memory c) private pure returns (uint256) {
    uint256 worth = Math.mulDiv(c.collateral, c.deciding, _SCALE);
    return c.debt > worth ? c.debt - worth : 0;
  }

  /// @dev But for a unit of rounding.
  function _assertNoBadDebt(Case memory c, SaleMath.Size memory size) private pure {
    uint256 shortfall = _shortfall(c);
    _after(c, size);
    assertLe(_shortfall(c), shortfall + 1);
  }

  /// @dev Debt over collateral does not rise.
  function _assertNoWorse(Case memory c, SaleMath.Size memory size) private pure {
    assertLe((c.debt - size.repay) * c.collateral, c.debt * (c.collateral - _sold(c, size)));
  }
}
