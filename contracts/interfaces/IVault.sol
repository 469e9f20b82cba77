// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Params} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Totals} from "../types/Totals.sol";
import {RewardConfig} from "../types/VaultConfig.sol";
import {IVaultBorrowing} from "./IVaultBorrowing.sol";
import {IVaultGovernance} from "./IVaultGovernance.sol";
import {IVaultSales} from "./IVaultSales.sol";

/// @title IVault
/// @notice Pool of one loan asset lent against one collateral asset, and the forced sale of that collateral. Lenders hold
/// its ERC-4626 shares. Flash loans (ERC-3156) of both assets are free of fees.
/// @dev Every function and view reverts with `ReentrancyGuardReentrantCall` while an operation is under way.
interface IVault is
  IERC4626,
  IERC20Permit,
  IERC3156FlashLender,
  IVaultBorrowing,
  IVaultSales,
  IVaultGovernance
{
  /// @notice The vault's claims would pass `supplyCap`, loan units.
  error SupplyCapExceeded(uint256 assets, uint256 cap);
  /// @notice Shares that round to zero are not minted, nor burned for nothing.
  error ZeroShares();
  /// @notice Flash loans are given of the loan and the collateral asset only.
  error UnsupportedFlashLoan(address token);

  /// @notice Collateral asset.
  function collateralAsset() external view returns (address);

  /// @notice `IOracle` of the pair.
  function oracle() external view returns (address);

  /// @notice `IRateModel`.
  function rateModel() external view returns (address);

  /// @notice `ICurve`.
  function curve() external view returns (address);

  /// @notice Smallest debt of a position, loan units.
  function minDebt() external view returns (uint256);

  /// @notice Largest jump of the oracle that the LTV gap must bear, bps.
  function maxOracleStepBps() external view returns (uint256);

  /// @notice A position as stored.
  function position(address borrower) external view returns (Position memory);

  /// @notice Debt with interest up to now, rounded up, loan units.
  function debtOf(address borrower) external view returns (uint256);

  /// @notice The books as stored, without the interest since `accruedAt`.
  function totals() external view returns (Totals memory);

  /// @notice The books with interest up to now.
  function accruedTotals() external view returns (Totals memory);

  /// @notice Sum of all debts with interest up to now, rounded down, loan units.
  function totalDebt() external view returns (uint256);

  /// @notice Loss of positions that lenders bear already, net of the reserve, loan units.
  function markdown() external view returns (uint256);

  /// @notice Loss marked for one position, loan units.
  function markOf(address borrower) external view returns (uint256);

  /// @notice Parameters as stored.
  function params() external view returns (Params memory);

  /// @notice `liquidationLtv` now, on its ramp, bps.
  function liquidationLtvBps() external view returns (uint256);

  /// @notice A version of the terms.
  function terms(uint256 termsId) external view returns (SaleTerms memory);

  /// @notice Caps, loan units.
  function caps() external view returns (uint256 supplyCap, uint256 borrowCap, uint256 maxPositionDebt);

  /// @notice Quote-side depth Y after the stress haircut, loan units.
  function stressDepth() external view returns (uint256);

  /// @notice Bounds of the starter's reward.
  function rewardConfig() external view returns (RewardConfig memory);

  /// @notice Write the interest up to now into the books.
  function accrue() external;
}
