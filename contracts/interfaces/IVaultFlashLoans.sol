// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";

/// @title IVaultFlashLoans
/// @notice Flash loans (ERC-3156) of the loan asset, up to the cash, and of the collateral asset; free of fees.
interface IVaultFlashLoans is IERC3156FlashLender {
  /// @notice Flash loans are given of the loan and the collateral asset only.
  error UnsupportedFlashLoan(address token);
}
