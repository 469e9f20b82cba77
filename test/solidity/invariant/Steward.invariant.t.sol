// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StewardTest} from "../base/StewardTest.sol";
import {IMockInputs, StewardHandler} from "./StewardHandler.sol";

/// @notice RISK-1 over any sequence of inputs and of anyone's acts, on the real vault, direct liquidator and sale policy.
contract StewardInvariantTest is StewardTest {
  StewardHandler private _handler;

  function setUp() public {
    _deployVault();
    rateModel.set(0, 0, 0);
    address inputs = deployCode(_artifact("mocks", "MockRiskInputs"));
    _deploySteward(inputs, inputs, _base());

    _lend(makeAddr("lender"), 100_000_000e6);
    address[] memory borrowers = new address[](4);
    // LTVs of 79.6% (the most at the lower price), 78%, 74% and 60%.
    uint256[4] memory debts = [uint256(1_591_999e6), 1_560_000e6, 1_480_000e6, 1_200_000e6];
    for (uint256 i = 0; i < borrowers.length; ++i) {
      borrowers[i] = address(uint160(0xB000 + i));
      _open(borrowers[i], 1_000 ether, debts[i]);
    }
    _handler = new StewardHandler(_steward, vault, IMockInputs(inputs), oracle, governor, _guardian, borrowers);
    _handler.move(1e15, 1_600e12, 0);
    targetContract(address(_handler));
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
      // The start premium stays at its ceiling.
      if (i == 2) continue;
      assertGe(_handler.tightened(i), 3, string.concat("tightened ", vm.toString(i)));
      assertGe(_handler.loosened(i), 3, string.concat("loosened ", vm.toString(i)));
    }
    assertGe(_handler.loosened(0), 3, "raises");
    string[13] memory acts = [
      "applied",
      "followed",
      "frozen",
      "announced",
      "ramps",
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
    uint256 what = seed % 17;
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
    else if (what == 14) _handler.grow(value);
    else _handler.guard(value);
  }

  /// @dev That the law can be broken, and the handler sees it: the vault alone lowers without a notice.
  function test_withoutNotice_theLawIsBroken() public {
    vm.startPrank(governor);
    vault.setBorrowLtv(7_000);
    vault.rampLiquidationLtv(7_300, 5 days);
    vm.stopPrank();
    for (uint256 i = 0; i < 5; ++i) _handler.pass(11 hours);
    assertGt(_handler.violationCount(), 0);
  }
}
