// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AdaptiveRateModel} from "../rates/AdaptiveRateModel.sol";
import {AdaptiveRateConfig} from "../types/RateConfig.sol";

/// @title MockRivalRates
/// @notice The vaults' rate model for a market of Morpho's, which asks a contract that keeps the state itself: as in production one
/// slot a market, read and written at each accrual.
contract MockRivalRates is AdaptiveRateModel {
  uint256 private constant _WAD = 1e18;

  /// @dev As Morpho passes it.
  struct MarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv;
  }

  /// @dev As Morpho passes it.
  struct Market {
    uint128 totalSupplyAssets;
    uint128 totalSupplyShares;
    uint128 totalBorrowAssets;
    uint128 totalBorrowShares;
    uint128 lastUpdate;
    uint128 fee;
  }

  mapping(bytes32 market => uint256) private _states;

  constructor(AdaptiveRateConfig memory config) AdaptiveRateModel(config) {}

  /// @notice Rate since the last accrual, WAD per second.
  function borrowRate(MarketParams calldata params, Market calldata market) external returns (uint256 ratePerSecond) {
    bytes32 id = keccak256(abi.encode(params));
    uint256 supplied = market.totalSupplyAssets;
    uint256 utilisation = supplied == 0 ? 0 : (market.totalBorrowAssets * _WAD) / supplied;
    (ratePerSecond, _states[id]) = rate(_states[id], utilisation, block.timestamp - market.lastUpdate);
  }
}
