// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SalePart} from "./DirectSale.sol";

/// @notice What a vault is asked to do by a contract that the borrower let deleverage his position.
/// @param borrower Whose position.
/// @param collateral To sell, collateral units.
/// @param repay Paid for it, all of it off the debt, loan units.
/// @param receiver Who gets the collateral.
/// @param data Not empty: `ITakeCallback.onTake` is called on the payer between the two transfers.
struct DeleverageParams {
  address borrower;
  uint256 collateral;
  uint256 repay;
  address receiver;
  bytes data;
}

/// @notice What a borrower orders: stands until it expires or is cancelled.
/// @param borrower Whose position, and whose order.
/// @param vault Vault of the position; created by the factory.
/// @param targetLtvBps LTV that a rescue restores, bps; 0 to repay everything.
/// @param triggerDistance A rescue is due while the distance to liquidation is under this, standard deviations, WAD.
/// @param horizon Seconds over which the standard deviation counts.
/// @param maxCostBps Most that fee and slippage may cost together, bps of the value of what is sold at the deciding price.
/// @param minInterval Seconds that must lie between two rescues; at least the order's life to be rescued once.
/// @param expiry Unix seconds after which the order is void.
/// @param nonce `nonces(borrower)` of the Deleverager while the order is to hold.
struct DeleverageOrder {
  address borrower;
  address vault;
  uint256 targetLtvBps;
  uint256 triggerDistance;
  uint256 horizon;
  uint256 maxCostBps;
  uint256 minInterval;
  uint256 expiry;
  uint256 nonce;
}

/// @notice What has become of an order.
/// @param executedAt Unix seconds of the last rescue; 0 for none yet.
/// @param isPlaced Given by transaction: needs no signature.
/// @param isCancelled For good.
struct DeleverageOrderState {
  uint40 executedAt;
  bool isPlaced;
  bool isCancelled;
}

/// @notice How an executor carries out an order.
/// @param signature The borrower's over the order; not looked at where the order was placed by transaction.
/// @param approvalSignature The borrower's, by which the vault lets the Deleverager in; empty where it does already. One
/// that the vault refuses is passed over.
/// @param approvalDeadline Unix seconds, as signed with that.
/// @param parts Where the collateral is sold; empty: the executor buys it himself.
/// @param price What the vault is paid, loan units per collateral unit x 1e36; what pools pay above it is shared out.
/// @param receiver Who gets the fee, or the collateral that the executor buys.
/// @param deadline Unix seconds after which the call reverts.
struct DeleverageExecution {
  DeleverageOrder order;
  bytes signature;
  bytes approvalSignature;
  uint256 approvalDeadline;
  SalePart[] parts;
  uint256 price;
  address receiver;
  uint256 deadline;
}

/// @notice What a rescue did.
/// @param collateral Sold, collateral units.
/// @param repaid Paid to the vault for it, loan units.
/// @param fee Executor's fee, loan units.
/// @param credit Repaid on top, loan units.
/// @param refund Sent to the borrower, or kept for it where the token does not deliver, loan units: what the vault did not let the debt fall by.
struct DeleverageResult {
  uint256 collateral;
  uint256 repaid;
  uint256 fee;
  uint256 credit;
  uint256 refund;
}

/// @notice What a rescue would be now.
/// @param distance To liquidation, standard deviations, WAD.
/// @param deciding Price of the oracle, 1e36 scale.
/// @param leastPrice Least that the vault may be paid, 1e36 scale.
/// @param repay Debt that it repays, loan units.
/// @param collateral That it sells, collateral units.
struct DeleveragePreview {
  uint256 distance;
  uint256 deciding;
  uint256 leastPrice;
  uint256 repay;
  uint256 collateral;
}

/// @notice Where the volatility of a vault's collateral comes from.
/// @param feed As the volatility oracle knows it; the zero address for none.
/// @param maxAge Seconds after which its volatility is too old.
struct VolatilityFeed {
  address feed;
  uint40 maxAge;
}
