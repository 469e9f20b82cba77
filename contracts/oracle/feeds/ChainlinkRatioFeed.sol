// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IAggregatorV3} from "../../interfaces/external/IAggregatorV3.sol";
import {IChainlinkRatioFeed} from "../../interfaces/IChainlinkRatioFeed.sol";
import {IPriceFeed} from "../../interfaces/IPriceFeed.sol";
import {ChainlinkFeed} from "./ChainlinkFeed.sol";

/// @title ChainlinkRatioFeed
/// @notice Price of a pair that no single feed quotes, from two feeds in a common currency.
/// @dev ASSUMPTIONS: both feeds quote the same currency. LIVENESS: reverts while either leg is unreadable or out of bounds;
/// valid as long as both legs are. ROUNDING: down.
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
  /// @dev 10^(36 + loan decimals + quote decimals - collateral decimals - base decimals); one of the two is 1.
  uint256 private immutable _multiplier;
  uint256 private immutable _divisor;

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
    uint256 up = 36 + uint256(IERC20Metadata(loanAsset_).decimals()) + _decimalsOf(quote_);
    uint256 down = uint256(IERC20Metadata(collateralAsset_).decimals()) + _decimalsOf(base_);
    _multiplier = up > down ? 10 ** (up - down) : 1;
    _divisor = up < down ? 10 ** (down - up) : 1;
  }

  /// @inheritdoc IPriceFeed
  function read() external view returns (uint256 price, uint256 validUntil) {
    (uint256 baseAnswer, uint256 baseUntil) = _readLeg(base());
    (uint256 quoteAnswer, uint256 quoteUntil) = _readLeg(quote());
    price = FixedPointMathLib.fullMulDiv(baseAnswer, _multiplier, quoteAnswer * _divisor);
    validUntil = Math.min(baseUntil, quoteUntil);
  }

  /// @inheritdoc IPriceFeed
  function interruptedUntil(uint256 since) external view returns (uint256) {
    return Math.max(_interruptionOf(base(), since), _interruptionOf(quote(), since));
  }

  /// @inheritdoc IChainlinkRatioFeed
  function base() public view returns (Leg memory) {
    return Leg(_baseAggregator, _baseHeartbeat, _baseMin, _baseMax);
  }

  /// @inheritdoc IChainlinkRatioFeed
  function quote() public view returns (Leg memory) {
    return Leg(_quoteAggregator, _quoteHeartbeat, _quoteMin, _quoteMax);
  }

  function _readLeg(Leg memory leg) private view returns (uint256 answer, uint256 validUntil) {
    uint256 updatedAt;
    (, answer, updatedAt) = ChainlinkFeed.latestRound(leg.aggregator);
    // An answer that could not be read is 0, a negative one among the highest numbers.
    if (answer <= leg.minAnswer || answer >= leg.maxAnswer) revert LegDead(leg.aggregator, answer, updatedAt);
    validUntil = updatedAt + leg.heartbeat;
  }

  function _interruptionOf(Leg memory leg, uint256 since) private view returns (uint256) {
    (uint256 roundId, uint256 answer, uint256 updatedAt) = ChainlinkFeed.latestRound(leg.aggregator);
    ChainlinkFeed.Rules memory rules = ChainlinkFeed.Rules(leg.heartbeat, leg.minAnswer, leg.maxAnswer);
    // A round that is late is not dead yet.
    uint256 aliveUntil = updatedAt + leg.heartbeat + ChainlinkFeed.LATENESS;
    if (answer <= leg.minAnswer || answer >= leg.maxAnswer || block.timestamp > aliveUntil) return block.timestamp;
    return ChainlinkFeed.interruptedUntil(leg.aggregator, rules, roundId, updatedAt, since);
  }

  function _decimalsOf(Leg memory leg) private view returns (uint256 decimals) {
    bool isUsable =
      leg.aggregator.code.length != 0 && leg.heartbeat != 0 && leg.minAnswer != 0 && leg.minAnswer < leg.maxAnswer;
    if (isUsable) decimals = IAggregatorV3(leg.aggregator).decimals();
    if (!isUsable || decimals > _MAX_FEED_DECIMALS) revert InvalidLeg(leg.aggregator);
  }
}
