// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title ILenderLossSource
/// @notice A market seen by its lenders: the larger of how hard it is to leave and what they lost. The loss is the fall of what a
/// share is worth from its highest, over `fullLoss`, at most 1; it counts until a poke at least `memorySeconds` after the share
/// was last seen at its highest.
interface ILenderLossSource is IStressSource {
  /// @notice What a share is worth at its highest was seen, or forgotten: 1e36 scale.
  event HighestSet(uint256 price);

  /// @notice Fall of the share price that is full stress, WAD share of its highest.
  function fullLoss() external view returns (uint256);

  /// @notice Seconds for which a loss counts at least.
  function memorySeconds() external view returns (uint256);

  /// @notice What a share was worth at its highest, 1e36 scale, and when it was last seen there, unix seconds.
  function highest() external view returns (uint256 price, uint256 seenAt);

  /// @notice See what a share is worth. Open to all. Gains that nobody saw are not in the highest.
  function poke() external;
}
