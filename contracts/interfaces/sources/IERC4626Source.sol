// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILenderLossSource} from "./ILenderLossSource.sol";

/// @title IERC4626Source
/// @notice An ERC-4626 vault that lends: what its lenders lost, and the share of a named holder's claim that can't be withdrawn at
/// once.
interface IERC4626Source is ILenderLossSource {
  /// @notice The vault.
  function vault() external view returns (address);

  /// @notice Whose claim is looked at: the larger, the earlier a lack of liquidity shows.
  function holder() external view returns (address);
}
