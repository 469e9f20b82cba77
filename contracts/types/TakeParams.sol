// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A take of one position.
/// @param borrower Whose collateral is bought.
/// @param receiver Who gets the collateral.
/// @param maxRepay Debt to repay at most, loan units; clamped to the close amount.
/// @param maxPayment Limit: payment (debt + penalty, less the reward of `startAndTake`) above it reverts, loan units.
/// @param minCollateral Limit: collateral under it reverts, collateral units.
/// @param deadline Unix seconds after which the call reverts.
/// @param data Not empty: `ITakeCallback.onTake` is called on the payer between the two transfers.
struct TakeParams {
  address borrower;
  address receiver;
  uint256 maxRepay;
  uint256 maxPayment;
  uint256 minCollateral;
  uint256 deadline;
  bytes data;
}

/// @notice A take of several positions, settled with one transfer each way.
/// @param borrowers Whose collateral is bought, in this order; each is priced after the one before. Positions that can't
/// be sold (any more) are passed over.
/// @param receiver Who gets the collateral.
/// @param maxRepay Debt to repay at most over all positions, loan units.
/// @param maxPayment Limit for the sum of the payments, loan units.
/// @param minCollateral Limit for the sum of the collateral, collateral units.
/// @param deadline Unix seconds after which the call reverts.
/// @param data Not empty: `ITakeCallback.onTake` is called on the payer between the two transfers.
struct TakeManyParams {
  address[] borrowers;
  address receiver;
  uint256 maxRepay;
  uint256 maxPayment;
  uint256 minCollateral;
  uint256 deadline;
  bytes data;
}

/// @notice A sale away from the clock, by a contract that the vault allows it.
/// @param borrowers Whose collateral is sold, in this order; positions that can't be sold (any more) are passed over.
/// @param receiver Who gets the collateral.
/// @param maxRepay Debt to repay at most over all positions, loan units.
/// @param price Sale price of all of them, loan units per collateral unit x 1e36; not under the floor.
/// @param data Not empty: `ITakeCallback.onTake` is called on the payer between the two transfers.
struct SellParams {
  address[] borrowers;
  address receiver;
  uint256 maxRepay;
  uint256 price;
  bytes data;
}

/// @notice What a take of the maximum would cost now.
/// @param price Sale price, loan units per collateral unit x 1e36.
/// @param repay Close amount: debt that the largest legal take repays, loan units.
/// @param penalty Penalty on top, loan units.
/// @param collateral Collateral that the taker gets for `repay + penalty`, collateral units.
/// @param ownSeconds Age of the sale, which the discount follows: live seconds, beyond the time to hold only those that proofs
/// join (`SaleClock`).
/// @param vaultSeconds Live seconds of the vault-wide clock, at most the horizon.
/// @param liveSeconds Live seconds since the sale's clock began, proved or not.
struct SaleQuote {
  uint256 price;
  uint256 repay;
  uint256 penalty;
  uint256 collateral;
  uint256 ownSeconds;
  uint256 vaultSeconds;
  uint256 liveSeconds;
}
