// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleTerms} from "./SaleTerms.sol";

/// @notice What a backstop does for one vault.
/// @param cap Most that it pays for the vault's losses from now on, loan units.
/// @param resale Terms of the resale of what it buys there; penalty and target LTV are not used.
struct CoverConfig {
  uint128 cap;
  SaleTerms resale;
}

/// @notice A vault's cover and what was bought there.
/// @param isListed Whether the vault is served.
/// @param cap Most that it still pays for the vault's losses, loan units.
/// @param inventory Collateral bought and not resold yet, collateral units.
/// @param cost What was paid for that inventory, loan units, rounded down.
/// @param owed Losses of the vault that wait for inventory to be resold, loan units.
/// @param resaleClock Clock of the resale in 1/256 s since the epoch; the mean, by collateral, of what is held.
/// @param doubtSince Unix seconds from which on the vault's price has been seen in doubt while a sale might be live; 0 for never.
/// @param doubtSeen Unix seconds at which it was seen so last.
/// @param resale Terms of the resale.
struct Cover {
  bool isListed;
  uint128 cap;
  uint128 inventory;
  uint128 cost;
  uint128 owed;
  uint64 resaleClock;
  uint48 doubtSince;
  uint48 doubtSeen;
  SaleTerms resale;
}

/// @notice A loss of a vault that its backstop may still pay for, out of inventory that is not resold yet.
/// @param assets Loan units; bears no interest.
/// @param finalAt Unix seconds from which on it waits no longer.
struct PendingLoss {
  uint128 assets;
  uint64 finalAt;
}

/// @notice A holder's wish to leave. One storage slot.
/// @param shares Shares locked up to `closesAt`, and most shares to redeem.
/// @param opensAt Unix seconds from which on.
/// @param closesAt Unix seconds up to which.
struct Cooldown {
  uint160 shares;
  uint48 opensAt;
  uint48 closesAt;
}
