// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PositionView, VaultView} from "../types/VaultView.sol";

/// @title IVaultLens
/// @notice Reads for keepers and pages: one call returns everything about a vault, and lists of positions with health, sale
/// price and close amount. No state, no authority; known by nobody. A dead oracle, paused sales or a failing rate model are
/// shown, never a reason to revert. Some 1,000 positions fit one `eth_call` of 25 million gas.
interface IVaultLens {
  /// @notice Everything about one vault.
  function vault(address vault_) external view returns (VaultView memory);

  /// @notice The positions of these borrowers, in their order. Vaults keep no list of borrowers: their events name them.
  function positions(address vault_, address[] calldata borrowers) external view returns (PositionView[] memory);

  /// @notice A page of the positions of these borrowers about which something can be done now: STARTABLE, FOR_SALE, RECOVERED,
  /// LAPSED or EMPTIED.
  /// @param offset Index into `borrowers` at which the page begins.
  /// @param limit How many borrowers are looked at.
  /// @return found Those about which something can be done, in the order of `borrowers`.
  /// @return next Index at which the next page begins; `borrowers.length` at the end.
  function actionable(
    address vault_,
    address[] calldata borrowers,
    uint256 offset,
    uint256 limit
  ) external view returns (PositionView[] memory found, uint256 next);
}
