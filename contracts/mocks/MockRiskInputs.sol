// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Depth} from "../types/Depth.sol";
import {Stress} from "../types/Stress.sol";
import {Volatility} from "../types/Volatility.sol";

/// @title MockRiskInputs
/// @notice The views of volatility oracle, depth oracle and contagion monitor, as they are told: for tests of the steward alone.
contract MockRiskInputs {
  /// @notice Answers. Fails: reverts. Burns: all gas it is given.
  enum Mode {
    ANSWERS,
    REVERTS,
    BURNS_GAS
  }

  error Broken();

  Volatility private _volatility;
  Depth private _depth;
  Stress private _stress;
  Mode public mode;

  function setVolatility(Volatility calldata volatility_) external {
    _volatility = volatility_;
  }

  function setDepth(Depth calldata depth_) external {
    _depth = depth_;
  }

  function setStress(Stress calldata stress_) external {
    _stress = stress_;
  }

  /// @notice What volatility and depth do.
  function setMode(Mode mode_) external {
    mode = mode_;
  }

  function volatility(address) external view returns (Volatility memory) {
    _behave();
    return _volatility;
  }

  function depth(address, address) external view returns (Depth memory) {
    _behave();
    return _depth;
  }

  /// @dev In proportion to the depth, half a bps of it each bps of impact.
  function sellable(address, address, uint256 impactBps) external view returns (uint256 amount) {
    return (uint256(_depth.reserve) * impactBps) / 20_000;
  }

  function stress() external view returns (Stress memory) {
    return _stress;
  }

  function _behave() private view {
    if (mode == Mode.REVERTS) revert Broken();
    uint256 waste;
    while (mode == Mode.BURNS_GAS) ++waste;
  }
}
