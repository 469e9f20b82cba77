// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVault} from "../interfaces/IVault.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {Position} from "../types/Position.sol";

/// @title SaleStarts
/// @notice Whether a sale must be started before anything can be sold: a start that fails costs more than to ask.
/// @dev ASSUMPTIONS: the vault runs the vault's code. LIVENESS and ROUNDING: none of its own.
library SaleStarts {
  /// @notice Whether no sale of the position is live, or the one that was has lapsed. Says nothing about its health.
  function needsStart(IVault vault, address borrower) internal view returns (bool) {
    Position memory position = vault.position(borrower);
    if (position.saleStartedAt == 0) return true;
    return SaleClock.hasLapsed(position, vault.terms(position.termsId), block.timestamp);
  }
}
