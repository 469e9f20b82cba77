// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is called on Maker's Dog (dss src/dog.sol). Amounts are rads: Dai x 1e45.
interface IMakerDog {
  /// @notice 1 until it is shut down.
  function live() external view returns (uint256);

  /// @notice Debt and penalties in auctions.
  function Dirt() external view returns (uint256);

  /// @notice Most that may be in auctions.
  function Hole() external view returns (uint256);

  /// @notice One kind of collateral: its auctions, its penalty (WAD), most in its auctions, and what is in them.
  function ilks(bytes32 ilk) external view returns (address clip, uint256 chop, uint256 hole, uint256 dirt);
}
