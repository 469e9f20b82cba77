// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IDampedSource} from "../../interfaces/sources/IDampedSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title DampedSource
/// @dev ASSUMPTIONS: honest keepers poke at least as often as `maxStep`; every poke of theirs takes back as much as it finds
/// wrong. Who wants to keep the level off must poke in a moment that he made, again and again, for as long as `secondsToFull`:
/// that takes time in which others see it, and it is one source still.
/// LIVENESS: as old as the reading at the last poke, so dead for the monitor a heartbeat after it. Begins at 0, not known before
/// the first poke. Reads cost one slot whatever the source costs. ROUNDING: steps down, both ways.
contract DampedSource is IDampedSource {
  uint256 private constant _MIN_STEPS = 4;
  uint256 private constant _MAX_SECONDS = 7 days;

  /// @inheritdoc IDampedSource
  address public immutable source;
  /// @inheritdoc IDampedSource
  uint256 public immutable secondsToFull;
  /// @inheritdoc IDampedSource
  uint256 public immutable maxStep;

  uint64 private _level;
  uint40 private _updatedAt;
  uint40 private _pokedAt;

  constructor(address source_, uint256 secondsToFull_, uint256 maxStep_) {
    if (source_.code.length == 0) revert NoReading(source_);
    if (secondsToFull_ > _MAX_SECONDS) revert InvalidParameter("secondsToFull", secondsToFull_);
    if (maxStep_ == 0 || maxStep_ * _MIN_STEPS > secondsToFull_) revert InvalidParameter("maxStep", maxStep_);
    source = source_;
    secondsToFull = secondsToFull_;
    maxStep = maxStep_;
    _pokedAt = uint40(block.timestamp);
  }

  /// @inheritdoc IDampedSource
  function poke() external returns (uint256 level) {
    (uint256 target, uint256 updatedAt) = IStressSource(source).stress();
    if (target > StressMath.WAD || updatedAt > block.timestamp) revert NoReading(source);
    uint256 elapsed = Math.min(block.timestamp - _pokedAt, maxStep);
    uint256 step = (StressMath.WAD * elapsed) / secondsToFull;
    level = _level;
    level = target > level ? Math.min(target, level + step) : Math.max(target, Math.saturatingSub(level, step));
    _level = uint64(level);
    _updatedAt = uint40(updatedAt);
    _pokedAt = uint40(block.timestamp);
    emit Poked(level, updatedAt);
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    if (_updatedAt == 0) revert NoReading(source);
    return (_level, _updatedAt);
  }

  /// @inheritdoc IDampedSource
  function pokedAt() external view returns (uint256) {
    return _pokedAt;
  }
}
