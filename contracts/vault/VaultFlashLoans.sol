// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultFlashLoans} from "../interfaces/IVaultFlashLoans.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {PauseBits} from "../types/Params.sol";
import {VaultState} from "./VaultState.sol";

/// @title VaultFlashLoans
/// @notice Flash loans of both assets, free of fees. First layer of `VaultExtension` above authority and state.
/// @dev The vault is locked while one is out, views included: nobody can act on, or read, books that are short of it.
abstract contract VaultFlashLoans is AccessManaged, VaultState, IVaultFlashLoans {
  using SafeERC20 for IERC20;

  bytes32 private constant _FLASH_LOAN_MAGIC = keccak256("ERC3156FlashBorrower.onFlashLoan");

  /// @inheritdoc IERC3156FlashLender
  function maxFlashLoan(address token) public view nonReentrantView returns (uint256) {
    return _flashLoanLimit(token);
  }

  /// @inheritdoc IERC3156FlashLender
  function flashFee(address token, uint256) external view returns (uint256) {
    if (!_isLent(token)) revert UnsupportedFlashLoan(token);
    return 0;
  }

  /// @inheritdoc IERC3156FlashLender
  function flashLoan(
    IERC3156FlashBorrower receiver,
    address token,
    uint256 amount,
    bytes calldata data
  ) external nonReentrant returns (bool) {
    _requireUnpaused(PauseBits.FLASH_LOAN);
    if (!_isLent(token)) revert UnsupportedFlashLoan(token);
    uint256 limit = _flashLoanLimit(token);
    if (amount > limit) revert IVaultBorrowing.InsufficientCash(amount, limit);

    uint256 balanceBefore = IERC20(token).balanceOf(address(this));
    IERC20(token).safeTransfer(address(receiver), amount);
    bytes32 answer = receiver.onFlashLoan(msg.sender, token, amount, 0, data);
    TokenMoves.requireMagic(address(receiver), answer, _FLASH_LOAN_MAGIC);
    TokenMoves.pull(IERC20(token), address(receiver), amount, balanceBefore);
    return true;
  }

  function _flashLoanLimit(address token) private view returns (uint256) {
    if (_isPaused(PauseBits.FLASH_LOAN)) return 0;
    if (token == IVaultCore(address(this)).asset()) return _loadTotals().cash;
    return _isLent(token) ? IERC20(token).balanceOf(address(this)) : 0;
  }

  function _isLent(address token) private view returns (bool) {
    IVaultCore vault = IVaultCore(address(this));
    return token == vault.asset() || token == vault.collateralAsset();
  }
}
