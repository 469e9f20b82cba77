// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICurve} from "../interfaces/ICurve.sol";
import {DecayCurve} from "../libraries/DecayCurve.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title ExponentialDecayCurve
/// @notice The curve of Gavel's sales: the distance to the maximal discount halves every half-life, on a clock that takes
/// back rewind.
/// @dev ASSUMPTIONS, LIVENESS, ROUNDING: those of `DecayCurve`. Nothing to own, nothing to set.
contract ExponentialDecayCurve is ICurve {
  /// @inheritdoc ICurve
  function discount(SaleTerms calldata terms, uint256 ownSeconds, uint256 vaultSeconds) external pure returns (int256) {
    return DecayCurve.discount(terms, ownSeconds, vaultSeconds);
  }

  /// @inheritdoc ICurve
  function anchorGap(SaleTerms calldata terms, uint256 ownSeconds) external pure returns (uint256) {
    return DecayCurve.halvings(ownSeconds, terms.halfLife);
  }

  /// @inheritdoc ICurve
  function secondsToHold(SaleTerms calldata terms) external pure returns (uint256) {
    return DecayCurve.secondsToHold(terms);
  }

  /// @inheritdoc ICurve
  function reachableBps(
    SaleTerms calldata terms,
    uint256 ownSeconds,
    bool isProven,
    uint256 vaultSeconds
  ) external pure returns (uint256) {
    return DecayCurve.reachableBps(terms, ownSeconds, isProven, vaultSeconds);
  }
}
