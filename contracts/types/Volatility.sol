// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How much a price moves.
/// @param perRootSecond Standard deviation of log returns, WAD per sqrt(second).
/// @param updatedAt Unix seconds of the last round consumed.
/// @param isComplete Every round up to the feed's latest was consumed, none missing within the last half-life, and the feed is
/// alive (heartbeat + grace).
struct Volatility {
  uint64 perRootSecond;
  uint40 updatedAt;
  bool isComplete;
}

/// @notice How one feed's volatility is measured.
/// @param halfLife Seconds in which the weight of a return halves; also how long rounds must come without a gap before the
/// estimate counts as complete.
/// @param heartbeat Longest time between two rounds of a feed that is alive, seconds.
/// @param maxReturn A round's log return counts as at most this, WAD.
/// @param deviation Log move at which the feed makes a round, WAD: while it is silent, its price has moved by less.
/// @param floor Least that is ever shown, WAD per sqrt(second).
/// @param initialVolatility What the estimate starts from, WAD per sqrt(second).
struct VolatilityConfig {
  uint32 halfLife;
  uint32 heartbeat;
  uint64 maxReturn;
  uint64 deviation;
  uint64 floor;
  uint64 initialVolatility;
}

/// @notice What the rounds of one feed have come to.
/// @param roundId Last round that lies behind, whether it could be used or not.
/// @param updatedAt Unix seconds of the last round that was used.
/// @param answer Its answer, in the feed's decimals.
/// @param hasGap Rounds were passed over since then.
/// @param variance Variance of log returns per second, 1e36.
/// @param gapEndedAt Unix seconds of the first round that was used after the last gap, or at registration.
/// @param missing Rounds passed over since registration.
/// @param absent Round ids in a row, up to `roundId`, that do not answer.
struct VolatilityState {
  uint80 roundId;
  uint40 updatedAt;
  uint128 answer;
  bool hasGap;
  uint128 variance;
  uint40 gapEndedAt;
  uint32 missing;
  uint32 absent;
}
