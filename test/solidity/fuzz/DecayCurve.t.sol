// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {DecayCurve} from "../../../contracts/libraries/DecayCurve.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {Test} from "../base/Test.sol";

contract DecayCurveTest is Test {
  int256 private constant _WAD_PER_BPS = 1e14;

  // ----------------------------------------------------------------------------------------------------- halvings

  function test_halvings_atTheEnds() public pure {
    assertEq(DecayCurve.halvings(0, 212), 1e18);
    assertEq(DecayCurve.halvings(64 * 212 - 1, 212), 1);
    assertEq(DecayCurve.halvings(64 * 212, 212), 0);
    assertEq(DecayCurve.halvings(type(uint256).max, type(uint32).max), 0);
    assertEq(DecayCurve.halvings(0, 0), 0);
    assertEq(DecayCurve.halvings(1, 0), 0);
  }

  function testFuzz_halvings_areRoundedUpByAtMostTwo_atWholeHalfLives(uint256 n, uint256 halfLife) public pure {
    n = bound(n, 1, 63);
    halfLife = bound(halfLife, 1, type(uint32).max);
    uint256 result = DecayCurve.halvings(n * halfLife, halfLife);
    assertGe(result << n, 1e18);
    if (result > 2) assertLe((result - 2) << n, 1e18);
  }

  function testFuzz_halvings_multiply(uint256 first, uint256 second, uint256 halfLife) public pure {
    halfLife = bound(halfLife, 1, type(uint32).max);
    first = bound(first, 0, 30 * halfLife);
    second = bound(second, 0, 30 * halfLife);
    uint256 product = Math.mulDiv(
      DecayCurve.halvings(first, halfLife),
      DecayCurve.halvings(second, halfLife),
      1e18,
      Math.Rounding.Ceil
    );
    assertApproxEqAbs(product, DecayCurve.halvings(first + second, halfLife), 5);
  }

  function testFuzz_halvings_neverRise(uint256 t, uint256 halfLife) public pure {
    halfLife = bound(halfLife, 0, type(uint32).max);
    t = bound(t, 0, 70 * halfLife);
    uint256 now_ = DecayCurve.halvings(t, halfLife);
    assertLe(DecayCurve.halvings(t + 1, halfLife), now_);
    assertLe(DecayCurve.halvings(t + 1 + halfLife / 7, halfLife), now_);
    assertLe(now_, 1e18);
  }

  // -------------------------------------------------------------------------------------------------------- decay

  function testFuzz_decay_startsAtThePremiumAndEndsAtTheMaximum(SaleTerms memory terms) public pure {
    _fit(terms);
    terms.halfLife = bound(terms.halfLife, 1, type(uint32).max);
    assertEq(DecayCurve.decay(terms, 0), -int256(terms.startPremiumBps) * _WAD_PER_BPS);
    assertEq(DecayCurve.decay(terms, 64 * terms.halfLife), _bps(terms.maxDiscountBps));
  }

  function testFuzz_decay_isTheFormulaRoundedDown(SaleTerms memory terms, uint256 t) public pure {
    _fit(terms);
    t = bound(t, 0, 64 * terms.halfLife);
    uint256 span = (terms.startPremiumBps + terms.maxDiscountBps) * 1e14;
    uint256 left = Math.mulDiv(span, DecayCurve.halvings(t, terms.halfLife), 1e18, Math.Rounding.Ceil);
    assertEq(DecayCurve.decay(terms, t), _bps(terms.maxDiscountBps) - int256(left));
  }

  // ----------------------------------------------------------------------------------------------------- discount

  function testFuzz_discount_neverRevertsAndStaysInTheBand(
    SaleTerms memory terms,
    uint40 own,
    uint256 vaultSeconds
  ) public pure {
    _fit(terms);
    int256 result = DecayCurve.discount(terms, own, vaultSeconds);
    int256 unthrottled = DecayCurve.decay(terms, own);
    int256 hold = _bps(terms.holdBps);
    assertGe(result, -_bps(terms.startPremiumBps));
    assertLe(result, _bps(terms.maxDiscountBps));
    assertLe(result, unthrottled);
    assertGe(result, unthrottled < hold ? unthrottled : hold);
  }

  function testFuzz_discount_isTheFormula(SaleTerms memory terms, uint256 own, uint256 vaultSeconds) public pure {
    _fit(terms);
    terms.halfLife = bound(terms.halfLife, 1, 1 days);
    terms.horizon = bound(terms.horizon, 1, 5 days);
    own = bound(own, 0, 12 * terms.horizon);
    vaultSeconds = bound(vaultSeconds, 0, terms.horizon);
    int256 shallow = DecayCurve.decay(terms, own);
    if (shallow > _bps(terms.holdBps)) shallow = _bps(terms.holdBps);
    uint256 guarded = own > 8 * terms.horizon ? own - 8 * terms.horizon : 0;
    int256 deep = DecayCurve.decay(terms, Math.min(own, Math.max(vaultSeconds, guarded)));
    assertEq(DecayCurve.discount(terms, own, vaultSeconds), shallow > deep ? shallow : deep);
  }

  function testFuzz_discount_neverFallsInEitherClock(
    SaleTerms memory terms,
    uint256 own,
    uint256 vaultSeconds,
    uint256 more
  ) public pure {
    _fit(terms);
    terms.halfLife = bound(terms.halfLife, 0, 1 days);
    terms.horizon = bound(terms.horizon, 0, 5 days);
    own = bound(own, 0, 20 * terms.horizon);
    vaultSeconds = bound(vaultSeconds, 0, terms.horizon);
    more = bound(more, 1, 1 + terms.horizon / 3);
    int256 result = DecayCurve.discount(terms, own, vaultSeconds);
    assertGe(DecayCurve.discount(terms, own + more, vaultSeconds), result);
    assertGe(DecayCurve.discount(terms, own, vaultSeconds + more), result);
    assertGe(DecayCurve.discount(terms, own + 1, vaultSeconds + 1), result);
  }

  function testFuzz_discount_isTheSalesOwn_whenNobodyBought(SaleTerms memory terms, uint256 own) public pure {
    _fit(terms);
    own = bound(own, 0, terms.horizon);
    assertEq(DecayCurve.discount(terms, own, terms.horizon), DecayCurve.decay(terms, own));
  }

  function testFuzz_discount_isHeld_rightAfterOthersBought(SaleTerms memory terms, uint256 own) public pure {
    _fit(terms);
    own = bound(own, 0, 8 * terms.horizon);
    int256 shallow = DecayCurve.decay(terms, own);
    int256 hold = _bps(terms.holdBps);
    if (terms.halfLife == 0) return;
    assertEq(DecayCurve.discount(terms, own, 0), shallow < hold ? shallow : hold);
  }

  function testFuzz_discount_cannotBeHeldUpForEver(SaleTerms memory terms, uint256 own) public pure {
    _fit(terms);
    own = bound(own, 8 * terms.horizon, type(uint40).max);
    assertGe(DecayCurve.discount(terms, own, 0), DecayCurve.decay(terms, own - 8 * terms.horizon));
  }

  // ------------------------------------------------------------------------------------------------ secondsToHold

  function testFuzz_secondsToHold_isWhereTheDiscountComesToHold(SaleTerms memory terms) public pure {
    _fit(terms);
    terms.maxDiscountBps = bound(terms.maxDiscountBps, 1, type(uint16).max);
    terms.holdBps = bound(terms.holdBps, 0, terms.maxDiscountBps - 1);
    uint256 secondsToHold = DecayCurve.secondsToHold(terms);
    assertLe(secondsToHold, 64 * terms.halfLife);
    if (terms.halfLife == 0) return;
    int256 hold = _bps(terms.holdBps);
    assertLe(DecayCurve.decay(terms, secondsToHold), hold);
    // One second later it has passed hold, but for what rounding holds back.
    assertGe(DecayCurve.decay(terms, secondsToHold + 1) + 30, hold);
  }

  function testFuzz_secondsToHold_saturates_whereHoldIsNeverReached(SaleTerms memory terms) public pure {
    _fit(terms);
    terms.holdBps = bound(terms.holdBps, terms.maxDiscountBps, type(uint16).max);
    assertEq(DecayCurve.secondsToHold(terms), 64 * terms.halfLife);
  }

  /// @dev Terms as a slot can hold them.
  function _fit(SaleTerms memory terms) private pure {
    terms.startPremiumBps = uint16(terms.startPremiumBps);
    terms.holdBps = uint16(terms.holdBps);
    terms.maxDiscountBps = uint16(terms.maxDiscountBps);
    terms.halfLife = uint32(terms.halfLife);
    terms.horizon = uint32(terms.horizon);
  }

  function _bps(uint256 value) private pure returns (int256) {
    return int256(value) * _WAD_PER_BPS;
  }
}
