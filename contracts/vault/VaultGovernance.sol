// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultGovernance} from "../interfaces/IVaultGovernance.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {Params, ParamsPacking, PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {ThreeDigits} from "../types/ThreeDigits.sol";
import {Totals} from "../types/Totals.sol";
import {RewardConfig, VaultConfig} from "../types/VaultConfig.sol";
import {VaultRules} from "./VaultRules.sol";
import {VaultTotals} from "./VaultTotals.sol";

/// @title VaultGovernance
/// @notice Bounded powers over a vault, and its configuration views: the last layer of `VaultExtension`.
/// @dev Every change is checked against the set-up rules as a whole, so that no order of changes reaches a state that the
/// constructor would refuse.
abstract contract VaultGovernance is VaultTotals, IVaultGovernance {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  /// @dev Setters and a loan in one block can't take a loan that the price's next move within the oracle's band sinks.
  uint256 private constant _RAISE_DELAY = 1 hours;

  /// @dev Made by the extension, and the same for every vault that runs its code: it is part of the code, not of any storage.
  VaultRules private immutable _rules = new VaultRules();

  /// @inheritdoc IVaultGovernance
  function setUp(VaultConfig calldata config) external {
    if (address(this).code.length != 0) revert AlreadySetUp();
    _setAuthority(config.authority);
    _setCaps(config.supplyCap, config.borrowCap, config.maxPositionDebt);
    _stressDepth = config.stressDepth.toUint128();
    Params memory params_;
    params_.borrowLtvBps = config.borrowLtvBps;
    params_.liquidationLtvFromBps = config.liquidationLtvBps;
    params_.liquidationLtvToBps = config.liquidationLtvBps;
    params_.reserveFactorBps = config.reserveFactorBps;
    params_.maxOracleStepBps = config.maxOracleStepBps;
    _setReward(params_, config.reward);
    _addTerms(params_, config.terms);
    _storeSound(params_);
    emit BorrowLtvSet(config.borrowLtvBps);
    emit LiquidationLtvRamped(config.liquidationLtvBps, config.liquidationLtvBps, block.timestamp, block.timestamp);
    emit ReserveFactorSet(config.reserveFactorBps);
    emit StressDepthSet(config.stressDepth);
  }

  // --------------------------------------------------------------------------------------------------------------- setters

  /// @inheritdoc IVaultGovernance
  function setTerms(SaleTerms calldata terms_) external restricted nonReentrant returns (uint256 termsId) {
    Params memory params_ = _loadParams();
    termsId = _addTerms(params_, terms_);
    _storeSound(params_);
  }

  /// @inheritdoc IVaultGovernance
  function setBorrowLtv(uint256 newBorrowLtvBps) external restricted nonReentrant {
    Params memory params_ = _loadParams();
    uint256 counted = _borrowLtv();
    params_.borrowLtvBps = newBorrowLtvBps;
    if (newBorrowLtvBps > counted) {
      _borrowLtvHeld = counted | ((block.timestamp + _RAISE_DELAY) << 16);
      params_.pausedActions |= PauseBits.RAISED;
    } else {
      params_.pausedActions &= ~PauseBits.RAISED;
    }
    _storeSound(params_);
    emit BorrowLtvSet(newBorrowLtvBps);
  }

  /// @inheritdoc IVaultGovernance
  function rampLiquidationLtv(uint256 toBps, uint256 duration) external restricted nonReentrant {
    Params memory params_ = _loadParams();
    uint256 fromBps = ParamsPacking.liquidationLtvUpBps(_paramsSlot, block.timestamp);
    // A ramp to where it is now leaves it there.
    if (toBps == ParamsPacking.liquidationLtvBps(_paramsSlot, block.timestamp)) toBps = fromBps;
    if (duration > Limits.MAX_RAMP || (toBps < fromBps && duration < _leastLowering(fromBps - toBps))) {
      revert InvalidParameter("duration", duration);
    }
    params_.liquidationLtvFromBps = fromBps;
    params_.liquidationLtvToBps = toBps;
    params_.rampStart = block.timestamp;
    params_.rampEnd = block.timestamp + duration;
    _storeSound(params_);
    emit LiquidationLtvRamped(fromBps, toBps, params_.rampStart, params_.rampEnd);
  }

  /// @dev Every ramp is a straight line that falls by `MAX_LOWERING_BPS_A_DAY` at most and begins at or above where the one before
  /// has come to: no row of them falls faster.
  function _leastLowering(uint256 fallBps) private pure returns (uint256) {
    return Math.max(Limits.MIN_LOWERING_RAMP, Math.ceilDiv(fallBps * 1 days, ParamsPacking.MAX_LOWERING_BPS_A_DAY));
  }

  /// @inheritdoc IVaultGovernance
  function setCaps(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) external restricted nonReentrant {
    _setCaps(supplyCap, borrowCap, maxPositionDebt);
    if (borrowCap >= _borrowCapCeiling) _borrowCapCeiling = 0;
    if (maxPositionDebt >= _maxPositionDebtCeiling) _maxPositionDebtCeiling = 0;
    _requireSound(_loadParams());
  }

  /// @inheritdoc IVaultGovernance
  function tightenCaps(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) external restricted nonReentrant {
    if (supplyCap > _supplyCap || borrowCap > _borrowCap || maxPositionDebt > _maxPositionDebt) revert CapsNotTighter();
    _setCaps(supplyCap, borrowCap, maxPositionDebt);
    _borrowCapCeiling = uint128(borrowCap + 1);
    _maxPositionDebtCeiling = uint128(maxPositionDebt + 1);
  }

  /// @inheritdoc IVaultGovernance
  function setReserveFactor(uint256 reserveFactorBps) external restricted accrued nonReentrant {
    Params memory params_ = _loadParams();
    params_.reserveFactorBps = reserveFactorBps;
    _storeSound(params_);
    emit ReserveFactorSet(reserveFactorBps);
  }

  /// @inheritdoc IVaultGovernance
  function setRewardConfig(RewardConfig calldata config) external restricted nonReentrant {
    Params memory params_ = _loadParams();
    _setReward(params_, config);
    _storeParams(params_);
  }

  /// @inheritdoc IVaultGovernance
  function setStressDepth(uint256 stressDepth_) external restricted nonReentrant {
    _stressDepth = stressDepth_.toUint128();
    _requireSound(_loadParams());
    emit StressDepthSet(stressDepth_);
  }

  // -------------------------------------------------------------------------------------------------------------- switches

  /// @inheritdoc IVaultGovernance
  /// @dev No lock: a pause goes through whatever else is under way.
  function pause(uint256 actions) external restricted {
    Params memory params_ = _loadParams();
    uint256 running = _checkedActions(actions) & ~params_.pausedActions;
    uint256 ends = _pauseEnds;
    uint256 added;
    for (uint256 i = 0; i < PauseBits.COUNT; ++i) {
      if (running & (1 << i) != 0 && PauseBits.end(ends, i) == 0) added |= 1 << i;
    }
    if (added == 0 && running != 0) revert PauseSpent(actions);
    _pauseFor(params_, added);
  }

  /// @inheritdoc IVaultGovernance
  function renewPause(uint256 actions) external restricted nonReentrant {
    _pauseFor(_loadParams(), _checkedActions(actions));
  }

  /// @dev Pauses actions from now on, for as long as a pause lasts.
  function _pauseFor(Params memory params_, uint256 actions) private {
    uint256 end = block.timestamp + PauseBits.LONGEST_PAUSE;
    if (actions != 0) {
      _setPauseEnds(actions, end);
      emit PauseEndsAt(actions, end);
    }
    _storeSwitches(params_, params_.pausedActions | actions);
  }

  function _setPauseEnds(uint256 actions, uint256 end) private {
    uint256 ends = _pauseEnds;
    for (uint256 i = 0; i < PauseBits.COUNT; ++i) {
      if (actions & (1 << i) != 0) ends = PauseBits.withEnd(ends, i, end);
    }
    _pauseEnds = ends;
  }

  /// @inheritdoc IVaultGovernance
  function unpause(uint256 actions) external restricted nonReentrant {
    Params memory params_ = _loadParams();
    if (params_.pausedActions & _checkedActions(actions) & PauseBits.SALES != 0) {
      params_.clocksRestartedAt = block.timestamp;
    }
    _setPauseEnds(actions, 0);
    _storeSwitches(params_, params_.pausedActions & ~actions);
  }

  /// @inheritdoc IVaultGovernance
  function windDown() external restricted nonReentrant {
    Params memory params_ = _loadParams();
    _storeSwitches(params_, params_.pausedActions | PauseBits.WIND_DOWN);
    emit WoundDown();
  }

  function _checkedActions(uint256 actions) private pure returns (uint256) {
    if (actions & ~PauseBits.ALL != 0) revert InvalidParameter("actions", actions);
    return actions;
  }

  function _storeSwitches(Params memory params_, uint256 pausedActions) private {
    params_.pausedActions = pausedActions;
    _storeParams(params_);
    emit PausedActionsSet(pausedActions & ~PauseBits.RAISED);
  }

  // --------------------------------------------------------------------------------------------------------------- reserve

  /// @inheritdoc IVaultGovernance
  function claimReserve(address receiver, uint256 assets) external restricted accrued nonReentrant {
    Totals memory totals_ = _loadTotals();
    // Marks eat the reserve first: what they may still need stays.
    uint256 free =
      totals_.marked
        ? Math.saturatingSub(totals_.reserve, InterestMath.toAssetsUp(_totalScaledMarks, totals_.index))
        : totals_.reserve;
    uint256 available = Math.min(free, totals_.cash);
    if (assets > available) revert ReserveTooSmall(assets, available);
    totals_.reserve -= assets;
    totals_.cash -= assets;
    _storeTotals(totals_);
    emit ReserveClaimed(receiver, assets);
    IERC20(IVaultCore(address(this)).asset()).safeTransfer(receiver, assets);
  }

  /// @inheritdoc IVaultGovernance
  function claimSweptCollateral(address receiver) external restricted nonReentrant returns (uint256 assets) {
    Position memory own = _loadPosition(address(this));
    assets = own.collateral;
    own.collateral = 0;
    _storePosition(address(this), own);
    emit SweptCollateralClaimed(receiver, assets);
    IERC20(IVaultCore(address(this)).collateralAsset()).safeTransfer(receiver, assets);
  }

  // ---------------------------------------------------------------------------------------------------------------- checks

  /// @dev A new version, numbered from 1, in storage and in `params_`.
  function _addTerms(Params memory params_, SaleTerms memory terms_) private returns (uint256 termsId) {
    _rules.requireTerms(terms_);
    termsId = params_.termsId + 1;
    _requireRange("termsId", termsId, 1, type(uint16).max);
    params_.termsId = termsId;
    _storeTerms(termsId, terms_);
    emit TermsSet(termsId, terms_);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert InvalidParameter(name, value);
  }

  function _setCaps(uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) private {
    _requireRange("supplyCap", supplyCap, 0, Limits.MAX_CAP);
    _requireRange("borrowCap", borrowCap, 0, Limits.MAX_CAP);
    _requireRange("maxPositionDebt", maxPositionDebt, 0, Limits.MAX_CAP);
    _supplyCap = uint128(supplyCap);
    _borrowCap = uint128(borrowCap);
    _maxPositionDebt = uint128(maxPositionDebt);
    emit CapsSet(supplyCap, borrowCap, maxPositionDebt);
  }

  function _setReward(Params memory params_, RewardConfig memory config) private {
    params_.rewardCap = ThreeDigits.unpack(ThreeDigits.pack(config.cap));
    params_.nativePrice = ThreeDigits.unpack(ThreeDigits.pack(config.nativePrice));
    emit RewardConfigSet(_rewardOf(params_));
  }

  function _storeSound(Params memory params_) private {
    _requireSound(params_);
    _storeParams(params_);
  }

  function _requireSound(Params memory params_) private view {
    _rules.requireSound(params_, _loadTerms(params_.termsId), _maxPositionDebt, _stressDepth);
  }

  // ---------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IVaultGovernance
  function params() external view returns (Params memory params_) {
    params_ = _loadParams();
    params_.pausedActions &= ~PauseBits.RAISED;
  }

  /// @inheritdoc IVaultGovernance
  function borrowLtvBps() external view returns (uint256) {
    return _borrowLtv();
  }

  /// @inheritdoc IVaultGovernance
  function liquidationLtvBps() external view returns (uint256) {
    return ParamsPacking.liquidationLtvBps(_paramsSlot, block.timestamp);
  }

  /// @inheritdoc IVaultGovernance
  function terms(uint256 termsId) external view returns (SaleTerms memory) {
    return _loadTerms(termsId);
  }

  /// @inheritdoc IVaultGovernance
  function caps() external view returns (uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt) {
    return (_supplyCap, _borrowCap, _maxPositionDebt);
  }

  /// @inheritdoc IVaultGovernance
  function capCeilings() external view returns (uint256 borrowCap, uint256 maxPositionDebt) {
    // No ceiling is kept as 0 and shown as the largest number.
    unchecked {
      return (uint256(_borrowCapCeiling) - 1, uint256(_maxPositionDebtCeiling) - 1);
    }
  }

  /// @inheritdoc IVaultGovernance
  function pauseEnds() external view returns (uint256[5] memory ends) {
    for (uint256 i = 0; i < PauseBits.COUNT; ++i) ends[i] = PauseBits.end(_pauseEnds, i);
  }

  /// @inheritdoc IVaultGovernance
  function stressDepth() external view returns (uint256) {
    return _stressDepth;
  }

  /// @inheritdoc IVaultGovernance
  function rewardConfig() external view returns (RewardConfig memory) {
    return _rewardOf(_loadParams());
  }

  function _rewardOf(Params memory params_) private pure returns (RewardConfig memory) {
    return RewardConfig(params_.rewardCap.toUint128(), params_.nativePrice.toUint128());
  }
}
