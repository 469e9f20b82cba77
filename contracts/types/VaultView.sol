// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Params} from "./Params.sol";
import {Price} from "./Price.sol";
import {SaleTerms} from "./SaleTerms.sol";
import {Totals} from "./Totals.sol";
import {RewardConfig} from "./VaultConfig.sol";

/// @notice One of a vault's two tokens.
struct TokenView {
  address token;
  string name;
  string symbol;
  uint8 decimals;
}

/// @notice Everything about a vault, with interest up to now.
/// @param utilisation Debt / (debt + cash), WAD.
/// @param borrowRate WAD per second that borrowers pay now.
/// @param supplyRate WAD per second that lenders earn now.
/// @param totalAssets Lenders' claims at the marked-down value, loan units.
/// @param totalSupply Shares.
/// @param totalDebt Rounded down, loan units.
/// @param markdown Loss that lenders bear already, net of the reserve, loan units.
/// @param liquidationLtvBps On its ramp now, bps.
/// @param vaultSeconds Live seconds of the vault-wide sale clock, at most the horizon of the current terms.
struct VaultView {
  address vault;
  TokenView asset;
  TokenView collateral;
  address oracle;
  address rateModel;
  address curve;
  address extension;
  address directLiquidator;
  address batchLiquidator;
  address backstop;
  address authority;
  Totals totals;
  Params params;
  SaleTerms terms;
  RewardConfig reward;
  Price price;
  uint256 utilisation;
  uint256 borrowRate;
  uint256 supplyRate;
  uint256 totalAssets;
  uint256 totalSupply;
  uint256 totalDebt;
  uint256 markdown;
  uint256 liquidationLtvBps;
  uint256 supplyCap;
  uint256 borrowCap;
  uint256 maxPositionDebt;
  uint256 stressDepth;
  uint256 minDebt;
  uint256 vaultSeconds;
}

/// @notice Where a position stands.
/// EMPTY: no debt. HEALTHY: under the liquidation LTV. STARTABLE: unhealthy, no live sale. FOR_SALE: can be taken now.
/// RECOVERED: a sale whose price recovered to 1.02: `endSale` clears it. WAITING: a live sale whose position is healthy but
/// not yet at 1.02. LAPSED: needs a fresh start. EMPTIED: debt without collateral: `realizeLoss`. FROZEN: unhealthy or for
/// sale, while the oracle is STALE or sales are paused.
enum PositionStatus {
  EMPTY,
  HEALTHY,
  STARTABLE,
  FOR_SALE,
  RECOVERED,
  WAITING,
  LAPSED,
  EMPTIED,
  FROZEN
}

/// @notice One position.
/// @param debt With interest up to now, rounded up, loan units.
/// @param value Of the collateral at the deciding price, rounded down, loan units.
/// @param ltv Debt / value, rounded up, WAD; the maximum of uint256 where the value is 0 and debt is left.
/// @param health `liquidationLtv / LTV`, rounded down, WAD; the maximum of uint256 without debt.
/// @param salePrice Price of a take now, 1e36 scale; 0 unless FOR_SALE.
/// @param closeAmount Debt that the largest legal take repays, loan units; 0 unless FOR_SALE.
/// @param penalty Penalty on that take, loan units; 0 unless FOR_SALE.
/// @param collateralOut Collateral that it buys, collateral units; 0 unless FOR_SALE.
struct PositionView {
  address borrower;
  PositionStatus status;
  uint256 collateral;
  uint256 debt;
  uint256 value;
  uint256 ltv;
  uint256 health;
  uint256 mark;
  uint256 saleStartedAt;
  uint256 termsId;
  uint256 salePrice;
  uint256 closeAmount;
  uint256 penalty;
  uint256 collateralOut;
}
