// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is called on Morpho Blue.
interface IMorpho {
  /// @notice Books of a market, interest up to `lastUpdate` (unix seconds) included.
  function market(
    bytes32 id
  )
    external
    view
    returns (
      uint128 totalSupplyAssets,
      uint128 totalSupplyShares,
      uint128 totalBorrowAssets,
      uint128 totalBorrowShares,
      uint128 lastUpdate,
      uint128 fee
    );
}
