// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title InterestMath
/// @notice Interest by an index: what is owed is a constant scaled amount times an index that only grows.
/// @dev ASSUMPTIONS: indices lie in [1e18, 2^80), scaled amounts and assets under 2^128: the books hold less. LIVENESS: `growth` and `accruedIndex` saturate and never revert, whatever the rate and however long nobody
/// accrued. ROUNDING: growth and index down (against lenders, by less than one part in 1e18 a step); conversions as named.
library InterestMath {
  uint256 internal constant WAD = 1e18;
  uint256 internal constant SECONDS_PER_YEAR = 365 days;
  /// @notice Most that one accrual multiplies the index by, WAD.
  uint256 internal constant MAX_GROWTH = 1e36;
  /// @notice Highest index: what its field in the books can hold.
  uint256 internal constant MAX_INDEX = type(uint80).max;

  /// @dev Above this exponent (1.8 million, WAD) growth counts as `MAX_GROWTH`; at it, it is 0.97 of it.
  uint256 private constant _MAX_EXPONENT = 1.8e24;

  /// @notice Factor by which debt grows: three terms of e^x, x = rate x seconds, rounded down. The terms left out cost
  /// lenders, never borrowers, when nobody accrues for long: 4e-10 of the debt at x = 1% (a month at 12% a year).
  /// @param ratePerSecond WAD per second.
  /// @param dt Seconds.
  /// @return factor WAD, from 1e18 to `MAX_GROWTH`.
  function growth(uint256 ratePerSecond, uint256 dt) internal pure returns (uint256 factor) {
    if (dt == 0) return WAD;
    if (ratePerSecond > _MAX_EXPONENT / dt) return MAX_GROWTH;
    // x <= 1.8e24, so that x^3 <= 5.9e72 and nothing below overflows.
    unchecked {
      uint256 x = ratePerSecond * dt;
      return WAD + x + (x * x * (3 * WAD + x)) / (6 * WAD * WAD);
    }
  }

  /// @notice Index after an accrual, rounded down, held at what its field can hold.
  function accruedIndex(uint256 index, uint256 factor) internal pure returns (uint256) {
    uint256 accrued = (index * factor) / WAD;
    return accrued < MAX_INDEX ? accrued : MAX_INDEX;
  }

  /// @notice Assets of a scaled amount, rounded up: what one borrower owes.
  function toAssetsUp(uint256 scaled, uint256 index) internal pure returns (uint256) {
    // Under 2^208.
    unchecked {
      return (scaled * index + (WAD - 1)) / WAD;
    }
  }

  /// @notice Assets of a scaled amount, rounded down: what the books count on.
  function toAssetsDown(uint256 scaled, uint256 index) internal pure returns (uint256) {
    // Under 2^208.
    unchecked {
      return (scaled * index) / WAD;
    }
  }

  /// @notice Scaled amount of assets, rounded up: what a loan adds.
  function toScaledUp(uint256 assets, uint256 index) internal pure returns (uint256) {
    return (assets * WAD + (index - 1)) / index;
  }

  /// @notice Scaled amount of assets, rounded down: what a repayment takes off.
  function toScaledDown(uint256 assets, uint256 index) internal pure returns (uint256) {
    return (assets * WAD) / index;
  }

  /// @notice What a repayment takes off a debt. All of it where it pays all of it.
  /// @param repaid Loan units, at most `debt`.
  /// @param debt Loan units, rounded up.
  /// @param scaledDebt The same in scaled units; used only where all is repaid.
  /// @return scaled Scaled units that go, rounded down.
  /// @return credited What the debt falls by at least: `repaid` less rounding, or all of `debt`, loan units.
  function repayment(
    uint256 repaid,
    uint256 debt,
    uint256 scaledDebt,
    uint256 index
  ) internal pure returns (uint256 scaled, uint256 credited) {
    if (repaid == debt) return (scaledDebt, debt);
    scaled = toScaledDown(repaid, index);
    credited = toAssetsDown(scaled, index);
  }
}
