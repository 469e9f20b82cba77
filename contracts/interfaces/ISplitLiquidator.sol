// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuctionResult} from "../types/DutchAuction.sol";
import {DirectSaleResult} from "../types/DirectSale.sol";
import {SplitOrder} from "../types/SplitSale.sol";

/// @title ISplitLiquidator
/// @notice Carries out a split of one lot over several mechanisms in one transaction, if `SalePolicy` expects it to lose no more
/// than the best single one, within its tolerance: the direct part now, the Dutch part now at the clock's price or later, what
/// falls to batches and backstop later. It holds no tokens and no authority.
interface ISplitLiquidator {
  /// @notice A split was carried out.
  event Split(address indexed vault, address indexed borrower, address indexed caller, uint256[4] shares);

  /// @notice The split is expected to lose more than the best single mechanism, or a part of it can't be done: WAD shares.
  error SplitRefused(uint256 expectedLoss, uint256 bestSingleLoss);
  /// @notice Nothing of the split is to be done now.
  error NothingToDo();

  /// @notice `ISalePolicy`.
  function policy() external view returns (address);

  /// @notice `IDirectSaleLiquidator`.
  function directSaleLiquidator() external view returns (address);

  /// @notice `IDutchAuctionLiquidator`.
  function dutchAuctionLiquidator() external view returns (address);

  /// @notice Carry out a split.
  /// @dev Requirements: the policy finds the split no worse than the best single mechanism (`SplitRefused`); something to do now
  /// (`NothingToDo`); and those of the liquidators that it calls. Emits `Split`, and their events.
  /// @param order As in `SplitOrder`.
  /// @return direct Of the direct part, as in `DirectSaleResult`; zeros where there is none.
  /// @return taken Of the Dutch part, as in `AuctionResult`; zeros where there is none.
  function execute(
    SplitOrder calldata order
  ) external returns (DirectSaleResult memory direct, AuctionResult memory taken);
}
