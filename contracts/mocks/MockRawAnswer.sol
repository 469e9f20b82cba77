// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockRawAnswer
/// @notice Answers every call with the same bytes, or misbehaves. Its code is put in the place of a contract that a test wants
/// broken.
contract MockRawAnswer {
  enum Mode {
    ANSWER,
    REVERT,
    BURN_GAS
  }

  error Broken();

  bytes private _answer;
  Mode private _mode;

  function setAnswer(Mode mode, bytes calldata answer) external {
    _mode = mode;
    _answer = answer;
  }

  fallback(bytes calldata) external returns (bytes memory) {
    if (_mode == Mode.REVERT) revert Broken();
    if (_mode == Mode.BURN_GAS) {
      uint256 burnt;
      while (true) burnt += gasleft();
    }
    return _answer;
  }
}
