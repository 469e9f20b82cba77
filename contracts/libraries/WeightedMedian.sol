// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibSort} from "solady/src/utils/LibSort.sol";

/// @title WeightedMedian
/// @notice The upper weighted median: the highest value that at least half of the weight reaches or exceeds. Pure.
/// @dev ASSUMPTIONS: values under 2^64, weights under 2^16, a list short enough to be sorted by insertion. ROUNDING: with half
/// of the weight on either side, up.
library WeightedMedian {
  uint256 private constant _WEIGHT_BITS = 16;

  /// @notice A value and its weight in one word, so that words sort by value. The word 0 has no weight and changes nothing.
  function entry(uint64 value, uint16 weight) internal pure returns (uint256) {
    return (uint256(value) << _WEIGHT_BITS) | weight;
  }

  /// @notice Sorts the list in place. 0 where nothing has weight.
  function upper(uint256[] memory entries) internal pure returns (uint256) {
    LibSort.insertionSort(entries);
    uint256 total;
    for (uint256 i = 0; i < entries.length; ++i) total += uint16(entries[i]);
    uint256 above;
    for (uint256 i = entries.length; i != 0; --i) {
      above += uint16(entries[i - 1]);
      if (above != 0 && 2 * above >= total) return entries[i - 1] >> _WEIGHT_BITS;
    }
    return 0;
  }
}
