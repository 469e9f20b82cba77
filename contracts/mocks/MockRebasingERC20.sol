// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MockERC20} from "./MockERC20.sol";

/// @title MockRebasingERC20
/// @notice A token whose balances anyone may change without a transfer. For tests of what a vault's own accounting bears.
contract MockRebasingERC20 is MockERC20 {
  constructor(string memory name, string memory symbol, uint8 decimals_) MockERC20(name, symbol, decimals_) {}

  /// @notice Bring one account's balance to `balance`.
  function rebase(address account, uint256 balance) external {
    uint256 held = balanceOf(account);
    if (balance > held) _mint(account, balance - held);
    else _burn(account, held - balance);
  }
}
