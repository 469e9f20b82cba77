// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IAdaptiveRateModel} from "../interfaces/IAdaptiveRateModel.sol";
import {IRateModel} from "../interfaces/IRateModel.sol";
import {AdaptiveRateConfig} from "../types/RateConfig.sol";

/// @title AdaptiveRateModel
/// @dev The state is the rate at target.
/// ASSUMPTIONS: none on the arguments. Utilisation above 1 counts as 1, more than 2^40 seconds as 2^40, a state out of bounds
/// as the nearer bound, 0 as the initial rate. LIVENESS: never reverts. ROUNDING: what is charged down, the state to the
/// nearest unit, so that frequent accruals do not pull it one way; a move of less than half a unit in an interval is lost
/// (at 4% a year and 12 s: an error under 0.00003). Along utilisation the rate falls by at most the unit of its rounding.
contract AdaptiveRateModel is IAdaptiveRateModel {
  int256 private constant _WAD = 1e18;
  /// @dev What the vault's books can hold of a state.
  uint256 private constant _MAX_STATE = type(uint40).max;
  uint256 private constant _MAX_SECONDS = 2 ** 40;
  uint256 private constant _MAX_STEEPNESS = 100e18;
  uint256 private constant _MAX_SPEED = 1_000e18 / uint256(365 days);
  /// @dev Exponents beyond it meet a bound wherever they start: the bounds are less than a factor 2^40 apart.
  int256 private constant _MAX_EXPONENT = 40e18;
  /// @dev Under it (e^s - 1) / s is taken from its series, which is then exact to 1e-19.
  int256 private constant _SERIES_EXPONENT = 1e12;

  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable targetUtilisation;
  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable steepness;
  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable speed;
  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable initialRateAtTarget;
  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable minRateAtTarget;
  /// @inheritdoc IAdaptiveRateModel
  uint256 public immutable maxRateAtTarget;

  constructor(AdaptiveRateConfig memory config) {
    uint256 wad = uint256(_WAD);
    if (config.targetUtilisation == 0 || config.targetUtilisation >= wad) {
      revert InvalidParameter("targetUtilisation", config.targetUtilisation);
    }
    if (config.steepness < wad || config.steepness > _MAX_STEEPNESS) {
      revert InvalidParameter("steepness", config.steepness);
    }
    if (config.speed > _MAX_SPEED) revert InvalidParameter("speed", config.speed);
    if (config.maxRateAtTarget > (_MAX_STATE * wad) / config.steepness) {
      revert InvalidParameter("maxRateAtTarget", config.maxRateAtTarget);
    }
    if (config.minRateAtTarget == 0 || config.minRateAtTarget > config.maxRateAtTarget) {
      revert InvalidParameter("minRateAtTarget", config.minRateAtTarget);
    }
    if (config.initialRateAtTarget < config.minRateAtTarget || config.initialRateAtTarget > config.maxRateAtTarget) {
      revert InvalidParameter("initialRateAtTarget", config.initialRateAtTarget);
    }
    targetUtilisation = config.targetUtilisation;
    steepness = config.steepness;
    speed = config.speed;
    initialRateAtTarget = config.initialRateAtTarget;
    minRateAtTarget = config.minRateAtTarget;
    maxRateAtTarget = config.maxRateAtTarget;
  }

  /// @inheritdoc IRateModel
  function rate(
    uint256 state,
    uint256 utilisation,
    uint256 dt
  ) public view returns (uint256 ratePerSecond, uint256 newState) {
    // Rates and seconds are below 2^40, WAD and the error below 2^60, the steepness below 2^67, `speed` below 2^45, and
    // exponents that are not cut off below 2^66: no product, here or below, reaches 2^210.
    unchecked {
      int256 error_ = _error(utilisation);
      int256 elapsed = int256(FixedPointMathLib.min(dt, _MAX_SECONDS));
      int256 exponent = (int256(speed) * error_ * elapsed) / _WAD;
      (int256 average, int256 end) = _move(int256(_startingRate(state)), exponent);
      ratePerSecond = uint256((average * _curve(error_)) / (_WAD * _WAD));
      newState = uint256(end);
    }
  }

  /// @dev Rate at target at the start of the interval.
  function _startingRate(uint256 state) private view returns (uint256) {
    return state == 0 ? initialRateAtTarget : FixedPointMathLib.clamp(state, minRateAtTarget, maxRateAtTarget);
  }

  /// @dev Distance from target as a share of the room on that side, WAD, -1 to 1.
  function _error(uint256 utilisation) private view returns (int256) {
    if (utilisation >= uint256(_WAD)) return _WAD;
    unchecked {
      int256 target = int256(targetUtilisation);
      int256 distance = int256(utilisation) - target;
      return (distance * _WAD) / (distance > 0 ? _WAD - target : target);
    }
  }

  /// @dev What the curve multiplies the rate at target by, WAD: 1 / steepness at error -1, 1 at 0, steepness at 1.
  function _curve(int256 error_) private view returns (int256) {
    unchecked {
      int256 steep = int256(steepness);
      int256 slope = error_ > 0 ? steep - _WAD : _WAD - (_WAD * _WAD) / steep;
      return _WAD + (slope * error_) / _WAD;
    }
  }

  /// @dev Moves the rate at target by `e^exponent` between its bounds. Where it meets one it stays there for the rest of the
  /// interval.
  /// @return average Over the interval, in units of 1e-18 of a rate.
  /// @return end Rate at target at the end of the interval.
  function _move(int256 start, int256 exponent) private view returns (int256 average, int256 end) {
    unchecked {
      int256 most = int256(maxRateAtTarget);
      int256 least = int256(minRateAtTarget);
      int256 factor = FixedPointMathLib.expWad(FixedPointMathLib.clamp(exponent, -_MAX_EXPONENT, _MAX_EXPONENT));
      end = (start * factor + _WAD / 2) / _WAD;
      if (end >= least && end <= most) {
        return (FixedPointMathLib.clamp(start * _meanFactor(exponent, factor), least * _WAD, most * _WAD), end);
      }
      end = end > most ? most : least;
      int256 toBound = (end * _WAD) / start;
      int256 moving = FixedPointMathLib.lnWad(toBound);
      average = (start * _meanFactor(moving, toBound) * moving + end * _WAD * (exponent - moving)) / exponent;
    }
  }

  /// @dev `(e^s - 1) / s`, WAD: average of `e^t` while t goes from 0 to s.
  function _meanFactor(int256 exponent, int256 factor) private pure returns (int256) {
    unchecked {
      if (FixedPointMathLib.abs(exponent) < uint256(_SERIES_EXPONENT)) {
        return _WAD + exponent / 2 + (exponent * exponent) / (6 * _WAD);
      }
      return ((factor - _WAD) * _WAD) / exponent;
    }
  }
}
