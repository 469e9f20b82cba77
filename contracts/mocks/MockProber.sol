// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVault} from "../interfaces/IVault.sol";
import {IVaultLosses} from "../interfaces/IVaultLosses.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {SaleQuote} from "../types/TakeParams.sol";

/// @title MockProber
/// @notice Finds out by trying what can be done about positions, and undoes it: the truth that a lens is held against. One
/// call probes many positions.
contract MockProber {
  /// @notice Which calls would succeed now, and what the vault itself says.
  struct Probe {
    bool canStart;
    bool canTake;
    bool canEnd;
    bool canRealize;
    uint256 debt;
    uint256 mark;
    SaleQuote quote;
  }

  /// @dev Carries the outcome of a call out of its undoing.
  error Undone(bool success);

  function probe(IVault vault, address[] calldata borrowers) external returns (Probe[] memory probes) {
    probes = new Probe[](borrowers.length);
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      Probe memory found = probes[i];
      found.canStart = _succeeds(vault, abi.encodeCall(IVaultSales.startSale, (borrower, address(0))));
      found.canTake = _succeeds(vault, abi.encodeCall(IVaultSales.quoteTake, (borrower)));
      found.canEnd = _succeeds(vault, abi.encodeCall(IVaultLosses.endSale, (borrower)));
      found.canRealize = _succeeds(vault, abi.encodeCall(IVaultLosses.realizeLoss, (borrower)));
      found.debt = vault.debtOf(borrower);
      found.mark = vault.markOf(borrower);
      if (found.canTake) found.quote = vault.quoteTake(borrower);
    }
  }

  /// @notice Makes a call and undoes it: always reverts.
  function tryAndUndo(address target, bytes calldata call) external {
    // solhint-disable-next-line avoid-low-level-calls
    (bool success, ) = target.call(call);
    revert Undone(success);
  }

  function _succeeds(IVault vault, bytes memory call) private returns (bool) {
    // solhint-disable-next-line avoid-low-level-calls
    (, bytes memory reason) = address(this).call(abi.encodeCall(this.tryAndUndo, (address(vault), call)));
    return keccak256(reason) == keccak256(abi.encodeWithSelector(Undone.selector, true));
  }
}
