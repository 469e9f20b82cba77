// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOracle} from "../interfaces/IOracle.sol";
import {OracleState, Price} from "../types/Price.sol";

/// @title MockOracle
/// @notice An oracle that says what it is told, for tests of the vault alone.
contract MockOracle is IOracle {
  address public immutable collateralAsset;
  address public immutable loanAsset;

  Price private _price;
  uint256 private _earlier;
  bool private _isFirstDead;

  constructor(address collateralAsset_, address loanAsset_) {
    collateralAsset = collateralAsset_;
    loanAsset = loanAsset_;
  }

  /// @notice A deciding price between two others half a percent away, FRESH: sources never agree to the unit.
  function setPrice(uint256 price_) external {
    _price.deciding = price_;
    _price.low = (price_ * 9_950) / 10_000;
    _price.high = (price_ * 10_050) / 10_000;
    _price.startBound = price_;
    _price.state = OracleState.FRESH;
  }

  /// @notice One price of sources that agree to the unit, FRESH: for what is done at a limit.
  function setExactPrice(uint256 price_) external {
    _price = Price({
      deciding: price_,
      low: price_,
      high: price_,
      startBound: price_,
      liveSince: _price.liveSince,
      aliveUntil: _price.aliveUntil,
      state: OracleState.FRESH
    });
  }

  /// @notice Everything.
  function set(Price calldata price_) external {
    _price = price_;
  }

  /// @notice What the first source said a while ago; 0 for what it says now.
  function setEarlier(uint256 earlier) external {
    _earlier = earlier;
  }

  /// @notice Whether the first source is dead, and another one decides.
  function setFirstDead(bool isFirstDead) external {
    _isFirstDead = isFirstDead;
  }

  function price() external view returns (Price memory) {
    return _price;
  }

  function priceSince(uint256) external view returns (Price memory) {
    return _price;
  }

  function firstPrice(uint256) external view returns (uint256 latest, uint256 earlier) {
    if (_isFirstDead || _price.state == OracleState.STALE) return (0, 0);
    return (_price.deciding, _earlier == 0 ? _price.deciding : _earlier);
  }
}
