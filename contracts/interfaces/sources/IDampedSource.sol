// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IDampedSource
/// @notice Another source, followed no faster than time passes: each poke moves the level towards what the other one says by at most
/// `elapsed / secondsToFull`, `elapsed` being the seconds since the poke before, at most `maxStep`. What is true for one
/// transaction only, such as utilisation that a flash loan made, moves it by that much and no further: a second poke in the same
/// block moves nothing.
interface IDampedSource is IStressSource {
  /// @notice The level after a poke, WAD, and the time for which the other source knows it, unix seconds.
  event Poked(uint256 level, uint256 updatedAt);

  /// @notice The source that is followed.
  function source() external view returns (address);

  /// @notice Seconds in which the level may go from 0 to 1, or back.
  function secondsToFull() external view returns (uint256);

  /// @notice Most seconds that one poke may make up for.
  function maxStep() external view returns (uint256);

  /// @notice When it was last poked, unix seconds.
  function pokedAt() external view returns (uint256);

  /// @notice Follow the source. Open to all; reverts while the source has nothing to say.
  /// @return level WAD.
  function poke() external returns (uint256 level);
}
