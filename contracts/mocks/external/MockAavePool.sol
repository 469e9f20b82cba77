// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAavePool} from "../../interfaces/external/IAavePool.sol";

/// @title MockAavePool
/// @notice As much of an Aave v3 pool as is read: the answer of fifteen words, the bitmap, and the virtual balance where the version
/// has one. Anyone may set what they say.
contract MockAavePool is IAavePool {
  error UnknownFunction();

  mapping(address asset => ReserveData) private _reserves;
  mapping(address asset => uint128) private _virtualBalances;
  bool private _isFirstVersion;

  function setTokens(address asset, address aToken, address stableDebt, address variableDebt) external {
    ReserveData storage reserve = _reserves[asset];
    reserve.aTokenAddress = aToken;
    reserve.stableDebtTokenAddress = stableDebt;
    reserve.variableDebtTokenAddress = variableDebt;
    // Its neighbours say something too.
    reserve.id = 7;
    reserve.interestRateStrategyAddress = address(this);
  }

  function setConfiguration(address asset, uint256 bitmap) external {
    _reserves[asset].configuration = bitmap;
  }

  function setVirtualBalance(address asset, uint128 balance) external {
    _virtualBalances[asset] = balance;
  }

  /// @notice Whether it is v3.0, which knows no virtual balance.
  function setFirstVersion(bool isFirstVersion) external {
    _isFirstVersion = isFirstVersion;
  }

  function getReserveData(address asset) external view returns (ReserveData memory) {
    return _reserves[asset];
  }

  function getConfiguration(address asset) external view returns (uint256) {
    return _reserves[asset].configuration;
  }

  function getVirtualUnderlyingBalance(address asset) external view returns (uint128) {
    if (_isFirstVersion) revert UnknownFunction();
    return _virtualBalances[asset];
  }
}
