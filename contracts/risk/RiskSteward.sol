// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IContagionMonitor} from "../interfaces/IContagionMonitor.sol";
import {IDepthOracle} from "../interfaces/IDepthOracle.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {ISalePolicy} from "../interfaces/ISalePolicy.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVolatilityOracle} from "../interfaces/IVolatilityOracle.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {Limits} from "../libraries/Limits.sol";
import {StewardMath} from "../libraries/StewardMath.sol";
import {Depth} from "../types/Depth.sol";
import {Params, ParamsPacking} from "../types/Params.sol";
import {OracleState} from "../types/Price.sol";
import {RiskInputs} from "../types/SaleRisk.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Bounds, Dial, Market, Parameter, Reason, StewardConfig, StewardState, VaultRules} from "../types/Steward.sol";
import {Stress} from "../types/Stress.sol";
import {Volatility} from "../types/Volatility.sol";
import {StewardRules} from "./StewardRules.sol";

/// @title RiskSteward
/// @dev Read it in this order: `applyTo` → `_look` (vault and market as they are, then `StewardMath`: what is wanted, what may be
/// stepped, what fits) → `_lower` (a lower `liquidationLtv` is announced first) → `_remember` → `_write`.
/// ASSUMPTIONS: the vaults that the governor configures are ours, the oracles say of themselves whether they are complete, and the
/// monitor refuses who would starve its sources. LIVENESS: a volatility or depth that reverts counts as missing; a monitor or a price
/// oracle that reverts, or a role that is missing, stops the steward, and everything stays as it is: the vault needs no
/// steward to work. ROUNDING: towards the tighter value.
contract RiskSteward is IRiskSteward, AccessManaged, ReentrancyGuardTransient {
  uint256 private constant _WAD = 1e18;
  /// @dev Rounds of the feed that are taken in before a look: nobody chooses a moment between a round and its poke.
  uint256 private constant _POKED_ROUNDS = 16;
  /// @dev An announcement that could not start for so long lapses.
  uint256 private constant _LAPSE = 7 days;
  /// @dev The vault numbers its terms with 16 bits: at most one version an hour that tightens and one that only loosens, those aside in
  /// which a storm tightens a term by a quarter of its step, and the last ones are the governor's.
  uint256 private constant _TERMS_GAP = 1 hours;
  uint256 private constant _URGENT_TERMS_GAP = 5 minutes;
  uint256 private constant _MAX_TERMS_ID = 60_000;
  /// @dev Bit of the terms as a whole, beside those of the parameters.
  uint256 private constant _TERMS = StewardMath.COUNT;
  /// @dev Bits of the parameters that terms consist of.
  uint256 private constant _ALL_TERMS = (2 << StewardMath.URGENCY) - (1 << StewardMath.START_PREMIUM);
  /// @dev Gas that volatility and depth are each given.
  uint256 private constant _INPUT_GAS = 1_000_000;

  /// @inheritdoc IRiskSteward
  address public immutable volatilityOracle;
  /// @inheritdoc IRiskSteward
  address public immutable depthOracle;
  /// @inheritdoc IRiskSteward
  address public immutable contagionMonitor;
  /// @inheritdoc IRiskSteward
  address public immutable policy;

  /// @dev What a configuration must keep to: a contract of its own, for want of room here.
  StewardRules private immutable _rules;

  /// @inheritdoc IRiskSteward
  bool public isFrozen;

  mapping(address vault => StewardConfig) private _configs;
  mapping(address vault => Dial[14]) private _dials;
  mapping(address vault => StewardState) private _states;

  /// @dev One look at a vault and its market.
  /// @param isRamping A ramp of `liquidationLtv` is under way, whoever started it.
  /// @param isUnsettled A ramp is over, but the vault still counts both of its ends.
  /// @param mayLoosen All inputs are there.
  /// @param announces A lower `liquidationLtv` is announced now. @param withdraws What was announced is not needed any more.
  struct Look {
    IVault vault;
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
    _rules = new StewardRules();
  }

  // --------------------------------------------------------------------------------------------------------- governor

  /// @inheritdoc IRiskSteward
  function configure(
    address vault,
    StewardConfig calldata config_,
    Bounds[14] calldata bounds
  ) external restricted nonReentrant {
    _rules.requireValid(config_, bounds);
    _configs[vault] = config_;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      Bounds calldata bound = bounds[i];
      _dials[vault][i] = Dial({
        floor: bound.floor,
        ceiling: bound.ceiling,
        tightDelay: bound.tightDelay,
        looseDelay: bound.looseDelay,
        tightStep: bound.tightStep,
        looseStep: bound.looseStep,
        changedAt: _dials[vault][i].changedAt,
        calmSince: 0,
        spent: _dials[vault][i].spent
      });
    }
    emit Configured(vault, config_, bounds);
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
    state_.loosened &= ~_bit(StewardMath.LIQUIDATION_LTV);
    _spendStep(_dials[vault][StewardMath.LIQUIDATION_LTV], StewardMath.WHOLE_STEP);
    uint256 ltv = IVault(vault).liquidationLtvBps();
    if (isOwnRamp) IVault(vault).rampLiquidationLtv(ltv, 0);
    emit Vetoed(vault, ltv);
  }

  // ------------------------------------------------------------------------------------------------------ application

  /// @inheritdoc IRiskSteward
  function applyTo(address vault) external nonReentrant returns (uint256 moved) {
    if (isFrozen) revert Frozen();
    _poke(_configs[vault].feed);
    Look memory look;
    _look(look, vault);
    moved = _remember(look, vault);
    if (moved != 0) _write(look, moved);
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

  /// @dev A poke that fails leaves the volatility as it is. Nobody can starve it: of the gas at hand it would leave a 64th and what
  /// one reading of the feed needs, and a look needs more than that of any block.
  function _poke(address feed) private {
    if (feed == address(0)) return;
    LibCall.tryCall(volatilityOracle, 0, gasleft(), 0, abi.encodeCall(IVolatilityOracle.poke, (feed, _POKED_ROUNDS)));
  }

  // ---------------------------------------------------------------------------------------------------------- looking

  function _look(Look memory look, address vault) private view {
    look.config = _configs[vault];
    if (look.config.feed == address(0)) revert ISalePolicy.NotConfigured(vault);
    look.state = _states[vault];
    look.dials = _dials[vault];
    look.vault = IVault(vault);
    _readCeilings(look);
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

  /// @dev What the guardian has tightened is the governor's to lift: until then the envelope ends there.
  function _readCeilings(Look memory look) private view {
    (uint256 borrowCap, uint256 maxPositionDebt) = look.vault.capCeilings();
    _lowerCeiling(look.dials[StewardMath.BORROW_CAP], borrowCap);
    _lowerCeiling(look.dials[StewardMath.MAX_POSITION_DEBT], maxPositionDebt);
  }

  function _lowerCeiling(Dial memory dial_, uint256 most) private pure {
    dial_.ceiling = uint96(Math.min(dial_.ceiling, most));
    dial_.floor = uint96(Math.min(dial_.floor, most));
  }

  function _readVault(Look memory look) private view {
    IVault vault = look.vault;
    Params memory params = vault.params();
    look.params = params;
    look.terms = vault.terms(params.termsId);
    look.inputs = ISalePolicy(policy).inputs(address(vault));
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
    current[StewardMath.URGENCY] = look.terms.urgencyBps;
    current[StewardMath.STRESS_DEPTH] = vault.stressDepth();
    (look.supplyCap, current[StewardMath.BORROW_CAP], current[StewardMath.MAX_POSITION_DEBT]) = vault.caps();
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
    GasGuard.requireGas(_INPUT_GAS);
    try IVolatilityOracle(volatilityOracle).volatility{gas: _INPUT_GAS}(feed) returns (Volatility memory result) {
      return result;
    } catch {
      return volatility;
    }
  }

  function _depth(IVault vault) private view returns (Depth memory depth) {
    (address collateralAsset, address loanAsset) = (vault.collateralAsset(), vault.asset());
    GasGuard.requireGas(_INPUT_GAS);
    try IDepthOracle(depthOracle).depth{gas: _INPUT_GAS}(collateralAsset, loanAsset) returns (Depth memory result) {
      return result;
    } catch {
      return depth;
    }
  }

  function _step(Look memory look) private view {
    uint256 unseen = block.timestamp - look.state.observedAt;
    if (unseen <= look.config.maxGap) unseen = 0;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      // A storm does not wait for what a calm has just loosened.
      if (look.state.loosened & _bit(i) != 0) look.dials[i].tightDelay = 0;
      (look.next[i], look.calmSince[i]) = StewardMath.step(
        i,
        look.current[i],
        look.wanted[i],
        look.dials[i],
        block.timestamp,
        look.mayLoosen,
        unseen
      );
      if (_isFixed(look, i)) look.next[i] = look.current[i];
    }
  }

  function _isFixed(Look memory look, uint256 i) private view returns (bool) {
    if (_isOfTerms(i)) {
      return block.timestamp < look.state.termsAt + _termsGap(look, i) || look.params.termsId >= _MAX_TERMS_ID;
    }
    bool isPolicy = i == StewardMath.POLICY_VOLATILITY || i == StewardMath.POLICY_DEPTH;
    // The governor has not set the other inputs yet.
    return isPolicy && look.inputs.depth == 0;
  }

  /// @dev Seconds between two versions of the terms, by what one of them is to change.
  function _termsGap(Look memory look, uint256 i) private pure returns (uint256) {
    if (_reason(look, i) == Reason.LOOSENED) return _TERMS_GAP;
    // A storm does not wait for what a calm has just loosened.
    if (look.state.loosened & _bit(_TERMS) != 0) return 0;
    return StewardMath.isUrgent(look.current[i], look.next[i], look.dials[i]) ? _URGENT_TERMS_GAP : _TERMS_GAP;
  }

  /// @dev Raises go through. What would lower `liquidationLtv` is announced; once the notice has run, its ramp starts, no lower
  /// than announced and no lower than still asked for. It waits while an input that asked for it is missing, and lapses seven days
  /// after it was due. One ramp at a time, whoever started it.
  function _lower(Look memory look) private view {
    uint256 current = look.current[StewardMath.LIQUIDATION_LTV];
    uint256 stepped = look.next[StewardMath.LIQUIDATION_LTV];
    StewardState memory state_ = look.state;
    bool isAnnounced = state_.startsAt != 0;
    if (!isAnnounced && !look.isRamping && stepped >= current) return;
    look.next[StewardMath.LIQUIDATION_LTV] = current;
    bool isLapsed = isAnnounced && block.timestamp > state_.startsAt + _LAPSE;
    if (!isLapsed && (look.isRamping || block.timestamp < state_.startsAt)) return;
    if (!isAnnounced) {
      look.announces = true;
      state_.startsAt = uint40(block.timestamp + look.config.notice);
      state_.announcedBps = uint16(stepped);
      state_.askedBy = _askedBy(look);
      return;
    }
    if (!isLapsed && state_.askedBy & ~_present(look.market) != 0) return;
    uint256 to = Math.max(state_.announcedBps, look.wanted[StewardMath.LIQUIDATION_LTV]);
    if (!isLapsed && to < current) {
      uint256 most = look.dials[StewardMath.LIQUIDATION_LTV].tightStep;
      look.next[StewardMath.LIQUIDATION_LTV] = Math.max(to, Math.saturatingSub(current, most));
      return;
    }
    look.withdraws = true;
    state_.startsAt = 0;
    state_.announcedBps = 0;
  }

  /// @dev Inputs that are beyond their calm value; a missing one stands there.
  function _askedBy(Look memory look) private pure returns (uint8 inputs) {
    if (look.market.volatility > look.config.calmVolatility) inputs = 1;
    if (look.market.depth < look.config.calmDepth) inputs |= 2;
    if (look.market.stress != 0) inputs |= 4;
    return inputs & _present(look.market);
  }

  function _present(Market memory market) private pure returns (uint8 inputs) {
    if (market.hasVolatility) inputs = 1;
    if (market.hasDepth) inputs |= 2;
    if (market.hasStress) inputs |= 4;
  }

  // ------------------------------------------------------------------------------------------------------- remembering

  /// @dev Events and own storage, before anything else is called.
  function _remember(Look memory look, address vault) private returns (uint256 moved) {
    uint256 announced = _states[vault].announcedBps;
    for (uint256 i = 0; i < StewardMath.COUNT; ++i) {
      bool isMoved = look.next[i] != look.current[i];
      if (isMoved) {
        moved |= 1 << i;
        Reason reason = _reason(look, i);
        emit ParameterMoved(vault, Parameter(i), look.current[i], look.next[i], reason, look.market);
        _note(look.state, i, reason == Reason.LOOSENED);
      }
      bool isTouched = isMoved || (i == StewardMath.LIQUIDATION_LTV && look.announces);
      if (!isTouched && look.calmSince[i] == look.dials[i].calmSince) continue;
      Dial storage dial_ = _dials[vault][i];
      if (isTouched) _spendStep(dial_, _spentBy(look, i));
      if (!isMoved && isTouched) look.state.loosened &= ~_bit(i);
      dial_.calmSince = uint32(look.calmSince[i]);
    }
    if (look.withdraws) emit AnnouncementWithdrawn(vault, announced, look.market);
    if (look.announces) {
      uint256 current = look.current[StewardMath.LIQUIDATION_LTV];
      emit LiquidationLtvAnnounced(vault, current, look.state.announcedBps, look.state.startsAt, look.market);
    }
    if (look.mayLoosen) look.state.observedAt = uint40(block.timestamp);
    _states[vault] = look.state;
  }

  /// @dev An announcement and its ramp use up the whole step of `liquidationLtv`.
  function _spentBy(Look memory look, uint256 i) private view returns (uint256) {
    if (i == StewardMath.LIQUIDATION_LTV) return StewardMath.WHOLE_STEP;
    return StewardMath.spentAfter(look.current[i], look.next[i], look.dials[i], block.timestamp);
  }

  function _spendStep(Dial storage dial_, uint256 spent) private {
    dial_.changedAt = uint32(block.timestamp);
    dial_.spent = uint16(spent);
  }

  /// @dev Terms count as loosened where none of them was tightened with the others.
  function _note(StewardState memory state_, uint256 i, bool isLoosened) private view {
    state_.loosened = isLoosened ? state_.loosened | _bit(i) : state_.loosened & ~_bit(i);
    if (!_isOfTerms(i)) return;
    bool isFirst = state_.termsAt != block.timestamp;
    state_.termsAt = uint40(block.timestamp);
    if (!isLoosened) state_.loosened &= ~_bit(_TERMS);
    else if (isFirst) state_.loosened |= _bit(_TERMS);
  }

  function _isOfTerms(uint256 i) private pure returns (bool) {
    return i >= StewardMath.START_PREMIUM && i <= StewardMath.URGENCY;
  }

  function _bit(uint256 i) private pure returns (uint16) {
    return uint16(1 << i);
  }

  function _reason(Look memory look, uint256 i) private pure returns (Reason) {
    bool isUp = look.next[i] > look.current[i];
    return isUp == StewardMath.isTighterAbove(i) ? Reason.TIGHTENED : Reason.LOOSENED;
  }

  // ----------------------------------------------------------------------------------------------------------- writing

  /// @dev In the order for which `StewardMath.fit` has made room: what frees before what needs.
  function _write(Look memory look, uint256 moved) private {
    IVault vault = look.vault;
    (uint256[14] memory current, uint256[14] memory next) = (look.current, look.next);
    if (look.isUnsettled) vault.rampLiquidationLtv(current[StewardMath.LIQUIDATION_LTV], 0);
    bool isDebtLower = next[StewardMath.MAX_POSITION_DEBT] < current[StewardMath.MAX_POSITION_DEBT];
    if (isDebtLower) _writeCaps(look);
    if (next[StewardMath.BORROW_LTV] < current[StewardMath.BORROW_LTV])
      vault.setBorrowLtv(next[StewardMath.BORROW_LTV]);
    bool isDeeper = next[StewardMath.STRESS_DEPTH] > current[StewardMath.STRESS_DEPTH];
    if (isDeeper) vault.setStressDepth(next[StewardMath.STRESS_DEPTH]);
    if (moved & _ALL_TERMS != 0) _writeTerms(look);
    if (next[StewardMath.STRESS_DEPTH] < current[StewardMath.STRESS_DEPTH]) {
      vault.setStressDepth(next[StewardMath.STRESS_DEPTH]);
    }
    _writeLiquidationLtv(look);
    if (next[StewardMath.BORROW_LTV] > current[StewardMath.BORROW_LTV])
      vault.setBorrowLtv(next[StewardMath.BORROW_LTV]);
    bool isDebtHigher = next[StewardMath.MAX_POSITION_DEBT] > current[StewardMath.MAX_POSITION_DEBT];
    bool isCapMoved = next[StewardMath.BORROW_CAP] != current[StewardMath.BORROW_CAP];
    if (isDebtHigher || (isCapMoved && !isDebtLower)) _writeCaps(look);
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
        horizon: Math.min(halfLife * StewardMath.HALF_LIVES, Limits.LONGEST_HORIZON),
        lot: look.next[StewardMath.LOT],
        impactBps: look.terms.impactBps,
        urgencyBps: look.next[StewardMath.URGENCY],
        fallWindow: look.terms.fallWindow
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
