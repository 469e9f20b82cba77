// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceFeed} from "../interfaces/IPriceFeed.sol";

/// @title MockPriceFeed
/// @notice A feed that says what it is told, or nothing.
contract MockPriceFeed is IPriceFeed {
  address public immutable collateralAsset;
  address public immutable loanAsset;

  uint256 private _price;
  uint256 private _validFor;
  uint256 private _interruptedUntil;
  bool private _isBroken;
  bool private _isForgetful;

  constructor(address collateralAsset_, address loanAsset_) {
    collateralAsset = collateralAsset_;
    loanAsset = loanAsset_;
  }

  /// @notice A price that may be used for so many seconds from whenever it is read.
  function set(uint256 price, uint256 validFor) external {
    _price = price;
    _validFor = validFor;
  }

  function setInterruptedUntil(uint256 moment) external {
    _interruptedUntil = moment;
  }

  /// @notice Whether it reverts when read, and when asked for interruptions.
  function setBroken(bool isBroken, bool isForgetful) external {
    _isBroken = isBroken;
    _isForgetful = isForgetful;
  }

  function read() external view returns (uint256 price, uint256 validUntil) {
    if (_isBroken) revert("feed is broken");
    return (_price, block.timestamp + _validFor);
  }

  function interruptedUntil(uint256 since) external view returns (uint256) {
    if (_isForgetful) revert("feed forgets");
    return _interruptedUntil > since ? _interruptedUntil : 0;
  }
}
