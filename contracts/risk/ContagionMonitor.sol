// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IContagionMonitor} from "../interfaces/IContagionMonitor.sol";
import {IStressSource} from "../interfaces/IStressSource.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {StressMath} from "../libraries/StressMath.sol";
import {WeightedMedian} from "../libraries/WeightedMedian.sol";
import {Stress} from "../types/Stress.sol";
import {StressReading, StressSource} from "../types/StressSource.sol";

/// @title ContagionMonitor
/// @dev Why weights under twice another are enough: let the others weigh V in all and one source w. Wherever it stands, the
/// median moves over less than w / 2 of their weight, counted from their own median: less than the smallest of them, so over
/// none. And two others outweigh it: with k >= 3 it never has half. Both hold for any group of live sources.
/// ASSUMPTIONS: the governor registers sources that measure different things; each may fail or lie in any way later, fewer
/// than half of the live weight at a time.
/// LIVENESS: reading never reverts because of a source. A caller must bring the gas that every source is allowed
/// (`GasGuard`), so that nobody can starve some of them and choose the median. Changes wait the governor's delay: no
/// other role can touch the list, so a lying source must be borne until then.
/// ROUNDING: the upper median, towards more stress.
contract ContagionMonitor is IContagionMonitor, AccessManaged {
  uint256 private constant _MAX_SOURCES = 16;
  uint256 private constant _LEAST_MIN_LIVE = 3;
  uint256 private constant _MIN_HEARTBEAT = 1 minutes;
  uint256 private constant _MAX_HEARTBEAT = 30 days;
  uint256 private constant _MAX_TERM = 365 days;
  uint256 private constant _SOURCE_GAS = 500_000;
  uint16 private constant _ANSWER_BYTES = 64;

  /// @inheritdoc IContagionMonitor
  uint256 public minLive;

  StressSource[] private _sources;

  constructor(uint256 minLive_, address authority_) AccessManaged(authority_) {
    _setMinLive(minLive_);
  }

  // --------------------------------------------------------------------------------------------------------- registration

  /// @inheritdoc IContagionMonitor
  function setSource(StressSource calldata source) external restricted {
    bool isSound =
      source.source.code.length != 0 &&
        source.weight != 0 &&
        source.heartbeat >= _MIN_HEARTBEAT &&
        source.heartbeat <= _MAX_HEARTBEAT &&
        source.expiresAt > block.timestamp &&
        source.expiresAt <= block.timestamp + _MAX_TERM;
    if (!isSound) revert InvalidStressSource(source);
    _dropEnded();
    uint256 index = _indexOf(source.source);
    if (index == _MAX_SOURCES) revert TooManySources(_MAX_SOURCES);
    if (index == _sources.length) _sources.push(source);
    else _sources[index] = source;
    _requireNearWeights();
    emit SourceSet(source.source, source.weight, source.heartbeat, source.expiresAt);
  }

  /// @inheritdoc IContagionMonitor
  function removeSource(address source) external restricted {
    uint256 index = _indexOf(source);
    if (index == _sources.length) revert NotRegistered(source);
    _remove(index);
  }

  /// @inheritdoc IContagionMonitor
  function setMinLive(uint256 minLive_) external restricted {
    _setMinLive(minLive_);
  }

  function _setMinLive(uint256 minLive_) private {
    if (minLive_ < _LEAST_MIN_LIVE || minLive_ > _MAX_SOURCES) revert InvalidMinLive(minLive_);
    minLive = minLive_;
    emit MinLiveSet(minLive_);
  }

  function _dropEnded() private {
    for (uint256 i = _sources.length; i != 0; --i) {
      if (_hasEnded(_sources[i - 1])) _remove(i - 1);
    }
  }

  function _remove(uint256 index) private {
    emit SourceRemoved(_sources[index].source);
    _sources[index] = _sources[_sources.length - 1];
    _sources.pop();
  }

  /// @dev The length of the list for one that is not in it.
  function _indexOf(address source) private view returns (uint256 index) {
    uint256 count = _sources.length;
    while (index < count && _sources[index].source != source) ++index;
  }

  function _requireNearWeights() private view {
    uint256 smallest = type(uint256).max;
    uint256 largest;
    for (uint256 i = 0; i < _sources.length; ++i) {
      uint256 weight = _sources[i].weight;
      smallest = Math.min(smallest, weight);
      largest = Math.max(largest, weight);
    }
    if (largest >= 2 * smallest) revert WeightsTooFar(smallest, largest);
  }

  // -------------------------------------------------------------------------------------------------------------- reading

  /// @inheritdoc IContagionMonitor
  function stress() external view returns (Stress memory stress_) {
    (stress_, ) = aggregate();
  }

  /// @inheritdoc IContagionMonitor
  function sources() external view returns (StressSource[] memory) {
    return _sources;
  }

  /// @inheritdoc IContagionMonitor
  function aggregate() public view returns (Stress memory stress_, uint256 knownFor) {
    StressReading[] memory all = readings();
    uint256[] memory entries = new uint256[](all.length);
    for (uint256 i = 0; i < all.length; ++i) {
      StressReading memory reading = all[i];
      if (!reading.isLive) continue;
      entries[i] = WeightedMedian.entry(uint64(reading.level), uint16(reading.weight));
      knownFor = stress_.live == 0 ? reading.updatedAt : Math.min(knownFor, reading.updatedAt);
      ++stress_.live;
    }
    stress_.isKnown = stress_.live >= minLive;
    if (stress_.isKnown) stress_.level = uint64(WeightedMedian.upper(entries));
  }

  /// @inheritdoc IContagionMonitor
  function readings() public view returns (StressReading[] memory all) {
    all = new StressReading[](_sources.length);
    for (uint256 i = 0; i < all.length; ++i) {
      StressSource memory source = _sources[i];
      all[i].source = source.source;
      all[i].weight = source.weight;
      if (!_hasEnded(source)) _fill(all[i], source.heartbeat);
    }
  }

  /// @dev Leaves a reading that does not count as it is: not live.
  function _fill(StressReading memory reading, uint256 heartbeat) private view {
    GasGuard.requireGas(_SOURCE_GAS);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      reading.source,
      _SOURCE_GAS,
      _ANSWER_BYTES,
      abi.encodeCall(IStressSource.stress, ())
    );
    if (!success || result.length != _ANSWER_BYTES) return;
    (uint256 level, uint256 updatedAt) = abi.decode(result, (uint256, uint256));
    if (level > StressMath.WAD || updatedAt > block.timestamp || block.timestamp - updatedAt > heartbeat) return;
    reading.level = level;
    reading.updatedAt = updatedAt;
    reading.isLive = true;
  }

  function _hasEnded(StressSource memory source) private view returns (bool) {
    return block.timestamp >= source.expiresAt;
  }
}
