// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultGovernance} from "../interfaces/IVaultGovernance.sol";
import {Position} from "../types/Position.sol";
import {Totals} from "../types/Totals.sol";
import {VaultConfig} from "../types/VaultConfig.sol";
import {VaultBooks} from "./VaultBooks.sol";
import {VaultSales} from "./VaultSales.sol";

/// @title Vault
/// @notice Pool of one loan asset lent against one collateral asset; its heart is the forced sale (`VaultSales`).
/// @dev Layers, each a file: `VaultBooks` (books, interest, tokens) → `VaultLenders` → `VaultBorrowers` → `VaultSales` →
/// this one, the views. What is not on a hot path is code of its own, `VaultExtension`, which the vault runs in its own place,
/// fixed at creation, not upgradable.
///
/// ROUTES: where each function of a vault's address is answered; a test holds this table against both ABIs.
/// core      | ERC20              | name, symbol, totalSupply, balanceOf, allowance, transfer, transferFrom, approve
/// core      | ERC20Permit        | permit, DOMAIN_SEPARATOR
/// core      | ERC4626            | asset
/// core      | VaultBooks         | decimals, nonces, eip712Domain
/// core      | VaultLenders       | deposit, mint, withdraw, redeem, totalAssets, convertToShares, convertToAssets
/// core      | VaultLenders       | previewDeposit, previewMint, previewWithdraw, previewRedeem
/// core      | VaultLenders       | maxDeposit, maxMint, maxWithdraw, maxRedeem
/// core      | VaultBorrowers     | supplyCollateral, withdrawCollateral, borrow, repay
/// core      | VaultBorrowers     | supplyCollateralAndBorrow, repayAndWithdrawCollateral
/// core      | VaultSales         | startSale, touch, take, startAndTake, takeMany, sell, quoteTake
/// core      | Vault              | accrue, accruedTotals, position, debtOf, minDebt, collateralAsset, oracle, rateModel, curve
/// core      | Vault              | directLiquidator, batchLiquidator, backstop, extension
/// extension | AccessManaged      | authority, setAuthority, isConsumingScheduledOp
/// extension | VaultFlashLoans    | maxFlashLoan, flashFee, flashLoan
/// extension | VaultLosses        | endSale, markDown, realizeLoss, quoteSell, saleFacts, markdown, markOf, pendingLossOf
/// extension | VaultDeleveraging  | setDeleverager, setDeleveragerWithSig, isDeleverager, deleveragerNonce, deleverage
/// extension | VaultOperators     | setOperator, setOperatorWithSig, isOperator, operatorNonce
/// extension | VaultTotals        | totals, totalDebt
/// extension | VaultGovernance    | setUp, setTerms, setBorrowLtv, rampLiquidationLtv, setCaps, tightenCaps, setReserveFactor
/// extension | VaultGovernance    | setRewardConfig, setStressDepth, pause, renewPause, unpause, windDown
/// extension | VaultGovernance    | claimReserve, claimSweptCollateral, params, borrowLtvBps, liquidationLtvBps, terms, caps
/// extension | VaultGovernance    | capCeilings, pauseEnds, stressDepth, rewardConfig
///
/// ASSUMPTIONS: both tokens are plain ERC-20s: no fee on transfer (refused), no balance that shrinks by itself, at most 36
/// decimals between them as the oracle checks. The oracle's answer is bounded by its own sources; rate model and curve are
/// fixed at creation. Block times are sane to within a minute, and before 7 February 2106: times are kept in 32 bits.
/// LIVENESS: repaying, adding collateral and leaving with the cash at hand can't be stopped by anyone, nor by a dead oracle
/// or rate model.
/// ROUNDING: always against the one who acts; what is left over belongs to the lenders.
/// CUSTODY: cash and collateral lie here and nowhere else; no function takes tokens of anyone but `msg.sender`, but that a flash
/// loan takes back from its receiver what it gave him.
contract Vault is VaultSales {
  address private immutable _extension;

  constructor(VaultConfig memory config) VaultBooks(config) {
    _extension = config.extension;
    Address.functionDelegateCall(config.extension, abi.encodeCall(IVaultGovernance.setUp, (config)));
  }

  /// @dev Functions that the vault itself does not have are run from the extension's code (ROUTES). What the extension does not
  /// have either reverts.
  fallback(bytes calldata input) external returns (bytes memory) {
    return Address.functionDelegateCall(_extension, input);
  }

  /// @inheritdoc IVaultCore
  function extension() external view returns (address) {
    return _extension;
  }

  /// @inheritdoc IVaultCore
  function directLiquidator() external view returns (address) {
    return _directLiquidator;
  }

  /// @inheritdoc IVaultCore
  function batchLiquidator() external view returns (address) {
    return _batchLiquidator;
  }

  /// @inheritdoc IVaultCore
  function backstop() external view returns (address) {
    return _backstop;
  }

  /// @inheritdoc IVaultCore
  function accrue() external nonReentrant {
    _storeTotals(_accrued());
  }

  /// @inheritdoc IVaultCore
  function collateralAsset() external view returns (address) {
    return _collateralAsset;
  }

  /// @inheritdoc IVaultCore
  function oracle() external view returns (address) {
    return _oracle;
  }

  /// @inheritdoc IVaultCore
  function rateModel() external view returns (address) {
    return _rateModel;
  }

  /// @inheritdoc IVaultCore
  function curve() external view returns (address) {
    return _curve;
  }

  /// @inheritdoc IVaultCore
  function minDebt() external view returns (uint256) {
    return _minDebt;
  }

  /// @inheritdoc IVaultCore
  function position(address borrower) external view nonReentrantView returns (Position memory) {
    return _loadPosition(borrower);
  }

  /// @inheritdoc IVaultCore
  function debtOf(address borrower) external view nonReentrantView returns (uint256) {
    return _debtUp(_loadPosition(borrower), _accrued());
  }

  /// @inheritdoc IVaultCore
  function accruedTotals() external view nonReentrantView returns (Totals memory) {
    return _accrued();
  }
}
