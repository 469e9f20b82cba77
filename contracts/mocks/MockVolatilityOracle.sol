// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVolatilityOracle} from "../interfaces/IVolatilityOracle.sol";
import {Volatility} from "../types/Volatility.sol";

/// @title MockVolatilityOracle
/// @notice Says of each feed what it is told.
contract MockVolatilityOracle is IVolatilityOracle {
  mapping(address feed => Volatility) private _volatilities;

  function set(address feed, Volatility calldata volatility_) external {
    _volatilities[feed] = volatility_;
  }

  function volatility(address feed) external view returns (Volatility memory) {
    return _volatilities[feed];
  }
}
