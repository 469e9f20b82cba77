// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VaultTest} from "../base/VaultTest.sol";
import {VaultHandler} from "./VaultHandler.sol";
import {VaultLaws} from "./VaultLaws.sol";

/// @notice The laws over any sequence of anyone's acts. Laws about one step are asserted in `VaultHandler`.
contract VaultInvariantTest is VaultTest, VaultLaws {
  VaultHandler private _handler;

  function setUp() public {
    _deployVault();
    _handler = new VaultHandler(vault, loan, collateral, oracle, rateModel, governor);
    _lend(makeAddr("first lender"), 1_000_000e6);
    targetContract(address(_handler));
  }

  /// @dev SOLV-1, ACC-1 and the handler's laws in one function: the runner replays the whole campaign for each one.
  function invariant_laws() public view {
    _checkLaws(_handler);
  }
}
