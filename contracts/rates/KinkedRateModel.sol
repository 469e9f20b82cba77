// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IKinkedRateModel} from "../interfaces/IKinkedRateModel.sol";
import {IRateModel} from "../interfaces/IRateModel.sol";
import {KinkedRateConfig} from "../types/RateConfig.sol";

/// @title KinkedRateModel
/// @dev ASSUMPTIONS: none on the arguments; utilisation above 1 counts as 1. LIVENESS: never reverts. ROUNDING: rates down,
/// never falling in utilisation.
contract KinkedRateModel is IKinkedRateModel {
  uint256 private constant _WAD = 1e18;
  /// @dev What the vault's books can hold of a state.
  uint256 private constant _MAX_STATE = type(uint40).max;

  /// @inheritdoc IKinkedRateModel
  uint256 public immutable base;
  /// @inheritdoc IKinkedRateModel
  uint256 public immutable slope1;
  /// @inheritdoc IKinkedRateModel
  uint256 public immutable slope2;
  /// @inheritdoc IKinkedRateModel
  uint256 public immutable kink;

  constructor(KinkedRateConfig memory config) {
    if (config.kink == 0 || config.kink >= _WAD) revert InvalidParameter("kink", config.kink);
    if (config.base > _MAX_STATE) revert InvalidParameter("base", config.base);
    if (config.slope1 > _MAX_STATE) revert InvalidParameter("slope1", config.slope1);
    if (config.slope2 > _MAX_STATE) revert InvalidParameter("slope2", config.slope2);
    uint256 maxRate = config.base + config.slope1 + config.slope2;
    if (maxRate > _MAX_STATE) revert InvalidParameter("maxRate", maxRate);
    base = config.base;
    slope1 = config.slope1;
    slope2 = config.slope2;
    kink = config.kink;
  }

  /// @inheritdoc IRateModel
  function rate(uint256, uint256 utilisation, uint256) external view returns (uint256 ratePerSecond, uint256 newState) {
    if (utilisation > _WAD) utilisation = _WAD;
    ratePerSecond =
      utilisation <= kink
        ? base + (slope1 * utilisation) / kink
        : base + slope1 + (slope2 * (utilisation - kink)) / (_WAD - kink);
    newState = ratePerSecond;
  }
}
