// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RiskMath} from "../libraries/RiskMath.sol";

/// @title RiskMathHarness
/// @notice The functions of `RiskMath` over lists, so that one call evaluates many inputs. Never deployed outside a local
/// chain.
contract RiskMathHarness {
  /// @notice Density and distribution at each.
  function normal(int256[] calldata xs) external pure returns (uint256[2][] memory results) {
    results = new uint256[2][](xs.length);
    for (uint256 i = 0; i < xs.length; ++i) results[i] = [RiskMath.normalPdf(xs[i]), RiskMath.normalCdf(xs[i])];
  }

  /// @notice For each (value, depth, fee): loss, price after.
  function direct(uint256[3][] calldata queries) external pure returns (uint256[2][] memory results) {
    results = new uint256[2][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[3] calldata q = queries[i];
      results[i] = [RiskMath.directLoss(q[0], q[1], q[2]), RiskMath.priceAfterDirect(q[0], q[1])];
    }
  }

  /// @notice For each (premium, decay rate, volatility, block time): overshoot, loss versus fair, seconds to fill.
  function dutch(uint256[4][] calldata queries) external pure returns (uint256[3][] memory results) {
    results = new uint256[3][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[4] calldata q = queries[i];
      results[i] = [
        RiskMath.overshoot(q[1], q[2], q[3]),
        RiskMath.lossVersusFair(q[1], q[2], q[3]),
        RiskMath.fillSeconds(q[0], q[1], q[2], q[3])
      ];
    }
  }

  /// @notice Stale-price loss of each (buffer, deviation).
  function stale(uint256[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = RiskMath.stalePriceLoss(queries[i][0], queries[i][1]);
  }

  /// @notice For each (collateral value, depth, ltv, slippage, costs): impact factor, least and most bonus.
  function bonus(uint256[5][] calldata queries) external pure returns (int256[3][] memory results) {
    results = new int256[3][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[5] calldata q = queries[i];
      uint256 factor = RiskMath.impactFactor(q[0], q[1]);
      results[i] = [int256(factor), int256(RiskMath.bonusMin(q[3], q[4])), RiskMath.bonusMax(q[2], factor)];
    }
  }

  /// @notice For each (coverage, volatility, time): deviation, expected shortfall, hazard.
  function waiting(uint256[3][] calldata queries) external pure returns (uint256[3][] memory results) {
    results = new uint256[3][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[3] calldata q = queries[i];
      uint256 deviation = RiskMath.deviation(q[1], q[2]);
      results[i] = [deviation, RiskMath.expectedShortfall(deviation, q[0]), RiskMath.hazard(q[0], q[1], q[2])];
    }
  }

  /// @notice Expected shortfall of each (deviation, coverage).
  function shortfall(uint256[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = RiskMath.expectedShortfall(queries[i][0], queries[i][1]);
  }

  /// @notice For each (spread, lots, bids): clearing discount, probability of no bid.
  function batch(uint256[3][] calldata queries) external pure returns (uint256[2][] memory results) {
    results = new uint256[2][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[3] calldata q = queries[i];
      results[i] = [RiskMath.clearingDiscount(q[0], q[1], q[2]), RiskMath.emptyProbability(q[2])];
    }
  }
}
