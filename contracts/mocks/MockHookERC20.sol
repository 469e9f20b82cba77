// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {MockERC20} from "./MockERC20.sol";

/// @title ITransferHook
/// @notice Called on accounts that registered with a `MockHookERC20`.
interface ITransferHook {
  function onTransferHook(uint256 amount) external;
}

/// @title MockHookERC20
/// @notice A token like ERC-777: it calls the sender before a transfer and the receiver after it. For tests of reentry.
contract MockHookERC20 is MockERC20 {
  mapping(address account => bool) private _hasHook;

  constructor(string memory name, string memory symbol, uint8 decimals_) MockERC20(name, symbol, decimals_) {}

  function setHook(address account, bool hasHook) external {
    _hasHook[account] = hasHook;
  }

  function _update(address from, address to, uint256 amount) internal override(ERC20) {
    if (_hasHook[from]) ITransferHook(from).onTransferHook(amount);
    super._update(from, to, amount);
    if (_hasHook[to]) ITransferHook(to).onTransferHook(amount);
  }
}
