// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice The vault's books. Two storage slots that every accruing operation reads and writes:
/// `cash u96 | scaledDebt u96 | accruedAt u32 | oracleAliveUntil u32` and
/// `index u80 | rateState u40 | reserve u88 | saleClock u40 | marked u8`.
/// @param cash Loan assets that the vault accounts for, loan units; never `balanceOf`.
/// @param scaledDebt Sum of the positions' scaled debts.
/// @param accruedAt Moment up to which interest is in the books, unix seconds.
/// @param oracleAliveUntil Moment up to which the last sale operation proved the oracle alive, unix seconds.
/// @param index Interest index, WAD; starts at 1e18, never falls, saturates.
/// @param rateState State of the rate model: a per-second WAD rate.
/// @param reserve Claim of the protocol's reserve on the vault, loan units.
/// @param saleClock Vault-wide sale clock in 1/256 s since the epoch.
/// @param marked Whether any position carries a mark, or a loss waits for the backstop.
struct Totals {
  uint256 cash;
  uint256 scaledDebt;
  uint256 accruedAt;
  uint256 oracleAliveUntil;
  uint256 index;
  uint256 rateState;
  uint256 reserve;
  uint256 saleClock;
  bool marked;
}

/// @title TotalsPacking
/// @notice Between the slots and memory. Cash and debt that do not fit revert (`SafeCastOverflowedUintDowncast`).
library TotalsPacking {
  using SafeCast for uint256;

  /// @dev Fills what the caller allocated: returning a struct would allocate it twice.
  function unpack(Totals memory totals, uint256 slot0, uint256 slot1) internal pure {
    totals.cash = uint96(slot0);
    totals.scaledDebt = uint96(slot0 >> 96);
    totals.accruedAt = uint32(slot0 >> 192);
    totals.oracleAliveUntil = slot0 >> 224;
    totals.index = uint80(slot1);
    totals.rateState = uint40(slot1 >> 80);
    totals.reserve = uint88(slot1 >> 120);
    totals.saleClock = uint40(slot1 >> 208);
    totals.marked = slot1 >> 248 != 0;
  }

  /// @dev Times are block times, index, rate state and reserve are held to their width where they are made.
  function pack(Totals memory totals) internal pure returns (uint256 slot0, uint256 slot1) {
    slot0 =
      totals.cash.toUint96() |
      (uint256(totals.scaledDebt.toUint96()) << 96) |
      (totals.accruedAt << 192) |
      (totals.oracleAliveUntil << 224);
    slot1 =
      totals.index |
      (totals.rateState << 80) |
      (totals.reserve << 120) |
      (totals.saleClock << 208) |
      (totals.marked ? 1 << 248 : 0);
  }
}
