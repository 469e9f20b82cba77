// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {ISalePolicy} from "../../../contracts/interfaces/ISalePolicy.sol";
import {IVaultGovernance} from "../../../contracts/interfaces/IVaultGovernance.sol";
import {RiskInputs} from "../../../contracts/types/SaleRisk.sol";
import {Bounds, StewardConfig} from "../../../contracts/types/Steward.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {IManager, VaultTest} from "../base/VaultTest.sol";
import {IMockInputs, StewardHandler} from "./StewardHandler.sol";

/// @notice RISK-1 over any sequence of inputs and of anyone's acts, on the real vault, direct liquidator and sale policy.
contract StewardInvariantTest is VaultTest {
  uint64 private constant _STEWARD_ROLE = 3;
  uint64 private constant _GUARDIAN_ROLE = 2;

  IRiskSteward private _steward;
  IDirectSaleLiquidator private _direct;
  ISalePolicy private _policy;
  StewardHandler private _handler;
  address private _guardian = makeAddr("guardian");

  function setUp() public {
    _deployVault();
    rateModel.set(0, 0, 0);
    address inputs = deployCode(_artifact("mocks", "MockRiskInputs"));
    _steward = IRiskSteward(
      deployCode(_artifact("risk", "RiskSteward"), abi.encode(inputs, inputs, inputs, _policy, manager))
    );
    _giveRoles();
    vm.startPrank(governor);
    _direct.setMaxImpact(address(vault), 150);
    _policy.setInputs(address(vault), _market());
    _steward.configure(address(vault), _base(), _bounds());
    vm.stopPrank();

    _lend(makeAddr("lender"), 100_000_000e6);
    address[] memory borrowers = new address[](4);
    // LTVs of 80% (the most), 78%, 74% and 60%.
    uint256[4] memory debts = [uint256(1_600_000e6), 1_560_000e6, 1_480_000e6, 1_200_000e6];
    for (uint256 i = 0; i < borrowers.length; ++i) {
      borrowers[i] = address(uint160(0xB000 + i));
      _open(borrowers[i], 1_000 ether, debts[i]);
    }
    _handler = new StewardHandler(_steward, vault, IMockInputs(inputs), oracle, governor, _guardian, borrowers);
    _handler.move(1e15, 1_600e12, 0);
    targetContract(address(_handler));
  }

  function _beforeVault() internal override {
    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    _policy = ISalePolicy(deployCode(_artifact("liquidation", "SalePolicy"), abi.encode(manager)));
    _direct = IDirectSaleLiquidator(
      deployCode(_artifact("liquidation", "DirectSaleLiquidator"), abi.encode(factory, _policy, manager))
    );
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.directLiquidator = address(_direct);
  }

  function _giveRoles() private {
    IManager manager_ = IManager(manager);
    bytes4[] memory selectors = new bytes4[](5);
    selectors[0] = IVaultGovernance.setTerms.selector;
    selectors[1] = IVaultGovernance.setBorrowLtv.selector;
    selectors[2] = IVaultGovernance.rampLiquidationLtv.selector;
    selectors[3] = IVaultGovernance.setCaps.selector;
    selectors[4] = IVaultGovernance.setStressDepth.selector;
    manager_.setTargetFunctionRole(address(vault), selectors, _STEWARD_ROLE);
    _give(address(_direct), IDirectSaleLiquidator.setMaxImpact.selector, _STEWARD_ROLE);
    _give(address(_policy), ISalePolicy.setInputs.selector, _STEWARD_ROLE);
    _give(address(_steward), IRiskSteward.configure.selector, GOVERNOR_ROLE);
    _give(address(_steward), IRiskSteward.unfreeze.selector, GOVERNOR_ROLE);
    _give(address(_steward), IRiskSteward.freeze.selector, _GUARDIAN_ROLE);
    _give(address(_steward), IRiskSteward.veto.selector, _GUARDIAN_ROLE);
    manager_.grantRole(_STEWARD_ROLE, address(_steward), 0);
    manager_.grantRole(_STEWARD_ROLE, governor, 0);
    manager_.grantRole(_GUARDIAN_ROLE, _guardian, 0);
  }

  function _give(address target, bytes4 selector, uint64 role) private {
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = selector;
    IManager(manager).setTargetFunctionRole(target, selectors, role);
  }

  function _market() private pure returns (RiskInputs memory market) {
    market.volatility = 1e15;
    market.keeperMargin = 0.02e18;
    market.bidSpread = 0.02e18;
    market.depth = 1_600e12;
    market.blockTime = 12_000;
    market.batchInterval = 60;
  }

  function _base() private pure returns (StewardConfig memory config) {
    config.feed = address(0xFEED);
    config.calmVolatility = 1e15;
    config.wildVolatility = 3.4e15;
    config.stressVolatility = 1e18;
    config.calmDepth = 1_600e12;
    config.depthKept = 0.25e18;
    config.depthKeptStressed = 0.06e18;
    config.capPerDepth = 2.5e18;
    config.coverage = 1.15e18;
    config.exposure = 2e18;
    config.notice = 1 days;
    config.rampDuration = 1 days;
    config.maxInputAge = 2 hours;
    config.maxGap = 12 hours;
    config.saleLossBps = 800;
    config.targetShareBps = 8_500;
    config.targetShareWildBps = 8_000;
  }

  function _bounds() private pure returns (Bounds[14] memory bounds) {
    bounds[0] = Bounds(7_000, 8_300, 2 hours, 2 days, 400, 100);
    bounds[1] = Bounds(6_500, 8_000, 2 hours, 2 days, 400, 100);
    bounds[2] = Bounds(0, 100, 2 hours, 2 days, 60, 40);
    bounds[3] = Bounds(150, 250, 2 hours, 2 days, 30, 20);
    bounds[4] = Bounds(800, 1_000, 2 hours, 2 days, 60, 30);
    bounds[5] = Bounds(5_000, 7_055, 2 hours, 2 days, 400, 200);
    bounds[6] = Bounds(120, 424, 2 hours, 2 days, 60, 30);
    bounds[7] = Bounds(100_000e6, 1_200_000e6, 2 hours, 2 days, 300_000e6, 100_000e6);
    bounds[8] = Bounds(50e12, 400e12, 2 hours, 2 days, 100e12, 40e12);
    bounds[9] = Bounds(100e12, 1_000e12, 2 hours, 2 days, 300e12, 100e12);
    bounds[10] = Bounds(0.1e12, 10e12, 2 hours, 2 days, 5e12, 1e12);
    bounds[11] = Bounds(110, 150, 2 hours, 2 days, 25, 10);
    bounds[12] = Bounds(1e14, 5e16, 2 hours, 2 days, 4e15, 1e15);
    bounds[13] = Bounds(10e12, 1_600e12, 2 hours, 2 days, 600e12, 200e12);
  }

  function invariant_RISK_1() public view {
    if (_handler.violationCount() != 0) revert(_handler.violations(0));
  }

  /// @dev That the law was tried: everybody acted, everything was moved in both directions, and positions did become unhealthy, after
  /// their notice.
  function test_theHandlerDoesRealWork() public {
    for (uint256 i = 0; i < 360; ++i) _act(uint256(keccak256(abi.encode(i))));
    if (_handler.violationCount() != 0) revert(_handler.violations(0));
    for (uint256 i = 1; i < 14; ++i) {
      assertGe(_handler.tightened(i), 3, string.concat("tightened ", vm.toString(i)));
      assertGe(_handler.loosened(i), 3, string.concat("loosened ", vm.toString(i)));
    }
    assertGe(_handler.loosened(0), 3, "raises");
    string[13] memory acts = [
      "applied",
      "frozen",
      "announced",
      "ramps",
      "switched off",
      "unhealthy after notice",
      "sold",
      "not sold",
      "pumped",
      "configured",
      "governed",
      "vetoed",
      "nothing to veto"
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.counts(bytes32(bytes(acts[i]))), 3, acts[i]);
  }

  function _act(uint256 seed) private {
    uint256 what = seed % 16;
    uint256 value = seed >> 8;
    if (what < 2) _handler.hold(value, value >> 64, false, 12);
    else if (what < 4) for (uint256 i = 0; i < 3; ++i) _handler.hold(value, value, true, 12);
    else if (what < 6) _handler.applyTo(value);
    else if (what == 6) _handler.startSale(value);
    else if (what == 7) _handler.pump(uint64(value), uint128(value >> 64), uint64(value >> 192), uint8(value));
    else if (what == 8) _handler.move(value, value >> 64, value >> 128);
    else if (what == 9) _handler.breakInputs(uint8(value));
    else if (what == 10) _handler.pass(value);
    else if (what == 11) _handler.passLong(value);
    else if (what == 12) _handler.configure(value, value >> 8);
    else if (what == 13) _handler.govern(value, value >> 8);
    else _handler.guard(value);
  }

  /// @dev That the law can be broken, and the handler sees it: the vault alone lowers with the ramp's own day only.
  function test_withoutNotice_theLawIsBroken() public {
    vm.startPrank(governor);
    vault.setBorrowLtv(7_000);
    vault.rampLiquidationLtv(7_300, 1 days);
    vm.stopPrank();
    _handler.pass(11 hours);
    assertGt(_handler.violationCount(), 0);
  }
}
