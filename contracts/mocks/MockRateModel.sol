// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRateModel} from "../interfaces/IRateModel.sol";

/// @title MockRateModel
/// @notice A rate model that answers what it is told, or misbehaves.
contract MockRateModel is IRateModel {
  enum Mode {
    ANSWER,
    REVERT,
    BURN_GAS,
    SHORT_ANSWER
  }

  uint256 public rateToAnswer;
  uint256 public stateToAnswer;
  Mode public mode;

  function set(uint256 rate_, uint256 state_, Mode mode_) external {
    rateToAnswer = rate_;
    stateToAnswer = state_;
    mode = mode_;
  }

  function rate(uint256, uint256, uint256) external view returns (uint256 ratePerSecond, uint256 newState) {
    if (mode == Mode.REVERT) revert("rate model is broken");
    if (mode == Mode.BURN_GAS) {
      while (true) ratePerSecond += gasleft();
    }
    if (mode == Mode.SHORT_ANSWER) {
      bytes memory short = new bytes(32);
      // The only way to answer less than the signature says
      assembly ("memory-safe") {
        return(add(short, 32), 32)
      }
    }
    return (rateToAnswer, stateToAnswer);
  }
}
