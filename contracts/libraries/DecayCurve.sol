// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title DecayCurve
/// @notice Discount of a sale: `D(t) = maxDiscount - (startPremium + maxDiscount) x 2^(-t / halfLife)` on two clocks.
/// @dev ASSUMPTIONS: every term fits its width in a vault's slot (bps 16 bits, times 32), seconds under 2^190 (a clock shows
/// less than 2^40). LIVENESS: no such terms make it revert; a half-life of 0 is a curve that stands at its end at once.
/// ROUNDING: discounts down, against the taker.
library DecayCurve {
  uint256 internal constant WAD = 1e18;
  /// @notice After so many half-lives nothing is left to decay.
  uint256 internal constant MAX_HALF_LIVES = 64;
  /// @notice A sale's own age, less so many horizons, counts as vault seconds: nobody can hold its price up for longer.
  uint256 internal constant GUARD_HORIZONS = 8;

  /// @notice ln 2, WAD, rounded down.
  uint256 internal constant LN_2 = 693_147_180_559_945_309;
  uint256 private constant _WAD_PER_BPS = 1e14;

  /// @notice `2^(-t / halfLife)`, WAD, rounded up (by less than 2); exactly 1e18 at 0, and 0 from 64 half-lives on.
  /// @param halfLife Seconds, under 2^58.
  function halvings(uint256 t, uint256 halfLife) internal pure returns (uint256) {
    if (t / MAX_HALF_LIVES >= halfLife) return 0;
    if (t == 0) return WAD;
    // The exponent is rounded towards 0 and under 64 ln 2 = 4.5e19; e^-x is at most 1e18.
    return uint256(FixedPointMathLib.expWad(-int256((t * LN_2) / halfLife))) + 1;
  }

  /// @notice `D(t)`: discount of a sale whose price decays for `t` seconds, WAD, negative for a premium.
  function decay(SaleTerms memory terms, uint256 t) internal pure returns (int256) {
    // Two terms of 16 bits add up to less than 2^17 bps = 1.4e19, times halvings to less than 1.4e37.
    unchecked {
      uint256 most = terms.maxDiscountBps * _WAD_PER_BPS;
      uint256 left = (most + terms.startPremiumBps * _WAD_PER_BPS) * halvings(t, terms.halfLife);
      return int256(most) - int256((left + (WAD - 1)) / WAD);
    }
  }

  /// @notice `max(min(D(own), hold), D(min(own, max(vaultSeconds, own - 8H))))`: the small opening discount comes with the
  /// sale's own age, the deep one only while nobody buys from the vault.
  /// @param own Live seconds of the sale's own clock.
  /// @param vaultSeconds Live seconds of the vault-wide clock.
  /// @return WAD, negative for a premium; never falls in `own` or in `vaultSeconds`.
  function discount(SaleTerms memory terms, uint256 own, uint256 vaultSeconds) internal pure returns (int256) {
    uint256 guarded = FixedPointMathLib.zeroFloorSub(own, GUARD_HORIZONS * terms.horizon);
    uint256 deepSeconds = FixedPointMathLib.min(own, FixedPointMathLib.max(vaultSeconds, guarded));
    int256 deep = decay(terms, deepSeconds);
    int256 hold = int256(terms.holdBps * _WAD_PER_BPS);
    // D never falls and `deepSeconds <= own`, so min(D(own), hold) can be larger only where D(deepSeconds) is below hold.
    if (deepSeconds == own || deep >= hold) return deep;
    return FixedPointMathLib.min(decay(terms, own), hold);
  }

  /// @notice The discount in basis points, rounded up, at least hold; own seconds count to the time to hold and one half-life where
  /// they are not proven, vault seconds to the horizon.
  function reachableBps(
    SaleTerms memory terms,
    uint256 own,
    bool isProven,
    uint256 vaultSeconds
  ) internal pure returns (uint256) {
    if (!isProven) own = FixedPointMathLib.min(own, secondsToHold(terms) + terms.halfLife);
    int256 reached = discount(terms, own, FixedPointMathLib.min(vaultSeconds, terms.horizon));
    if (reached <= 0) return terms.holdBps;
    return FixedPointMathLib.max(terms.holdBps, FixedPointMathLib.divUp(uint256(reached), _WAD_PER_BPS));
  }

  /// @notice Seconds in which `D` comes to hold: `halfLife x log2((startPremium + maxDiscount) / (maxDiscount - hold))`,
  /// rounded down; 64 half-lives where hold is never reached.
  function secondsToHold(SaleTerms memory terms) internal pure returns (uint256) {
    uint256 halfLife = terms.halfLife;
    if (terms.holdBps >= terms.maxDiscountBps) return MAX_HALF_LIVES * halfLife;
    uint256 whole = terms.startPremiumBps + terms.maxDiscountBps;
    uint256 left = terms.maxDiscountBps - terms.holdBps;
    // The ratio lies between 1 and 2^17, so that its logarithm is not negative and small.
    return (halfLife * uint256(FixedPointMathLib.lnWad(int256((whole * WAD) / left)))) / LN_2;
  }
}
