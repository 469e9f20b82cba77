// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MockPyth} from "@pythnetwork/pyth-sdk-solidity/MockPyth.sol";

/// @title MockPullFeed
/// @notice Pyth's own mock, whose fee may change. What it checks of an update (fee, feed, times, uniqueness) is its own code.
contract MockPullFeed is MockPyth {
  /// @dev The first argument is a lifetime of stored prices, which nobody reads.
  constructor(uint256 fee) MockPyth(1, fee) {}

  /// @notice Fee of each update from now on, wei.
  function setFee(uint256 fee) external {
    singleUpdateFeeInWei = fee;
  }
}
