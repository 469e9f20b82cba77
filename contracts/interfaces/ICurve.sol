// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleTerms} from "../types/SaleTerms.sol";

/// @title ICurve
/// @notice Discount of a sale as a function of its terms and clocks. No storage, no calls. The vault never goes below its
/// own floor whatever a curve says.
interface ICurve {
  /// @notice Discount from the anchor.
  /// @param terms The sale's terms.
  /// @param ownSeconds Age of this sale: live seconds, beyond the time to hold only those that proofs join.
  /// @param vaultSeconds Live seconds of the vault-wide sale clock, at most the horizon.
  /// @return discount WAD, rounded down (against the taker); negative while a start premium is asked.
  function discount(
    SaleTerms calldata terms,
    uint256 ownSeconds,
    uint256 vaultSeconds
  ) external pure returns (int256 discount);

  /// @notice While price sources disagree the anchor slides from the higher one to the deciding one: the share of the gap
  /// that is left.
  /// @return left WAD, rounded up (against the taker): 1e18 at the start, falling to 0.
  function anchorGap(SaleTerms calldata terms, uint256 ownSeconds) external pure returns (uint256 left);

  /// @notice Own seconds at which the discount reaches `holdBps`, rounded down: where a sale that lapsed begins again.
  function secondsToHold(SaleTerms calldata terms) external pure returns (uint256);

  /// @notice Deepest discount that a sale's clocks come to, never less than hold: what marks reckon with.
  /// @param ownSeconds Live seconds of the sale by then. @param isProven Whether they all count; otherwise those to hold and one
  /// half-life do.
  /// @param vaultSeconds Live seconds of the vault-wide clock by then; at most the horizon counts.
  /// @return bps Rounded up (against those who leave).
  function reachableBps(
    SaleTerms calldata terms,
    uint256 ownSeconds,
    bool isProven,
    uint256 vaultSeconds
  ) external pure returns (uint256 bps);
}
