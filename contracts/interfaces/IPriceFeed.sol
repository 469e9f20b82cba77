// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IPriceFeed
/// @notice One source of prices other than a plain Chainlink-type aggregator. May revert when it has no price.
interface IPriceFeed {
  /// @notice Token that is priced.
  function collateralAsset() external view returns (address);

  /// @notice Token in which it is priced.
  function loanAsset() external view returns (address);

  /// @notice The price and its age.
  /// @return price Loan units per collateral unit x 1e36, rounded down.
  /// @return updatedAt Unix seconds at which the price was made; not in the future.
  function read() external view returns (uint256 price, uint256 updatedAt);
}
