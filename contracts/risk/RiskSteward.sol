// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IContagionMonitor} from "../interfaces/IContagionMonitor.sol";
import {IDepthOracle} from "../interfaces/IDepthOracle.sol";
import {IDirectSaleLiquidator} from "../interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {ISalePolicy} from "../interfaces/ISalePolicy.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVolatilityOracle} from "../interfaces/IVolatilityOracle.sol";
import {StewardMath} from "../libraries/StewardMath.sol";
import {Depth} from "../types/Depth.sol";
import {Params, ParamsPacking} from "../types/Params.sol";
import {OracleState} from "../types/Price.sol";
import {RiskInputs} from "../types/SaleRisk.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Bounds, Dial, Market, Parameter, Reason, StewardConfig, StewardState, VaultRules} from "../types/Steward.sol";
import {Stress} from "../types/Stress.sol";
import {Volatility} from "../types/Volatility.sol";

/// @title RiskSteward
/// @dev Read it in this order: `applyTo` → `_look` (vault and market as they are, then `StewardMath`: what is wanted, what may be
/// stepped, what fits) → `_lower` (a lower `liquidationLtv` is announced first) → `_remember` → `_write`.
/// ASSUMPTIONS: the vaults that the governor configures are ours, the oracles say of themselves whether they are complete, and the
/// monitor refuses who would starve its sources. LIVENESS: a volatility or depth that reverts counts as missing; a monitor or a price
/// oracle that reverts, or a role that is missing, stops the steward, and everything stays as it is: the vault needs no
/// steward to work. ROUNDING: towards the tighter value.
contract RiskSteward is IRiskSteward, AccessManaged, ReentrancyGuardTransient {
  uint256 private constant _WAD = 1e18;
  uint256 private constant _BPS = 10_000;
  uint256 private constant _MIN_NOTICE = 1 days;
  uint256 private constant _MAX_NOTICE = 30 days;
  /// @dev The vault's own: a lowering ramp takes a day at least, any ramp a year at most.
  uint256 private constant _MIN_RAMP = 1 days;
  uint256 private constant _MAX_RAMP = 365 days;
  /// @dev The vault numbers its terms with 16 bits: at most one version an hour, and the last ones are the governor's.
  uint256 private constant _TERMS_GAP = 1 hours;
  uint256 private constant _MAX_TERMS_ID = 60_000;
  uint256 private constant _MAX_HORIZON = 2 hours;
  /// @dev Gas that volatility and depth are each given, and what must be left for them to get it.
  uint256 private constant _INPUT_GAS = 1_000_000;
  uint256 private constant _INPUT_GAS_NEEDED = _INPUT_GAS + _INPUT_GAS / 32 + 2_000;

  /// @inheritdoc IRiskSteward
  address public immutable volatilityOracle;
  /// @inheritdoc IRiskSteward
  address public immutable depthOracle;
  /// @inheritdoc IRiskSteward
  address public immutable contagionMonitor;
  /// @inheritdoc IRiskSteward
  address public immutable policy;

  /// @inheritdoc IRiskSteward
  bool public isFrozen;

  mapping(address vault => StewardConfig) private _configs;
  mapping(address vault => Dial[14]) private _dials;
  mapping(address vault => StewardState) private _states;

  /// @dev One look at a vault and its market.
  /// @param directLiquidator The zero address where the vault has none.
  /// @param isRamping A ramp of `liquidationLtv` is under way, whoever started it.
  /// @param isUnsettled A ramp is over, but the vault still counts both of its ends.
  /// @param mayLoosen All inputs are there.
  /// @param announces A lower `liquidationLtv` is announced now. @param withdraws What was announced is not needed any more.
  struct Look {
    IVault vault;
    address directLiquidator;
    Params params;
    SaleTerms terms;
    RiskInputs inputs;
    uint256 supplyCap;
    StewardConfig config;
    StewardState state;
    Dial[14] dials;
    Market market;
    VaultRules rules;
    uint256[14] current;
    uint256[14] wanted;
    uint256[14] next;
    uint256[14] calmSince;
    bool isRamping;
    bool isUnsettled;
    bool mayLoosen;
    bool announces;
    bool withdraws;
  }

  constructor(
    address volatilityOracle_,
    address depthOracle_,
    address contagionMonitor_,
    address policy_,
    address authority_
  ) AccessManaged(authority_) {
    volatilityOracle = volatilityOracle_;
    depthOracle = depthOracle_;
    contagionMonitor = contagionMonitor_;
    policy = policy_;
  }

  // --------------------------------------------------------------------------------------------------------- governor

  /// @inheritdoc IRiskSteward
  function configure(
    address vault,
    StewardConfig calldata config_,
    Bounds[14] calldata bounds
  ) external restricted nonReentrant {
    _requireValid(config_);
    uint256 calmLtv = uint256(bounds[StewardMath.LIQUIDATION_LTV].ceiling) + config_.saleLossBps;
    _requireRange("saleLossBps", calmLtv, 0, _BPS - 1);
    _configs[vault] = config_;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      _requireValid(Parameter(i), bounds[i]);
      Bounds calldata bound = bounds[i];
      _dials[vault][i] = Dial({
        floor: bound.floor,
        ceiling: bound.ceiling,
        tightDelay: bound.tightDelay,
        looseDelay: bound.looseDelay,
        tightStep: bound.tightStep,
        looseStep: bound.looseStep,
        changedAt: _dials[vault][i].changedAt,
        calmSince: 0
      });
    }
    emit Configured(vault, config_, bounds);
  }

  function _requireValid(StewardConfig calldata config_) private pure {
    if (config_.feed == address(0)) revert InvalidConfig("feed", 0);
    _requireRange("calmVolatility", config_.calmVolatility, StewardMath.MIN_VOLATILITY, 0.05e18);
    _requireRange("wildVolatility", config_.wildVolatility, config_.calmVolatility + 1, 0.05e18);
    _requireRange("stressVolatility", config_.stressVolatility, 0, 10e18);
    _requireRange("calmDepth", config_.calmDepth, 1, type(uint128).max);
    _requireRange("depthKept", config_.depthKept, 0.001e18, _WAD);
    _requireRange("depthKeptStressed", config_.depthKeptStressed, 0, config_.depthKept);
    _requireRange("coverage", config_.coverage, 0.5e18, 10e18);
    _requireRange("exposure", config_.exposure, 0, 10e18);
    _requireRange("notice", config_.notice, _MIN_NOTICE, _MAX_NOTICE);
    _requireRange("rampDuration", config_.rampDuration, _MIN_RAMP, _MAX_RAMP);
    _requireRange("maxInputAge", config_.maxInputAge, 1, 30 days);
    _requireRange("maxGap", config_.maxGap, 1, 30 days);
    _requireRange("targetShareBps", config_.targetShareBps, 1, _BPS);
    _requireRange("targetShareWildBps", config_.targetShareWildBps, 1, config_.targetShareBps);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert InvalidConfig(name, value);
  }

  /// @dev The envelope lies in what vault, direct liquidator and policy admit.
  function _requireValid(Parameter parameter, Bounds calldata bound) private pure {
    (uint256 least, uint256 most) = _admitted(parameter);
    bool isOrdered = least <= bound.floor && bound.floor <= bound.ceiling && bound.ceiling <= most;
    bool isStepped = bound.tightStep != 0 && bound.looseStep != 0 && bound.tightDelay <= bound.looseDelay;
    if (!isOrdered || !isStepped) revert InvalidBounds(parameter, bound);
  }

  function _admitted(Parameter parameter) private pure returns (uint256 least, uint256 most) {
    if (parameter == Parameter.LIQUIDATION_LTV) return (2, _BPS);
    if (parameter == Parameter.BORROW_LTV || parameter == Parameter.TARGET_LTV) return (1, _BPS);
    if (parameter == Parameter.START_PREMIUM) return (0, 2_000);
    if (parameter == Parameter.HOLD) return (0, 5_000);
    if (parameter == Parameter.MAX_DISCOUNT) return (1, 5_000);
    if (parameter == Parameter.HALF_LIFE) return (1, _MAX_HORIZON / StewardMath.HALF_LIVES);
    if (parameter == Parameter.MAX_IMPACT) return (StewardMath.LEAST_IMPACT, 200);
    if (parameter == Parameter.POLICY_VOLATILITY) return (StewardMath.MIN_VOLATILITY, 0.05e18);
    if (parameter == Parameter.BORROW_CAP || parameter == Parameter.MAX_POSITION_DEBT) return (0, 2 ** 95);
    return (1, type(uint96).max);
  }

  /// @inheritdoc IRiskSteward
  function unfreeze() external restricted {
    isFrozen = false;
    emit FrozenSet(false);
  }

  // --------------------------------------------------------------------------------------------------------- guardian

  /// @inheritdoc IRiskSteward
  function freeze() external restricted {
    isFrozen = true;
    emit FrozenSet(true);
  }

  /// @inheritdoc IRiskSteward
  /// @dev Works while frozen. A ramp to where it is now, at once, is no lowering.
  function veto(address vault) external restricted nonReentrant {
    StewardState storage state_ = _states[vault];
    Params memory params = IVault(vault).params();
    bool isOwnRamp = block.timestamp < params.rampEnd && params.rampStart == state_.rampStart;
    if (state_.startsAt == 0 && !isOwnRamp) revert NothingToVeto(vault);
    state_.startsAt = 0;
    state_.announcedBps = 0;
    _dials[vault][StewardMath.LIQUIDATION_LTV].changedAt = uint40(block.timestamp);
    uint256 ltv = IVault(vault).liquidationLtvBps();
    if (isOwnRamp) IVault(vault).rampLiquidationLtv(ltv, 0);
    emit Vetoed(vault, ltv);
  }

  // ------------------------------------------------------------------------------------------------------ application

  /// @inheritdoc IRiskSteward
  function applyTo(address vault) external nonReentrant returns (uint256 moved) {
    if (isFrozen) revert Frozen();
    Look memory look;
    _look(look, vault);
    moved = _remember(look, vault);
    if (moved != 0) _write(look);
  }

  /// @inheritdoc IRiskSteward
  function preview(
    address vault
  )
    external
    view
    returns (Market memory market, uint256[14] memory current, uint256[14] memory wanted, uint256[14] memory next)
  {
    Look memory look;
    _look(look, vault);
    return (look.market, look.current, look.wanted, look.next);
  }

  // ---------------------------------------------------------------------------------------------------------- looking

  function _look(Look memory look, address vault) private view {
    look.config = _configs[vault];
    if (look.config.feed == address(0)) revert NotConfigured(vault);
    look.state = _states[vault];
    look.dials = _dials[vault];
    look.vault = IVault(vault);
    _readVault(look);
    _readMarket(look);
    look.wanted = StewardMath.targets(StewardMath.Basis(look.market, look.config, look.dials, look.rules));
    _step(look);
    _lower(look);
    StewardMath.fit(look.current, look.next, look.rules);
    if (look.next[StewardMath.LIQUIDATION_LTV] < look.current[StewardMath.LIQUIDATION_LTV]) {
      look.state.startsAt = 0;
      look.state.announcedBps = 0;
      look.state.rampStart = uint40(block.timestamp);
    }
  }

  function _readVault(Look memory look) private view {
    IVault vault = look.vault;
    Params memory params = vault.params();
    look.params = params;
    look.terms = vault.terms(params.termsId);
    look.inputs = ISalePolicy(policy).inputs(address(vault));
    look.directLiquidator = vault.directLiquidator();
    look.isRamping = block.timestamp < params.rampEnd;
    look.isUnsettled = !look.isRamping && params.liquidationLtvFromBps != params.liquidationLtvToBps;
    uint256[14] memory current = look.current;
    current[StewardMath.LIQUIDATION_LTV] = vault.liquidationLtvBps();
    current[StewardMath.BORROW_LTV] = params.borrowLtvBps;
    current[StewardMath.START_PREMIUM] = look.terms.startPremiumBps;
    current[StewardMath.HOLD] = look.terms.holdBps;
    current[StewardMath.MAX_DISCOUNT] = look.terms.maxDiscountBps;
    current[StewardMath.TARGET_LTV] = look.terms.targetLtvBps;
    current[StewardMath.HALF_LIFE] = look.terms.halfLife;
    current[StewardMath.LOT] = look.terms.lot;
    current[StewardMath.STRESS_DEPTH] = vault.stressDepth();
    (look.supplyCap, current[StewardMath.BORROW_CAP], current[StewardMath.MAX_POSITION_DEBT]) = vault.caps();
    if (look.directLiquidator != address(0)) {
      current[StewardMath.MAX_IMPACT] = IDirectSaleLiquidator(look.directLiquidator).maxImpactBps(address(vault));
    }
    current[StewardMath.POLICY_VOLATILITY] = look.inputs.volatility;
    current[StewardMath.POLICY_DEPTH] = look.inputs.depth;
    // A ramp that is over is settled before anything is written.
    uint256 fromBps = look.isRamping ? params.liquidationLtvFromBps : params.liquidationLtvToBps;
    look.rules = VaultRules({
      maxOracleStepBps: params.maxOracleStepBps,
      penaltyBps: look.terms.penaltyBps,
      leastLtvBps: Math.min(fromBps, params.liquidationLtvToBps),
      mostLtvBps: Math.max(fromBps, params.liquidationLtvToBps),
      keeperMargin: look.inputs.keeperMargin,
      blockTime: look.inputs.blockTime
    });
  }

  /// @dev An input that is missing stands at its calm value: it neither tightens nor, since nothing then does, loosens.
  function _readMarket(Look memory look) private view {
    Market memory market = look.market;
    Volatility memory volatility = _volatility(look.config.feed);
    market.hasVolatility = volatility.isComplete && _isRecent(volatility.updatedAt, look.config.maxInputAge);
    market.volatility = market.hasVolatility ? volatility.perRootSecond : look.config.calmVolatility;
    Depth memory depth = _depth(look.vault);
    market.hasDepth = depth.isComplete && _isRecent(depth.updatedAt, look.config.maxInputAge);
    market.depth = market.hasDepth ? depth.reserve : look.dials[StewardMath.POLICY_DEPTH].ceiling;
    Stress memory stress = IContagionMonitor(contagionMonitor).stress();
    market.hasStress = stress.isKnown;
    market.stress = market.hasStress ? Math.min(stress.level, _WAD) : 0;
    market.hasPrice = IOracle(look.vault.oracle()).price().state == OracleState.FRESH;
    look.mayLoosen = market.hasVolatility && market.hasDepth && market.hasStress && market.hasPrice;
  }

  function _isRecent(uint256 updatedAt, uint256 maxAge) private view returns (bool) {
    return updatedAt <= block.timestamp && block.timestamp - updatedAt <= maxAge;
  }

  function _volatility(address feed) private view returns (Volatility memory volatility) {
    _requireInputGas();
    try IVolatilityOracle(volatilityOracle).volatility{gas: _INPUT_GAS}(feed) returns (Volatility memory result) {
      return result;
    } catch {
      return volatility;
    }
  }

  function _depth(IVault vault) private view returns (Depth memory depth) {
    (address collateralAsset, address loanAsset) = (vault.collateralAsset(), vault.asset());
    _requireInputGas();
    try IDepthOracle(depthOracle).depth{gas: _INPUT_GAS}(collateralAsset, loanAsset) returns (Depth memory result) {
      return result;
    } catch {
      return depth;
    }
  }

  function _requireInputGas() private view {
    if (gasleft() < _INPUT_GAS_NEEDED) revert InsufficientGas(gasleft(), _INPUT_GAS_NEEDED);
  }

  function _step(Look memory look) private view {
    bool wasSeen = block.timestamp - look.state.observedAt <= look.config.maxGap;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      (look.next[i], look.calmSince[i]) = StewardMath.step(
        i,
        look.current[i],
        look.wanted[i],
        look.dials[i],
        block.timestamp,
        look.mayLoosen,
        wasSeen
      );
      if (_isFixed(look, i)) look.next[i] = look.current[i];
    }
    // No volatility, no direct sale: at once, whatever its delay.
    if (!look.market.hasVolatility) look.next[StewardMath.MAX_IMPACT] = 0;
  }

  function _isFixed(Look memory look, uint256 i) private view returns (bool) {
    if (i >= StewardMath.START_PREMIUM && i <= StewardMath.LOT) {
      return block.timestamp < look.state.termsAt + _TERMS_GAP || look.params.termsId >= _MAX_TERMS_ID;
    }
    if (i == StewardMath.MAX_IMPACT) return look.directLiquidator == address(0);
    bool isPolicy = i == StewardMath.POLICY_VOLATILITY || i == StewardMath.POLICY_DEPTH;
    // The governor has not set the other inputs yet.
    return isPolicy && look.inputs.depth == 0;
  }

  /// @dev Raises go through. What would lower `liquidationLtv` is announced; once the notice has run, its ramp starts, no lower
  /// than announced and no lower than still asked for. One ramp at a time, whoever started it.
  function _lower(Look memory look) private view {
    uint256 current = look.current[StewardMath.LIQUIDATION_LTV];
    uint256 stepped = look.next[StewardMath.LIQUIDATION_LTV];
    StewardState memory state_ = look.state;
    bool isAnnounced = state_.startsAt != 0;
    if (!isAnnounced && !look.isRamping && stepped >= current) return;
    look.next[StewardMath.LIQUIDATION_LTV] = current;
    if (look.isRamping || block.timestamp < state_.startsAt) return;
    if (!isAnnounced) {
      look.announces = true;
      state_.startsAt = uint40(block.timestamp + look.config.notice);
      state_.announcedBps = uint16(stepped);
      return;
    }
    uint256 to = state_.announcedBps;
    if (look.mayLoosen) to = Math.max(to, look.wanted[StewardMath.LIQUIDATION_LTV]);
    if (to < current) {
      uint256 most = look.dials[StewardMath.LIQUIDATION_LTV].tightStep;
      look.next[StewardMath.LIQUIDATION_LTV] = Math.max(to, Math.saturatingSub(current, most));
      return;
    }
    look.withdraws = true;
    state_.startsAt = 0;
    state_.announcedBps = 0;
  }

  // ------------------------------------------------------------------------------------------------------- remembering

  /// @dev Events and own storage, before anything else is called.
  function _remember(Look memory look, address vault) private returns (uint256 moved) {
    uint256 announced = _states[vault].announcedBps;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      bool isMoved = look.next[i] != look.current[i];
      if (isMoved) {
        moved |= 1 << i;
        emit ParameterMoved(vault, Parameter(i), look.current[i], look.next[i], _reason(look, i), look.market);
        if (i >= StewardMath.START_PREMIUM && i <= StewardMath.LOT) look.state.termsAt = uint40(block.timestamp);
      }
      bool isTouched = isMoved || (i == StewardMath.LIQUIDATION_LTV && look.announces);
      if (!isTouched && look.calmSince[i] == look.dials[i].calmSince) continue;
      Dial storage dial_ = _dials[vault][i];
      if (isTouched) dial_.changedAt = uint40(block.timestamp);
      dial_.calmSince = uint40(look.calmSince[i]);
    }
    if (look.withdraws) emit AnnouncementWithdrawn(vault, announced, look.market);
    if (look.announces) {
      uint256 current = look.current[StewardMath.LIQUIDATION_LTV];
      emit LiquidationLtvAnnounced(vault, current, look.state.announcedBps, look.state.startsAt, look.market);
    }
    look.state.observedAt = uint40(block.timestamp);
    _states[vault] = look.state;
  }

  function _reason(Look memory look, uint256 i) private pure returns (Reason) {
    if (i == StewardMath.MAX_IMPACT && !look.market.hasVolatility) return Reason.SWITCHED_OFF;
    bool isUp = look.next[i] > look.current[i];
    return isUp == StewardMath.isTighterAbove(i) ? Reason.TIGHTENED : Reason.LOOSENED;
  }

  // ----------------------------------------------------------------------------------------------------------- writing

  /// @dev In the order for which `StewardMath.fit` has made room: what frees before what needs.
  function _write(Look memory look) private {
    IVault vault = look.vault;
    (uint256[14] memory current, uint256[14] memory next) = (look.current, look.next);
    if (look.isUnsettled) vault.rampLiquidationLtv(current[StewardMath.LIQUIDATION_LTV], 0);
    bool isDebtLower = next[StewardMath.MAX_POSITION_DEBT] < current[StewardMath.MAX_POSITION_DEBT];
    if (isDebtLower) _writeCaps(look);
    if (next[StewardMath.BORROW_LTV] < current[StewardMath.BORROW_LTV])
      vault.setBorrowLtv(next[StewardMath.BORROW_LTV]);
    bool isDeeper = next[StewardMath.STRESS_DEPTH] > current[StewardMath.STRESS_DEPTH];
    if (isDeeper) vault.setStressDepth(next[StewardMath.STRESS_DEPTH]);
    if (look.state.termsAt == block.timestamp) _writeTerms(look);
    if (next[StewardMath.STRESS_DEPTH] < current[StewardMath.STRESS_DEPTH]) {
      vault.setStressDepth(next[StewardMath.STRESS_DEPTH]);
    }
    _writeLiquidationLtv(look);
    if (next[StewardMath.BORROW_LTV] > current[StewardMath.BORROW_LTV])
      vault.setBorrowLtv(next[StewardMath.BORROW_LTV]);
    bool isDebtHigher = next[StewardMath.MAX_POSITION_DEBT] > current[StewardMath.MAX_POSITION_DEBT];
    bool isCapMoved = next[StewardMath.BORROW_CAP] != current[StewardMath.BORROW_CAP];
    if (isDebtHigher || (isCapMoved && !isDebtLower)) _writeCaps(look);
    if (next[StewardMath.MAX_IMPACT] != current[StewardMath.MAX_IMPACT]) {
      IDirectSaleLiquidator(look.directLiquidator).setMaxImpact(address(vault), next[StewardMath.MAX_IMPACT]);
    }
    _writePolicy(look);
  }

  function _writeCaps(Look memory look) private {
    look.vault.setCaps(look.supplyCap, look.next[StewardMath.BORROW_CAP], look.next[StewardMath.MAX_POSITION_DEBT]);
  }

  function _writeTerms(Look memory look) private {
    uint256 halfLife = look.next[StewardMath.HALF_LIFE];
    look.vault.setTerms(
      SaleTerms({
        startPremiumBps: look.next[StewardMath.START_PREMIUM],
        holdBps: look.next[StewardMath.HOLD],
        maxDiscountBps: look.next[StewardMath.MAX_DISCOUNT],
        penaltyBps: look.terms.penaltyBps,
        targetLtvBps: look.next[StewardMath.TARGET_LTV],
        halfLife: halfLife,
        horizon: Math.min(halfLife * StewardMath.HALF_LIVES, _MAX_HORIZON),
        lot: look.next[StewardMath.LOT]
      })
    );
  }

  function _writeLiquidationLtv(Look memory look) private {
    uint256 next = look.next[StewardMath.LIQUIDATION_LTV];
    uint256 current = look.current[StewardMath.LIQUIDATION_LTV];
    if (next == current) return;
    uint256 duration;
    if (next < current) {
      duration = Math.ceilDiv((current - next) * 1 days, ParamsPacking.MAX_LOWERING_BPS_A_DAY);
      duration = Math.max(duration, look.config.rampDuration);
    }
    look.vault.rampLiquidationLtv(next, duration);
  }

  function _writePolicy(Look memory look) private {
    uint256 volatility = look.next[StewardMath.POLICY_VOLATILITY];
    uint256 depth = look.next[StewardMath.POLICY_DEPTH];
    if (volatility == look.inputs.volatility && depth == look.inputs.depth) return;
    look.inputs.volatility = uint64(volatility);
    look.inputs.depth = uint128(depth);
    ISalePolicy(policy).setInputs(address(look.vault), look.inputs);
  }

  // ---------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IRiskSteward
  function config(address vault) external view returns (StewardConfig memory) {
    return _configs[vault];
  }

  /// @inheritdoc IRiskSteward
  function dial(address vault, Parameter parameter) external view returns (Dial memory) {
    return _dials[vault][uint256(parameter)];
  }

  /// @inheritdoc IRiskSteward
  function state(address vault) external view returns (StewardState memory) {
    return _states[vault];
  }
}
