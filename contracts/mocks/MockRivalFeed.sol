// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MockAggregator} from "./MockAggregator.sol";

/// @title MockRivalFeed
/// @notice The replay's feed in the scales that other protocols read: no second source, no bound, no check of its age.
contract MockRivalFeed {
  uint256 private constant _FEED_DECIMALS = 18;
  uint256 private constant _MORPHO_DECIMALS = 36;

  MockAggregator public immutable aggregator;
  uint256 private immutable _toMorpho;

  /// @param aggregator_ 18 decimals.
  constructor(MockAggregator aggregator_, uint8 loanDecimals, uint8 collateralDecimals) {
    aggregator = aggregator_;
    _toMorpho = 10 ** (_MORPHO_DECIMALS + loanDecimals - collateralDecimals - _FEED_DECIMALS);
  }

  /// @notice As Aave's oracle asks a Chainlink feed: loan assets per collateral asset, 8 decimals.
  function latestAnswer() external view returns (int256) {
    return aggregator.latestAnswer() / 1e10;
  }

  /// @notice As Morpho asks a market's oracle: loan units per collateral unit, 1e36 scale.
  function price() external view returns (uint256) {
    return uint256(aggregator.latestAnswer()) * _toMorpho;
  }
}
