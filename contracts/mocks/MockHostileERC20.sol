// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";

/// @title MockHostileERC20
/// @notice A token that anyone may mint, calls somebody after each transfer, and can be told to misbehave.
contract MockHostileERC20 is ERC20 {
  /// @notice How the calls ended.
  uint256 public succeeded;
  uint256 public failed;
  bytes public lastResult;

  /// @dev Called after each transfer; nobody while zero.
  address private _target;
  bytes private _call;
  bool private _forgiving;

  bool private _keepsAllowances;
  uint256 private _feeBps;
  uint256 private _surcharge;

  // solhint-disable-next-line no-empty-blocks
  constructor() ERC20("Hostile", "EVIL") {}

  function mint(address to, uint256 amount) external {
    _mint(to, amount);
  }

  /// @notice What it calls after each transfer, and whether that call may fail without failing the transfer.
  function setHook(address target, bytes calldata call, bool forgiving) external {
    (_target, _call, _forgiving) = (target, call, forgiving);
  }

  /// @param keepsAllowances Allowances are never used up.
  /// @param feeBps Taken off what arrives, bps.
  /// @param surcharge Burnt of the sender's on top of each transfer.
  function misbehave(bool keepsAllowances, uint256 feeBps, uint256 surcharge) external {
    (_keepsAllowances, _feeBps, _surcharge) = (keepsAllowances, feeBps, surcharge);
  }

  function _spendAllowance(address owner, address spender, uint256 value) internal override {
    if (!_keepsAllowances) super._spendAllowance(owner, spender, value);
  }

  function _update(address from, address to, uint256 value) internal override {
    super._update(from, to, value);
    if (from == address(0) || to == address(0)) return;
    if (_feeBps != 0) _burn(to, (value * _feeBps) / 10_000);
    if (_surcharge != 0) _burn(from, _surcharge);
    if (_target != address(0)) _callOut();
  }

  function _callOut() private {
    address called = _target;
    // What it transfers meanwhile calls nobody.
    _target = address(0);
    // solhint-disable-next-line avoid-low-level-calls
    (bool success, bytes memory result) = called.call(_call);
    _target = called;
    if (success) ++succeeded;
    else ++failed;
    lastResult = result;
    if (!success && !_forgiving) LibCall.bubbleUpRevert(result);
  }
}
