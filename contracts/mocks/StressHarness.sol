// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StressMath} from "../libraries/StressMath.sol";
import {WeightedMedian} from "../libraries/WeightedMedian.sol";

/// @title StressHarness
/// @notice `WeightedMedian` and `StressMath` over lists, so that one call evaluates many inputs. Never deployed outside a local
/// chain.
contract StressHarness {
  struct Weighted {
    uint64 value;
    uint16 weight;
  }

  /// @notice Median of each list.
  function medians(Weighted[][] calldata lists) external pure returns (uint256[] memory results) {
    results = new uint256[](lists.length);
    for (uint256 i = 0; i < lists.length; ++i) {
      uint256[] memory entries = new uint256[](lists[i].length);
      for (uint256 j = 0; j < entries.length; ++j) {
        entries[j] = WeightedMedian.entry(lists[i][j].value, lists[i][j].weight);
      }
      results[i] = WeightedMedian.upper(entries);
    }
  }

  /// @notice Share of each (part, whole).
  function shares(uint256[2][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = StressMath.share(queries[i][0], queries[i][1]);
  }

  /// @notice Level of each (value, calm, full).
  function levels(uint256[3][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      results[i] = StressMath.between(queries[i][0], queries[i][1], queries[i][2]);
    }
  }
}
