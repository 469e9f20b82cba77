// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title DirectSaleMath
/// @notice How far a sale into pools may go: a bound that moves with the market. Pure; prices are loan units per collateral unit x
/// 1e36, shares are WAD.
/// @dev ASSUMPTIONS: prices above 0 and under `SaleMath.MAX_PRICE`, terms as a vault admits them. ROUNDING: against the sale:
/// urgency and fall down, bounds up.
library DirectSaleMath {
  uint256 internal constant WAD = 1e18;
  /// @notice What a feed may be off by itself: it speaks up at a change of half a percent.
  uint256 internal constant FEED_DEVIATION = 0.005e18;

  uint256 private constant _BPS = 10_000;
  uint256 private constant _WAD_PER_BPS = 1e14;
  /// @dev Urgency grows over this much LTV at least.
  uint256 private constant _LEAST_SPAN_BPS = 200;
  /// @dev LTV from which a position is under water, unless the middle between `liquidationLtv` and 1 is higher.
  uint256 private constant _UNDER_WATER_BPS = 9_500;

  /// @notice u: how far the LTV has come from `liquidationLtv` to where a sale at the deepest discount makes bad debt:
  /// `clamp((LTV - LLTV) / max(2%, 1 - maxDiscount - LLTV), 0, 1)`, WAD.
  /// @param debt Loan units. @param value Value of the collateral, loan units; 0 counts as wholly urgent.
  function urgency(
    uint256 debt,
    uint256 value,
    uint256 liquidationLtvBps,
    uint256 maxDiscountBps
  ) internal pure returns (uint256) {
    if (value == 0) return WAD;
    uint256 ltv = Math.mulDiv(debt, WAD, value);
    uint256 above = Math.saturatingSub(ltv, liquidationLtvBps * _WAD_PER_BPS);
    uint256 room = Math.saturatingSub(_BPS, maxDiscountBps + liquidationLtvBps);
    uint256 span = Math.max(_LEAST_SPAN_BPS, room) * _WAD_PER_BPS;
    return above >= span ? WAD : (above * WAD) / span;
  }

  /// @notice i: what a sale may move a pool by, `min(i0 + iu x u, maxDiscount)`, WAD.
  function impact(SaleTerms memory terms, uint256 urgency_) internal pure returns (uint256) {
    uint256 most = terms.impactBps * _WAD_PER_BPS + (terms.urgencyBps * _WAD_PER_BPS * urgency_) / WAD;
    return Math.min(most, terms.maxDiscountBps * _WAD_PER_BPS);
  }

  /// @notice phi: how far the market fell of late, `max(0, min(ln(P_w / P), ln(M_w / M)))`, WAD. The pool's own fall bounds the
  /// feed's: a single round that was too high and is corrected opens nothing.
  /// @param latest P. @param earlier P_w. @param mean M, above 0. @param meanEarlier M_w; 0 where it is not known.
  function fall(uint256 latest, uint256 earlier, uint256 mean, uint256 meanEarlier) internal pure returns (uint256) {
    if (earlier <= latest || meanEarlier <= mean) return 0;
    return Math.min(_logarithm(earlier, latest), _logarithm(meanEarlier, mean));
  }

  /// @dev ln(high / low), WAD, rounded down. A ratio beyond 1e18 counts as that.
  function _logarithm(uint256 high, uint256 low) private pure returns (uint256) {
    uint256 ratio = high / WAD >= low ? 1e36 : Math.mulDiv(high, WAD, low);
    return uint256(FixedPointMathLib.lnWad(int256(ratio)));
  }

  /// @notice Price under which no pool may end by the oracle: `P x (1 - min(0.5% + phi, maxDiscount))`, rounded up.
  function leastPrice(uint256 deciding, uint256 fall_, uint256 maxDiscountBps) internal pure returns (uint256) {
    return less(deciding, Math.min(FEED_DEVIATION + fall_, maxDiscountBps * _WAD_PER_BPS));
  }

  /// @notice A price less a share of it, rounded up.
  /// @param share WAD, at most 1.
  function less(uint256 price, uint256 share) internal pure returns (uint256) {
    return Math.mulDiv(price, WAD - share, WAD, Math.Rounding.Ceil);
  }

  /// @notice Whether a position is under water: LTV above `max(95%, (1 + LLTV) / 2)`.
  /// @param value Value of the collateral at the deciding price, loan units.
  function isUnderWater(uint256 debt, uint256 value, uint256 liquidationLtvBps) internal pure returns (bool) {
    return debt * _BPS > value * Math.max(_UNDER_WATER_BPS, (_BPS + liquidationLtvBps) / 2);
  }
}
