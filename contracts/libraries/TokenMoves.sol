// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";

/// @title TokenMoves
/// @notice How tokens come into a vault or the backstop, and how a callback must answer. Runs as whoever uses it.
/// @dev ASSUMPTIONS: none about the token but that its balances are true. CUSTODY: a token that delivers less than it was told fails
/// here.
library TokenMoves {
  using SafeERC20 for IERC20;

  /// @notice Pulls tokens whose sum is kept in the books.
  /// @param assets Units of the token.
  /// @param least Balance that the books count on after it, units of the token.
  function pull(IERC20 token, address from, uint256 assets, uint256 least) internal {
    token.safeTransferFrom(from, address(this), assets);
    uint256 balance = token.balanceOf(address(this));
    if (balance < least) revert IVaultBorrowing.InsufficientReceived(address(token), balance, least);
  }

  /// @notice Pulls tokens of which no sum is kept: what comes in is measured.
  /// @param assets Units of the token, received at least.
  function pullMeasured(IERC20 token, address from, uint256 assets) internal {
    uint256 balanceBefore = token.balanceOf(address(this));
    token.safeTransferFrom(from, address(this), assets);
    uint256 received = token.balanceOf(address(this)) - balanceBefore;
    if (received < assets) revert IVaultBorrowing.InsufficientReceived(address(token), received, assets);
  }

  /// @notice Refuses a callback that did not answer as it must.
  /// @param callee Who was called back.
  /// @param actual Its answer; of an answer of four bytes the rest is 0.
  function requireMagic(address callee, bytes32 actual, bytes32 expected) internal pure {
    if (actual != expected) revert IVaultBorrowing.CallbackRefused(callee);
  }
}
