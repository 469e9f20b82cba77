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

  struct Answer {
    Mode mode;
    bytes data;
  }

  /// @dev One entry. In a mapping, since the slots of the contract whose place this takes hold anything.
  mapping(uint256 zero => Answer) private _answers;

  function setAnswer(Mode mode, bytes calldata data) external {
    _answers[0] = Answer(mode, data);
  }

  fallback(bytes calldata) external returns (bytes memory) {
    Mode mode = _answers[0].mode;
    if (mode == Mode.REVERT) revert Broken();
    if (mode == Mode.BURN_GAS) {
      uint256 burnt;
      while (true) burnt += gasleft();
    }
    return _answers[0].data;
  }
}
