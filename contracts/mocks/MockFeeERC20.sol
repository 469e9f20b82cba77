// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {MockERC20} from "./MockERC20.sol";

/// @title MockFeeERC20
/// @notice A token that burns a part of every transfer. For tests that a vault refuses it.
contract MockFeeERC20 is MockERC20 {
  uint256 private constant _BPS = 10_000;

  uint256 public feeBps;

  constructor(string memory name, string memory symbol, uint8 decimals_) MockERC20(name, symbol, decimals_) {}

  function setFeeBps(uint256 feeBps_) external {
    feeBps = feeBps_;
  }

  function _update(address from, address to, uint256 amount) internal override(ERC20) {
    uint256 fee = from == address(0) || to == address(0) ? 0 : (amount * feeBps) / _BPS;
    if (fee != 0) super._update(from, address(0), fee);
    super._update(from, to, amount - fee);
  }
}
