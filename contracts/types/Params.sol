// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Risk parameters and switches of a vault: one storage slot.
/// @param borrowLtvBps Most LTV at borrowing and at withdrawing collateral, bps.
/// @param liquidationLtvFromBps `liquidationLtv` at the start of its ramp, bps.
/// @param liquidationLtvToBps `liquidationLtv` at the end of its ramp and after, bps.
/// @param rampStart Start of the ramp, unix seconds.
/// @param rampEnd End of the ramp, unix seconds.
/// @param clocksRestartedAt Sale clocks count from here at the earliest: the last unpausing of sales, or the end of the last
/// interruption of the oracle that a sale has met, unix seconds.
/// @param termsId Version of the terms that new sales get.
/// @param reserveFactorBps Share of interest that goes to the reserve, bps.
/// @param pausedActions Bits of `PauseBits`.
struct Params {
  uint16 borrowLtvBps;
  uint16 liquidationLtvFromBps;
  uint16 liquidationLtvToBps;
  uint40 rampStart;
  uint40 rampEnd;
  uint40 clocksRestartedAt;
  uint16 termsId;
  uint16 reserveFactorBps;
  uint8 pausedActions;
}

/// @notice Bits of `Params.pausedActions`. Repaying, adding collateral and lenders' exit have none: they can't be paused.
library PauseBits {
  uint8 internal constant DEPOSIT = 1;
  uint8 internal constant BORROW = 2;
  /// @dev Withdrawing collateral while in debt; without debt it can't be paused.
  uint8 internal constant WITHDRAW_COLLATERAL = 4;
  uint8 internal constant SALES = 8;
  uint8 internal constant FLASH_LOAN = 16;
  uint8 internal constant ALL = 31;
  /// @dev Wind-down: no borrowing ever again. Not a pause: nobody can take it back.
  uint8 internal constant WIND_DOWN = 128;
}
