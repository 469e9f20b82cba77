// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILenderLossSource} from "./ILenderLossSource.sol";

/// @title IMorphoMarketSource
/// @notice A market of Morpho Blue: bad debt, which Morpho takes off its lenders' share price at once, and utilisation above
/// the kink (0 at the kink, 1 at 100%).
interface IMorphoMarketSource is ILenderLossSource {
  /// @notice `IMorpho`.
  function morpho() external view returns (address);

  /// @notice Id of the market.
  function marketId() external view returns (bytes32);

  /// @notice Utilisation at which stress begins, WAD: above the 90% that the adaptive rate steers to.
  function kink() external view returns (uint256);
}
