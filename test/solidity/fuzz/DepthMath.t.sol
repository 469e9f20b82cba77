// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DepthMath} from "../../../contracts/libraries/DepthMath.sol";
import {Test} from "../base/Test.sol";

/// @notice Nothing reverts inside its domain, and nothing is promised that is not there.
contract DepthMathTest is Test {
  uint256 private constant _WAD = 1e18;

  function testFuzz_paidShare_growsWithTheImpactAndTheShares(
    uint64 shares,
    uint64 others,
    uint256 impact,
    uint256 more
  ) public pure {
    impact = bound(impact, 0, DepthMath.BPS);
    more = bound(more, 0, DepthMath.BPS - impact);
    uint256 paid = DepthMath.paidShare(shares, impact);
    assertGe(DepthMath.paidShare(shares, impact + more), paid);
    assertLe(DepthMath.paidShare(DepthMath.lowerShares(shares, others), impact), paid);
  }

  function testFuzz_paidShare_isAtMostThatOfEvenLiquidity(uint64 shares, uint256 impact) public pure {
    impact = bound(impact, 0, DepthMath.BPS);
    uint256 left = _WAD - DepthMath.paidShare(shares, impact);
    assertGe(left * left, (DepthMath.BPS - impact) * 1e32);
  }

  function testFuzz_lowerShares_isTheLowerByteByByte(uint64 a, uint64 b) public pure {
    uint64 lower = DepthMath.lowerShares(a, b);
    for (uint256 i = 0; i < 64; i += 8) {
      uint256 byteOfA = (a >> i) & 255;
      uint256 byteOfB = (b >> i) & 255;
      assertEq((lower >> i) & 255, byteOfA < byteOfB ? byteOfA : byteOfB);
    }
  }

  function testFuzz_packShare_isAtMostWhatIsThere(uint256 liquidity, uint256 mean, uint256 step) public pure {
    liquidity = bound(liquidity, 0, type(uint128).max);
    mean = bound(mean, 1, type(uint128).max);
    step = bound(step, 0, DepthMath.STEPS - 1);
    uint256 share = DepthMath.packShare(liquidity, mean, step) >> (8 * step);
    assertLe(share, 255);
    assertLe(share * mean, liquidity * 255);
  }

  function testFuzz_harmonicMean_liesBetweenTheLeastAndTheMost(
    uint256 first,
    uint256 second,
    uint256 time,
    uint256 split
  ) public pure {
    first = bound(first, 1, type(uint96).max);
    second = bound(second, 1, type(uint96).max);
    time = bound(time, 300, 1 days);
    split = bound(split, 0, time);
    uint256 perLiquidity = (split << 128) / first + ((time - split) << 128) / second;
    uint256 mean = DepthMath.harmonicMean(uint160(perLiquidity), time);
    if (split == 0) first = second;
    if (split == time) second = first;
    assertGe(mean, first < second ? first : second);
    // Each of two divisions is rounded down.
    uint256 most = first < second ? second : first;
    assertLe(mean, most + most / 1e9 + 1);
  }

  function testFuzz_reserve_neverReverts(uint128 liquidity, int256 tick, bool ofToken1) public pure {
    tick = bound(tick, -887_272, 887_272);
    assertLt(DepthMath.reserve(liquidity, int24(tick), ofToken1), 1 << 192);
  }
}
