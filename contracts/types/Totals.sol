// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The vault's books: two storage slots that every accruing operation reads and writes.
/// @param cash Loan assets that the vault accounts for, loan units; never `balanceOf`.
/// @param scaledDebt Sum of the positions' scaled debts.
/// @param accruedAt Moment up to which interest is in the books, unix seconds.
/// @param oracleAliveUntil Moment up to which the last sale operation proved the oracle alive, unix seconds.
/// @param index Interest index, WAD; starts at 1e18, never falls, saturates.
/// @param rateState State of the rate model: a per-second WAD rate.
/// @param reserve Claim of the protocol's reserve on the vault, loan units.
/// @param saleClock Vault-wide sale clock in 1/256 s since the epoch.
/// @param marked Whether any position carries a mark.
struct Totals {
  uint96 cash;
  uint96 scaledDebt;
  uint32 accruedAt;
  uint32 oracleAliveUntil;
  uint80 index;
  uint40 rateState;
  uint88 reserve;
  uint40 saleClock;
  bool marked;
}
