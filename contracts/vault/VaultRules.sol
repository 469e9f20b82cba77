// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IParameters} from "../interfaces/IParameters.sol";
import {IVaultGovernance} from "../interfaces/IVaultGovernance.sol";
import {DecayCurve} from "../libraries/DecayCurve.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Params} from "../types/Params.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title VaultRules
/// @notice What a vault's terms and parameters must keep to, whoever sets them. Code only: the extension makes its own, so that it
/// stays small enough to deploy.
/// @dev Pure; reverts with the errors of `IVaultGovernance`. ROUNDING: against what is set.
contract VaultRules {
  uint256 private constant _BPS = 10_000;
  uint256 private constant _MAX_RESERVE_FACTOR_BPS = 5_000;
  /// @dev Longest look back at the fall of the market, seconds: one that is over must not open a pool.
  uint256 private constant _MAX_FALL_WINDOW = 10 minutes;
  /// @dev Half-lives of a horizon at most: a proof, kept in sixteenths of a horizon, must reach the next.
  uint256 private constant _MOST_HALF_LIVES = 8;

  /// @notice Refuses terms that no sale could run on.
  function requireTerms(SaleTerms calldata terms) external pure {
    _requireRange("startPremiumBps", terms.startPremiumBps, 0, Limits.MAX_START_PREMIUM_BPS);
    _requireRange("maxDiscountBps", terms.maxDiscountBps, 1, Limits.MAX_DISCOUNT_BPS);
    _requireRange("holdBps", terms.holdBps, 0, terms.maxDiscountBps - 1);
    _requireRange("penaltyBps", terms.penaltyBps, 0, Limits.MAX_PENALTY_BPS);
    _requireRange("targetLtvBps", terms.targetLtvBps, 1, _BPS);
    _requireRange("horizon", terms.horizon, 1, Limits.LONGEST_HORIZON);
    _requireRange("halfLife", terms.halfLife, Math.ceilDiv(terms.horizon, _MOST_HALF_LIVES), terms.horizon);
    _requireRange("lot", terms.lot, 1, Limits.MAX_LOT);
    _requireRange("impactBps", terms.impactBps, 0, Limits.MAX_DISCOUNT_BPS);
    _requireRange("urgencyBps", terms.urgencyBps, 0, Limits.MAX_DISCOUNT_BPS);
    _requireRange("fallWindow", terms.fallWindow, 0, _MAX_FALL_WINDOW);
    _requireRange("secondsToHold", DecayCurve.secondsToHold(terms), 0, SaleClock.LAPSE_HORIZONS * terms.horizon);
  }

  /// @notice Refuses what breaks the set-up rules on either end of the ramp: borrowing stays an oracle step away from liquidation,
  /// the target lies under it, the largest position is sold in `SaleMath.MOST_LOTS` at most, and no sale at the deepest discount makes the largest position worse, its market impact counted
  /// (`liquidationLtv x (1 + f) x (1 + 2c/Y) < 1 - maxDiscount` with `c = maxPositionDebt / liquidationLtv`).
  /// @param maxPositionDebt Loan units. @param stressDepth Loan units.
  function requireSound(
    Params calldata params,
    SaleTerms calldata terms,
    uint256 maxPositionDebt,
    uint256 stressDepth
  ) external pure {
    uint256 least = Math.min(params.liquidationLtvFromBps, params.liquidationLtvToBps);
    uint256 most = Math.max(params.liquidationLtvFromBps, params.liquidationLtvToBps);
    _requireRange("maxOracleStepBps", params.maxOracleStepBps, 1, _BPS - 1);
    _requireRange("borrowLtvBps", params.borrowLtvBps, 1, _BPS);
    _requireRange("liquidationLtvBps", most, 1, _BPS);
    _requireRange("reserveFactorBps", params.reserveFactorBps, 0, _MAX_RESERVE_FACTOR_BPS);
    _requireRange("targetLtvBps", terms.targetLtvBps, 1, least - 1);
    _requireRange("stressDepth", stressDepth, 1, Limits.MAX_DEPTH);
    if (params.borrowLtvBps * _BPS > least * (_BPS - params.maxOracleStepBps)) {
      revert IVaultGovernance.LtvGapTooSmall(params.borrowLtvBps, least, params.maxOracleStepBps);
    }
    uint256 exposure =
      (most * SaleMath.WAD) / _BPS + Math.mulDiv(2 * maxPositionDebt, SaleMath.WAD, stressDepth, Math.Rounding.Ceil);
    uint256 left = Math.mulDiv(exposure, _BPS + terms.penaltyBps, _BPS, Math.Rounding.Ceil);
    uint256 right = ((_BPS - terms.maxDiscountBps) * SaleMath.WAD) / _BPS;
    if (left >= right) revert IVaultGovernance.TermsToxic(left, right);
    _requireRange("lot", terms.lot, Math.ceilDiv(maxPositionDebt, SaleMath.MOST_LOTS), Limits.MAX_LOT);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert IParameters.InvalidParameter(name, value);
  }
}
