// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITakeCallback} from "./callbacks/ITakeCallback.sol";
import {IStandingAllowances} from "./IStandingAllowances.sol";

/// @title IVenueSeller
/// @notice Sells collateral of the factory's vaults into listed pools, in the callback of the vault that gives it out. Bounded
/// by the oracle and by the pools' own past. Between transactions it holds nothing but refunds that their token did not deliver,
/// and it has no authority over anyone's tokens. Vaults that it serves have a standing allowance of their loan asset from it: none
/// takes more than the sale in hand has brought, and a sale after which less lies here than before reverts.
interface IVenueSeller is IStandingAllowances, ITakeCallback {
  /// @notice A venue was listed or struck off.
  event VenueListed(address indexed venue, bool listed);
  /// @notice A refund could not be delivered and waits for its account, units of the token.
  event RefundKept(address indexed token, address indexed account, uint256 amount);
  /// @notice A refund that was kept was paid, units of the token.
  event RefundClaimed(address indexed token, address indexed account, address indexed receiver, uint256 amount);

  /// @notice The venue is not listed.
  error VenueNotListed(address venue);
  /// @notice An order names each venue once.
  error VenueTwice(address venue);
  /// @notice Nothing is kept for the account.
  error NoRefund(address token, address account);
  /// @notice The shares of the parts must add up to 1e18.
  error InvalidShares(uint256 sum);
  /// @notice What is left may go neither to the zero address nor to this contract.
  error InvalidReceiver(address receiver);
  /// @notice An order's price is under what the sale must bring: prices 1e36 scale.
  error PriceTooLow(uint256 price, uint256 least);
  /// @notice Before the sale a pool is not where it must be: prices 1e36 scale.
  error PoolOffPrice(address venue, uint256 price, uint256 anchor);
  /// @notice After the sale a pool is under its bound: prices 1e36 scale.
  error ImpactTooHigh(address venue, uint256 price, uint256 least);
  /// @notice The pools bring less than the vault is to be paid: loan units.
  error ProceedsTooLow(uint256 proceeds, uint256 payment);
  /// @notice Only called back by the vault or pool that is being served right now.
  error UnexpectedCallback(address caller);

  /// @notice Whether parts may be sold there.
  function isVenueListed(address venue) external view returns (bool);

  /// @notice What is kept for an account that its token did not deliver a refund to, units of the token.
  function refundOf(address token, address account) external view returns (uint256);

  /// @notice Pay what is kept for the caller, to whom it says.
  /// @return amount Units of the token.
  function claimRefund(address token, address receiver) external returns (uint256 amount);

  /// @notice List a venue or strike it off. Restricted (governor).
  function setVenueListed(address venue, bool listed) external;
}
