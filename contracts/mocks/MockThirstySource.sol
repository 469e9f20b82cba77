// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../interfaces/IStressSource.sol";

/// @title MockThirstySource
/// @notice A calm source that says nothing when it is given little gas, and hardly uses any.
contract MockThirstySource is IStressSource {
  uint256 private constant _THIRST = 400_000;

  function stress() external view returns (uint256 level, uint256 updatedAt) {
    if (gasleft() < _THIRST) revert NoReading(address(this));
    return (0, block.timestamp);
  }
}
