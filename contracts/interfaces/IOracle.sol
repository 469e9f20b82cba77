// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "../types/Price.sol";

/// @title IOracle
/// @notice Price of one pair. Reading never reverts because of a source: a source that reverts, burns gas, returns garbage
/// or a negative number only degrades the state.
interface IOracle {
  /// @notice The oracle can't be made of this: a part is missing or has no code, or a number is outside of what it accepts.
  error InvalidConfig();

  /// @notice Token that is priced.
  function collateralAsset() external view returns (address);

  /// @notice Token in which it is priced.
  function loanAsset() external view returns (address);

  /// @notice The price now. Does not look back: `liveSince` covers only interruptions that the sources themselves remember.
  function price() external view returns (Price memory);

  /// @notice The price now, with `liveSince` covering every interruption of more than five minutes after `aliveUntil` that rounds
  /// show or that somebody wrote down.
  /// @param aliveUntil Moment (unix seconds) after which interruptions count: `aliveUntil` of an earlier reading, or a later
  /// restart of the clocks; 0 for no look back. Rounds are looked back over until they reach it; the oldest one that could be
  /// connected counts as the end of an interruption. One source that lived through it all is enough; of two that were both
  /// interrupted, even one after the other, the earlier end counts, and one that does not know counts as interrupted until now.
  /// Rounds do not show when a source reverted: unless somebody wrote that down, it is not seen.
  function priceSince(uint256 aliveUntil) external view returns (Price memory);

  /// @notice What the source that decides says by itself, and what it said a while ago. For who sells into pools: a pool that has
  /// fallen further than the oracle is believed as far as this source fell of late.
  /// @param window Seconds to look back over; 0 for not at all.
  /// @return latest Price of the first source (the primary, or the standby in its place), 1e36 scale; 0 unless it is live and
  /// decides, and neither the sequencer nor a switch between primary and standby is in its grace.
  /// @return earlier The oldest price that it gave within the window and that few probes reach; `latest` where there is none: for
  /// sources without rounds, at a change of phase, and where a round can't be read or does not count.
  function firstPrice(uint256 window) external view returns (uint256 latest, uint256 earlier);
}
