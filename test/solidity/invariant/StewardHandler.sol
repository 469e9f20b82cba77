// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Depth} from "../../../contracts/types/Depth.sol";
import {Params} from "../../../contracts/types/Params.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {Bounds, Dial, Market, Parameter, StewardConfig, StewardState} from "../../../contracts/types/Steward.sol";
import {Stress} from "../../../contracts/types/Stress.sol";
import {Volatility} from "../../../contracts/types/Volatility.sol";
import {IMockOracle} from "../base/VaultTest.sol";

interface IMockInputs {
  function setVolatility(Volatility calldata volatility) external;

  function setDepth(Depth calldata depth) external;

  function setStress(Stress calldata stress) external;

  function setMode(uint8 mode) external;
}

/// @notice Whoever feeds the inputs says anything, anyone applies, time passes, the governor and the guardian use their powers. Price
/// and debts stand still. What RISK-1 says of a step is checked in the step, from the handler's own book of announcements,
/// changes and calms; a broken law is remembered by its name.
contract StewardHandler is StdUtils {
  Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
  uint256 private constant _BPS = 10_000;
  uint256 private constant _COUNT = 14;
  uint256 private constant _OFF = 99;

  IRiskSteward public immutable steward;
  IVault public immutable vault;
  IMockInputs public immutable inputs;
  IMockOracle public immutable oracle;
  address public immutable governor;
  address public immutable guardian;

  address[] public borrowers;
  string[] public violations;
  mapping(bytes32 what => uint256) public counts;
  mapping(uint256 parameter => uint256) public tightened;
  mapping(uint256 parameter => uint256) public loosened;

  /// @dev The handler's own book. Of a position: since when it has been told that `liquidationLtv` is to pass it.
  mapping(address borrower => uint256) private _warnedAt;
  mapping(uint256 parameter => uint256) private _changedAt;
  mapping(uint256 parameter => uint256) private _calmFrom;
  uint256 private _announcedAt;
  uint256 private _announcedTo;

  constructor(
    IRiskSteward steward_,
    IVault vault_,
    IMockInputs inputs_,
    IMockOracle oracle_,
    address governor_,
    address guardian_,
    address[] memory borrowers_
  ) {
    steward = steward_;
    vault = vault_;
    inputs = inputs_;
    oracle = oracle_;
    governor = governor_;
    guardian = guardian_;
    borrowers = borrowers_;
  }

  function violationCount() external view returns (uint256) {
    return violations.length;
  }

  function _violated(string memory law) private {
    violations.push(law);
  }

  /// @dev After every step: nobody is unhealthy who was not told a day before.
  modifier step() {
    _;
    for (uint256 i = 0; i < borrowers.length; ++i) _checkHealth(borrowers[i]);
  }

  function _checkHealth(address borrower) private {
    if (!_isOver(borrower, vault.liquidationLtvBps())) return;
    uint256 warnedAt = _warnedAt[borrower];
    if (warnedAt == 0 || block.timestamp < warnedAt + 1 days) _violated("RISK-1 unhealthy before the notice has run");
    ++counts["unhealthy after notice"];
  }

  function _isOver(address borrower, uint256 ltvBps) private view returns (bool) {
    uint256 value = (vault.position(borrower).collateral * oracle.price().deciding) / 1e36;
    return vault.debtOf(borrower) > (value * ltvBps) / _BPS;
  }

  /// @dev A position is warned by an announcement that passes it, and no more once neither what is announced, nor what is, nor the
  /// end of a ramp passes it.
  function _keepWarnings() private {
    StewardState memory state = steward.state(address(vault));
    Params memory params = vault.params();
    uint256 ltv = vault.liquidationLtvBps();
    for (uint256 i = 0; i < borrowers.length; ++i) {
      bool isAnnounced = state.startsAt != 0 && _isOver(borrowers[i], state.announcedBps);
      bool isPassed = _isOver(borrowers[i], params.liquidationLtvToBps) || _isOver(borrowers[i], ltv);
      if (isAnnounced && _warnedAt[borrowers[i]] == 0) _warnedAt[borrowers[i]] = block.timestamp;
      if (!isAnnounced && !isPassed) _warnedAt[borrowers[i]] = 0;
    }
  }

  // ---------------------------------------------------------------------------------------------------------- anyone

  function applyTo(uint256 caller) external step {
    if (steward.isFrozen()) return _expectFrozen();
    (Market memory market, uint256[14] memory before, uint256[14] memory wanted, ) = steward.preview(address(vault));
    Params memory paramsBefore = vault.params();
    _VM.prank(address(uint160(bound(caller, 1, type(uint160).max))));
    try steward.applyTo(address(vault)) {
      ++counts["applied"];
    } catch {
      return _violated("RISK-1 an application reverts");
    }
    (, uint256[14] memory current, , ) = steward.preview(address(vault));
    for (uint256 i = 0; i < _COUNT; ++i) _checkMove(i, before[i], current[i], wanted[i], market);
    _checkRamp(before[0], paramsBefore);
    _keepWarnings();
  }

  function _expectFrozen() private {
    try steward.applyTo(address(vault)) {
      _violated("RISK-1 frozen");
    } catch {
      ++counts["frozen"];
    }
  }

  /// @dev No change is larger or sooner than its bounds; nothing loosens but in a calm that held.
  function _checkMove(uint256 i, uint256 before, uint256 current, uint256 wanted, Market memory market) private {
    Dial memory dial = steward.dial(address(vault), Parameter(i));
    bool mayLoosen = market.hasVolatility && market.hasDepth && market.hasStress && market.hasPrice;
    bool isLooser = wanted != before && !_isTighter(i, before, wanted);
    if (!mayLoosen || !isLooser) _calmFrom[i] = 0;
    else if (_calmFrom[i] == 0) _calmFrom[i] = block.timestamp;
    if (current == before) return;
    if (i == 11 && !market.hasVolatility && current == 0) {
      ++counts["switched off"];
      _changedAt[i] = block.timestamp;
      return;
    }
    bool isTightening = _isTighter(i, before, current);
    if (isTightening) ++tightened[i];
    else ++loosened[i];
    if (_distance(i, before, current) > (isTightening ? dial.tightStep : dial.looseStep)) _violated("RISK-1 step");
    uint256 delay = isTightening ? dial.tightDelay : dial.looseDelay;
    if (_changedAt[i] != 0 && block.timestamp < _changedAt[i] + delay) _violated("RISK-1 delay");
    if (!isTightening && !mayLoosen) _violated("RISK-1 loosened on missing inputs");
    if (!isTightening && (_calmFrom[i] == 0 || block.timestamp < _calmFrom[i] + dial.looseDelay)) {
      _violated("RISK-1 loosened without a calm");
    }
    if (isTightening != _isTighter(i, before, wanted)) _violated("RISK-1 away from its target");
    _changedAt[i] = block.timestamp;
  }

  function _isTighter(uint256 i, uint256 from, uint256 to) private pure returns (bool) {
    bool isAbove = i == 3 || i == 4 || i == 12;
    return isAbove ? to > from : to < from;
  }

  /// @dev From the least direct-sale cap to off is one notch.
  function _distance(uint256 i, uint256 from, uint256 to) private pure returns (uint256) {
    if (i == 11 && from == 0) from = _OFF;
    if (i == 11 && to == 0) to = _OFF;
    return from > to ? from - to : to - from;
  }

  /// @dev A lower `liquidationLtv` was announced a day before its ramp starts, goes no lower than announced, and takes a day.
  function _checkRamp(uint256 before, Params memory paramsBefore) private {
    StewardState memory state = steward.state(address(vault));
    Params memory params = vault.params();
    bool isStarted = params.liquidationLtvToBps < before && params.rampEnd > block.timestamp;
    if (isStarted && params.rampStart == block.timestamp && paramsBefore.rampEnd <= block.timestamp) {
      ++counts["ramps"];
      if (_announcedAt == 0 || block.timestamp < _announcedAt + 1 days) _violated("RISK-1 ramp without notice");
      if (params.liquidationLtvToBps < _announcedTo) _violated("RISK-1 ramp below what was announced");
      if (params.rampEnd < block.timestamp + 1 days) _violated("RISK-1 ramp too fast");
      uint256 most = steward.dial(address(vault), Parameter.LIQUIDATION_LTV).tightStep;
      if (before - params.liquidationLtvToBps > most) _violated("RISK-1 ramp step");
      _changedAt[0] = block.timestamp;
    }
    if (state.startsAt == 0) {
      _announcedAt = 0;
      return;
    }
    if (_announcedAt != 0) return;
    ++counts["announced"];
    _announcedAt = block.timestamp;
    _announcedTo = state.announcedBps;
    _changedAt[0] = block.timestamp;
  }

  /// @dev Nobody is sold who was healthy.
  function startSale(uint256 seed) external step {
    address borrower = borrowers[seed % borrowers.length];
    bool isOver = _isOver(borrower, vault.liquidationLtvBps());
    uint256 snapshot = _VM.snapshotState();
    bool went;
    try vault.startSale(borrower, address(0)) {
      went = true;
    } catch {
      went = false;
    }
    // Positions stay as they are: their debt must stand still.
    _VM.revertToState(snapshot);
    if (went && !isOver) _violated("LIQ-1");
    ++counts[went ? bytes32("sold") : bytes32("not sold")];
  }

  // ---------------------------------------------------------------------------------------------------------- inputs

  function pump(uint64 volatility, uint128 depth, uint64 stress, uint8 missing) external step {
    inputs.setVolatility(Volatility(volatility, uint40(block.timestamp), missing & 3 != 3));
    inputs.setDepth(Depth(depth, uint40(block.timestamp), missing & 12 != 12));
    inputs.setStress(Stress(stress, 3, missing & 48 != 48));
    ++counts["pumped"];
  }

  /// @dev Markets as they are: from calm to ten times as wild, the depth down to a tenth.
  function move(uint256 volatility, uint256 depth, uint256 stress) external step {
    volatility = bound(volatility, 0.5e15, 1e16);
    depth = bound(depth, 160e12, 3_200e12);
    stress = bound(stress, 0, 1e18);
    inputs.setVolatility(Volatility(uint64(volatility), uint40(block.timestamp), true));
    inputs.setDepth(Depth(uint128(depth), uint40(block.timestamp), true));
    inputs.setStress(Stress(uint64(stress), 3, true));
  }

  /// @dev The same market for days, looked at all the while. Calls from outside: within one the compiler takes time to stand still.
  function hold(uint256 volatility, uint256 depth, bool isCalm, uint256 looks) external {
    volatility = isCalm ? 1e15 : bound(volatility, 0.5e15, 1e16);
    depth = isCalm ? 1_600e12 : bound(depth, 160e12, 3_200e12);
    looks = bound(looks, 1, 12);
    for (uint256 i = 0; i < looks; ++i) {
      this.pass(8 hours);
      this.move(volatility, depth, 0);
      this.applyTo(i);
    }
  }

  function breakInputs(uint8 mode) external step {
    inputs.setMode(mode % 4 == 1 ? 1 : 0);
  }

  function pass(uint256 time) external step {
    _VM.warp(block.timestamp + bound(time, 1, 12 hours));
  }

  function passLong(uint256 time) external step {
    _VM.warp(block.timestamp + bound(time, 12 hours, 10 days));
  }

  // ---------------------------------------------------------------------------------------------- governor, guardian

  function configure(uint256 parameter, uint256 seed) external step {
    StewardConfig memory config = steward.config(address(vault));
    config.notice = uint32(bound(seed, 1 days, 5 days));
    config.rampDuration = uint32(bound(seed, 1 days, 5 days));
    Bounds[14] memory bounds;
    for (uint256 i = 0; i < _COUNT; ++i) {
      Dial memory dial = steward.dial(address(vault), Parameter(i));
      bounds[i] = Bounds(dial.floor, dial.ceiling, dial.tightDelay, dial.looseDelay, dial.tightStep, dial.looseStep);
    }
    Bounds memory changed = bounds[bound(parameter, 0, _COUNT - 1)];
    changed.tightDelay = uint32(bound(seed >> 16, 0, 1 days));
    changed.looseDelay = uint32(bound(seed >> 32, changed.tightDelay, 4 days));
    changed.tightStep = uint88(bound(seed >> 64, 1, uint256(changed.ceiling - changed.floor) + 1));
    changed.looseStep = uint88(bound(seed >> 96, 1, uint256(changed.ceiling - changed.floor) / 4 + 1));
    _VM.prank(governor);
    try steward.configure(address(vault), config, bounds) {
      ++counts["configured"];
    } catch {
      _violated("the governor's own bounds are refused");
    }
  }

  /// @dev Within the vault's rules; raises of `liquidationLtv` only: a lowering is the governor's own notice.
  function govern(uint256 what, uint256 value) external step {
    uint256 ltv = vault.liquidationLtvBps();
    SaleTerms memory terms = vault.terms(vault.params().termsId);
    terms.maxDiscountBps = bound(value, 200, 1_100);
    terms.holdBps = bound(value >> 16, 0, terms.maxDiscountBps - 1);
    terms.halfLife = bound(value >> 32, 1, 1_440);
    terms.horizon = bound(value >> 48, terms.halfLife, 7_200);
    terms.lot = bound(value >> 64, 1, 2_000_000e6);
    (uint256 supplyCap, uint256 borrowCap, uint256 maxDebt) = vault.caps();
    _VM.startPrank(governor);
    bool went;
    bytes memory call;
    if (what % 6 == 0) call = abi.encodeCall(vault.setTerms, (terms));
    if (what % 6 == 1) call = abi.encodeCall(vault.setBorrowLtv, (bound(value, 5_000, 8_100)));
    if (what % 6 == 2) call = abi.encodeCall(vault.setStressDepth, (bound(value, 20e12, 900e12)));
    if (what % 6 == 3) call = abi.encodeCall(vault.setCaps, (supplyCap, bound(value, 0, 2e15), bound(value, 0, 2e13)));
    if (what % 6 == 4) call = abi.encodeCall(vault.tightenCaps, (supplyCap, borrowCap, maxDebt - maxDebt / 8));
    if (what % 6 == 5) call = abi.encodeCall(vault.rampLiquidationLtv, (bound(value, ltv, 8_400), value % 2 days));
    (went, ) = address(vault).call(call);
    _VM.stopPrank();
    ++counts[went ? bytes32("governed") : bytes32("not governed")];
    _keepWarnings();
  }

  function guard(uint256 what) external step {
    _VM.startPrank(guardian);
    if (what % 4 == 0) {
      steward.freeze();
    } else if (what % 4 == 1) {
      try steward.veto(address(vault)) {
        ++counts["vetoed"];
        _announcedAt = 0;
        _changedAt[0] = block.timestamp;
      } catch {
        ++counts["nothing to veto"];
      }
    }
    _VM.stopPrank();
    _VM.prank(governor);
    if (what % 4 >= 2) steward.unfreeze();
    _keepWarnings();
  }
}
