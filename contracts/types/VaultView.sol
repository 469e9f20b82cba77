// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Params} from "./Params.sol";
import {Price} from "./Price.sol";
import {SaleTerms} from "./SaleTerms.sol";
import {Totals} from "./Totals.sol";
import {RewardConfig} from "./VaultConfig.sol";

/// @notice A token as it describes itself; empty where it does not.
struct TokenView {
  address token;
  string name;
  string symbol;
  uint8 decimals;
}

/// @notice Everything about a vault, with interest up to now.
/// @param shares The vault as the token that its lenders hold.
/// @param totals The books with interest up to now.
/// @param terms Those that new sales get.
/// @param price As a sale would read it now; all 0, which means STALE, where it can't be read.
/// @param utilisation Debt / (debt + cash), WAD.
/// @param borrowRate WAD per second that borrowers pay now.
/// @param supplyRate WAD per second that lenders earn now, before marks, rounded down.
/// @param totalAssets Lenders' claims at the marked-down value, loan units.
/// @param totalSupply Shares.
/// @param totalDebt Rounded down, loan units.
/// @param markdown Loss that lenders bear already, net of the reserve, loan units.
/// @param liquidationLtvBps On its ramp now, bps.
/// @param vaultSeconds Live seconds of the vault-wide sale clock, at most the horizon of the current terms; 0 while the clocks
/// stand still.
struct VaultView {
  address vault;
  TokenView shares;
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

/// @notice Where a position stands: what can be done about it now.
/// EMPTY: no debt. HEALTHY: at or under the liquidation LTV, no live sale. STARTABLE: unhealthy, no live sale: `startSale`.
/// FOR_SALE: `take`. RECOVERED: a sale whose price recovered to health 1.02, or to 1 where it is past its time to hold:
/// `endSale`. WAITING: a younger sale of a position that is healthy but not yet at 1.02: nothing. LAPSED: unhealthy, its sale's
/// last proof older than twelve horizons: `startSale` anew. EMPTIED: debt without collateral: `realizeLoss`. FROZEN: nothing can be done now. Either the oracle is STALE, so that
/// nobody knows the position's health; or it is unhealthy while sales are paused, or, needing a start or a proof of its
/// sale, healthy on the price that binds starts (`Price.startBound`).
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
/// @param value Value of the collateral at the deciding price, rounded down, loan units; 0 while the oracle is STALE.
/// @param ltv Debt / value, rounded up, WAD; 0 without debt; the maximum of uint256 where the value is 0 and debt is left.
/// @param health `liquidationLtv / LTV`, rounded down, WAD; under 1e18 when and only when unhealthy; the maximum of uint256
/// without debt, 0 where the value is 0 and debt is left.
/// @param mark Loss that lenders bear already for it, loan units.
/// @param saleStartedAt Unix seconds at which its sale's clock began; 0 while no sale is live.
/// @param termsId Version of the terms of its sale; 0 while no sale is live.
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
