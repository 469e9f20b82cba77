// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MockNoReturnERC20
/// @notice A token of the old kind whose functions return nothing. For tests that a vault bears it.
contract MockNoReturnERC20 {
  error Insufficient();

  string public name;
  string public symbol;
  uint8 public decimals;
  uint256 public totalSupply;
  mapping(address account => uint256) public balanceOf;
  mapping(address owner => mapping(address spender => uint256)) public allowance;

  constructor(string memory name_, string memory symbol_, uint8 decimals_) {
    name = name_;
    symbol = symbol_;
    decimals = decimals_;
  }

  function mint(address to, uint256 amount) external {
    totalSupply += amount;
    balanceOf[to] += amount;
  }

  function approve(address spender, uint256 amount) external {
    allowance[msg.sender][spender] = amount;
  }

  function transfer(address to, uint256 amount) external {
    _move(msg.sender, to, amount);
  }

  function transferFrom(address from, address to, uint256 amount) external {
    if (allowance[from][msg.sender] < amount) revert Insufficient();
    allowance[from][msg.sender] -= amount;
    _move(from, to, amount);
  }

  function _move(address from, address to, uint256 amount) private {
    if (balanceOf[from] < amount) revert Insufficient();
    balanceOf[from] -= amount;
    balanceOf[to] += amount;
  }
}
