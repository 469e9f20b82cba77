// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A take without capital: collateral is bought at the clock's price and sold in pools before it is paid for.
/// @param vault Vault of the sales; created by the factory.
/// @param borrowers Positions to sell, in this order; those that can't be sold (any more) are passed over.
/// @param start Start the sales that are not running yet (or have lapsed); those that run are left alone, and starts that fail are
/// passed over. Rewards go to the receiver in vault shares; for a single borrower the reward is taken off the payment instead.
/// @param maxRepay Debt to repay at most over all positions, loan units; clamped to what may be closed.
/// @param pools Route from collateral asset to loan asset, one listed Uniswap v3 pool a hop.
/// @param minProfit Least that must be left for the receiver after the vault was paid, loan units.
/// @param receiver Who gets the profit and the rewards.
/// @param deadline Unix seconds after which the call reverts.
struct AuctionOrder {
  address vault;
  address[] borrowers;
  bool start;
  uint256 maxRepay;
  address[] pools;
  uint256 minProfit;
  address receiver;
  uint256 deadline;
}

/// @notice What an order did, or would do.
/// @param payment Paid to the vault, loan units.
/// @param collateral Bought from the vault and sold in the pools, collateral units.
/// @param proceeds Got from the pools, loan units.
/// @param profit `proceeds - payment`, loan units.
/// @param rewardShares Rewards for the starts, shares of the vault.
struct AuctionResult {
  uint256 payment;
  uint256 collateral;
  uint256 proceeds;
  uint256 profit;
  uint256 rewardShares;
}
