// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IVolatilityOracle} from "../interfaces/IVolatilityOracle.sol";
import {Limits} from "../libraries/Limits.sol";
import {VolatilityMath} from "../libraries/VolatilityMath.sol";
import {ChainlinkFeed} from "../oracle/feeds/ChainlinkFeed.sol";
import {Volatility, VolatilityConfig, VolatilityState} from "../types/Volatility.sol";

/// @title VolatilityOracle
/// @dev Read it in this order: `poke` → `_step` (one round number) → `_look` (what it is) → `_use`.
/// ASSUMPTIONS: a feed keeps its rounds, numbers them without holes and does not change them; its silence means that the price
/// has moved by less than its deviation. Whoever could hold a feed for a round moves the estimate by no more than a clamped
/// return each way, `2 maxReturn^2 ln 2 / halfLife` of variance; trades move it only as far as they move the feed. Where an
/// aggregator that was replaced goes on making rounds, those made until the first poke after the change count.
/// LIVENESS: nothing that a feed does makes reading revert; what it leaves out makes the estimate incomplete. A caller must bring
/// the gas that a feed is allowed, so that nobody can starve one into a missing round. A round dated far ahead, or numbers
/// that jump far ahead, need the governor (`setFeed`). ROUNDING: volatility up.
contract VolatilityOracle is IVolatilityOracle, AccessManaged {
  using SafeCast for uint256;

  /// @dev What is known of a round number.
  enum Round {
    USABLE,
    UNUSABLE,
    ABSENT,
    AHEAD
  }

  /// @dev An aggregator that was replaced has ended where so many numbers in a row do not answer.
  uint256 private constant _PHASE_END = 16;
  /// @dev A proxy counts the rounds of each aggregator from 1 on; the phase stands above.
  uint256 private constant _PHASE_BITS = 64;

  mapping(address feed => VolatilityConfig) private _configs;
  mapping(address feed => VolatilityState) private _states;

  constructor(address authority_) AccessManaged(authority_) {}

  // ---------------------------------------------------------------------------------------------------------------- feeds

  /// @inheritdoc IVolatilityOracle
  function setFeed(address feed, VolatilityConfig calldata newConfig) external restricted {
    _requireRange("halfLife", newConfig.halfLife, 10 minutes, 30 days);
    _requireRange("heartbeat", newConfig.heartbeat, 1, 30 days);
    _requireRange("maxReturn", newConfig.maxReturn, 0.01e18, 1e18);
    _requireRange("deviation", newConfig.deviation, 1, newConfig.maxReturn);
    _requireRange("floor", newConfig.floor, Limits.MIN_VOLATILITY, Limits.MAX_VOLATILITY);
    _requireRange("initialVolatility", newConfig.initialVolatility, Limits.MIN_VOLATILITY, Limits.MAX_VOLATILITY);

    (uint256 roundId, , ) = ChainlinkFeed.latestRound(feed);
    (Round kind, uint256 answer, uint256 updatedAt) = _look(feed, roundId, 0);
    if (kind != Round.USABLE) revert UnusableFeed(feed);

    VolatilityState memory state;
    state.roundId = roundId.toUint80();
    state.updatedAt = uint40(updatedAt);
    state.answer = uint128(answer);
    state.variance = uint128(uint256(newConfig.initialVolatility) ** 2);
    state.gapEndedAt = uint40(updatedAt);
    _states[feed] = state;
    _configs[feed] = newConfig;
    emit FeedSet(feed, newConfig, roundId);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert InvalidParameter(name, value);
  }

  /// @inheritdoc IVolatilityOracle
  function configOf(address feed) external view returns (VolatilityConfig memory) {
    return _configs[feed];
  }

  /// @inheritdoc IVolatilityOracle
  function stateOf(address feed) external view returns (VolatilityState memory) {
    return _states[feed];
  }

  // --------------------------------------------------------------------------------------------------------------- rounds

  /// @inheritdoc IVolatilityOracle
  function poke(address feed, uint256 maxRounds) external returns (uint256 consumed) {
    VolatilityConfig memory config = _configOf(feed);
    VolatilityState memory state = _states[feed];
    (uint256 latestId, , ) = ChainlinkFeed.latestRound(feed);
    if (latestId > type(uint80).max) return 0;
    while (consumed < maxRounds && state.roundId < latestId && _step(feed, config, state, latestId)) ++consumed;
    if (consumed == 0) return 0;
    _states[feed] = state;
    emit RoundsConsumed(feed, state.roundId, state.variance);
  }

  /// @dev Takes the next round number.
  /// @return Whether it now lies behind.
  function _step(
    address feed,
    VolatilityConfig memory config,
    VolatilityState memory state,
    uint256 latestId
  ) private returns (bool) {
    uint256 roundId = uint256(state.roundId) + 1;
    (Round kind, uint256 answer, uint256 updatedAt) = _look(feed, roundId, state.updatedAt);
    if (kind == Round.AHEAD) return false;
    state.roundId = uint80(roundId);
    if (kind == Round.ABSENT) {
      ++state.absent;
      bool isReplaced = latestId >> _PHASE_BITS > roundId >> _PHASE_BITS;
      if (isReplaced && state.absent >= _PHASE_END) _enterNextPhase(feed, state);
      return true;
    }
    if (state.absent != 0) {
      _miss(feed, state, roundId - state.absent, state.absent);
      state.absent = 0;
    }
    if (kind == Round.UNUSABLE) _miss(feed, state, roundId, 1);
    else _use(feed, config, state, answer, updatedAt);
    return true;
  }

  /// @dev A state is a function of the rounds: what a round is must not depend on when it is looked at, once it exists. Hence one
  /// that is dated ahead is neither used nor passed over until its time has come.
  function _look(
    address feed,
    uint256 roundId,
    uint256 lastUpdatedAt
  ) private view returns (Round kind, uint256 answer, uint256 updatedAt) {
    uint256 id;
    (id, answer, updatedAt) = ChainlinkFeed.roundAt(feed, roundId);
    if (id != roundId || updatedAt == 0) return (Round.ABSENT, 0, 0);
    // Negative answers are the highest numbers here.
    bool isUnusable = answer == 0 || answer > type(uint128).max || updatedAt < lastUpdatedAt;
    if (isUnusable) kind = Round.UNUSABLE;
    else if (updatedAt > block.timestamp) kind = Round.AHEAD;
  }

  function _miss(address feed, VolatilityState memory state, uint256 roundId, uint256 count) private {
    state.hasGap = true;
    state.missing += uint32(count);
    emit RoundsMissing(feed, roundId, count);
  }

  /// @dev Nobody can tell which of two aggregators' rounds counted at what time: a change counts as a gap.
  function _enterNextPhase(address feed, VolatilityState memory state) private {
    uint256 phase = (state.roundId >> _PHASE_BITS) + 1;
    state.roundId = uint80(phase << _PHASE_BITS);
    state.absent = 0;
    state.hasGap = true;
    emit PhaseEntered(feed, phase);
  }

  /// @dev Two rounds of one second lie a second apart.
  function _use(
    address feed,
    VolatilityConfig memory config,
    VolatilityState memory state,
    uint256 answer,
    uint256 updatedAt
  ) private {
    uint256 logReturn = VolatilityMath.logReturn(state.answer, answer);
    if (logReturn > config.maxReturn) {
      emit ReturnClamped(feed, state.roundId, logReturn, config.maxReturn);
      logReturn = config.maxReturn;
    }
    uint256 dt = Math.max(updatedAt - state.updatedAt, 1);
    state.variance = VolatilityMath.update(state.variance, logReturn, dt, config.halfLife).toUint128();
    state.answer = uint128(answer);
    state.updatedAt = uint40(updatedAt);
    if (state.hasGap) {
      state.hasGap = false;
      state.gapEndedAt = uint40(updatedAt);
    }
  }

  // ----------------------------------------------------------------------------------------------------------------- view

  /// @inheritdoc IVolatilityOracle
  function volatility(address feed) external view returns (Volatility memory result) {
    VolatilityConfig memory config = _configOf(feed);
    VolatilityState memory state = _states[feed];
    (uint256 latestId, , uint256 latestAt) = ChainlinkFeed.latestRound(feed);
    // Only where no round waits is silence known to be one.
    bool isCurrent = latestId == state.roundId && latestAt == state.updatedAt;
    uint256 silence = isCurrent ? block.timestamp - state.updatedAt : 0;

    uint256 variance = VolatilityMath.quiet(
      state.variance,
      config.deviation,
      Math.min(silence, config.heartbeat),
      config.halfLife
    );
    result.perRootSecond = uint64(Math.max(VolatilityMath.perRootSecond(variance), config.floor));
    result.updatedAt = state.updatedAt;
    result.isComplete =
      isCurrent &&
      silence <= config.heartbeat + ChainlinkFeed.LATENESS &&
      !state.hasGap &&
      state.updatedAt >= uint256(state.gapEndedAt) + config.halfLife;
  }

  function _configOf(address feed) private view returns (VolatilityConfig memory config) {
    config = _configs[feed];
    if (config.halfLife == 0) revert UnknownFeed(feed);
  }
}
