// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IDampedSource
/// @notice Another source, followed no faster than time passes. Time is cut into periods of `maxStep`; each in which somebody poked
/// counts once it is over, by the lowest that was read in it, and moves the level towards that by at most
/// `maxStep / secondsToFull`. What is true for one transaction only, such as utilisation that a flash loan made, raises nothing in
/// a period in which anybody else poked, before it or after it, and never more than that step.
interface IDampedSource is IStressSource {
  /// @notice The level at a poke, WAD, and the time for which the other source knows it, unix seconds.
  event Poked(uint256 level, uint256 updatedAt);

  /// @notice The source that is followed.
  function source() external view returns (address);

  /// @notice Seconds in which the level may go from 0 to 1, or back.
  function secondsToFull() external view returns (uint256);

  /// @notice Length of a period, seconds: honest keepers poke in each.
  function maxStep() external view returns (uint256);

  /// @notice When it was last poked, unix seconds.
  function pokedAt() external view returns (uint256);

  /// @notice Read the source for the period that runs. Open to all; reverts while the source has nothing to say.
  /// @return level As it counts now: what the periods that are over have made of it, WAD.
  function poke() external returns (uint256 level);
}
