// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VolatilityMath} from "../../../contracts/libraries/VolatilityMath.sol";
import {Test} from "../base/Test.sol";

/// @notice Nothing reverts inside its domain, and every estimate moves the way it must.
contract VolatilityMathTest is Test {
  uint256 private constant _WAD = 1e18;
  uint256 private constant _MOST = type(uint128).max;

  function testFuzz_logReturn_isTheSameBothWaysAndGrowsWithTheMove(uint256 from, uint256 to, uint256 more) public pure {
    from = bound(from, 1, _MOST);
    to = bound(to, from, _MOST);
    more = bound(more, 0, _MOST - to);
    uint256 move = VolatilityMath.logReturn(from, to);
    assertEq(VolatilityMath.logReturn(to, from), move);
    assertEq(move == 0, from == to);
    // The logarithm is exact to its last unit.
    assertGe(VolatilityMath.logReturn(from, to + more) + 1, move);
  }

  function testFuzz_update_staysBetweenWhatWasAndWhatCame(
    uint256 variance,
    uint256 move,
    uint256 dt,
    uint256 halfLife
  ) public pure {
    (variance, move, dt, halfLife) = _bound(variance, move, dt, halfLife);
    uint256 updated = VolatilityMath.update(variance, move, dt, halfLife);
    uint256 rate = (move * move) / dt;
    uint256 low = variance < rate ? variance : rate;
    uint256 high = variance < rate ? rate : variance;
    assertGe(updated, low);
    // The weights of both add up to at most 1 + 4e-18.
    assertLe(updated, high + (4 * high) / _WAD + 4);
  }

  function testFuzz_update_neverCountsAReturnForMoreThanLn2OverTheHalfLife(
    uint256 variance,
    uint256 move,
    uint256 dt,
    uint256 halfLife
  ) public pure {
    (variance, move, dt, halfLife) = _bound(variance, move, dt, halfLife);
    uint256 updated = VolatilityMath.update(variance, move, dt, halfLife);
    uint256 most = (move * move * 693_147_180_559_945_310) / (_WAD * halfLife);
    // Two units of a weight in eighteen decimals, over a second.
    assertLe(updated, variance + most + (4 * move * move) / _WAD + (4 * variance) / _WAD + 4);
  }

  function testFuzz_update_risesWithTheReturn(
    uint256 variance,
    uint256 move,
    uint256 dt,
    uint256 halfLife,
    uint256 more
  ) public pure {
    (variance, move, dt, halfLife) = _bound(variance, move, dt, halfLife);
    more = bound(more, 0, _WAD - move);
    assertGe(
      VolatilityMath.update(variance, move + more, dt, halfLife),
      VolatilityMath.update(variance, move, dt, halfLife)
    );
  }

  function testFuzz_quiet_neverRaisesAndFallsWithTheSilence(
    uint256 variance,
    uint256 deviation,
    uint256 silence,
    uint256 halfLife,
    uint256 more
  ) public pure {
    (variance, deviation, silence, halfLife) = _bound(variance, deviation, silence, halfLife);
    more = bound(more, 0, type(uint32).max);
    assertEq(VolatilityMath.quiet(variance, deviation, 0, halfLife), variance);
    uint256 quiet = VolatilityMath.quiet(variance, deviation, silence, halfLife);
    assertLe(quiet, variance);
    uint256 later = VolatilityMath.quiet(variance, deviation, silence + more, halfLife);
    // Weights have eighteen decimals.
    assertLe(later, quiet + (10 * variance) / _WAD + 10);
  }

  function testFuzz_perRootSecond_isTheSquareRootUp(uint256 variance) public pure {
    variance = bound(variance, 0, _MOST);
    uint256 root = VolatilityMath.perRootSecond(variance);
    assertGe(root * root, variance);
    if (root != 0) assertLt((root - 1) * (root - 1), variance);
  }

  function _bound(
    uint256 variance,
    uint256 move,
    uint256 dt,
    uint256 halfLife
  ) private pure returns (uint256, uint256, uint256, uint256) {
    return (bound(variance, 0, 1e36), bound(move, 0, _WAD), bound(dt, 1, 1 << 40), bound(halfLife, 600, 30 days));
  }
}
