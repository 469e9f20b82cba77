// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {Dial, Market, Parameter, StewardConfig, VaultRules} from "../types/Steward.sol";
import {DecayCurve} from "./DecayCurve.sol";
import {Limits} from "./Limits.sol";
import {RiskMath} from "./RiskMath.sol";
import {SaleMath} from "./SaleMath.sol";

/// @title StewardMath
/// @notice From the market to a vault's parameters, in three pure steps: `targets` (what the market asks for, within the envelope),
/// `step` (how far one change may go now), `fit` (what the vault's set-up rules leave room for). Arrays are in the order of
/// `Parameter`.
/// @dev ASSUMPTIONS: configuration and dials as `RiskSteward.configure` admits them; current values as the vault admits them.
/// LIVENESS: nothing reverts under them, whatever the inputs say. ROUNDING: towards the tighter value.
library StewardMath {
  uint256 internal constant COUNT = 14;
  uint256 internal constant LIQUIDATION_LTV = uint256(Parameter.LIQUIDATION_LTV);
  uint256 internal constant BORROW_LTV = uint256(Parameter.BORROW_LTV);
  uint256 internal constant START_PREMIUM = uint256(Parameter.START_PREMIUM);
  uint256 internal constant HOLD = uint256(Parameter.HOLD);
  uint256 internal constant MAX_DISCOUNT = uint256(Parameter.MAX_DISCOUNT);
  uint256 internal constant TARGET_LTV = uint256(Parameter.TARGET_LTV);
  uint256 internal constant HALF_LIFE = uint256(Parameter.HALF_LIFE);
  uint256 internal constant LOT = uint256(Parameter.LOT);
  uint256 internal constant URGENCY = uint256(Parameter.URGENCY);
  uint256 internal constant STRESS_DEPTH = uint256(Parameter.STRESS_DEPTH);
  uint256 internal constant BORROW_CAP = uint256(Parameter.BORROW_CAP);
  uint256 internal constant MAX_POSITION_DEBT = uint256(Parameter.MAX_POSITION_DEBT);
  uint256 internal constant POLICY_VOLATILITY = uint256(Parameter.POLICY_VOLATILITY);
  uint256 internal constant POLICY_DEPTH = uint256(Parameter.POLICY_DEPTH);
  /// @notice A whole tightening step, in the unit of `Dial.spent`.
  uint256 internal constant WHOLE_STEP = type(uint16).max;

  /// @notice Half-lives in a horizon.
  uint256 internal constant HALF_LIVES = 5;

  /// @dev A change of one part of a step in so many is urgent.
  uint256 private constant _URGENT_PARTS = 4;
  uint256 private constant _WAD = 1e18;
  uint256 private constant _BPS = 10_000;
  uint256 private constant _WAD_PER_BPS = 1e14;
  /// @dev F1: `Q/Y` that moves the price by 0.15%: `1 / sqrt(1 - 0.0015) - 1`, WAD, rounded down.
  uint256 private constant _LOT_PER_DEPTH = 750_844_777_407_908;
  /// @dev Factor k of F3, WAD.
  uint256 private constant _DECAY_FACTOR = 1.6e18;

  /// @notice What targets are worked out from.
  struct Basis {
    Market market;
    StewardConfig config;
    Dial[14] dials;
    VaultRules rules;
  }

  /// @dev The market with what stress makes of it.
  /// @param volatility WAD per sqrt(second).
  /// @param crashDepth What a crash leaves of the depth, loan units.
  /// @param depth Today's, less what stress takes from it, loan units, above 0.
  /// @param wildness From 0 in a calm market to 1 in a wild one, WAD.
  struct Figures {
    uint256 volatility;
    uint256 crashDepth;
    uint256 depth;
    uint256 wildness;
  }

  // --------------------------------------------------------------------------------------------------------------- targets

  /// @notice What the market asks for, each within its envelope.
  function targets(Basis memory basis) internal pure returns (uint256[14] memory wanted) {
    Figures memory figures = _figures(basis.market, basis.config);
    _ltvTargets(wanted, figures, basis);
    _saleTargets(wanted, figures, basis);
    _halfLifeTarget(wanted, figures, basis);
    _depthTargets(wanted, figures, basis);
    wanted[POLICY_VOLATILITY] = _within(basis.dials[POLICY_VOLATILITY], figures.volatility);
    wanted[POLICY_DEPTH] = _within(basis.dials[POLICY_DEPTH], figures.depth);
  }

  /// @dev Stress adds to the volatility and takes from the depth: from a crash's and from today's alike.
  function _figures(Market memory market, StewardConfig memory config) private pure returns (Figures memory figures) {
    uint256 added = Math.mulDiv(config.stressVolatility, market.stress, _WAD, Math.Rounding.Ceil);
    uint256 volatility = Math.mulDiv(market.volatility, _WAD + added, _WAD, Math.Rounding.Ceil);
    figures.volatility = FixedPointMathLib.clamp(volatility, Limits.MIN_VOLATILITY, RiskMath.MAX_RATE);
    uint256 taken = Math.ceilDiv(uint256(config.depthKept - config.depthKeptStressed) * market.stress, _WAD);
    figures.crashDepth = Math.mulDiv(market.depth, config.depthKept - taken, _WAD);
    figures.depth = Math.max(1, Math.mulDiv(figures.crashDepth, _WAD, config.depthKept));
    figures.wildness = _wildness(figures.volatility, config);
  }

  /// @dev F12 for `liquidationLtv`; the others keep their distance from it, or from where it is if that is lower.
  function _ltvTargets(uint256[14] memory wanted, Figures memory figures, Basis memory basis) private pure {
    Dial[14] memory dials = basis.dials;
    uint256 calmLtv = dials[LIQUIDATION_LTV].ceiling;
    uint256 ltv = liquidationLtv(figures.volatility, figures.depth, basis.config, calmLtv);
    wanted[LIQUIDATION_LTV] = _within(dials[LIQUIDATION_LTV], ltv);
    ltv = Math.min(wanted[LIQUIDATION_LTV], basis.rules.leastLtvBps);
    wanted[BORROW_LTV] = _within(dials[BORROW_LTV], mostBorrowLtv(ltv, basis.rules.maxOracleStepBps));
    uint256 share = _blend(basis.config.targetShareBps, basis.config.targetShareWildBps, figures.wildness);
    wanted[TARGET_LTV] = _within(dials[TARGET_LTV], (ltv * share) / _BPS);
  }

  /// @notice F12, `exp(-c x vol x sqrt(d / depth)) - b`, with c and d such that a calm market gives `calmLtvBps`:
  /// `(calmLtv + b)^x - b`, `x = vol / calmVol x sqrt(calmDepth / depth)`. Bps, rounded down.
  /// @param depth Loan units, above 0.
  /// @param calmLtvBps With b under 10,000 together.
  function liquidationLtv(
    uint256 volatility,
    uint256 depth,
    StewardConfig memory config,
    uint256 calmLtvBps
  ) internal pure returns (uint256) {
    uint256 volatilityRatio = Math.mulDiv(volatility, _WAD, config.calmVolatility, Math.Rounding.Ceil);
    uint256 depthRatio = Math.sqrt(Math.mulDiv(config.calmDepth, 1e36, depth, Math.Rounding.Ceil), Math.Rounding.Ceil);
    // At most 1e25 x 2e37 / 1e18.
    uint256 exponent = Math.mulDiv(volatilityRatio, depthRatio, _WAD, Math.Rounding.Ceil);
    if (exponent <= _WAD) return calmLtvBps;
    int256 logarithm = FixedPointMathLib.lnWad(int256((calmLtvBps + config.saleLossBps) * _WAD_PER_BPS));
    uint256 power = uint256(FixedPointMathLib.expWad((logarithm * int256(exponent)) / int256(_WAD)));
    return Math.saturatingSub(power / _WAD_PER_BPS, config.saleLossBps);
  }

  /// @dev How a direct sale and the clock behind it are set.
  function _saleTargets(uint256[14] memory wanted, Figures memory figures, Basis memory basis) private pure {
    Dial[14] memory dials = basis.dials;
    wanted[HOLD] = _blend(dials[HOLD].floor, dials[HOLD].ceiling, figures.wildness);
    wanted[MAX_DISCOUNT] = _blend(dials[MAX_DISCOUNT].floor, dials[MAX_DISCOUNT].ceiling, figures.wildness);
    wanted[LOT] = _within(dials[LOT], Math.mulDiv(figures.depth, _LOT_PER_DEPTH, _WAD));
    wanted[URGENCY] = _blend(dials[URGENCY].floor, dials[URGENCY].ceiling, figures.wildness);
    wanted[START_PREMIUM] = dials[START_PREMIUM].ceiling;
  }

  /// @dev F3 with F6's hazard over the longest horizon and z0 = start premium + keeper's margin:
  /// `ln 2 x (premium + maxDiscount) / sqrt(k r z0 / dt)`. Seconds, rounded down; the most where nothing presses.
  function _halfLifeTarget(uint256[14] memory wanted, Figures memory figures, Basis memory basis) private pure {
    Dial memory dial = basis.dials[HALF_LIFE];
    wanted[HALF_LIFE] = dial.ceiling;
    if (basis.rules.blockTime == 0) return;
    uint256 longest = uint256(dial.ceiling) * HALF_LIVES * _WAD;
    uint256 risk = RiskMath.hazard(basis.config.coverage, figures.volatility, longest);
    risk = Math.mulDiv(risk, basis.config.exposure, _WAD, Math.Rounding.Ceil);
    uint256 premium = wanted[START_PREMIUM] * _WAD_PER_BPS;
    uint256 start = (premium + basis.rules.keeperMargin) * _DECAY_FACTOR;
    // WAD per second squared: a block time is 1e15 a millisecond.
    uint256 pressed = Math.mulDiv(risk, start, basis.rules.blockTime * 1e33, Math.Rounding.Ceil);
    if (pressed == 0) return;
    uint256 decayRate = Math.sqrt(pressed * _WAD, Math.Rounding.Ceil);
    uint256 fall = premium + wanted[MAX_DISCOUNT] * _WAD_PER_BPS;
    wanted[HALF_LIFE] = _within(dial, (fall * DecayCurve.LN_2) / (decayRate * _WAD));
  }

  /// @dev What a crash's depth bears; F5 for one position, at the deepest discount that is asked for.
  function _depthTargets(uint256[14] memory wanted, Figures memory figures, Basis memory basis) private pure {
    Dial[14] memory dials = basis.dials;
    wanted[STRESS_DEPTH] = _within(dials[STRESS_DEPTH], figures.crashDepth);
    uint256 cap = Math.mulDiv(figures.crashDepth, basis.config.capPerDepth, _WAD);
    wanted[BORROW_CAP] = _within(dials[BORROW_CAP], cap);
    VaultRules memory rules = basis.rules;
    uint256 most = mostDebt(wanted[MAX_DISCOUNT], rules.penaltyBps, rules.mostLtvBps, wanted[STRESS_DEPTH]);
    wanted[MAX_POSITION_DEBT] = _within(dials[MAX_POSITION_DEBT], most);
  }

  /// @dev Wildness: from 0 in a calm market to 1 in a wild one, WAD, rounded up.
  function _wildness(uint256 volatility, StewardConfig memory config) private pure returns (uint256) {
    uint256 above = Math.saturatingSub(volatility, config.calmVolatility);
    uint256 span = config.wildVolatility - config.calmVolatility;
    return above >= span ? _WAD : Math.ceilDiv(above * _WAD, span);
  }

  /// @dev Value between `calm` and `wild`, rounded towards `wild`.
  function _blend(uint256 calm, uint256 wild, uint256 wildness) private pure returns (uint256) {
    if (wild < calm) return calm - Math.ceilDiv((calm - wild) * wildness, _WAD);
    return calm + Math.ceilDiv((wild - calm) * wildness, _WAD);
  }

  function _within(Dial memory dial, uint256 value) private pure returns (uint256) {
    return FixedPointMathLib.clamp(value, dial.floor, dial.ceiling);
  }

  // ----------------------------------------------------------------------------------------------------------------- steps

  /// @notice Whether higher values of a parameter are the tighter ones.
  function isTighterAbove(uint256 parameter) internal pure returns (bool) {
    return parameter == HOLD || parameter == MAX_DISCOUNT || parameter == URGENCY || parameter == POLICY_VOLATILITY;
  }

  /// @notice How far one parameter may go now.
  /// @param mayLoosen Whether all inputs are there: a calm neither goes on nor ends while some that could deny it are missing.
  /// @param unseen Seconds that no complete look vouches for: they do not count as calm.
  /// @return next Where it may be moved to.
  /// @return calmSince As in its dial, brought up to date.
  function step(
    uint256 parameter,
    uint256 current,
    uint256 target,
    Dial memory dial,
    uint256 timestamp,
    bool mayLoosen,
    uint256 unseen
  ) internal pure returns (uint256 next, uint256 calmSince) {
    next = current;
    bool isUp = target > current;
    if (target != current && isUp == isTighterAbove(parameter)) {
      next = _tightened(current, target, dial, timestamp);
    } else if (_isBeyondBand(current, target, isUp, dial)) {
      calmSince = dial.calmSince;
      if (mayLoosen) calmSince = calmSince == 0 ? timestamp : Math.min(calmSince + unseen, timestamp);
      if (mayLoosen && timestamp >= Math.max(calmSince, dial.changedAt) + dial.looseDelay) {
        next = _towards(current, target, dial.looseStep);
      }
    }
  }

  /// @dev By a step; within the delay by what the changes before have left of it, and not for less than what counts as urgent.
  function _tightened(
    uint256 current,
    uint256 target,
    Dial memory dial,
    uint256 timestamp
  ) private pure returns (uint256 next) {
    if (!_isFollowing(dial, timestamp)) return _towards(current, target, dial.tightStep);
    uint256 spent = Math.ceilDiv(uint256(dial.tightStep) * dial.spent, WHOLE_STEP);
    next = _towards(current, target, dial.tightStep - spent);
    if (!isUrgent(current, next, dial)) next = current;
  }

  /// @notice Whether a change is at least a quarter of a tightening step: what a storm asks for at once.
  function isUrgent(uint256 current, uint256 next, Dial memory dial) internal pure returns (bool) {
    return _distance(current, next) * _URGENT_PARTS >= dial.tightStep;
  }

  /// @notice What of a parameter's step is used up once it is tightened from one value to another, in 1/`WHOLE_STEP`, rounded up.
  function spentAfter(
    uint256 current,
    uint256 next,
    Dial memory dial,
    uint256 timestamp
  ) internal pure returns (uint256) {
    uint256 before = _isFollowing(dial, timestamp) ? dial.spent : 0;
    return Math.min(WHOLE_STEP, before + Math.ceilDiv(_distance(current, next) * WHOLE_STEP, dial.tightStep));
  }

  /// @dev Whether a tightening now adds to those before.
  function _isFollowing(Dial memory dial, uint256 timestamp) private pure returns (bool) {
    return timestamp < uint256(dial.changedAt) + dial.tightDelay;
  }

  function _distance(uint256 a, uint256 b) private pure returns (uint256) {
    return a > b ? a - b : b - a;
  }

  function _isBeyondBand(uint256 current, uint256 target, bool isUp, Dial memory dial) private pure returns (bool) {
    if (target == current) return false;
    return _distance(current, target) >= dial.looseStep || target == (isUp ? dial.ceiling : dial.floor);
  }

  function _towards(uint256 current, uint256 target, uint256 most) private pure returns (uint256) {
    if (target > current) return Math.min(target, current + most);
    return Math.max(target, Math.saturatingSub(current, most));
  }

  // -------------------------------------------------------------------------------------------------------- set-up rules

  /// @notice Holds back, between what is and what was stepped to, whatever the vault would refuse when the changes are written in
  /// this order: caps down, borrow LTV down, depth up, terms, depth down, `liquidationLtv`, borrow LTV up, caps up. What
  /// makes room goes before what needs it.
  /// @param stepped Changed in place.
  function fit(uint256[14] memory current, uint256[14] memory stepped, VaultRules memory rules) internal pure {
    uint256 debt = Math.min(current[MAX_POSITION_DEBT], stepped[MAX_POSITION_DEBT]);
    _fitTerms(current, stepped, rules, debt);
    uint256 discount = stepped[MAX_DISCOUNT];
    if (stepped[STRESS_DEPTH] < current[STRESS_DEPTH]) {
      uint256 least = _leastDepth(discount, rules.penaltyBps, rules.mostLtvBps, debt);
      stepped[STRESS_DEPTH] = FixedPointMathLib.clamp(least, stepped[STRESS_DEPTH], current[STRESS_DEPTH]);
    }
    uint256 depth = stepped[STRESS_DEPTH];
    _fitLiquidationLtv(current, stepped, rules, mostLtv(discount, rules.penaltyBps, debt, depth));
    uint256 ltv = stepped[LIQUIDATION_LTV];
    bool isMoved = ltv != current[LIQUIDATION_LTV];
    if (stepped[BORROW_LTV] > current[BORROW_LTV]) {
      uint256 least = isMoved ? Math.min(ltv, rules.leastLtvBps) : rules.leastLtvBps;
      uint256 most = mostBorrowLtv(least, rules.maxOracleStepBps);
      stepped[BORROW_LTV] = FixedPointMathLib.clamp(most, current[BORROW_LTV], stepped[BORROW_LTV]);
    }
    if (stepped[MAX_POSITION_DEBT] > current[MAX_POSITION_DEBT]) {
      uint256 highest = isMoved ? Math.max(ltv, rules.mostLtvBps) : rules.mostLtvBps;
      uint256 most = mostDebt(discount, rules.penaltyBps, highest, depth);
      most = Math.min(most, stepped[LOT] * SaleMath.MOST_LOTS);
      stepped[MAX_POSITION_DEBT] = FixedPointMathLib.clamp(most, debt, stepped[MAX_POSITION_DEBT]);
    }
  }

  /// @dev `hold` under `maxDiscount`, the target under `liquidationLtv`, no deeper than sales make nobody worse, and lots that the
  /// largest position is not too many of.
  function _fitTerms(
    uint256[14] memory current,
    uint256[14] memory stepped,
    VaultRules memory rules,
    uint256 debt
  ) private pure {
    uint256 discount = Math.max(stepped[MAX_DISCOUNT], Math.min(current[HOLD], stepped[HOLD]) + 1);
    if (discount > current[MAX_DISCOUNT]) {
      uint256 depth = Math.max(current[STRESS_DEPTH], stepped[STRESS_DEPTH]);
      uint256 most = _mostDiscount(rules.penaltyBps, rules.mostLtvBps, debt, depth);
      discount = FixedPointMathLib.clamp(most, current[MAX_DISCOUNT], discount);
    }
    stepped[MAX_DISCOUNT] = discount;
    stepped[HOLD] = Math.min(stepped[HOLD], discount - 1);
    if (stepped[LOT] < current[LOT]) {
      uint256 least = Math.ceilDiv(debt, SaleMath.MOST_LOTS);
      stepped[LOT] = FixedPointMathLib.clamp(least, stepped[LOT], current[LOT]);
    }
    if (stepped[TARGET_LTV] > current[TARGET_LTV]) {
      stepped[TARGET_LTV] = FixedPointMathLib.clamp(rules.leastLtvBps - 1, current[TARGET_LTV], stepped[TARGET_LTV]);
    }
  }

  function _fitLiquidationLtv(
    uint256[14] memory current,
    uint256[14] memory stepped,
    VaultRules memory rules,
    uint256 most
  ) private pure {
    uint256 before = current[LIQUIDATION_LTV];
    uint256 ltv = stepped[LIQUIDATION_LTV];
    if (ltv > before) stepped[LIQUIDATION_LTV] = FixedPointMathLib.clamp(most, before, ltv);
    if (ltv >= before) return;
    uint256 borrowLtv = Math.min(current[BORROW_LTV], stepped[BORROW_LTV]);
    uint256 least = Math.ceilDiv(borrowLtv * _BPS, _BPS - rules.maxOracleStepBps);
    least = Math.max(least, stepped[TARGET_LTV] + 1);
    stepped[LIQUIDATION_LTV] = FixedPointMathLib.clamp(least, ltv, before);
  }

  /// @notice Highest `borrowLtv` an oracle step under `ltvBps`, bps.
  function mostBorrowLtv(uint256 ltvBps, uint256 maxOracleStepBps) internal pure returns (uint256) {
    return (ltvBps * (_BPS - maxOracleStepBps)) / _BPS;
  }

  /// @notice F5: largest debt of one position with `liquidationLtv x (1 + penalty) x (1 + 2c/Y) < 1 - maxDiscount`, loan units.
  function mostDebt(
    uint256 discountBps,
    uint256 penaltyBps,
    uint256 ltvBps,
    uint256 depth
  ) internal pure returns (uint256) {
    uint256 room = Math.saturatingSub(_mostExposure(discountBps, penaltyBps), ltvBps * _WAD_PER_BPS);
    return Math.mulDiv(room, depth, 2 * _WAD);
  }

  /// @dev F5: least depth that the same rule admits, loan units; the most that fits where there is none.
  function _leastDepth(
    uint256 discountBps,
    uint256 penaltyBps,
    uint256 ltvBps,
    uint256 debt
  ) private pure returns (uint256) {
    if (debt == 0) return 1;
    uint256 room = Math.saturatingSub(_mostExposure(discountBps, penaltyBps), ltvBps * _WAD_PER_BPS);
    return room == 0 ? type(uint128).max : Math.mulDiv(2 * debt, _WAD, room, Math.Rounding.Ceil);
  }

  /// @notice F5: highest `liquidationLtv` that the same rule admits, bps.
  function mostLtv(
    uint256 discountBps,
    uint256 penaltyBps,
    uint256 debt,
    uint256 depth
  ) internal pure returns (uint256) {
    return Math.saturatingSub(_mostExposure(discountBps, penaltyBps), _impact(debt, depth)) / _WAD_PER_BPS;
  }

  /// @dev F5: deepest discount that the same rule admits, bps.
  function _mostDiscount(
    uint256 penaltyBps,
    uint256 ltvBps,
    uint256 debt,
    uint256 depth
  ) private pure returns (uint256) {
    uint256 exposure = ltvBps * _WAD_PER_BPS + _impact(debt, depth);
    uint256 left = Math.ceilDiv(exposure * (_BPS + penaltyBps), _BPS);
    return Math.saturatingSub(_BPS, left / _WAD_PER_BPS + 1);
  }

  /// @dev `2 x debt / Y`, WAD, rounded up.
  function _impact(uint256 debt, uint256 depth) private pure returns (uint256) {
    return Math.mulDiv(2 * debt, _WAD, depth, Math.Rounding.Ceil);
  }

  /// @dev What `liquidationLtv + 2 x debt / Y` may come to, WAD, rounded down.
  function _mostExposure(uint256 discountBps, uint256 penaltyBps) private pure returns (uint256) {
    return (((_BPS - discountBps) * _WAD_PER_BPS - 1) * _BPS) / (_BPS + penaltyBps);
  }
}
