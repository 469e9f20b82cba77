// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";

/// @title MockRivalOracle
/// @notice What a market of Morpho's asks, answered as in production by two Chainlink-type feeds: collateral and loan asset, both
/// in dollars, without a bound or a check of their age.
contract MockRivalOracle {
  IAggregatorV3 private immutable _collateralFeed;
  IAggregatorV3 private immutable _loanFeed;
  uint256 private immutable _scale;

  /// @param collateralFeed As many decimals as the other one.
  /// @param scale One loan asset in its units / one collateral asset in its units, 1e36 scale.
  constructor(IAggregatorV3 collateralFeed, IAggregatorV3 loanFeed, uint256 scale) {
    (_collateralFeed, _loanFeed, _scale) = (collateralFeed, loanFeed, scale);
  }

  /// @notice Loan units per collateral unit, 1e36 scale.
  function price() external view returns (uint256) {
    (, int256 collateral, , , ) = _collateralFeed.latestRoundData();
    (, int256 loan, , , ) = _loanFeed.latestRoundData();
    return (_scale * uint256(collateral)) / uint256(loan);
  }
}
