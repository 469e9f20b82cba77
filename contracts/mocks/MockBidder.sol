// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBatchAuctionLiquidator} from "../interfaces/IBatchAuctionLiquidator.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";

/// @title MockBidder
/// @notice Places many bids in one call, each for an owner of its own, paid out of its own pocket.
contract MockBidder {
  /// @param ticks Over which the bids go round, from 0 on.
  function placeMany(
    IBatchAuctionLiquidator batch,
    IVaultCore vault,
    uint256 count,
    uint256 ticks,
    uint256 assets
  ) external {
    IERC20(vault.asset()).approve(address(batch), count * assets);
    for (uint256 i = 0; i < count; ++i) {
      batch.placeBid(address(vault), i % ticks, assets, address(uint160(0x1000000 + i)));
    }
  }
}
