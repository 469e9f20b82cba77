// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DeleverageParams} from "../types/Deleveraging.sol";

/// @title IVaultDeleveraging
/// @notice Selling a healthy position's collateral to lower its LTV, before it would be for sale: by a contract that the borrower
/// let in for this one thing. Whatever that contract is, it can do no more than sell at or above the floor of a forced
/// sale, in favour of the debt.
interface IVaultDeleveraging {
  /// @notice A contract was let in or shut out.
  event DeleveragerSet(address indexed owner, address indexed deleverager, bool approved);
  /// @notice Collateral was sold at its owner's wish.
  /// @param repaid Paid for it, all of it off the debt, loan units.
  /// @param collateral Sold, collateral units.
  event Deleverage(
    address indexed borrower,
    address indexed deleverager,
    address indexed receiver,
    uint256 repaid,
    uint256 collateral
  );

  /// @notice The borrower has not let the caller in.
  error NotDeleverager(address caller, address borrower);
  /// @notice The signature is not the owner's over these values, or its deadline has passed.
  error InvalidDeleveragerSignature(address owner, uint256 deadline);
  /// @notice A sale is live (or has lapsed): the position is the clock's.
  error SaleIsLive(address borrower);
  /// @notice The position is unhealthy on the deciding price, before or after: debt and most debt in health, loan units.
  error PositionUnhealthy(address borrower, uint256 debt, uint256 maxDebt);
  /// @notice More would be repaid than is owed, loan units.
  error RepaysTooMuch(uint256 repay, uint256 debt);
  /// @notice Less is paid than the collateral is worth at the floor `low x (1 - maxDiscount)`, loan units.
  error PaymentTooLow(uint256 payment, uint256 least);
  /// @notice Debt per collateral would not fall: before and after, loan and collateral units.
  error LtvNotLower(uint256 debtBefore, uint256 collateralBefore, uint256 debtAfter, uint256 collateralAfter);

  /// @notice Let a contract deleverage the caller's position, or shut it out. It gets no other power. Voids what the caller has
  /// signed for `setDeleveragerWithSig` and nobody has used yet.
  function setDeleverager(address deleverager, bool approved) external;

  /// @notice The same by EIP-712 signature (ERC-1271 for contracts) in the vault's domain, with the owner's next
  /// `deleveragerNonce(owner)`:
  /// `SetDeleverager(address owner,address deleverager,bool approved,uint256 nonce,uint256 deadline)`.
  /// @param deadline Unix seconds after which the signature is void.
  function setDeleveragerWithSig(
    address owner,
    address deleverager,
    bool approved,
    uint256 deadline,
    bytes calldata signature
  ) external;

  /// @notice Sell some of a healthy position's collateral: only for whom the borrower let in, who pays. Needs the oracle FRESH, sales
  /// unpaused and none live on the position. At least the floor of a forced sale under the current terms is paid, all of it
  /// goes to the debt (which is 0 or at least `minDebt` then), debt per collateral falls and the position stays healthy. There
  /// is no penalty, and the sale clock does not move: anyone could move it for nothing, by selling to himself.
  function deleverage(DeleverageParams calldata params) external;

  /// @notice Whether `deleverager` was let in by `owner`.
  function isDeleverager(address owner, address deleverager) external view returns (bool);

  /// @notice Nonce of the owner's next `setDeleveragerWithSig`.
  function deleveragerNonce(address owner) external view returns (uint256);
}
