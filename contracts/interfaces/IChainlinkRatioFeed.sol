// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceFeed} from "./IPriceFeed.sol";

/// @title IChainlinkRatioFeed
/// @notice Price of a pair from two Chainlink-type feeds in a common currency: base / quote, for example ETH/USD over
/// USDC/USD.
interface IChainlinkRatioFeed is IPriceFeed {
  /// @notice One of the two feeds.
  /// @param aggregator AggregatorV3.
  /// @param heartbeat Longest age of an answer, seconds.
  /// @param minAnswer Answers at or under it are refused, feed decimals.
  /// @param maxAnswer Answers at or over it are refused, feed decimals.
  struct Leg {
    address aggregator;
    uint32 heartbeat;
    uint128 minAnswer;
    uint128 maxAnswer;
  }

  /// @notice A leg has no code, no heartbeat, no bounds, or too many decimals.
  error InvalidLeg(address aggregator);
  /// @notice A leg's answer is out of bounds or unreadable; feed decimals, unix seconds.
  error LegDead(address aggregator, uint256 answer, uint256 updatedAt);

  /// @notice Feed of the collateral asset.
  function base() external view returns (Leg memory);

  /// @notice Feed of the loan asset.
  function quote() external view returns (Leg memory);
}
