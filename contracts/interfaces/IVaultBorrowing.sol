// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IVaultBorrowing
/// @notice Collateral and debt of borrowers. Every change of a position other than adding collateral or repaying needs the
/// borrower's own call, or that of an operator that the borrower appointed.
interface IVaultBorrowing {
  /// @notice Collateral came in.
  event SupplyCollateral(address indexed caller, address indexed onBehalf, uint256 assets);
  /// @notice Collateral went out at the borrower's wish.
  event WithdrawCollateral(address indexed caller, address indexed onBehalf, address indexed receiver, uint256 assets);
  /// @notice A loan went out.
  event Borrow(address indexed caller, address indexed onBehalf, address indexed receiver, uint256 assets);
  /// @notice A debt was repaid by payment, outside of a sale.
  event Repay(address indexed caller, address indexed onBehalf, uint256 assets);

  /// @notice The caller is neither the borrower nor an operator of the borrower.
  error NotOperator(address caller, address borrower);
  /// @notice Debt above what the collateral allows at `borrowLtv` on the lower price, both in loan units.
  error InsufficientCollateral(uint256 debt, uint256 maxDebt);
  /// @notice The debt would be neither 0 nor at least `minDebt`, loan units.
  error DebtBelowMinimum(uint256 debt, uint256 minDebt);
  /// @notice A unit of collateral is worth more than a thousandth of `minDebt`: takes, which sell whole units, could not follow
  /// the clock. Loan units per collateral unit x 1e36, and loan units.
  error CollateralTooCoarse(uint256 price, uint256 minDebt);
  /// @notice More than `borrowCap` would be lent, loan units.
  error BorrowCapExceeded(uint256 lent, uint256 cap);
  /// @notice One position would owe more than `maxPositionDebt`, loan units.
  error PositionDebtCapExceeded(uint256 debt, uint256 cap);
  /// @notice The vault has less cash than is asked for, loan units.
  error InsufficientCash(uint256 asked, uint256 cash);
  /// @notice The position has less collateral than is asked for, collateral units.
  error InsufficientPositionCollateral(uint256 asked, uint256 collateral);
  /// @notice Borrowing and withdrawing collateral need the oracle FRESH.
  error OracleNotFresh();
  /// @notice An emptied position in debt takes no collateral: repay, or realize the loss.
  error PositionEmptied(address borrower);
  /// @notice Nothing to do for an amount of zero.
  error ZeroAmount();
  /// @notice The callback did not return its magic value.
  error CallbackRefused(address callee);
  /// @notice The token delivered less than it was told to: fees on transfer are not supported. In units of the token.
  error InsufficientReceived(address token, uint256 received, uint256 expected);

  /// @notice Add collateral to a position. Open to all, never paused; no oracle or interest is touched unless a sale is
  /// live, which a sufficient addition ends.
  /// @dev Requirements: `assets` above 0 (`ZeroAmount`); no position without collateral that is in debt (`PositionEmptied`); balance and
  /// allowance of the caller. Emits `SupplyCollateral`, and `IVaultSales.SaleEnded` and `IVaultSales.MarkedDown` where it ends a sale.
  /// @param assets Collateral units, pulled from the caller.
  /// @param onBehalf Whose position.
  function supplyCollateral(uint256 assets, address onBehalf) external;

  /// @notice Take collateral out. With debt: the oracle must be FRESH and what stays must bear the debt at `borrowLtv` on
  /// the lower price. Without debt nothing can stop it.
  /// @dev Requirements: the caller acts for `onBehalf` (`NotOperator`); something to withdraw (`ZeroAmount`) and no more than there is
  /// (`InsufficientPositionCollateral`). With debt also: not paused (`IVaultSales.ActionPaused`), oracle FRESH (`OracleNotFresh`), a unit of
  /// collateral not too coarse (`CollateralTooCoarse`), health at `borrowLtv` (`InsufficientCollateral`).
  /// Emits `WithdrawCollateral`, and `IVaultSales.SaleEnded` where the price has ended a sale.
  /// @param assets Collateral units; `type(uint256).max` for all.
  /// @param onBehalf Whose position; the caller or one whose operator the caller is.
  /// @param receiver Who gets the collateral.
  /// @return withdrawn Collateral units sent.
  function withdrawCollateral(uint256 assets, address onBehalf, address receiver) external returns (uint256 withdrawn);

  /// @notice Borrow. The debt rounds up.
  /// @dev Requirements: the caller acts for `onBehalf` (`NotOperator`); `assets` above 0 (`ZeroAmount`) and at hand (`InsufficientCash`); not
  /// paused, nor winding down (`IVaultSales.ActionPaused`); debt after it at least `minDebt` (`DebtBelowMinimum`) and within
  /// `maxPositionDebt` and `borrowCap` (`PositionDebtCapExceeded`, `BorrowCapExceeded`); oracle FRESH (`OracleNotFresh`); a unit of collateral
  /// not too coarse (`CollateralTooCoarse`); health at `borrowLtv` (`InsufficientCollateral`).
  /// Emits `Borrow`, and `IVaultSales.SaleEnded` where the price has ended a sale.
  /// @param assets Loan units sent to `receiver`.
  /// @param onBehalf Who owes them; the caller or one whose operator the caller is.
  /// @param receiver Who gets the loan.
  function borrow(uint256 assets, address onBehalf, address receiver) external;

  /// @notice Repay. Open to all, never paused, needs no oracle. An amount above the debt is clamped to it; one that would
  /// leave less than `minDebt` is clamped to leave `minDebt`, so that nobody can make a repayment fail by going first. Of a
  /// position whose collateral is gone any amount can be repaid.
  /// @dev Requirements: `assets` and the debt above 0 (`ZeroAmount`); balance and allowance of the caller.
  /// Emits `Repay`, and `IVaultSales.SaleEnded` and `IVaultSales.MarkedDown` where it ends a sale.
  /// @param assets Loan units, pulled from the caller; `type(uint256).max` for the whole debt.
  /// @param onBehalf Whose debt.
  /// @return repaid Loan units pulled.
  function repay(uint256 assets, address onBehalf) external returns (uint256 repaid);

  /// @notice Borrow first, pay the collateral after the callback: leverage in one transaction. One health check at the end.
  /// @param collateral Collateral units pulled from the caller after the callback.
  /// @param assets Loan units sent to `receiver` before it.
  /// @param onBehalf Whose position; the caller or one whose operator the caller is.
  /// @param receiver Who gets the loan.
  /// @param data Not empty: `ILeverageCallback.onBorrow` is called on the caller.
  function supplyCollateralAndBorrow(
    uint256 collateral,
    uint256 assets,
    address onBehalf,
    address receiver,
    bytes calldata data
  ) external;

  /// @notice Take collateral out first, repay after the callback: unwinding in one transaction. One health check at the end.
  /// @param assets Loan units to repay, clamped as in `repay`; pulled from the caller after the callback.
  /// @param collateral Collateral units sent to `receiver` before it; `type(uint256).max` for all.
  /// @param onBehalf Whose position; the caller or one whose operator the caller is.
  /// @param receiver Who gets the collateral.
  /// @param data Not empty: `ILeverageCallback.onRepay` is called on the caller.
  /// @return repaid Loan units pulled.
  /// @return withdrawn Collateral units sent.
  function repayAndWithdrawCollateral(
    uint256 assets,
    uint256 collateral,
    address onBehalf,
    address receiver,
    bytes calldata data
  ) external returns (uint256 repaid, uint256 withdrawn);
}
