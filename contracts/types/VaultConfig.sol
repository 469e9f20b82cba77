// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SaleTerms} from "./SaleTerms.sol";

/// @notice What a starter may be paid, in loan units. Three significant digits of each are kept, rounded down.
/// @param cap Most that one start pays.
/// @param nativePrice Loan units that one native coin (1e18 wei) is worth, to turn gas into loan units. The governor keeps it true;
/// no oracle does. Where it is too low, starters and direct sellers are paid less than their gas; where it is too high, a borrower
/// pays for a start at most `cap`, half the penalty and what his collateral covers, and while he is under health 1.02 once a day.
struct RewardConfig {
  uint128 cap;
  uint128 nativePrice;
}

/// @notice Everything a vault is built from.
/// @param asset Loan asset.
/// @param collateralAsset Collateral asset; differs from `asset`.
/// @param oracle `IOracle` of the pair.
/// @param rateModel `IRateModel`.
/// @param curve `ICurve`.
/// @param extension `VaultExtension`.
/// @param directLiquidator May sell away from the clock; the zero address for none.
/// @param batchLiquidator May sell away from the clock; the zero address for none.
/// @param backstop May buy away from the clock and covers losses; the zero address for none.
/// @param authority AccessManager.
/// @param name Name of the shares.
/// @param symbol Symbol of the shares.
/// @param minDebt Smallest debt that a position may have, loan units.
/// @param maxOracleStepBps Largest jump of the oracle between two updates that the LTV gap must bear, bps.
/// @param borrowLtvBps Most LTV at borrowing, bps.
/// @param liquidationLtvBps LTV above which a position is unhealthy, bps.
/// @param reserveFactorBps Share of interest that goes to the reserve, bps.
/// @param supplyCap Most that lenders' claims may be worth right after a deposit, loan units.
/// @param borrowCap Most that may be lent right after a borrow, loan units.
/// @param maxPositionDebt Most that one position may owe right after its borrow, loan units.
/// @param stressDepth Quote-side depth Y of the collateral's market after the stress haircut, loan units.
/// @param reward What a starter may be paid.
/// @param terms First version of the sale terms.
struct VaultConfig {
  address asset;
  address collateralAsset;
  address oracle;
  address rateModel;
  address curve;
  address extension;
  address directLiquidator;
  address batchLiquidator;
  address backstop;
  address authority;
  string name;
  string symbol;
  uint256 minDebt;
  uint256 maxOracleStepBps;
  uint256 borrowLtvBps;
  uint256 liquidationLtvBps;
  uint256 reserveFactorBps;
  uint256 supplyCap;
  uint256 borrowCap;
  uint256 maxPositionDebt;
  uint256 stressDepth;
  RewardConfig reward;
  SaleTerms terms;
}
