// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IBatchAuctionLiquidator} from "../interfaces/IBatchAuctionLiquidator.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {ITransferHook} from "./MockHookERC20.sol";

/// @title MockBidder
/// @notice Places many bids in one call, paid out of its own pocket; and calls back into the batch auction from the hook of a
/// token that it is paid in.
contract MockBidder is ITransferHook {
  IBatchAuctionLiquidator public immutable batch;

  bytes[] private _reentries;
  /// @notice What the last callback was answered: the errors' selectors.
  bytes4[] public answers;

  constructor(IBatchAuctionLiquidator batch_) {
    batch = batch_;
  }

  /// @param ticks Over which the bids go round, from 0 on.
  /// @param owner Owner of all of them; the zero address gives each one of its own.
  function placeMany(IVaultCore vault, uint256 count, uint256 ticks, uint256 assets, address owner) external {
    IERC20(vault.asset()).approve(address(batch), count * assets);
    for (uint256 i = 0; i < count; ++i) {
      address receiver = owner == address(0) ? address(uint160(0x1000000 + i)) : owner;
      batch.placeBid(address(vault), i % ticks, assets, receiver);
    }
  }

  /// @notice Calls to be tried from the token's hook.
  function setReentries(bytes[] calldata reentries) external {
    _reentries = reentries;
  }

  function onTransferHook(uint256) external {
    delete answers;
    for (uint256 i = 0; i < _reentries.length; ++i) {
      (bool success, , bytes memory answer) = LibCall.tryCall(
        address(batch),
        0,
        gasleft(),
        type(uint16).max,
        _reentries[i]
      );
      answers.push(success ? bytes4(0) : bytes4(answer));
    }
  }
}
