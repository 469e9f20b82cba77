// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDutchAuctionLiquidator} from "../interfaces/IDutchAuctionLiquidator.sol";
import {AuctionOrder, AuctionResult} from "../types/DutchAuction.sol";

/// @title MockKeeper
/// @notice Asks for a quote and executes at once, in one block at one base fee, which no `eth_call` of a test sees.
contract MockKeeper {
  event Done(AuctionResult quoted, AuctionResult executed);

  function quoteAndExecute(IDutchAuctionLiquidator liquidator, AuctionOrder calldata order) external {
    AuctionResult memory quoted = liquidator.quote(order);
    emit Done(quoted, liquidator.execute(order));
  }
}
