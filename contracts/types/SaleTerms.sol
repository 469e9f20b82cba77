// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Economics of a sale: one numbered version. A sale keeps its version from start to end. One storage slot:
/// `startPremiumBps u16 | holdBps u16 | maxDiscountBps u16 | penaltyBps u16 | targetLtvBps u16 | halfLife u16 | horizon u16 |
/// lot u96 | impactBps u16 | urgencyBps u16 | fallWindow u16`.
/// @param startPremiumBps Premium over the anchor at which a sale opens, bps.
/// @param holdBps Discount that every sale may reach by its own age alone, bps.
/// @param maxDiscountBps Discount that the price tends to and never passes, bps.
/// @param penaltyBps Penalty on the debt repaid, paid by the borrower to the vault's reserve, bps.
/// @param targetLtvBps LTV that a take of the maximum restores, bps.
/// @param halfLife Seconds in which the distance to the maximal discount halves.
/// @param horizon Seconds H in which about one lot is offered; the vault-wide sale clock counts at most that far.
/// @param lot Value that moves the market by about 0.15%, loan units. Selling one lot rewinds a sale clock that shows H by H; one
/// that shows more, for sales of longer horizons, by a sixteenth of a lot's worth more for two hours of it.
/// @param impactBps i0: what a direct sale of a position at `liquidationLtv` may move a pool by, bps.
/// @param urgencyBps iu: what is added to that as the position nears the LTV at which a sale makes bad debt, bps.
/// @param fallWindow w: a direct sale may follow the market under the oracle by as much as that fell in so many seconds; 0 for
/// not at all.
struct SaleTerms {
  uint256 startPremiumBps;
  uint256 holdBps;
  uint256 maxDiscountBps;
  uint256 penaltyBps;
  uint256 targetLtvBps;
  uint256 halfLife;
  uint256 horizon;
  uint256 lot;
  uint256 impactBps;
  uint256 urgencyBps;
  uint256 fallWindow;
}

/// @title SaleTermsPacking
/// @notice Between the slot and memory.
library SaleTermsPacking {
  /// @dev Fills what the caller allocated: returning a struct would allocate it twice.
  function unpack(SaleTerms memory terms, uint256 slot) internal pure {
    terms.startPremiumBps = uint16(slot);
    terms.holdBps = uint16(slot >> 16);
    terms.maxDiscountBps = uint16(slot >> 32);
    terms.penaltyBps = uint16(slot >> 48);
    terms.targetLtvBps = uint16(slot >> 64);
    terms.halfLife = uint16(slot >> 80);
    terms.horizon = uint16(slot >> 96);
    terms.lot = uint96(slot >> 112);
    terms.impactBps = uint16(slot >> 208);
    terms.urgencyBps = uint16(slot >> 224);
    terms.fallWindow = slot >> 240;
  }

  /// @dev The caller has checked that every field fits.
  function pack(SaleTerms memory terms) internal pure returns (uint256) {
    return
      terms.startPremiumBps |
      (terms.holdBps << 16) |
      (terms.maxDiscountBps << 32) |
      (terms.penaltyBps << 48) |
      (terms.targetLtvBps << 64) |
      (terms.halfLife << 80) |
      (terms.horizon << 96) |
      (terms.lot << 112) |
      (terms.impactBps << 208) |
      (terms.urgencyBps << 224) |
      (terms.fallWindow << 240);
  }
}
