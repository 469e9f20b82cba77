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
/// @param resaleClock Clock of the resale in 1/256 s since the epoch.
/// @param resale Terms of the resale.
struct Cover {
  bool isListed;
  uint128 cap;
  uint128 inventory;
  uint64 resaleClock;
  SaleTerms resale;
}

/// @notice A holder's wish to leave.
/// @param shares Most shares to redeem.
/// @param opensAt Unix seconds from which on.
/// @param closesAt Unix seconds up to which.
struct Cooldown {
  uint128 shares;
  uint64 opensAt;
  uint64 closesAt;
}
