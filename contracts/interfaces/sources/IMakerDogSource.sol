// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../IStressSource.sol";

/// @title IMakerDogSource
/// @notice How full Maker's auctions are: the largest of `Dirt / Hole` and `dirt / hole` of the listed ilks, at most 1. At 1
/// no further liquidation can start, and what is under water stays there.
interface IMakerDogSource is IStressSource {
  /// @notice `IMakerDog`.
  function dog() external view returns (address);

  /// @notice Kinds of collateral that are looked at.
  function ilks() external view returns (bytes32[] memory);
}
