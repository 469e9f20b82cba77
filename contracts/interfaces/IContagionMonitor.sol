// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Stress} from "../types/Stress.sol";
import {StressReading, StressSource} from "../types/StressSource.sol";

/// @title IContagionMonitor
/// @notice Listens to sources of stress that the governor registered, and says what their weighted median is: the highest
/// level that at least half of the live weight reports or exceeds. It says nothing while fewer than k sources are live.
/// No weight reaches twice another, and k is at least 3: in no group of live sources does one have half of the weight. So
/// whatever one source says, the median lies between the lowest and the highest of the others, and is the others' own
/// median or one of its two neighbours in order. Sources that are dead do not count, on neither side.
interface IContagionMonitor {
  /// @notice A source was registered, or registered anew with other terms.
  event SourceSet(address indexed source, uint256 weight, uint256 heartbeat, uint256 expiresAt);
  /// @notice A registration was struck off, or had ended and made room.
  event SourceRemoved(address indexed source);
  /// @notice So many live sources are needed from now on.
  event MinLiveSet(uint256 minLive);

  /// @notice No code, no weight, a heartbeat outside of a minute to thirty days, or an expiry that is past or more than a year
  /// ahead.
  error InvalidStressSource(StressSource source);
  /// @notice The largest weight reaches twice the smallest.
  error WeightsTooFar(uint256 smallest, uint256 largest);
  /// @notice All 16 places are taken.
  error TooManySources(uint256 most);
  /// @notice It is not registered.
  error NotRegistered(address source);
  /// @notice k must be between 3 and 16.
  error InvalidMinLive(uint256 minLive);

  /// @notice What the live sources say together.
  function stress() external view returns (Stress memory);

  /// @notice The same, with its age.
  /// @return stress_ As `stress`.
  /// @return knownFor Unix seconds for which it is known: the oldest of the live readings; 0 while nothing is live.
  function aggregate() external view returns (Stress memory stress_, uint256 knownFor);

  /// @notice What each registered source says, in the order of `sources`.
  function readings() external view returns (StressReading[] memory);

  /// @notice All registrations, ended ones too while nobody needs their place.
  function sources() external view returns (StressSource[] memory);

  /// @notice k: how many sources must be live.
  function minLive() external view returns (uint256);

  /// @notice Register a source, or give a registered one other terms: an address counts once. Restricted (governor). Sees
  /// addresses only: that no two of them measure the same thing is for the governor to see to.
  function setSource(StressSource calldata source) external;

  /// @notice Strike a source off. Restricted (governor).
  function removeSource(address source) external;

  /// @notice Set k. Restricted (governor).
  function setMinLive(uint256 minLive_) external;
}
