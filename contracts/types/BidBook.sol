// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Number of discount ticks, counted from 0.
uint256 constant BID_TICKS = 64;

/// @notice The bids for a vault's collateral by discount tick, loan units.
/// @param active Takes part in clearings now, bids that leave at the next boundary included.
/// @param pending Takes part from the next boundary on.
struct BidBook {
  uint256[BID_TICKS] active;
  uint256[BID_TICKS] pending;
}

/// @notice A clearing.
/// @param boundary Boundary in whose interval it falls, counted in intervals since the epoch.
/// @param tick Discount tick of the price.
/// @param price What all collateral was sold at, loan units per collateral unit x 1e36.
/// @param supply What the positions for sale would pay together at that price, loan units.
/// @param demand What was bid at that price or a better one, loan units.
/// @param payment Paid to the vault, loan units: the supply, or less where the demand does not cover all.
/// @param collateral Bought, collateral units.
struct BatchResult {
  uint256 boundary;
  uint256 tick;
  uint256 price;
  uint256 supply;
  uint256 demand;
  uint256 payment;
  uint256 collateral;
}
