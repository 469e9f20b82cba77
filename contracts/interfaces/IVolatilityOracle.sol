// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Volatility} from "../types/Volatility.sol";

/// @title IVolatilityOracle
/// @notice How much the prices of feeds move.
interface IVolatilityOracle {
  /// @notice Volatility of a feed's price.
  function volatility(address feed) external view returns (Volatility memory);
}
