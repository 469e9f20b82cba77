// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Where a bid stands. PENDING: takes part from the next boundary on. OPEN: takes part. LEAVING: cancelled, out from the
/// next boundary on; until then it takes part if it did when it was cancelled, and not if it was PENDING. WITHDRAWABLE: out,
/// what was left waits to be withdrawn. WITHDRAWN: that was paid out. FILLED: all was spent.
enum BidState {
  PENDING,
  OPEN,
  LEAVING,
  WITHDRAWABLE,
  WITHDRAWN,
  FILLED
}

/// @notice A standing bid as stored, two slots. A boundary is counted in intervals since the epoch.
/// @param owner Whom everything is paid to; the zero address where there is no such bid.
/// @param assets Loan assets bid, loan units.
/// @param claimed Collateral paid out, collateral units.
/// @param vaultId Vault whose collateral it bids for, by its number among those served.
/// @param placedIn Boundary in whose interval it was placed.
/// @param cancelledIn Boundary in whose interval it was cancelled; 0 for not.
/// @param tick Discount in ticks.
/// @param withdrawn What was left was paid out.
struct Bid {
  address owner;
  uint96 assets;
  uint128 claimed;
  uint32 vaultId;
  uint32 placedIn;
  uint32 cancelledIn;
  uint8 tick;
  bool withdrawn;
}

/// @notice A standing bid as it is now.
/// @param open Loan units that wait to be spent, or to be withdrawn.
/// @param claimable Collateral bought and not yet paid out, collateral units.
struct BidView {
  address vault;
  address owner;
  uint256 tick;
  uint256 assets;
  uint256 open;
  uint256 claimable;
  BidState state;
}
