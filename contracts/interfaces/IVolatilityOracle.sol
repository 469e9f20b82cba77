// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Volatility} from "../types/Volatility.sol";

/// @title IVolatilityOracle
/// @notice Realised volatility of feeds.
interface IVolatilityOracle {
  /// @notice Volatility of one feed, as last worked out.
  function volatility(address feed) external view returns (Volatility memory);
}
