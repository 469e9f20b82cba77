// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Depth} from "../../../contracts/types/Depth.sol";
import {Params} from "../../../contracts/types/Params.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {Bounds, Dial, Parameter, StewardConfig, StewardState} from "../../../contracts/types/Steward.sol";
import {Stress} from "../../../contracts/types/Stress.sol";
import {Volatility} from "../../../contracts/types/Volatility.sol";
import {IMockOracle} from "../base/VaultTest.sol";
import {StewardBook} from "./StewardBook.sol";

interface IMockInputs {
  function setVolatility(Volatility calldata volatility) external;

  function setDepth(Depth calldata depth) external;

  function setStress(Stress calldata stress) external;

  function setMode(uint8 mode) external;
}

/// @notice Whoever feeds the inputs says anything, anyone applies, time passes, the governor and the guardian use their powers. Price
/// and debts stand still. What RISK-1 says of a step is checked in the step.
contract StewardHandler is StdUtils, StewardBook {
  uint256 private constant _BPS = 10_000;

  IVault public immutable vault;
  IMockInputs public immutable inputs;
  IMockOracle public immutable oracle;
  address public immutable governor;
  address public immutable guardian;

  address[] public borrowers;

  /// @dev Of a position: since when it has been told that `liquidationLtv` is to pass it.
  mapping(address borrower => uint256) private _warnedAt;

  constructor(
    IRiskSteward steward_,
    IVault vault_,
    IMockInputs inputs_,
    IMockOracle oracle_,
    address governor_,
    address guardian_,
    address[] memory borrowers_
  ) StewardBook(steward_, vault_) {
    vault = vault_;
    inputs = inputs_;
    oracle = oracle_;
    governor = governor_;
    guardian = guardian_;
    borrowers = borrowers_;
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
    if (_apply(address(uint160(bound(caller, 1, type(uint160).max))))) _keepWarnings();
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

  /// @dev A storm that grows within an hour, looked at all the while.
  function grow(uint256 depth) external {
    depth = bound(depth, 160e12, 3_200e12);
    for (uint256 i = 1; i <= 8; ++i) {
      this.pass(7 minutes);
      this.move(1e15 + i * 0.5e15, depth, 0);
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
      _veto();
    }
    _VM.stopPrank();
    _VM.prank(governor);
    if (what % 4 >= 2) steward.unfreeze();
    _keepWarnings();
  }
}
