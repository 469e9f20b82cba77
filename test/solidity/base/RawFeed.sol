// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Answers whatever it is called for with bytes that it was given, or reverts with them.
contract RawFeed {
  struct Answer {
    bool reverts;
    bytes data;
  }

  mapping(bytes4 selector => Answer) private _answers;

  function script(bytes4 selector, bool reverts, bytes calldata data) external {
    _answers[selector] = Answer(reverts, data);
  }

  // solhint-disable-next-line no-complex-fallback -- answering every selector is its purpose
  fallback() external {
    Answer memory answer = _answers[msg.sig];
    bytes memory data = answer.data;
    bool reverts = answer.reverts;
    // solhint-disable-next-line no-inline-assembly -- answers of any length
    assembly ("memory-safe") {
      if reverts {
        revert(add(data, 0x20), mload(data))
      }
      return(add(data, 0x20), mload(data))
    }
  }
}
