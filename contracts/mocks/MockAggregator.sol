// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAggregatorV3} from "../interfaces/external/IAggregatorV3.sol";

/// @title MockAggregator
/// @notice A Chainlink-type aggregator behind its proxy, with rounds that anyone may push, phases, and ways to misbehave. Reading
/// the latest round costs one slot.
contract MockAggregator is IAggregatorV3 {
  enum Mode {
    ANSWER,
    REVERT,
    BURN_GAS,
    SHORT_ANSWER,
    HUGE_ANSWER,
    SLOW
  }

  struct Latest {
    uint80 roundId;
    uint40 updatedAt;
    int128 answer;
    Mode mode;
  }

  struct PastRound {
    uint40 updatedAt;
    int128 answer;
  }

  uint8 public immutable decimals;

  Latest private _latest;
  mapping(uint256 roundId => PastRound) private _rounds;

  constructor(uint8 decimals_) {
    decimals = decimals_;
  }

  /// @notice A round made now.
  function pushAnswer(int256 answer) external {
    pushRound(answer, block.timestamp);
  }

  function setMode(Mode mode) external {
    _latest.mode = mode;
  }

  function latestAnswer() external view returns (int256) {
    return _latest.answer;
  }

  /// @notice Whose next round is number 1 of a new phase, as behind a proxy whose aggregator was replaced.
  function startPhase() external {
    _latest.roundId = ((_latest.roundId >> 64) + 1) << 64;
  }

  /// @notice The next rounds get later numbers; those between never answer.
  function skipRounds(uint80 count) external {
    _latest.roundId += count;
  }

  function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
    Latest memory latest = _latest;
    if (latest.mode != Mode.ANSWER) _misbehave(latest.mode);
    return (latest.roundId, latest.answer, latest.updatedAt, latest.updatedAt, latest.roundId);
  }

  function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
    if (_latest.mode != Mode.ANSWER) _misbehave(_latest.mode);
    PastRound memory round = _rounds[roundId];
    return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
  }

  /// @notice A round made at `updatedAt`, unix seconds.
  function pushRound(int256 answer, uint256 updatedAt) public {
    Latest memory latest = _latest;
    latest.roundId += 1;
    latest.updatedAt = SafeCast.toUint40(updatedAt);
    latest.answer = SafeCast.toInt128(answer);
    _latest = latest;
    _rounds[latest.roundId] = PastRound(latest.updatedAt, latest.answer);
  }

  function _misbehave(Mode mode) private view {
    if (mode == Mode.SLOW) return _work();
    if (mode == Mode.REVERT) revert("feed is broken");
    if (mode == Mode.BURN_GAS) {
      uint256 burnt;
      while (true) burnt += gasleft();
    }
    // As long as a reader's allowance of gas makes possible.
    uint256 length = mode == Mode.HUGE_ANSWER ? 180_000 : 64;
    // The only way to answer what the signature does not say.
    // solhint-disable-next-line no-inline-assembly
    assembly ("memory-safe") {
      return(mload(0x40), length)
    }
  }

  /// @dev Needs nearly all of the gas that a reader allows it.
  function _work() private view {
    uint256 end = gasleft() - 85_000;
    while (gasleft() > end) continue;
  }
}
