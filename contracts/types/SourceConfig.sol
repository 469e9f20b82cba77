// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Where a price source comes from.
/// NONE: not set. CHAINLINK: an AggregatorV3 read by the adapter itself (the cheap path). FEED: any contract that
/// implements `IPriceFeed`.
enum SourceKind {
  NONE,
  CHAINLINK,
  FEED
}

/// @notice One source of an `OracleAdapter`.
/// @param kind What `target` is.
/// @param target Aggregator or feed contract.
/// @param heartbeat Longest age of an answer, in seconds. An older answer is dead. A FEED knows how long its price may be
/// used: one that vouches for more than this is dead.
/// @param minPrice Prices at or under this bound are dead: a feed pinned to its floor says nothing (1e36 scale).
/// @param maxPrice Prices at or over this bound are dead (1e36 scale).
struct SourceConfig {
  SourceKind kind;
  address target;
  uint32 heartbeat;
  uint256 minPrice;
  uint256 maxPrice;
}

/// @notice Everything an `OracleAdapter` is built from.
/// @param collateralAsset Token that is priced.
/// @param loanAsset Token in which it is priced.
/// @param primary Source that decides while alive.
/// @param second Optional source that is compared with the primary and stands in for it.
/// @param standby Optional, pre-approved replacement of the primary, to which the guardian can switch at once.
/// @param sequencerFeed Optional L2 sequencer uptime feed (answer 0 = up); zero address for none.
/// @param sequencerGrace Seconds after the sequencer's return during which the state is SUSPECT.
/// @param maxDisagreementBps Sources further apart than this, relative to the deciding one, make the state SUSPECT.
/// @param primaryGrace Seconds after the primary's heartbeat, an hour at most, during which the second source's price counts only
/// within the disagreement around the primary's last one, and new sales must be unhealthy on that one too.
/// @param secondIsPool Whether the second source is the price of a pool alone, which whoever has capital can push. It then
/// never decides without a last price of the primary, and after the grace only within a band around it that widens slowly.
struct OracleConfig {
  address collateralAsset;
  address loanAsset;
  SourceConfig primary;
  SourceConfig second;
  SourceConfig standby;
  address sequencerFeed;
  uint32 sequencerGrace;
  uint16 maxDisagreementBps;
  uint32 primaryGrace;
  bool secondIsPool;
}
