// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Depth} from "../types/Depth.sol";

/// @title IDepthOracle
/// @notice Depth of the markets in which collateral is sold.
interface IDepthOracle {
  /// @notice Quote-side depth of a pair.
  function depth(address collateralAsset, address loanAsset) external view returns (Depth memory);

  /// @notice What can be sold before the price has fallen by `impactBps`.
  function sellable(
    address collateralAsset,
    address loanAsset,
    uint256 impactBps
  ) external view returns (uint256 amount);
}
