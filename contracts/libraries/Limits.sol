// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Limits
/// @notice Limits that more than one contract holds to, each with its reason. A limit of one contract alone stands there.
library Limits {
  // --------------------------------------------------------------------------------------------------------- terms of sales

  /// @notice Highest premium that a sale may start at, bps: further above the market it would only lose time.
  uint256 internal constant MAX_START_PREMIUM_BPS = 2_000;
  /// @notice Deepest discount of a sale, bps, and so the most of hold, impact and urgency: no term may give away more than half.
  uint256 internal constant MAX_DISCOUNT_BPS = 5_000;
  /// @notice Highest penalty, bps of the debt repaid.
  uint256 internal constant MAX_PENALTY_BPS = 2_000;
  /// @notice Longest horizon, seconds: a sale lapses twelve horizons after its last proof, and must have lapsed within a day
  /// (`LONGEST_SALE`).
  uint256 internal constant LONGEST_HORIZON = 2 hours;
  /// @notice Age of the last proof at which every sale has lapsed, seconds: older interruptions of the oracle concern no sale.
  uint256 internal constant LONGEST_SALE = 1 days;
  /// @notice Largest lot, loan units: what its field in the terms can hold.
  uint256 internal constant MAX_LOT = type(uint96).max;
  /// @notice Health at which a recovery of the price ends a sale, bps: above 1, so that a sale does not flutter.
  uint256 internal constant RECOVERED_HEALTH_BPS = 10_200;

  // ----------------------------------------------------------------------------------------------------------------- vaults

  /// @notice Highest cap, loan units: half of what the books can hold of cash and of debt, so that interest has room.
  uint256 internal constant MAX_CAP = 2 ** 95;
  /// @notice Largest depth, loan units: what its field can hold.
  uint256 internal constant MAX_DEPTH = type(uint128).max;
  /// @notice Shortest ramp that lowers `liquidationLtv`, seconds: a day in which borrowers can act.
  uint256 internal constant MIN_LOWERING_RAMP = 1 days;
  /// @notice Longest ramp, seconds.
  uint256 internal constant MAX_RAMP = 365 days;
  /// @notice Highest rate that is charged, per second, WAD: 1,000% a year. What a rate model says above it does not count.
  uint256 internal constant MAX_RATE = 317_097_919_837;
  /// @notice Gas that a rate model is given.
  uint256 internal constant RATE_MODEL_GAS = 50_000;

  // ----------------------------------------------------------------------------------------------------------------- market

  /// @notice Least volatility that is reckoned with, per sqrt(second), WAD: 0.6% a year. No calm counts as a market without risk.
  uint256 internal constant MIN_VOLATILITY = 1e12;
  /// @notice Highest volatility that may be set, per sqrt(second), WAD: 28,000% a year. Above it a number is in another unit.
  uint256 internal constant MAX_VOLATILITY = 0.05e18;
}
