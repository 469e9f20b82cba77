// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibCall} from "solady/src/utils/LibCall.sol";
import {IAggregatorV3} from "../../interfaces/external/IAggregatorV3.sol";
import {GasGuard} from "../../libraries/GasGuard.sol";

/// @title ChainlinkFeed
/// @notice Reads one Chainlink-type aggregator without trusting it: bounded gas, bounded return data, no revert whatever it
/// does. A library, since a feed contract of its own would cost 2.6k gas a reading.
library ChainlinkFeed {
  /// @dev What a source's rounds must satisfy to count.
  /// @param heartbeat Longest time between two rounds, seconds.
  /// @param minAnswer Answers at or under it do not count.
  /// @param maxAnswer Answers at or over it do not count.
  struct Rules {
    uint256 heartbeat;
    uint256 minAnswer;
    uint256 maxAnswer;
  }

  /// @dev A round that is late by less than this interrupts nothing.
  uint256 internal constant LATENESS = 5 minutes;
  uint256 private constant _CALL_GAS = 100_000;
  uint16 private constant _ROUND_BYTES = 160;
  /// @dev How many rounds a look back reads at most: two hours of the busiest feed, two days of a calm one.
  uint256 private constant _MAX_PROBES = 48;
  /// @dev How many rounds a look at the last fall reads at most.
  uint256 private constant _MAX_FALL_PROBES = 6;

  /// @notice The latest round. Zeros when it could not be read whole, has no time, or one that has not come yet.
  /// @return roundId Round.
  /// @return answer Answer in the feed's decimals; a negative one shows as 2^255 or more.
  /// @return updatedAt Unix seconds.
  function latestRound(address aggregator) internal view returns (uint256 roundId, uint256 answer, uint256 updatedAt) {
    (roundId, answer, , updatedAt) = _round(aggregator, abi.encodeCall(IAggregatorV3.latestRoundData, ()));
  }

  /// @notice A round by its number, whose time may lie ahead. Zeros when it could not be read whole.
  /// @dev Not made of `_round`, nor that of this: prices read there, and one more call would cost each of them 30 gas a feed.
  /// @return id Number that the aggregator gives it.
  /// @return answer Answer in the feed's decimals; a negative one shows as 2^255 or more.
  /// @return updatedAt Unix seconds, or anything.
  function roundAt(
    address aggregator,
    uint256 roundId
  ) internal view returns (uint256 id, uint256 answer, uint256 updatedAt) {
    bytes memory call = abi.encodeCall(IAggregatorV3.getRoundData, (uint80(roundId)));
    GasGuard.requireGas(_CALL_GAS);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(aggregator, _CALL_GAS, _ROUND_BYTES, call);
    if (!success || result.length != _ROUND_BYTES) return (0, 0, 0);
    (id, answer, , updatedAt) = abi.decode(result, (uint256, uint256, uint256, uint256));
  }

  /// @notice Whether an L2 sequencer is up, and since when. Down, and 0, when its feed can't be read.
  function sequencerStatus(address aggregator) internal view returns (bool up, uint256 since) {
    uint256 answer;
    (, answer, since, ) = _round(aggregator, abi.encodeCall(IAggregatorV3.latestRoundData, ()));
    up = answer == 0 && since != 0 && since <= block.timestamp;
    if (!up) since = 0;
  }

  /// @notice End of the last interruption after `since`; 0 for none. Neighbouring rounds that count and lie no further apart than
  /// a heartbeat (and the lateness) have none between them. Rounds within the lateness of each other hide no longer one, however
  /// many there are: so the look back leaps over those, and reads all others one by one. What lies behind the last round that
  /// it could connect counts as interrupted.
  /// @param roundId The latest round, which counts. @param updatedAt Its time.
  function interruptedUntil(
    address aggregator,
    Rules memory rules,
    uint256 roundId,
    uint256 updatedAt,
    uint256 since
  ) internal view returns (uint256) {
    uint256 leap = 1;
    for (uint256 probes = 0; updatedAt > since; ++probes) {
      if (probes == _MAX_PROBES) return updatedAt;
      // Every phase of a proxy counts its rounds from 1; the phase stands above the lower 64 bits.
      uint256 earlier = leap < uint64(roundId) ? _timeOf(aggregator, rules, roundId - leap) : 0;
      uint256 longest = leap == 1 ? rules.heartbeat + LATENESS : LATENESS;
      if (earlier != 0 && earlier <= updatedAt && updatedAt - earlier <= longest) {
        roundId -= leap;
        // Twice as far where that will hardly be too far.
        if (2 * (updatedAt - earlier) <= LATENESS) leap *= 2;
        updatedAt = earlier;
      } else {
        if (leap == 1) return updatedAt;
        leap /= 2;
      }
    }
    return 0;
  }

  /// @notice Answer of the oldest round since a moment that a few probes reach: each leap back is twice the one before while that
  /// stays within the window, and half of it where it does not. 0 where there is none but the latest.
  /// @param roundId The latest round, which counts. @param updatedAt Its time.
  function oldestSince(
    address aggregator,
    Rules memory rules,
    uint256 roundId,
    uint256 updatedAt,
    uint256 since
  ) internal view returns (uint256 oldest) {
    if (updatedAt < since) return 0;
    uint256 leap = 1;
    bool isNarrowing;
    for (uint256 probes = 0; probes < _MAX_FALL_PROBES && leap != 0; ++probes) {
      uint256 answer;
      uint256 earlier;
      if (leap < uint64(roundId)) (earlier, answer) = _counted(aggregator, rules, roundId - leap);
      if (earlier != 0 && earlier >= since && earlier <= updatedAt) {
        roundId -= leap;
        updatedAt = earlier;
        oldest = answer;
        leap = isNarrowing ? leap / 2 : leap * 2;
      } else {
        isNarrowing = true;
        leap /= 2;
      }
    }
  }

  /// @dev Time of a round; 0 for one that does not count.
  function _timeOf(address aggregator, Rules memory rules, uint256 roundId) private view returns (uint256 updatedAt) {
    (updatedAt, ) = _counted(aggregator, rules, roundId);
  }

  /// @dev Time and answer of a round; zeros for one that does not count.
  function _counted(
    address aggregator,
    Rules memory rules,
    uint256 roundId
  ) private view returns (uint256 updatedAt, uint256 answer) {
    bytes memory call = abi.encodeCall(IAggregatorV3.getRoundData, (uint80(roundId)));
    (, answer, , updatedAt) = _round(aggregator, call);
    if (answer <= rules.minAnswer || answer >= rules.maxAnswer) return (0, 0);
  }

  function _round(
    address aggregator,
    bytes memory call
  ) private view returns (uint256 roundId, uint256 answer, uint256 startedAt, uint256 updatedAt) {
    GasGuard.requireGas(_CALL_GAS);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(aggregator, _CALL_GAS, _ROUND_BYTES, call);
    if (!success || result.length != _ROUND_BYTES) return (0, 0, 0, 0);
    // Full words: a decoder with types would revert on a word that does not fit its type.
    (roundId, answer, startedAt, updatedAt) = abi.decode(result, (uint256, uint256, uint256, uint256));
    if (updatedAt == 0 || updatedAt > block.timestamp) return (0, 0, 0, 0);
  }
}
