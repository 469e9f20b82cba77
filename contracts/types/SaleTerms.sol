// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Economics of a sale: one numbered version, one storage slot. A sale keeps its version from start to end.
/// @param startPremiumBps Premium over the anchor at which a sale opens, bps.
/// @param holdBps Discount that every sale may reach by its own age alone, bps.
/// @param maxDiscountBps Discount that the price tends to and never passes, bps.
/// @param penaltyBps Penalty on the debt repaid, paid by the borrower to the vault's reserve, bps.
/// @param targetLtvBps LTV that a take of the maximum restores, bps.
/// @param halfLife Seconds in which the distance to the maximal discount halves.
/// @param horizon Seconds H in which about one lot is offered; the vault-wide sale clock counts at most that far.
/// @param lot Value that moves the market by about 0.15%, loan units. Selling one lot rewinds the sale clock by H.
struct SaleTerms {
  uint16 startPremiumBps;
  uint16 holdBps;
  uint16 maxDiscountBps;
  uint16 penaltyBps;
  uint16 targetLtvBps;
  uint32 halfLife;
  uint32 horizon;
  uint112 lot;
}
