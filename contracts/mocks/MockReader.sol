// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockReader
/// @notice Reads much at once, for tests that compare whole states: a call apiece takes most of their time.
contract MockReader {
  struct Call {
    address target;
    bytes data;
  }

  /// @return answers One for each call; empty where it reverted.
  function read(Call[] calldata calls) external view returns (bytes[] memory answers) {
    answers = new bytes[](calls.length);
    for (uint256 i = 0; i < calls.length; ++i) {
      (bool success, bytes memory answer) = calls[i].target.staticcall(calls[i].data);
      if (success) answers[i] = answer;
    }
  }
}
