// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title MockERC20
/// @notice A plain token with permit that anyone may mint.
contract MockERC20 is ERC20Permit {
  uint8 private immutable _decimals;

  constructor(string memory name, string memory symbol, uint8 decimals_) ERC20(name, symbol) ERC20Permit(name) {
    _decimals = decimals_;
  }

  function mint(address to, uint256 amount) external {
    _mint(to, amount);
  }

  function decimals() public view override returns (uint8) {
    return _decimals;
  }
}
