// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {VaultGovernance} from "./VaultGovernance.sol";

/// @title VaultExtension
/// @notice What a vault does off its hot paths: code only, which every vault runs in its own place (delegatecall, fixed at
/// creation), so that the vault itself stays small enough to deploy. Called directly it has no authority to obey and nothing to
/// hold.
/// @dev Layers: `AccessManaged`, `VaultState` → `VaultFlashLoans` → `VaultLosses` → `VaultDeleveraging` → `VaultOperators` →
/// `VaultTotals` → `VaultGovernance` → this one. Of
/// immutables it has `VaultRules` alone, which is the same for all vaults: what is a vault's own it asks the vault for. Nor does any
/// layer after the state declare storage: it would lie on the vault's own.
contract VaultExtension is VaultGovernance {
  /// @dev Nobody has a role here; each vault brings its own authority.
  constructor() AccessManaged(address(1)) {}
}
