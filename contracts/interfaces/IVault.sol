// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVaultCore} from "./IVaultCore.sol";
import {IVaultDeleveraging} from "./IVaultDeleveraging.sol";
import {IVaultFlashLoans} from "./IVaultFlashLoans.sol";
import {IVaultGovernance} from "./IVaultGovernance.sol";
import {IVaultLosses} from "./IVaultLosses.sol";
import {IVaultOperators} from "./IVaultOperators.sol";
import {IVaultTotals} from "./IVaultTotals.sol";

/// @title IVault
/// @notice Everything that answers at a vault's address: what lenders, borrowers and takers use (`IVaultCore`), and, from its
/// extension, flash loans (`IVaultFlashLoans`), how sales end and losses fall (`IVaultLosses`), deleveraging at the borrower's
/// wish (`IVaultDeleveraging`), who acts for a borrower (`IVaultOperators`), the books (`IVaultTotals`) and the bounded powers and
/// configuration views (`IVaultGovernance`).
// solhint-disable-next-line no-empty-blocks
interface IVault is
  IVaultCore,
  IVaultFlashLoans,
  IVaultLosses,
  IVaultDeleveraging,
  IVaultOperators,
  IVaultTotals,
  IVaultGovernance
{}
