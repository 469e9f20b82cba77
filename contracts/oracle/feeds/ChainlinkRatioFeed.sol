// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IAggregatorV3} from "../../interfaces/external/IAggregatorV3.sol";
import {IChainlinkRatioFeed} from "../../interfaces/IChainlinkRatioFeed.sol";
import {IPriceFeed} from "../../interfaces/IPriceFeed.sol";
import {ChainlinkFeed} from "./ChainlinkFeed.sol";

/// @title ChainlinkRatioFeed
/// @notice Price of a pair that no single feed quotes, from two feeds in a common currency.
/// @dev ASSUMPTIONS: both feeds quote the same currency. LIVENESS: reverts while either leg is dead. ROUNDING: down. AGE: that
/// of the older leg.
contract ChainlinkRatioFeed is IChainlinkRatioFeed {
  uint256 private constant _MAX_FEED_DECIMALS = 18;

  /// @inheritdoc IPriceFeed
  address public immutable collateralAsset;
  /// @inheritdoc IPriceFeed
  address public immutable loanAsset;

  address private immutable _baseAggregator;
  uint32 private immutable _baseHeartbeat;
  uint128 private immutable _baseMin;
  uint128 private immutable _baseMax;
  address private immutable _quoteAggregator;
  uint32 private immutable _quoteHeartbeat;
  uint128 private immutable _quoteMin;
  uint128 private immutable _quoteMax;
  uint256 private immutable _numerator;
  uint256 private immutable _denominator;

  constructor(address collateralAsset_, address loanAsset_, Leg memory base_, Leg memory quote_) {
    collateralAsset = collateralAsset_;
    loanAsset = loanAsset_;
    _baseAggregator = base_.aggregator;
    _baseHeartbeat = base_.heartbeat;
    _baseMin = base_.minAnswer;
    _baseMax = base_.maxAnswer;
    _quoteAggregator = quote_.aggregator;
    _quoteHeartbeat = quote_.heartbeat;
    _quoteMin = quote_.minAnswer;
    _quoteMax = quote_.maxAnswer;
    // 1e36 scale, loan units a collateral unit: base / quote, each brought to the same decimals.
    _numerator = 10 ** (36 + IERC20Metadata(loanAsset_).decimals() + _decimalsOf(quote_));
    _denominator = 10 ** (uint256(IERC20Metadata(collateralAsset_).decimals()) + _decimalsOf(base_));
  }

  /// @inheritdoc IPriceFeed
  function read() external view returns (uint256 price, uint256 updatedAt) {
    (uint256 baseAnswer, uint256 baseUpdatedAt) = _readLeg(base());
    (uint256 quoteAnswer, uint256 quoteUpdatedAt) = _readLeg(quote());
    price = FixedPointMathLib.fullMulDiv(baseAnswer, _numerator, quoteAnswer * _denominator);
    updatedAt = baseUpdatedAt < quoteUpdatedAt ? baseUpdatedAt : quoteUpdatedAt;
  }

  /// @inheritdoc IChainlinkRatioFeed
  function base() public view returns (Leg memory) {
    return Leg(_baseAggregator, _baseHeartbeat, _baseMin, _baseMax);
  }

  /// @inheritdoc IChainlinkRatioFeed
  function quote() public view returns (Leg memory) {
    return Leg(_quoteAggregator, _quoteHeartbeat, _quoteMin, _quoteMax);
  }

  function _readLeg(Leg memory leg) private view returns (uint256 answer, uint256 updatedAt) {
    (, answer, updatedAt) = ChainlinkFeed.latestRound(leg.aggregator);
    bool isDead =
      updatedAt == 0 ||
        block.timestamp - updatedAt > leg.heartbeat ||
        answer <= leg.minAnswer ||
        answer >= leg.maxAnswer;
    if (isDead) revert LegDead(leg.aggregator, answer, updatedAt);
  }

  function _decimalsOf(Leg memory leg) private view returns (uint256 decimals) {
    bool isUsable =
      leg.aggregator.code.length != 0 && leg.heartbeat != 0 && leg.minAnswer != 0 && leg.minAnswer < leg.maxAnswer;
    if (isUsable) decimals = IAggregatorV3(leg.aggregator).decimals();
    if (!isUsable || decimals > _MAX_FEED_DECIMALS) revert InvalidLeg(leg.aggregator);
  }
}
