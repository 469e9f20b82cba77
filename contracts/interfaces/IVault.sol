// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVaultCore} from "./IVaultCore.sol";
import {IVaultGovernance} from "./IVaultGovernance.sol";

/// @title IVault
/// @notice Everything that answers at a vault's address: what lenders, borrowers and takers use (`IVaultCore`), and the
/// bounded powers and configuration views (`IVaultGovernance`), which the vault forwards to its admin code.
// solhint-disable-next-line no-empty-blocks
interface IVault is IVaultCore, IVaultGovernance {}
