// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a swap did, or would do. Prices are units of the token out per unit of the token in x 1e36, before fees.
/// @param amountOut Units of the token out.
/// @param priceBefore Price of the pool before the swap.
/// @param priceAfter Price of the pool after the swap.
/// @param fee Fee of the pool, WAD.
struct VenueResult {
  uint256 amountOut;
  uint256 priceBefore;
  uint256 priceAfter;
  uint256 fee;
}
