// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IFeedDeviationSource
/// @notice How far a feed is from what the market says: `|feed - market| / feed / fullScale`, at most 1.
interface IFeedDeviationSource is IStressSource {
  /// @notice `IPriceFeed` that is judged: of Chainlink-type aggregators.
  function feed() external view returns (address);

  /// @notice `IPriceFeed` of the same pair that it is held against: the mean of a DEX pool over a window.
  function market() external view returns (address);

  /// @notice Deviation that is full stress, WAD share of the feed's price.
  function fullScale() external view returns (uint256);
}
