// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {MockERC20} from "./MockERC20.sol";

/// @title MockBlocklistERC20
/// @notice A token that refuses transfers from and to blocked accounts, or all while it is paused. For tests that one
/// account's block freezes nobody else's lot.
contract MockBlocklistERC20 is MockERC20 {
  error Blocked(address account);
  error Paused();

  mapping(address account => bool) public isBlocked;
  bool public isPaused;

  constructor(string memory name, string memory symbol, uint8 decimals_) MockERC20(name, symbol, decimals_) {}

  function setBlocked(address account, bool blocked) external {
    isBlocked[account] = blocked;
  }

  function setPaused(bool paused) external {
    isPaused = paused;
  }

  function _update(address from, address to, uint256 amount) internal override(ERC20) {
    if (isPaused) revert Paused();
    if (isBlocked[from]) revert Blocked(from);
    if (isBlocked[to]) revert Blocked(to);
    super._update(from, to, amount);
  }
}
