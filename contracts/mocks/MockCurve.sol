// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleTerms} from "../types/SaleTerms.sol";

/// @title MockCurve
/// @notice A broken `ICurve`: the same answer at every second, whatever the terms allow. Pure by the interface, so that it does
/// not inherit it. For tests of the bounds that the vault keeps by itself.
contract MockCurve {
  int256 private immutable _discount;

  constructor(int256 discount_) {
    _discount = discount_;
  }

  function discount(SaleTerms calldata, uint256, uint256) external view returns (int256) {
    return _discount;
  }

  function anchorGap(SaleTerms calldata, uint256) external pure returns (uint256) {
    return 0;
  }

  function secondsToHold(SaleTerms calldata) external pure returns (uint256) {
    return 0;
  }

  function reachableBps(SaleTerms calldata, uint256, bool, uint256) external view returns (uint256) {
    return _discount <= 0 ? 0 : (uint256(_discount) - 1) / 1e14 + 1;
  }
}
