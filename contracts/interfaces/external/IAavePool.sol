// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is called on a pool of the Aave v3 kind.
interface IAavePool {
  /// @notice Answer of `getReserveData`: the same fifteen words from v3.0 on, though what the pool stores has changed (v3.1 on
  /// call this struct `ReserveDataLegacy`). Narrower types of the original are full words here, which is the same on the wire.
  struct ReserveData {
    uint256 configuration;
    uint256 liquidityIndex;
    uint256 currentLiquidityRate;
    uint256 variableBorrowIndex;
    uint256 currentVariableBorrowRate;
    uint256 currentStableBorrowRate;
    uint256 lastUpdateTimestamp;
    uint256 id;
    address aTokenAddress;
    address stableDebtTokenAddress;
    address variableDebtTokenAddress;
    address interestRateStrategyAddress;
    uint256 accruedToTreasury;
    uint256 unbacked;
    uint256 isolationModeTotalDebt;
  }

  function getReserveData(address asset) external view returns (ReserveData memory);

  /// @notice The bitmap: bit 56 active, bit 57 frozen, bit 60 paused, in all of v3. A struct of one word on the wire.
  function getConfiguration(address asset) external view returns (uint256);

  /// @notice Cash that the pool accounts for; from v3.1 on.
  function getVirtualUnderlyingBalance(address asset) external view returns (uint128);
}
