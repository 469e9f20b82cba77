// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ThreeDigits} from "./ThreeDigits.sol";

/// @notice Risk parameters and switches of a vault. One storage slot: `borrowLtvBps u16 | liquidationLtvFromBps u16 |
/// liquidationLtvToBps u16 | rampStart u40 | rampEnd u40 | clocksRestartedAt u40 | termsId u16 | reserveFactorBps u16 |
/// maxOracleStepBps u16 | pausedActions u8 | rewardCap u16 | nativePrice u16`, the last two as `ThreeDigits`.
/// @param borrowLtvBps Most LTV at borrowing and at withdrawing collateral, bps.
/// @param liquidationLtvFromBps `liquidationLtv` at the start of its ramp, bps.
/// @param liquidationLtvToBps `liquidationLtv` at the end of its ramp and after, bps.
/// @param rampStart Start of the ramp, unix seconds.
/// @param rampEnd End of the ramp, unix seconds.
/// @param clocksRestartedAt Sale clocks count from here at the earliest: the end of the last pause of sales, or of the last
/// interruption of the oracle that a sale has met, unix seconds.
/// @param termsId Version of the terms that new sales get.
/// @param reserveFactorBps Share of interest that goes to the reserve, bps.
/// @param maxOracleStepBps Largest jump of the oracle between two updates that the LTV gap must bear, bps.
/// @param pausedActions Bits of `PauseBits`; a view shows none whose pause has ended by itself.
/// @param rewardCap Most that one start pays, loan units; three significant digits are kept.
/// @param nativePrice Loan units that one native coin (1e18 wei) is worth; three significant digits are kept.
struct Params {
  uint256 borrowLtvBps;
  uint256 liquidationLtvFromBps;
  uint256 liquidationLtvToBps;
  uint256 rampStart;
  uint256 rampEnd;
  uint256 clocksRestartedAt;
  uint256 termsId;
  uint256 reserveFactorBps;
  uint256 maxOracleStepBps;
  uint256 pausedActions;
  uint256 rewardCap;
  uint256 nativePrice;
}

/// @title ParamsPacking
/// @notice Between the slot and memory.
library ParamsPacking {
  /// @notice Most that `liquidationLtv` may fall by in a day, in proportion in any part of it, bps.
  uint256 internal constant MAX_LOWERING_BPS_A_DAY = 200;

  /// @dev Fills what the caller allocated: returning a struct would allocate it twice.
  function unpack(Params memory params, uint256 slot) internal pure {
    params.borrowLtvBps = borrowLtvBps(slot);
    params.liquidationLtvFromBps = uint16(slot >> 16);
    params.liquidationLtvToBps = uint16(slot >> 32);
    params.rampStart = uint40(slot >> 48);
    params.rampEnd = uint40(slot >> 88);
    params.clocksRestartedAt = clocksRestartedAt(slot);
    params.termsId = termsId(slot);
    params.reserveFactorBps = reserveFactorBps(slot);
    params.maxOracleStepBps = uint16(slot >> 200);
    params.pausedActions = pausedActions(slot);
    params.rewardCap = rewardCap(slot);
    params.nativePrice = nativePrice(slot);
  }

  /// @dev The caller has checked that every field fits.
  function pack(Params memory params) internal pure returns (uint256) {
    return
      params.borrowLtvBps |
      (params.liquidationLtvFromBps << 16) |
      (params.liquidationLtvToBps << 32) |
      (params.rampStart << 48) |
      (params.rampEnd << 88) |
      (params.clocksRestartedAt << 128) |
      (params.termsId << 168) |
      (params.reserveFactorBps << 184) |
      (params.maxOracleStepBps << 200) |
      (params.pausedActions << 216) |
      (ThreeDigits.pack(params.rewardCap) << 224) |
      (ThreeDigits.pack(params.nativePrice) << 240);
  }

  function pausedActions(uint256 slot) internal pure returns (uint256) {
    return uint8(slot >> 216);
  }

  function reserveFactorBps(uint256 slot) internal pure returns (uint256) {
    return uint16(slot >> 184);
  }

  function borrowLtvBps(uint256 slot) internal pure returns (uint256) {
    return uint16(slot);
  }

  function clocksRestartedAt(uint256 slot) internal pure returns (uint256) {
    return uint40(slot >> 128);
  }

  function termsId(uint256 slot) internal pure returns (uint256) {
    return uint16(slot >> 168);
  }

  function rewardCap(uint256 slot) internal pure returns (uint256) {
    return ThreeDigits.unpack(uint16(slot >> 224));
  }

  function nativePrice(uint256 slot) internal pure returns (uint256) {
    return ThreeDigits.unpack(slot >> 240);
  }

  /// @dev The slot without the pauses of these actions.
  function withoutPauses(uint256 slot, uint256 actions) internal pure returns (uint256) {
    return slot & ~(actions << 216);
  }

  /// @dev The slot with sale clocks restarted at this moment, unless they were restarted later.
  function withClocksRestartedAt(uint256 slot, uint256 timestamp) internal pure returns (uint256) {
    if (timestamp <= clocksRestartedAt(slot)) return slot;
    return (slot & ~(uint256(type(uint40).max) << 128)) | (timestamp << 128);
  }

  /// @dev `liquidationLtv` at `timestamp` on its linear ramp, rounded up: where a new ramp begins, so that no row of ramps falls
  /// faster by its roundings.
  function liquidationLtvUpBps(uint256 slot, uint256 timestamp) internal pure returns (uint256) {
    uint256 to = uint16(slot >> 32);
    uint256 rampEnd = uint40(slot >> 88);
    if (timestamp >= rampEnd) return to;
    uint256 rampStart = uint40(slot >> 48);
    uint256 elapsed = timestamp - rampStart;
    uint256 duration = rampEnd - rampStart;
    return (uint16(slot >> 16) * (duration - elapsed) + to * elapsed + duration - 1) / duration;
  }

  /// @dev `liquidationLtv` at `timestamp` on its linear ramp, rounded down.
  function liquidationLtvBps(uint256 slot, uint256 timestamp) internal pure returns (uint256) {
    uint256 to = uint16(slot >> 32);
    uint256 rampEnd = uint40(slot >> 88);
    if (timestamp >= rampEnd) return to;
    uint256 rampStart = uint40(slot >> 48);
    uint256 elapsed = timestamp - rampStart;
    uint256 duration = rampEnd - rampStart;
    return (uint16(slot >> 16) * (duration - elapsed) + to * elapsed) / duration;
  }
}

/// @title PauseBits
/// @notice Bits of `Params.pausedActions`, and the ends of pauses, u40 each in one slot in the order of the bits. Repaying, adding collateral and lenders' exit have none: they can't be paused.
library PauseBits {
  uint256 internal constant DEPOSIT = 1;
  uint256 internal constant BORROW = 2;
  /// @dev Withdrawing collateral while in debt; without debt it can't be paused.
  uint256 internal constant WITHDRAW_COLLATERAL = 4;
  uint256 internal constant SALES = 8;
  uint256 internal constant FLASH_LOAN = 16;
  uint256 internal constant ALL = 31;
  /// @dev Number of actions that can be paused, from the lowest bit on.
  uint256 internal constant COUNT = 5;
  /// @dev Not a pause: a raise of `borrowLtv` may still wait to count. Kept in the slot, and shown to nobody.
  uint256 internal constant RAISED = 32;
  /// @dev Wind-down: no borrowing ever again. Not a pause: nobody can take it back.
  uint256 internal constant WIND_DOWN = 128;
  /// @notice A pause ends by itself after this many seconds.
  uint256 internal constant LONGEST_PAUSE = 7 days;

  /// @dev End of the last pause of the action of bit `i`, unix seconds; 0 where the governor has lifted it since.
  function end(uint256 ends, uint256 i) internal pure returns (uint256) {
    return uint40(ends >> (40 * i));
  }

  /// @dev The ends with that of the action of bit `i` replaced, unix seconds.
  function withEnd(uint256 ends, uint256 i, uint256 timestamp) internal pure returns (uint256) {
    return (ends & ~(uint256(type(uint40).max) << (40 * i))) | (timestamp << (40 * i));
  }
}
