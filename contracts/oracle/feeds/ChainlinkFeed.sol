// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibCall} from "solady/src/utils/LibCall.sol";
import {IAggregatorV3} from "../../interfaces/external/IAggregatorV3.sol";
import {IOracle} from "../../interfaces/IOracle.sol";

/// @title ChainlinkFeed
/// @notice Reads one Chainlink-type aggregator without trusting it: bounded gas, bounded return data, no revert whatever it
/// does. A library, since a feed contract of its own would cost 2.6k gas a reading.
library ChainlinkFeed {
  uint256 internal constant CALL_GAS = 100_000;
  /// @dev A call forwards at most 63/64 of what is left.
  uint256 private constant _GAS_NEEDED = CALL_GAS + CALL_GAS / 32 + 2_000;
  uint256 private constant _ROUND_BYTES = 160;

  /// @notice The latest round. All zeros when it could not be read whole.
  /// @return roundId Round.
  /// @return answer Answer in the feed's decimals; a negative one shows as 2^255 or more.
  /// @return updatedAt Unix seconds; 0 for a time that has not come yet.
  function latestRound(address aggregator) internal view returns (uint256 roundId, uint256 answer, uint256 updatedAt) {
    return _read(aggregator, abi.encodeCall(IAggregatorV3.latestRoundData, ()));
  }

  /// @notice A given round, in the same form.
  function roundAt(
    address aggregator,
    uint256 wanted
  ) internal view returns (uint256 roundId, uint256 answer, uint256 updatedAt) {
    return _read(aggregator, abi.encodeCall(IAggregatorV3.getRoundData, (uint80(wanted))));
  }

  function _read(
    address aggregator,
    bytes memory call
  ) private view returns (uint256 roundId, uint256 answer, uint256 updatedAt) {
    if (gasleft() < _GAS_NEEDED) revert IOracle.InsufficientGas(gasleft(), _GAS_NEEDED);
    (bool success, , bytes memory result) = LibCall.tryStaticCall(aggregator, CALL_GAS, uint16(_ROUND_BYTES), call);
    if (!success || result.length != _ROUND_BYTES) return (0, 0, 0);
    // Full words: a decoder with types would revert on a word that does not fit its type.
    (roundId, answer, , updatedAt) = abi.decode(result, (uint256, uint256, uint256, uint256));
    if (updatedAt > block.timestamp) updatedAt = 0;
  }
}
