// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMorpho} from "../../interfaces/external/IMorpho.sol";
import {IMorphoMarketSource} from "../../interfaces/sources/IMorphoMarketSource.sol";
import {StressMath} from "../../libraries/StressMath.sol";
import {LenderLossSource} from "./LenderLossSource.sol";

/// @title MorphoMarketSource
/// @dev ASSUMPTIONS: those of `LenderLossSource`: Morpho accounts its cash, so that donations do not lift the share price. The
/// books are as of the market's last touch: the interest since then is missing on both sides. Utilisation is that of the
/// moment: whoever borrows or supplies much for one transaction moves it at will, so this is listed behind a `DampedSource`.
/// LIVENESS: a market that was not created says nothing. ROUNDING: up.
contract MorphoMarketSource is IMorphoMarketSource, LenderLossSource {
  /// @dev Virtual shares and assets, as Morpho counts them.
  uint256 private constant _VIRTUAL_SHARES = 1e6;
  uint256 private constant _VIRTUAL_ASSETS = 1;

  /// @inheritdoc IMorphoMarketSource
  address public immutable morpho;
  /// @inheritdoc IMorphoMarketSource
  bytes32 public immutable marketId;
  /// @inheritdoc IMorphoMarketSource
  uint256 public immutable kink;

  constructor(
    address morpho_,
    bytes32 marketId_,
    uint256 kink_,
    uint256 fullLoss_,
    uint256 memorySeconds_
  ) LenderLossSource(fullLoss_, memorySeconds_) {
    if (kink_ == 0 || kink_ >= StressMath.WAD) revert InvalidParameter("kink", kink_);
    morpho = morpho_;
    marketId = marketId_;
    kink = kink_;
    poke();
  }

  function _sharePrice() internal view override returns (uint256) {
    (uint256 assets, uint256 shares, , , uint256 lastUpdate, ) = IMorpho(morpho).market(marketId);
    if (lastUpdate == 0) revert NoReading(morpho);
    return ((assets + _VIRTUAL_ASSETS) * _PRICE_SCALE) / (shares + _VIRTUAL_SHARES);
  }

  function _tightness() internal view override returns (uint256) {
    (uint256 supplied, , uint256 borrowed, , , ) = IMorpho(morpho).market(marketId);
    return StressMath.between(StressMath.share(borrowed, supplied), kink, StressMath.WAD);
  }
}
