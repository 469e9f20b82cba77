// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IDampedSource} from "../../interfaces/sources/IDampedSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title DampedSource
/// @dev ASSUMPTIONS: honest keepers poke in each period of `maxStep`. One poke of theirs is enough, wherever in the period it comes:
/// whoever makes the other source read high for a moment raises nothing in a period in which it was also read low. The price
/// is that whoever makes it read low in each period hides its stress: it is one source still, and the median's others are not his.
/// LIVENESS: as old as the reading at the last poke, so dead for the monitor a heartbeat after it. Begins at 0, not known before
/// the first poke; a rise shows one to two periods after it began. Reads cost one slot whatever the source costs. ROUNDING: steps
/// down, both ways.
contract DampedSource is IDampedSource {
  uint256 private constant _MIN_STEPS = 4;
  uint256 private constant _MAX_SECONDS = 7 days;

  /// @inheritdoc IDampedSource
  address public immutable source;
  /// @inheritdoc IDampedSource
  uint256 public immutable secondsToFull;
  /// @inheritdoc IDampedSource
  uint256 public immutable maxStep;

  /// @dev Level before the period of the last poke, WAD.
  uint64 private _level;
  /// @dev Lowest reading in that period; 0 in the period of the construction.
  uint64 private _lowest;
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
    level = _levelNow();
    _lowest = uint64(_isPeriodOver() ? target : Math.min(target, _lowest));
    _level = uint64(level);
    _updatedAt = uint40(updatedAt);
    _pokedAt = uint40(block.timestamp);
    emit Poked(level, updatedAt);
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    if (_updatedAt == 0) revert NoReading(source);
    return (_levelNow(), _updatedAt);
  }

  /// @inheritdoc IDampedSource
  function pokedAt() external view returns (uint256) {
    return _pokedAt;
  }

  /// @dev A period counts once it is over, by its lowest reading and by one step.
  function _levelNow() private view returns (uint256 level) {
    level = _level;
    if (!_isPeriodOver()) return level;
    uint256 target = _lowest;
    uint256 step = (StressMath.WAD * maxStep) / secondsToFull;
    return target > level ? Math.min(target, level + step) : Math.max(target, Math.saturatingSub(level, step));
  }

  /// @dev Whether the period of the last poke is over. Periods begin at multiples of `maxStep`, unix seconds.
  function _isPeriodOver() private view returns (bool) {
    return block.timestamp / maxStep != _pokedAt / maxStep;
  }
}
