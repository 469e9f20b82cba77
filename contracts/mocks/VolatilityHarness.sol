// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VolatilityMath} from "../libraries/VolatilityMath.sol";

/// @title VolatilityHarness
/// @notice The library's functions over lists, so that one call evaluates many inputs. Never deployed outside a local chain.
contract VolatilityHarness {
  /// @notice Log return of each (from, to).
  function logReturns(uint256[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = VolatilityMath.logReturn(queries[i][0], queries[i][1]);
  }

  /// @notice For each (variance, return, seconds, half-life): variance after the return, after so long a silence, and the
  /// standard deviation of the first.
  function updates(uint256[4][] calldata queries) external pure returns (uint256[3][] memory results) {
    results = new uint256[3][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      uint256[4] calldata q = queries[i];
      uint256 updated = VolatilityMath.update(q[0], q[1], q[2], q[3]);
      results[i] = [updated, VolatilityMath.quiet(q[0], q[1], q[2], q[3]), VolatilityMath.perRootSecond(updated)];
    }
  }
}
