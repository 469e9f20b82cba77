// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {VaultTest} from "../base/VaultTest.sol";
import {AdversaryHandler} from "./AdversaryHandler.sol";

/// @notice ADV-1: one actor in every role, with a flash loan and a bounded oracle, never lowers what lenders own within a block.
contract AdversaryInvariantTest is VaultTest {
  /// @dev As the vault's `maxOracleStepBps`.
  uint256 private constant _BOUND_BPS = 300;

  AdversaryHandler private _handler;
  address private _lender = makeAddr("lender");

  function setUp() public {
    _deployVault();
    _lend(_lender, 10_000_000e6);
    _handler = new AdversaryHandler(vault, loan, collateral, oracle, _lender, _BOUND_BPS);
    targetContract(address(_handler));
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.directLiquidator = address(0xBAD1);
    config.batchLiquidator = address(0xBAD2);
    config.backstop = address(0xBAD3);
  }

  function invariant_ADV_1() public view {
    if (_handler.violationCount() != 0) revert(_handler.violations(0));
  }

  /// @dev That the law was tried: every role acted, and not only once.
  function test_theActorGetsThroughInEveryRole() public {
    for (uint256 i = 0; i < 600; ++i) _handler.oneBlock(i);
    bytes4[9] memory acts = [
      vault.deposit.selector,
      vault.redeem.selector,
      vault.borrow.selector,
      vault.repay.selector,
      vault.startSale.selector,
      vault.take.selector,
      vault.startAndTake.selector,
      vault.takeMany.selector,
      vault.deleverage.selector
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.went(acts[i]), 5, vm.toString(bytes32(acts[i])));
    assertGe(_handler.sales(_handler.DIRECT()), 5, "direct");
    assertGe(_handler.sales(_handler.BATCH()), 5, "batch");
    assertGe(_handler.sales(_handler.BACKSTOP()), 5, "backstop");
    assertEq(_handler.violationCount(), 0, "ADV-1");
  }

  /// @dev That the law can be broken: with an oracle that he moves by 30% the same actor takes from lenders.
  function test_withoutTheBound_theActorTakesFromLenders() public {
    AdversaryHandler unbounded = new AdversaryHandler(vault, loan, collateral, oracle, _lender, 3_000);
    for (uint256 i = 0; i < 200 && unbounded.violationCount() == 0; ++i) unbounded.oneBlock(i);
    assertGt(unbounded.violationCount(), 0);
  }
}
