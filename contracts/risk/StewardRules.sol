// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IParameters} from "../interfaces/IParameters.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {StewardMath} from "../libraries/StewardMath.sol";
import {Bounds, Parameter, StewardConfig} from "../types/Steward.sol";

/// @title StewardRules
/// @notice What a steward's configuration must keep to. Each steward makes its own: it has no state and no owner.
/// @dev ASSUMPTIONS: none. LIVENESS: only the governor's `configure` asks. ROUNDING: none.
contract StewardRules {
  uint256 private constant _WAD = 1e18;
  uint256 private constant _BPS = 10_000;
  uint256 private constant _MIN_NOTICE = 1 days;
  uint256 private constant _MAX_NOTICE = 30 days;

  /// @notice Refuses a configuration or an envelope that vault and policy would not admit.
  function requireValid(StewardConfig calldata config_, Bounds[14] calldata bounds) external pure {
    _requireValid(config_);
    uint256 calmLtv = uint256(bounds[StewardMath.LIQUIDATION_LTV].ceiling) + config_.saleLossBps;
    _requireRange("saleLossBps", calmLtv, 0, _BPS - 1);
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) _requireValid(Parameter(i), bounds[i]);
    // The smallest lot may meet positions as large as they ever were.
    Bounds calldata lot = bounds[StewardMath.LOT];
    if (lot.floor < Math.ceilDiv(bounds[StewardMath.MAX_POSITION_DEBT].ceiling, SaleMath.MOST_LOTS)) {
      revert IRiskSteward.InvalidEnvelope(Parameter.LOT, lot);
    }
  }

  function _requireValid(StewardConfig calldata config_) private pure {
    if (config_.feed == address(0)) revert IParameters.InvalidParameter("feed", 0);
    _requireRange("calmVolatility", config_.calmVolatility, Limits.MIN_VOLATILITY, Limits.MAX_VOLATILITY);
    _requireRange("wildVolatility", config_.wildVolatility, config_.calmVolatility + 1, Limits.MAX_VOLATILITY);
    _requireRange("stressVolatility", config_.stressVolatility, 0, 10e18);
    _requireRange("calmDepth", config_.calmDepth, 1, Limits.MAX_DEPTH);
    _requireRange("depthKept", config_.depthKept, 0.001e18, _WAD);
    _requireRange("depthKeptStressed", config_.depthKeptStressed, 0, config_.depthKept);
    _requireRange("coverage", config_.coverage, 0.5e18, 10e18);
    _requireRange("exposure", config_.exposure, 0, 10e18);
    _requireRange("notice", config_.notice, _MIN_NOTICE, _MAX_NOTICE);
    _requireRange("rampDuration", config_.rampDuration, Limits.MIN_LOWERING_RAMP, Limits.MAX_RAMP);
    _requireRange("maxInputAge", config_.maxInputAge, 1, 30 days);
    _requireRange("maxGap", config_.maxGap, 1, 30 days);
    _requireRange("targetShareBps", config_.targetShareBps, 1, _BPS);
    _requireRange("targetShareWildBps", config_.targetShareWildBps, 1, config_.targetShareBps);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert IParameters.InvalidParameter(name, value);
  }

  /// @dev The envelope lies in what vault and policy admit.
  function _requireValid(Parameter parameter, Bounds calldata bound) private pure {
    (uint256 least, uint256 most) = _admitted(parameter);
    bool isOrdered = least <= bound.floor && bound.floor <= bound.ceiling && bound.ceiling <= most;
    bool isStepped = bound.tightStep != 0 && bound.looseStep != 0 && bound.tightDelay <= bound.looseDelay;
    if (!isOrdered || !isStepped) revert IRiskSteward.InvalidEnvelope(parameter, bound);
  }

  function _admitted(Parameter parameter) private pure returns (uint256 least, uint256 most) {
    if (parameter == Parameter.LIQUIDATION_LTV) return (2, _BPS);
    if (parameter == Parameter.BORROW_LTV || parameter == Parameter.TARGET_LTV) return (1, _BPS);
    if (parameter == Parameter.START_PREMIUM) return (0, Limits.MAX_START_PREMIUM_BPS);
    if (parameter == Parameter.HOLD || parameter == Parameter.URGENCY) return (0, Limits.MAX_DISCOUNT_BPS);
    if (parameter == Parameter.MAX_DISCOUNT) return (1, Limits.MAX_DISCOUNT_BPS);
    if (parameter == Parameter.HALF_LIFE) return (1, Limits.LONGEST_HORIZON / StewardMath.HALF_LIVES);
    if (parameter == Parameter.POLICY_VOLATILITY) return (Limits.MIN_VOLATILITY, Limits.MAX_VOLATILITY);
    if (parameter == Parameter.BORROW_CAP || parameter == Parameter.MAX_POSITION_DEBT) return (0, Limits.MAX_CAP);
    return (1, Limits.MAX_LOT);
  }
}
