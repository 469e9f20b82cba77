// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DepthMath} from "../libraries/DepthMath.sol";

/// @title DepthHarness
/// @notice The library's functions over lists, so that one call evaluates many inputs. Never deployed outside a local chain.
contract DepthHarness {
  /// @notice Arguments of `DepthMath.reserve`.
  struct ReserveQuery {
    uint128 liquidity;
    int24 tick;
    bool ofToken1;
  }

  /// @notice Arguments of `DepthMath.meanTick`.
  struct TickQuery {
    int56 moved;
    uint32 time;
    bool upward;
  }

  /// @notice Harmonic mean of each (seconds per liquidity, seconds).
  function harmonicMeans(uint160[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = DepthMath.harmonicMean(queries[i][0], queries[i][1]);
  }

  function meanTicks(TickQuery[] calldata queries) external pure returns (int24[] memory results) {
    results = new int24[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      results[i] = DepthMath.meanTick(queries[i].moved, queries[i].time, queries[i].upward);
    }
  }

  function reserves(ReserveQuery[] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      results[i] = DepthMath.reserve(queries[i].liquidity, queries[i].tick, queries[i].ofToken1);
    }
  }

  /// @notice For each (shares, other shares, impact): the lower of the two, what is paid of it, and its evenness where the
  /// first byte is the liquidity at the price.
  function shares(uint64[3][] calldata queries) external pure returns (uint256[3][] memory results) {
    results = new uint256[3][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint64 lower = DepthMath.lowerShares(queries[i][0], queries[i][1]);
      results[i] = [
        lower,
        DepthMath.paidShare(lower, queries[i][2]),
        DepthMath.evenness(lower, queries[i][0] & DepthMath.WHOLE)
      ];
    }
  }

  /// @notice For each (liquidity, mean): the byte of every step, together.
  function packed(uint128[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      for (uint256 step = 0; step < DepthMath.STEPS; ++step) {
        results[i] |= DepthMath.packShare(queries[i][0], queries[i][1], step);
      }
    }
  }
}
