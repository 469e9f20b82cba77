// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A part of the collateral and where it is sold.
/// @param venue Listed `IVenue`.
/// @param share Share of the collateral, WAD; the shares of an order add up to 1e18, the last part takes what rounding leaves.
struct SalePart {
  address venue;
  uint256 share;
}

/// @notice A sale of one position's collateral into pools.
/// @param vault Vault of the position; created by the factory.
/// @param borrower Whose collateral is sold.
/// @param parts Where; each venue once.
/// @param price What the vault is paid, loan units per collateral unit x 1e36; what the pools pay above it goes to the borrower.
/// @param maxRepay Debt to repay at most, loan units; clamped to the close amount. Gas is paid in proportion where it is less than
/// a lot.
/// @param startsToo Start the sale if none is live, and a lapsed one anew. No reward for that is put on the borrower's debt.
/// @param receiver Who gets the rewards.
/// @param deadline Unix seconds after which the call reverts.
struct DirectSaleOrder {
  address vault;
  address borrower;
  SalePart[] parts;
  uint256 price;
  uint256 maxRepay;
  bool startsToo;
  address receiver;
  uint256 deadline;
}

/// @notice How far a direct sale of a position may go now. Prices are loan units per collateral unit x 1e36.
/// @param deciding P: the oracle's price.
/// @param mean M: the reference venue's mean price over its window.
/// @param fall phi: how far the market fell over the terms' window, WAD.
/// @param urgency u: how near the position is to bad debt, WAD.
/// @param impact i: what the sale may move a pool by, WAD.
/// @param leastPrice No pool may end under it.
/// @param leastBefore No pool may stand under it before the sale; 0 unless the position is under water and its sale is younger than
/// a half-life.
/// @param maxLoss L: what the vault may be paid under the mean, WAD: the impact and 0.5%.
struct DirectSaleBounds {
  uint256 deciding;
  uint256 mean;
  uint256 fall;
  uint256 urgency;
  uint256 impact;
  uint256 leastPrice;
  uint256 leastBefore;
  uint256 maxLoss;
}

/// @notice What an order did.
/// @param collateral Sold, collateral units.
/// @param proceeds Got from the pools, loan units: `payment + reward + credit + refund`.
/// @param payment Paid to the vault for the collateral, loan units.
/// @param reward Reward of who sent the order, loan units.
/// @param credit Repaid on top of the borrower's debt, loan units.
/// @param refund Sent to the borrower, or kept for it where the token does not deliver, loan units.
struct DirectSaleResult {
  uint256 collateral;
  uint256 proceeds;
  uint256 payment;
  uint256 reward;
  uint256 credit;
  uint256 refund;
}

/// @notice What a direct sale would bring, and how to order it.
/// @param parts A split that sells each slice where it brings most.
/// @param price To pass: what is left of the proceeds after the reward for more venues than one, per collateral unit x 1e36.
/// @param collateral That would be sold, collateral units.
/// @param proceeds Proceeds of the pools, loan units.
/// @param payment To the vault, net of what it leaves for gas, loan units.
/// @param loss Under the reference venue's mean price, WAD.
/// @param maxLoss Most that is allowed, WAD.
struct DirectSaleQuote {
  SalePart[] parts;
  uint256 price;
  uint256 collateral;
  uint256 proceeds;
  uint256 payment;
  uint256 loss;
  uint256 maxLoss;
}
