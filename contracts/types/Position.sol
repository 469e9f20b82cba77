// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One borrower's collateral and debt in one vault, and the clock of its sale: one storage slot.
/// @param collateral Collateral held, in collateral units.
/// @param scaledDebt Debt divided by the interest index (loan units at index 1e18); debt = ceil(scaledDebt x index / 1e18).
/// @param saleStartedAt Unix seconds at which the sale's clock began; 0 while no sale is live.
/// @param termsId Version of the sale terms that the live sale keeps to its end; 0 while no sale is live.
struct Position {
  uint104 collateral;
  uint96 scaledDebt;
  uint40 saleStartedAt;
  uint16 termsId;
}
