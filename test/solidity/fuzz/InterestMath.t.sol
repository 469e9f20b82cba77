// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {InterestMath} from "../../../contracts/libraries/InterestMath.sol";
import {Test} from "../base/Test.sol";

contract InterestMathTest is Test {
  uint256 private constant _WAD = 1e18;
  /// @dev 1,000% a year, per second: more than any rate model may ask.
  uint256 private constant _MAX_RATE = 317_097_919_837;
  uint256 private constant _CENTURY = 100 * 365 days;

  // ------------------------------------------------------------------------------------------------------- growth

  function test_growth_isOne_whenNoTimePassesOrNothingIsCharged() public pure {
    assertEq(InterestMath.growth(type(uint256).max, 0), _WAD);
    assertEq(InterestMath.growth(0, type(uint256).max), _WAD);
  }

  function test_growth_saturates_afterACenturyAtTheHighestRate() public pure {
    uint256 factor = InterestMath.growth(_MAX_RATE, _CENTURY);
    assertGt(factor, 1e8 * _WAD);
    assertLt(factor, InterestMath.MAX_GROWTH);
    uint256 index = InterestMath.accruedIndex(1e18, factor);
    assertEq(index, type(uint80).max);
    assertEq(InterestMath.accruedIndex(index, factor), type(uint80).max);
    assertEq(InterestMath.growth(type(uint256).max, type(uint256).max), InterestMath.MAX_GROWTH);
    assertEq(InterestMath.accruedIndex(type(uint80).max, InterestMath.MAX_GROWTH), type(uint80).max);
  }

  function testFuzz_growth_neverRevertsAndStaysInBounds(uint256 rate, uint256 dt) public pure {
    uint256 factor = InterestMath.growth(rate, dt);
    assertGe(factor, _WAD);
    assertLe(factor, InterestMath.MAX_GROWTH);
  }

  function testFuzz_growth_isTheThreeTermSumRoundedDown(uint256 rate, uint256 dt) public pure {
    rate = bound(rate, 0, 1e15);
    dt = bound(dt, 0, 1e9);
    uint256 x = rate * dt;
    uint256 exact = 6e54 + 6e36 * x + 3e18 * x * x + x * x * x;
    assertEq(InterestMath.growth(rate, dt), exact / 6e36);
  }

  function testFuzz_growth_isMonotone(uint256 rate, uint256 dt, uint256 moreRate, uint256 moreTime) public pure {
    // Half of the runs near the saturation, where the two branches meet.
    if (dt % 2 == 0) {
      rate = bound(rate, 1.79e24, 1.81e24);
      moreRate = bound(moreRate, 0, 1e22);
      dt = 1;
      moreTime = bound(moreTime, 0, 1);
    } else {
      rate = bound(rate, 0, type(uint128).max);
      dt = bound(dt, 0, type(uint128).max);
      moreRate = bound(moreRate, 0, type(uint128).max);
      moreTime = bound(moreTime, 0, type(uint128).max);
    }
    uint256 factor = InterestMath.growth(rate, dt);
    assertGe(InterestMath.growth(rate + moreRate, dt), factor);
    assertGe(InterestMath.growth(rate, dt + moreTime), factor);
  }

  function testFuzz_growth_isUnderTheExponentialByTheFourthTermOnly(uint256 rate, uint256 dt) public pure {
    rate = bound(rate, 1, _MAX_RATE);
    dt = bound(dt, 1, 3e17 / rate); // x up to 0.3
    uint256 x = rate * dt;
    uint256 factor = InterestMath.growth(rate, dt);
    uint256 exponential = uint256(FixedPointMathLib.expWad(int256(x)));
    uint256 fourthTerm = Math.mulDiv(x * x, x * x, 24e54);
    assertLe(factor, exponential + 1);
    // What is left out is the fourth term and less than a tenth of it.
    assertLe(exponential, factor + (fourthTerm * 11) / 10 + 2);
  }

  function testFuzz_growth_splittingNeverCostsLenders(uint256 rate, uint256 first, uint256 second) public pure {
    rate = bound(rate, 0, _MAX_RATE);
    first = bound(first, 0, 365 days);
    second = bound(second, 0, 365 days);
    uint256 once = InterestMath.growth(rate, first + second);
    uint256 firstFactor = InterestMath.growth(rate, first);
    uint256 secondFactor = InterestMath.growth(rate, second);
    uint256 twice = (firstFactor * secondFactor) / _WAD;
    // Each factor lost less than a unit to rounding, and so did their product.
    assertGe(twice + (firstFactor + secondFactor) / _WAD + 1, once);
  }

  function testFuzz_growth_dependsOnThePathByTheFourthTermOnly(uint256 rate, uint256 dt, uint256 steps) public pure {
    rate = bound(rate, 0, 6.4e10); // 200% a year
    dt = bound(dt, 1, 30 days);
    steps = bound(steps, 2, 30);
    uint256 index = 1e18;
    uint256 left = dt;
    for (uint256 i; i < steps; ++i) {
      uint256 step = i + 1 == steps ? left : left / (steps - i);
      index = InterestMath.accruedIndex(index, InterestMath.growth(rate, step));
      left -= step;
    }
    uint256 x = rate * dt;
    uint256 once = InterestMath.accruedIndex(1e18, InterestMath.growth(rate, dt));
    assertGe(index + 2 * steps, once);
    assertLe(index, once + Math.mulDiv(x * x, x * x, 20e54) + 1);
  }

  // -------------------------------------------------------------------------------------------------------- index

  function testFuzz_accruedIndex_neverFallsAndFitsItsField(uint256 index, uint256 rate, uint256 dt) public pure {
    index = bound(index, 1e18, type(uint80).max);
    uint256 accrued = InterestMath.accruedIndex(index, InterestMath.growth(rate, dt));
    assertGe(accrued, index);
    assertLe(accrued, type(uint80).max);
  }

  function testFuzz_accruedIndex_isTheProductRoundedDown(uint256 index, uint256 factor) public pure {
    index = bound(index, 1e18, type(uint80).max);
    factor = bound(factor, 1e18, 1e36);
    uint256 expected = Math.min(Math.mulDiv(index, factor, 1e18), type(uint80).max);
    assertEq(InterestMath.accruedIndex(index, factor), expected);
  }

  // -------------------------------------------------------------------------------------------------- conversions

  function testFuzz_conversions_roundAsNamed(uint96 amount, uint256 index) public pure {
    index = bound(index, 1e18, type(uint80).max);
    assertEq(InterestMath.toAssetsUp(amount, index), Math.mulDiv(amount, index, 1e18, Math.Rounding.Ceil));
    assertEq(InterestMath.toAssetsDown(amount, index), Math.mulDiv(amount, index, 1e18));
    assertEq(InterestMath.toScaledUp(amount, index), Math.mulDiv(amount, 1e18, index, Math.Rounding.Ceil));
    assertEq(InterestMath.toScaledDown(amount, index), Math.mulDiv(amount, 1e18, index));
  }

  function testFuzz_conversions_aLoanOwesAtLeastWhatWasLent(uint96 assets, uint256 index) public pure {
    index = bound(index, 1e18, type(uint80).max);
    assertGe(InterestMath.toAssetsDown(InterestMath.toScaledUp(assets, index), index), assets);
  }

  function testFuzz_conversions_aRepaymentTakesOffAtMostWhatWasPaid(uint96 assets, uint256 index) public pure {
    index = bound(index, 1e18, type(uint80).max);
    assertLe(InterestMath.toAssetsUp(InterestMath.toScaledDown(assets, index), index), assets);
  }

  function testFuzz_conversions_payingTheWholeDebtClearsIt(uint96 scaled, uint256 index) public pure {
    index = bound(index, 1e18, type(uint80).max);
    assertEq(InterestMath.toScaledDown(InterestMath.toAssetsUp(scaled, index), index), scaled);
  }

  function testFuzz_conversions_singleDebtsCoverTheBooks(uint96 one, uint96 other, uint256 index) public pure {
    index = bound(index, 1e18, type(uint80).max);
    uint256 sum = InterestMath.toAssetsUp(one, index) + InterestMath.toAssetsUp(other, index);
    assertGe(sum, InterestMath.toAssetsDown(uint256(one) + other, index));
  }
}
