// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockConstantFeed
/// @notice A peg that somebody wrote down: answers the same for ever, as if it had been made just now. Speaks both as an
/// aggregator and as a feed of its own.
contract MockConstantFeed {
  address public immutable collateralAsset;
  address public immutable loanAsset;
  uint8 public immutable decimals;

  int256 private immutable _answer;
  uint256 private immutable _price;

  /// @param answer_ As an aggregator, `decimals_` decimals.
  /// @param price_ As a feed, 1e36 scale.
  constructor(address collateralAsset_, address loanAsset_, uint8 decimals_, int256 answer_, uint256 price_) {
    collateralAsset = collateralAsset_;
    loanAsset = loanAsset_;
    decimals = decimals_;
    _answer = answer_;
    _price = price_;
  }

  function read() external view returns (uint256 price, uint256 updatedAt) {
    return (_price, block.timestamp);
  }

  function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
    return getRoundData(uint80(block.number));
  }

  function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
    return (roundId, _answer, block.timestamp, block.timestamp, roundId);
  }
}
