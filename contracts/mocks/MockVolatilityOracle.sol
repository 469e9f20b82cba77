// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Volatility} from "../types/Volatility.sol";

/// @title MockVolatilityOracle
/// @notice Says of each feed what it is told: the view of `IVolatilityOracle`, without its rounds.
contract MockVolatilityOracle {
  mapping(address feed => Volatility) private _volatilities;

  function set(address feed, Volatility calldata volatility_) external {
    _volatilities[feed] = volatility_;
  }

  function volatility(address feed) external view returns (Volatility memory) {
    return _volatilities[feed];
  }
}
