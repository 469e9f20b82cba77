// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Position} from "../types/Position.sol";
import {Totals} from "../types/Totals.sol";
import {IVaultBorrowing} from "./IVaultBorrowing.sol";
import {IVaultSales} from "./IVaultSales.sol";

/// @title IVaultCore
/// @notice Pool of one loan asset lent against one collateral asset, and the forced sale of that collateral. Lenders hold
/// its ERC-4626 shares.
/// @dev While an operation is under way every entry point and every view of books, positions and prices reverts with
/// `ReentrancyGuardReentrantCall`; only the plain ERC-20 functions of the shares and the configuration stay open.
///
/// LENDERS enter and leave by ERC-4626's functions; assets are loan units, shares have six decimals more than the loan asset.
/// `deposit(assets, receiver)`: shares round down, at the full price, marks not counted. Requirements: not paused
/// (`IVaultSales.ActionPaused`); assets and shares above 0 (`ZeroShares`); claims after it within `supplyCap` (`SupplyCapExceeded`);
/// balance and allowance of the caller, all of it received (`IVaultBorrowing.InsufficientReceived`). Emits `Deposit`.
/// `withdraw(assets, receiver, owner)`: shares round up, at the price that bears all marks. Requirements: assets and shares above 0
/// (`ZeroShares`); cash at hand (`IVaultBorrowing.InsufficientCash`); the owner's shares, and an allowance of them where the caller is
/// another. Never paused, needs no oracle. Emits `Withdraw`.
/// `mint` and `redeem` name the shares instead: assets round up, and down.
interface IVaultCore is IERC4626, IERC20Permit, IVaultBorrowing, IVaultSales {
  /// @notice Loan and collateral asset must differ.
  error SameAsset();
  /// @notice The oracle prices another pair.
  error WrongOraclePair(address collateralAsset, address loanAsset);
  /// @notice The vault's claims would pass `supplyCap`, loan units.
  error SupplyCapExceeded(uint256 assets, uint256 cap);
  /// @notice Shares that round to zero are not minted, nor burned for nothing.
  error ZeroShares();

  /// @notice Collateral asset.
  function collateralAsset() external view returns (address);

  /// @notice `IOracle` of the pair.
  function oracle() external view returns (address);

  /// @notice `IRateModel`.
  function rateModel() external view returns (address);

  /// @notice `ICurve`.
  function curve() external view returns (address);

  /// @notice Code of every part of `IVault` that the vault itself does not have, run in the vault's place.
  function extension() external view returns (address);

  /// @notice Sells away from the clock: `DirectSaleLiquidator`; the zero address for none.
  function directLiquidator() external view returns (address);

  /// @notice Sells away from the clock: `BatchAuctionLiquidator`; the zero address for none.
  function batchLiquidator() external view returns (address);

  /// @notice Buys at the floor and bears losses before lenders; the zero address for none.
  function backstop() external view returns (address);

  /// @notice Smallest debt of a position, loan units.
  function minDebt() external view returns (uint256);

  /// @notice A position as stored.
  function position(address borrower) external view returns (Position memory);

  /// @notice Debt with interest up to now, rounded up, loan units.
  function debtOf(address borrower) external view returns (uint256);

  /// @notice The books with interest up to now.
  function accruedTotals() external view returns (Totals memory);

  /// @notice Write the interest up to now into the books.
  function accrue() external;
}
