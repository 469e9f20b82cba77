// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceFeed} from "../../interfaces/IPriceFeed.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IFeedDeviationSource} from "../../interfaces/sources/IFeedDeviationSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title FeedDeviationSource
/// @dev ASSUMPTIONS: both feeds quote the same assets, which is checked. A feed that waits for its deviation threshold is off
/// by as much on a calm day: `fullScale` is a multiple of it. Moved by whoever holds the pool off the market for a good part
/// of the window, against everybody's arbitrage; not within one block. The feed's operators move the other side.
/// LIVENESS: says nothing while either feed is dead. ROUNDING: up.
contract FeedDeviationSource is IFeedDeviationSource {
  uint256 private constant _MIN_SCALE = 0.001e18;

  /// @inheritdoc IFeedDeviationSource
  address public immutable feed;
  /// @inheritdoc IFeedDeviationSource
  address public immutable market;
  /// @inheritdoc IFeedDeviationSource
  uint256 public immutable fullScale;

  constructor(address feed_, address market_, uint256 fullScale_) {
    if (fullScale_ < _MIN_SCALE || fullScale_ > StressMath.WAD) revert InvalidParameter("fullScale", fullScale_);
    bool isSamePair =
      IPriceFeed(feed_).collateralAsset() == IPriceFeed(market_).collateralAsset() &&
        IPriceFeed(feed_).loanAsset() == IPriceFeed(market_).loanAsset();
    if (feed_ == market_ || !isSamePair) revert InvalidParameter("market", uint160(market_));
    feed = feed_;
    market = market_;
    fullScale = fullScale_;
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    uint256 price = _read(feed);
    uint256 other = _read(market);
    uint256 gap = price > other ? price - other : other - price;
    return (StressMath.share(StressMath.share(gap, price), fullScale), block.timestamp);
  }

  function _read(address source) private view returns (uint256 price) {
    uint256 validUntil;
    (price, validUntil) = IPriceFeed(source).read();
    if (price == 0 || validUntil < block.timestamp) revert NoReading(source);
  }
}
