// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {ISalePolicy} from "../../../contracts/interfaces/ISalePolicy.sol";
import {IVaultGovernance} from "../../../contracts/interfaces/IVaultGovernance.sol";
import {RiskInputs} from "../../../contracts/types/SaleRisk.sol";
import {Bounds, StewardConfig} from "../../../contracts/types/Steward.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {IManager, VaultTest} from "./VaultTest.sol";

/// @notice The vault with a direct liquidator, a sale policy and a steward, who has his roles.
abstract contract StewardTest is VaultTest {
  uint64 private constant _STEWARD_ROLE = 3;
  uint64 internal constant _GUARDIAN_ROLE = 2;

  IRiskSteward internal _steward;
  IDirectSaleLiquidator private _direct;
  ISalePolicy private _policy;
  address internal _guardian = makeAddr("guardian");

  /// @param inputs Depth and stress.
  function _deploySteward(address volatilityOracle, address inputs, StewardConfig memory config) internal {
    _steward = IRiskSteward(
      deployCode(_artifact("risk", "RiskSteward"), abi.encode(volatilityOracle, inputs, inputs, _policy, manager))
    );
    _giveRoles();
    vm.startPrank(governor);
    _policy.setInputs(address(vault), _market());
    _steward.configure(address(vault), config, _bounds());
    vm.stopPrank();
  }

  function _beforeVault() internal override {
    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    _policy = ISalePolicy(deployCode(_artifact("liquidation", "SalePolicy"), abi.encode(manager)));
    _direct = IDirectSaleLiquidator(
      deployCode(_artifact("liquidation", "DirectSaleLiquidator"), abi.encode(factory, manager))
    );
  }

  function _config() internal view virtual override returns (VaultConfig memory config) {
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
    _give(address(_policy), ISalePolicy.setInputs.selector, _STEWARD_ROLE);
    _give(address(_steward), IRiskSteward.configure.selector, GOVERNOR_ROLE);
    _give(address(_steward), IRiskSteward.unfreeze.selector, GOVERNOR_ROLE);
    _give(address(_steward), IRiskSteward.freeze.selector, _GUARDIAN_ROLE);
    _give(address(_steward), IRiskSteward.veto.selector, _GUARDIAN_ROLE);
    manager_.grantRole(_STEWARD_ROLE, address(_steward), 0);
    manager_.grantRole(_STEWARD_ROLE, governor, 0);
    manager_.grantRole(_GUARDIAN_ROLE, _guardian, 0);
  }

  function _give(address target, bytes4 selector, uint64 role) internal {
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

  function _base() internal pure returns (StewardConfig memory config) {
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
    bounds[7] = Bounds(160_000e6, 1_200_000e6, 2 hours, 2 days, 300_000e6, 100_000e6);
    bounds[8] = Bounds(400, 800, 2 hours, 2 days, 100, 50);
    bounds[9] = Bounds(50e12, 400e12, 2 hours, 2 days, 100e12, 40e12);
    bounds[10] = Bounds(100e12, 1_000e12, 2 hours, 2 days, 300e12, 100e12);
    bounds[11] = Bounds(0.1e12, 10e12, 2 hours, 2 days, 5e12, 1e12);
    bounds[12] = Bounds(1e14, 5e16, 2 hours, 2 days, 4e15, 1e15);
    bounds[13] = Bounds(10e12, 1_600e12, 2 hours, 2 days, 600e12, 200e12);
  }
}
