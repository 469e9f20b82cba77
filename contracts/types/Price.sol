// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How far the oracle can be trusted, worst first, so that a comparison orders them.
/// STALE: no source is alive, the sequencer is down, or a pool alone says what it may not decide. SUSPECT: sources disagree,
/// one of two is dead or late, or the price has just come back. FRESH: everything agrees.
enum OracleState {
  STALE,
  SUSPECT,
  FRESH
}

/// @notice What the oracle says about one pair. Prices are loan units per collateral unit x 1e36.
/// @param deciding Price on which health is judged; 0 when STALE.
/// @param low Lower of the live sources, at least `deciding x (1 - maxDisagreement)`.
/// @param high Higher of the live sources, at most `deciding x (1 + maxDisagreement)`.
/// @param startBound A new sale must find the position unhealthy on this price too. Equals `deciding`, except while the
/// primary source is late or has only just died: then the highest of `deciding`, its last price and the second source's.
/// @param liveSince Sale clocks count from here at the earliest: the end of the last interruption that the oracle knows of
/// (unix seconds, 0 for none).
/// @param aliveUntil An interruption that begins now and is over by this moment (unix seconds) is forgiven: interruptions are
/// to be looked for after it.
/// @param state How far these prices can be trusted.
struct Price {
  uint256 deciding;
  uint256 low;
  uint256 high;
  uint256 startBound;
  uint256 liveSince;
  uint256 aliveUntil;
  OracleState state;
}
