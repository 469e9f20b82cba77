// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PendingLoss} from "../types/Cover.sol";
import {SaleFacts} from "../types/SaleFacts.sol";
import {SaleQuote} from "../types/TakeParams.sol";

/// @title IVaultLosses
/// @notice How sales end without a buyer, and how losses are shown before they are final. Open to all.
/// A mark is the loss that lenders already bear in the price at which they leave, while what a position owes is not covered by
/// `collateral x deciding price x (1 - d)`: d is hold, or what the sale's discount can come to within one half-life from the last
/// touch where that is more, so that nobody leaves ahead of a loss which the next take makes. A debt is forgiven only once nothing of value stands behind it, never because a
/// price says so.
interface IVaultLosses {
  /// @notice Collateral too small to be sold went to the reserve, collateral units.
  event CollateralSwept(address indexed borrower, uint256 assets);

  /// @notice A part of a written-off debt waits for the backstop to resell what it bought, loan units; up to unix seconds.
  event LossPending(address indexed borrower, uint256 assets, uint256 finalAt);

  /// @notice Health is not at 1.02 yet (nor at 1 with the sale past its time to hold): debt and most debt at health 1.02, loan
  /// units.
  error SaleStillNeeded(address borrower, uint256 debt, uint256 maxDebt);
  /// @notice Collateral of value stands behind the debt still, or there is no debt: value at the higher price and most value
  /// that counts as dust, loan units.
  error NotEmptied(address borrower, uint256 value, uint256 dust);
  /// @notice Dust that the sale's clock has not offered for a horizon: its live seconds and those it needs.
  error NotOfferedYet(address borrower, uint256 ownSeconds, uint256 horizon);
  /// @notice The backstop said that it paid more than came in, or more than was asked, loan units.
  error CoverMismatch(uint256 covered, uint256 received);
  /// @notice The backstop is in the middle of a call of its own: ask it from outside.
  error BackstopBusy();

  /// @notice Clear the clock of a position that a price recovery brought to health 1.02, or to 1 where the sale is past the time
  /// in which its discount comes to hold; or the rest of one whose sale ended under 1.02.
  /// @dev Requirements: a sale, or the rest of one (`IVaultSales.SaleNotStarted`); oracle not STALE (`IVaultSales.OracleStale`); the health
  /// named above (`SaleStillNeeded`). Emits `IVaultSales.SaleEnded` where a sale was live, and `IVaultSales.MarkedDown` where the mark changes.
  /// @param borrower Whose position.
  function endSale(address borrower) external;

  /// @notice Bring the mark of a position for sale up to date, up or down. FRESH only. Proves nothing to the sale's clock.
  /// @dev Requirements: a live sale, or a mark that outlived one (`IVaultSales.SaleNotStarted`); oracle FRESH
  /// (`IVaultBorrowing.OracleNotFresh`). Emits `IVaultSales.MarkedDown` where the mark changes.
  /// @param borrower Whose position.
  /// @return mark Loan units.
  function markDown(address borrower) external returns (uint256 mark);

  /// @notice Write off the debt of a position whose collateral is gone: the reserve pays first, then the backstop up to its
  /// cover, lenders bear the rest. Collateral worth less than dust (a hundredth of `minDebt`, on the higher price, FRESH) is
  /// swept to the reserve, so that nobody can veto a loss with one wei: once its sale has been live for a horizon, so that a
  /// price of one moment forgives nothing.
  /// What the backstop could still pay for out of what it bought and has not resold waits, at most 30 days: marked, without
  /// interest, paid for by those who enter. Called again, this asks the backstop for it; what no inventory stands behind any
  /// more, or has waited too long, falls on the lenders, and in the latter case the inventory goes to the reserve as swept
  /// collateral.
  /// @dev Requirements: a debt without collateral, or with dust only, or a loss that waits (`NotEmptied`); dust was offered for a horizon
  /// (`NotOfferedYet`, `IVaultSales.SaleNotStarted`, `IVaultSales.ActionPaused`); gas for the backstop (`GasGuard`), which is in no call of its
  /// own (`BackstopBusy`) and pays what it says (`CoverMismatch`). Emits `IVaultSales.LossRealized`, and `CollateralSwept`, `LossPending`,
  /// `IVaultSales.SaleEnded` and `IVaultSales.MarkedDown` where they apply.
  /// @param borrower Whose position.
  /// @return loss Debt that was written off by this call, loan units; what waited before is not in it.
  function realizeLoss(address borrower) external returns (uint256 loss);

  /// @notice What a sale of at most `maxRepay` at a given price would be now, for those who may sell away from the clock.
  /// Does not look at the clock, nor whether a sale is live; the penalty is the full one.
  /// @param price 1e36 scale.
  function quoteSell(address borrower, uint256 price, uint256 maxRepay) external view returns (SaleQuote memory);

  /// @notice What who sells a position away from the clock must know of it, in one call.
  function saleFacts(address borrower) external view returns (SaleFacts memory);

  /// @notice Loss that lenders bear already in the price at which they leave: marks net of the reserve, and what waits for the
  /// backstop, loan units.
  function markdown() external view returns (uint256);

  /// @notice Loss marked for one position, with what waits for the backstop, loan units, rounded up.
  function markOf(address borrower) external view returns (uint256);

  /// @notice What of a borrower's written-off debt waits for the backstop.
  function pendingLossOf(address borrower) external view returns (PendingLoss memory);
}
