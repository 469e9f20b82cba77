// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
  DeleverageExecution,
  DeleverageOrder,
  DeleverageOrderState,
  DeleveragePreview,
  DeleverageResult,
  VolatilityFeed
} from "../types/Deleveraging.sol";
import {IVenueSeller} from "./IVenueSeller.sol";

/// @title IDeleverager
/// @notice Rescues positions before they are for sale: a borrower orders, once, that just enough of his collateral be sold to
/// reach a lower LTV when liquidation comes near, at a cost that he names. Anyone carries the order out. The price is held
/// against the oracle, which must be FRESH: whatever happens in the pools, a rescue costs no more than was signed. Whoever
/// executes keeps what gas costs, or buys at a discount himself: expect to pay what you sign.
/// @dev An order stands until it expires or is cancelled, with a least time between two rescues. It has no count of
/// executions: a crash comes in steps, a count could be used up by rescues nobody needed, and what all of them cost together
/// is bounded by the debt anyway. One that is to be executed once names a spacing as long as its life.
interface IDeleverager is IVenueSeller {
  /// @notice The volatility of a vault's collateral comes from another feed.
  event FeedSet(address indexed vault, address feed, uint256 maxAge);
  /// @notice An order was given by transaction.
  event OrderPlaced(address indexed borrower, bytes32 indexed orderHash, DeleverageOrder order);
  /// @notice An order is void for good.
  event OrderCancelled(address indexed borrower, bytes32 indexed orderHash);
  /// @notice All orders of a borrower with an earlier nonce are void.
  event AllOrdersCancelled(address indexed borrower, uint256 nextNonce);
  /// @notice A position was rescued; amounts as in `DeleverageResult`.
  /// @param distance To liquidation before, standard deviations, WAD.
  /// @param cost What the borrower paid for it: value sold at the deciding price less what came back to him, loan units.
  event Rescue(
    address indexed vault,
    address indexed borrower,
    address indexed executor,
    bytes32 orderHash,
    uint256 distance,
    uint256 cost,
    DeleverageResult result
  );

  /// @notice Only its borrower may place or cancel an order.
  error NotBorrower(address caller, address borrower);
  /// @notice The order's numbers make no sense: a target of 100% or a cost of everything, or a horizon beyond 1e9 seconds.
  error InvalidOrder();
  /// @notice The order is over since, unix seconds.
  error OrderExpired(uint256 expiry);
  /// @notice The borrower has cancelled the order.
  error OrderIsCancelled(bytes32 orderHash);
  /// @notice The order has another nonce than its borrower's orders must have now.
  error WrongNonce(uint256 nonce, uint256 expected);
  /// @notice The last rescue by this order is too recent: next one from, unix seconds.
  error TooSoon(uint256 opensAt);
  /// @notice The order was neither placed nor is this the borrower's signature over it.
  error InvalidOrderSignature(address borrower, bytes32 orderHash);
  /// @notice The governor has named no feed for this vault.
  error NoFeed(address vault);
  /// @notice The volatility is too old, or rests on too little: nothing is sold on it.
  error VolatilityUnknown(address feed, uint256 updatedAt, bool isComplete);
  /// @notice The distance to liquidation is not under the trigger: standard deviations, WAD.
  error NotTriggered(uint256 distance, uint256 triggerDistance);
  /// @notice The position is at its target LTV: debt and debt at the target, loan units.
  error AtTarget(uint256 debt, uint256 targetDebt);
  /// @notice Less than a hundredth of the debt would be repaid, loan units.
  error RescueTooSmall(uint256 repay, uint256 least);
  /// @notice The LTV would end more than 0.25 percentage points under the target: a higher price would have been enough. Debt and least debt,
  /// loan units.
  error SoldTooMuch(uint256 debt, uint256 leastDebt);

  /// @notice `IVolatilityOracle`.
  function volatilityOracle() external view returns (address);

  /// @notice Where the volatility of a vault's collateral comes from.
  function feedOf(address vault) external view returns (VolatilityFeed memory);

  /// @notice Name the feed whose volatility is that of a vault's price, and how old it may be; the zero address for no
  /// rescues. Restricted (governor).
  function setFeed(address vault, address feed, uint40 maxAge) external;

  /// @notice Give an order by transaction: it then needs no signature.
  function placeOrder(DeleverageOrder calldata order) external returns (bytes32 orderHash);

  /// @notice Cancel an order for good, however it was given.
  function cancelOrder(DeleverageOrder calldata order) external;

  /// @notice Cancel all orders of the caller: their nonce is used up.
  function cancelAllOrders() external;

  /// @notice EIP-712 struct hash of an order, by which this contract knows it:
  /// `DeleverageOrder(address borrower,address vault,uint256 targetLtvBps,uint256 triggerDistance,uint256 horizon,uint256
  /// maxCostBps,uint256 minInterval,uint256 expiry,uint256 nonce)`. Domain: name "Gavel Deleverager", version "1".
  function hashOrder(DeleverageOrder calldata order) external pure returns (bytes32);

  /// @notice What has become of an order.
  function stateOf(bytes32 orderHash) external view returns (DeleverageOrderState memory);

  /// @notice Carry out an order. Needs the vault's permission of the borrower (`IVaultDeleveraging.setDeleverager`), by
  /// transaction or by the signature that is passed along. Sells just enough to reach the target (all debt is repaid where less
  /// than the vault's `minDebt` would be left): into listed pools, of which the executor keeps what gas costs and the rest goes
  /// to the debt; or to the executor, who pays by allowance.
  /// @dev Requirements: before the deadline (`IVaultSales.DeadlinePassed`); the vault is the factory's (`IVaultFactory.UnknownVault`); a
  /// receiver (`InvalidReceiver`); an open order of the borrower's (`InvalidOrder`, `OrderExpired`, `OrderIsCancelled`, `WrongNonce`, `TooSoon`,
  /// `InvalidOrderSignature`); a known volatility (`NoFeed`, `VolatilityUnknown`); oracle FRESH (`IVaultBorrowing.OracleNotFresh`); a position
  /// near liquidation and above its target (`NotTriggered`, `AtTarget`); the signed cost; and what the vault asks of a `deleverage`.
  /// Emits `Rescue`, and the vault's events.
  /// @param execution As in `DeleverageExecution`.
  /// @return result Loan and collateral units, as in `DeleverageResult`.
  function execute(DeleverageExecution calldata execution) external returns (DeleverageResult memory result);

  /// @notice How far a position is from liquidation: `ln(price / liquidation price) / (volatility x sqrt(horizon))`, WAD,
  /// rounded down; 0 for an unhealthy one, the maximum of uint256 without debt or without volatility.
  /// @param horizon Seconds, at most 1e9.
  function distance(address vault, address borrower, uint256 horizon) external view returns (uint256);

  /// @notice What a rescue would be now. Reverts where `execute` would for the order's sake: signature and the vault's own
  /// conditions (permission, no live sale, health) aside.
  /// @param price What the vault is paid, 1e36 scale; 0 for the least.
  function preview(DeleverageOrder calldata order, uint256 price) external view returns (DeleveragePreview memory);
}
