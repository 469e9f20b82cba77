// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStressSource} from "../../interfaces/IStressSource.sol";
import {ILenderLossSource} from "../../interfaces/sources/ILenderLossSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";

/// @title LenderLossSource
/// @notice What sources of markets with shares have in common: the high-water mark of the share price.
/// @dev ASSUMPTIONS: a share price that rose stays there but for a loss. Where somebody can lift it for a moment and take that
/// back, a poke in that moment fakes a loss: such a market is not listed.
/// LIVENESS: without pokes a loss counts for longer, and one on gains that nobody saw counts too little. ROUNDING: losses up.
abstract contract LenderLossSource is ILenderLossSource {
  using SafeCast for uint256;

  struct Highest {
    uint216 price;
    uint40 seenAt;
  }

  uint256 internal constant _PRICE_SCALE = 1e36;
  uint256 private constant _MAX_MEMORY = 90 days;

  /// @inheritdoc ILenderLossSource
  uint256 public immutable fullLoss;
  /// @inheritdoc ILenderLossSource
  uint256 public immutable memorySeconds;

  Highest private _highest;

  constructor(uint256 fullLoss_, uint256 memorySeconds_) {
    if (fullLoss_ == 0 || fullLoss_ > StressMath.WAD) revert InvalidParameter("fullLoss", fullLoss_);
    if (memorySeconds_ == 0 || memorySeconds_ > _MAX_MEMORY) revert InvalidParameter("memorySeconds", memorySeconds_);
    fullLoss = fullLoss_;
    memorySeconds = memorySeconds_;
  }

  /// @inheritdoc ILenderLossSource
  function poke() public {
    uint256 price = _sharePrice();
    if (price < _highest.price && block.timestamp < _highest.seenAt + memorySeconds) return;
    if (price != _highest.price) emit HighestSet(price);
    _highest = Highest(price.toUint216(), uint40(block.timestamp));
  }

  /// @inheritdoc ILenderLossSource
  function highest() external view returns (uint256 price, uint256 seenAt) {
    return (_highest.price, _highest.seenAt);
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    uint256 lost = Math.saturatingSub(_highest.price, _sharePrice());
    level = StressMath.share(StressMath.share(lost, _highest.price), fullLoss);
    return (Math.max(level, _tightness()), block.timestamp);
  }

  /// @dev What a share is worth, assets x 1e36 a share.
  function _sharePrice() internal view virtual returns (uint256);

  /// @dev How hard it is to leave, WAD 0..1e18.
  function _tightness() internal view virtual returns (uint256);
}
