// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IPriceFeed
/// @notice One source of prices other than a plain Chainlink-type aggregator. May revert when it has no price.
interface IPriceFeed {
  /// @notice Token that is priced.
  function collateralAsset() external view returns (address);

  /// @notice Token in which it is priced.
  function loanAsset() external view returns (address);

  /// @notice The price and how long it may be used.
  /// @return price Loan units per collateral unit x 1e36, rounded down.
  /// @return validUntil Unix seconds up to which it may be used. In the past when the feed is dead by age: the price is then
  /// the last one it had.
  function read() external view returns (uint256 price, uint256 validUntil);

  /// @notice End of the last interruption after `since`, unix seconds: 0 for none, now while dead and for a feed that does not
  /// know.
  function interruptedUntil(uint256 since) external view returns (uint256);
}
