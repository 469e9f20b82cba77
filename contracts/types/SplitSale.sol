// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleOrder} from "./DirectSale.sol";

/// @notice A split of a position's lot over the mechanisms.
/// @param direct The direct part; its `maxRepay` is set from the share. Vault, borrower, receiver and deadline are those of the
/// whole.
/// @param shares WAD, in the order of `Mechanism`, of the lot's value; they add up to 1e18.
/// @param pools Route on which the Dutch part is taken at once at the clock's price; empty: it is left to the clock.
/// @param minProfit Least that the take must leave for the receiver, loan units.
struct SplitOrder {
  DirectSaleOrder direct;
  uint256[4] shares;
  address[] pools;
  uint256 minProfit;
}
