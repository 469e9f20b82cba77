// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {OracleState, Price} from "../types/Price.sol";
import {Position} from "../types/Position.sol";
import {Totals} from "../types/Totals.sol";
import {PositionStatus, PositionView} from "../types/VaultView.sol";

/// @title MockFixedBonusPool
/// @notice A lending pool of the older kind, to compare with: whoever repays part of an unhealthy debt gets collateral worth that
/// and a bonus, from the first moment on. It speaks as the vault does, in events and views, and knows only what a comparison
/// needs: no interest, no caps, no reserve; who lends does not leave.
/// @dev ROUNDING: collateral down, repayments up.
contract MockFixedBonusPool is ERC20 {
  using SafeERC20 for IERC20;

  /// @notice Bonus and size of a liquidation. In between the two healths the bonus is linear.
  /// @param minBonusBps Bonus at health 1.
  /// @param maxBonusBps Bonus at `deepHealthBps` and below.
  /// @param deepHealthBps Health, bps.
  /// @param closeFactorBps Part of the debt that one liquidation may repay above `deepHealthBps`; at it and below all of it. 0: what
  /// brings the position to `targetLtvBps`.
  /// @param targetLtvBps LTV after a liquidation without close factor.
  /// @param isDiscount Bonuses are parts of the price of what is sold, instead of parts of what is repaid, on top of it.
  struct Rules {
    uint256 minBonusBps;
    uint256 maxBonusBps;
    uint256 deepHealthBps;
    uint256 closeFactorBps;
    uint256 targetLtvBps;
    bool isDiscount;
  }

  struct Account {
    uint256 collateral;
    uint256 debt;
    bool inSale;
  }

  uint256 private constant _INDEX = 1e18;

  IERC20 public immutable asset;
  IERC20 public immutable collateralAsset;
  IOracle public immutable oracle;
  uint256 public immutable borrowLtvBps;
  uint256 public immutable liquidationLtvBps;
  /// @notice What is left of a debt is at least that.
  uint256 public immutable minDebt;
  Rules private _rules;

  uint256 private _cash;
  uint256 private _debts;
  mapping(address borrower => Account) private _accounts;

  error NotBorrower(address caller);
  error CollateralLeft(uint256 collateral);
  error BorrowTooHigh(uint256 debt, uint256 maxDebt);
  error WrongCallback(bytes4 answer);

  constructor(
    IERC20 asset_,
    IERC20 collateralAsset_,
    IOracle oracle_,
    uint256 borrowLtvBps_,
    uint256 liquidationLtvBps_,
    uint256 minDebt_,
    Rules memory rules_
  ) ERC20("Fixed bonus pool", "FBP") {
    asset = asset_;
    collateralAsset = collateralAsset_;
    oracle = oracle_;
    borrowLtvBps = borrowLtvBps_;
    liquidationLtvBps = liquidationLtvBps_;
    minDebt = minDebt_;
    _rules = rules_;
  }

  // --------------------------------------------------------------------------------------------------- lend and borrow

  function deposit(uint256 assets, address receiver) external returns (uint256) {
    asset.safeTransferFrom(msg.sender, address(this), assets);
    _cash += assets;
    _mint(receiver, assets);
    return assets;
  }

  function supplyCollateral(uint256 assets, address borrower) external {
    collateralAsset.safeTransferFrom(msg.sender, address(this), assets);
    _accounts[borrower].collateral += assets;
  }

  function borrow(uint256 assets, address borrower, address receiver) external {
    if (msg.sender != borrower) revert NotBorrower(msg.sender);
    Account storage account = _accounts[borrower];
    account.debt += assets;
    uint256 most = SaleMath.maxDebt(account.collateral, oracle.price().low, borrowLtvBps);
    if (account.debt > most) revert BorrowTooHigh(account.debt, most);
    _cash -= assets;
    _debts += assets;
    asset.safeTransfer(receiver, assets);
  }

  // ------------------------------------------------------------------------------------------------------- liquidations

  /// @notice Repay part of an unhealthy debt for collateral. The caller is called back between the two, and paid for nothing else.
  function liquidate(
    address borrower,
    uint256 maxRepay,
    address receiver,
    bytes calldata data
  ) external returns (uint256 repay, uint256 collateral) {
    Account storage account = _accounts[borrower];
    uint256 price = _price();
    (repay, collateral) = _size(account, price, maxRepay);
    if (repay == 0) revert IVaultSales.PositionHealthy(borrower, account.debt, _maxDebt(account, price));
    if (!account.inSale) {
      account.inSale = true;
      emit IVaultSales.SaleStarted(
        borrower,
        msg.sender,
        0,
        block.timestamp,
        account.debt,
        account.collateral,
        price,
        0
      );
    }
    account.debt -= repay;
    account.collateral -= collateral;
    _debts -= repay;
    _cash += repay;
    uint256 paid = Math.mulDiv(repay, SaleMath.PRICE_SCALE, collateral);
    emit IVaultSales.Take(borrower, msg.sender, repay, 0, collateral, paid);
    if (account.debt == 0 || account.debt <= _maxDebt(account, price)) _end(borrower, IVaultSales.EndReason.SOLD);
    else if (account.collateral == 0) _end(borrower, IVaultSales.EndReason.EMPTIED);
    collateralAsset.safeTransfer(receiver, collateral);
    bytes4 answer = ITakeCallback(msg.sender).onTake(repay, collateral, data);
    if (answer != ITakeCallback.onTake.selector) revert WrongCallback(answer);
    asset.safeTransferFrom(msg.sender, address(this), repay);
  }

  /// @notice Forget that a position was being sold which the price has brought back to health.
  function endSale(address borrower) external {
    Account storage account = _accounts[borrower];
    uint256 most = _maxDebt(account, _price());
    if (account.debt > most) revert IVaultSales.PositionHealthy(borrower, account.debt, most);
    _end(borrower, IVaultSales.EndReason.RECOVERED);
  }

  /// @notice Write off the debt of a position without collateral; lenders bear it.
  function realizeLoss(address borrower) external returns (uint256 loss) {
    Account storage account = _accounts[borrower];
    if (account.collateral != 0) revert CollateralLeft(account.collateral);
    loss = account.debt;
    _debts -= loss;
    account.debt = 0;
    emit IVaultSales.LossRealized(borrower, 0, 0, loss);
  }

  function _end(address borrower, IVaultSales.EndReason reason) private {
    _accounts[borrower].inSale = false;
    emit IVaultSales.SaleEnded(borrower, reason);
  }

  /// @dev Nothing for healthy positions.
  function _size(
    Account storage account,
    uint256 price,
    uint256 maxRepay
  ) private view returns (uint256 repay, uint256 collateral) {
    uint256 debt = account.debt;
    uint256 health = _health(account, price);
    if (debt == 0 || health >= SaleMath.WAD) return (0, 0);
    uint256 bonus = _bonus(health);
    repay = Math.min(maxRepay, _mostRepay(account, price, health, bonus));
    if (debt - repay < minDebt) repay = debt > minDebt && maxRepay < debt ? Math.min(repay, debt - minDebt) : debt;
    collateral = Math.mulDiv(repay * (SaleMath.WAD + bonus), SaleMath.PRICE_SCALE, price * SaleMath.WAD);
    if (collateral <= account.collateral) return (repay, collateral);
    collateral = account.collateral;
    repay = Math.ceilDiv(SaleMath.valueUp(collateral, price) * SaleMath.WAD, SaleMath.WAD + bonus);
  }

  /// @dev On top of what is repaid, WAD.
  function _bonus(uint256 health) private view returns (uint256) {
    Rules memory rules = _rules;
    uint256 deep = (rules.deepHealthBps * SaleMath.WAD) / SaleMath.BPS;
    uint256 fall = SaleMath.WAD - Math.max(health, deep);
    uint256 rise = Math.mulDiv((rules.maxBonusBps - rules.minBonusBps) * SaleMath.WAD, fall, SaleMath.WAD - deep);
    uint256 rate = (rules.minBonusBps * SaleMath.WAD + rise) / SaleMath.BPS;
    return rules.isDiscount ? (rate * SaleMath.WAD) / (SaleMath.WAD - rate) : rate;
  }

  function _mostRepay(
    Account storage account,
    uint256 price,
    uint256 health,
    uint256 bonus
  ) private view returns (uint256) {
    Rules memory rules = _rules;
    uint256 debt = account.debt;
    if (rules.closeFactorBps != 0) {
      bool isDeep = health <= (rules.deepHealthBps * SaleMath.WAD) / SaleMath.BPS;
      return isDeep ? debt : Math.mulDiv(debt, rules.closeFactorBps, SaleMath.BPS, Math.Rounding.Ceil);
    }
    // x = (D - T V) / (1 - T (1 + b)).
    uint256 missing = debt - SaleMath.maxDebt(account.collateral, price, rules.targetLtvBps);
    uint256 recycled = (rules.targetLtvBps * (SaleMath.WAD + bonus)) / SaleMath.BPS;
    return Math.min(debt, Math.mulDiv(missing, SaleMath.WAD, SaleMath.WAD - recycled, Math.Rounding.Ceil));
  }

  function _price() private view returns (uint256) {
    Price memory price = oracle.price();
    if (price.state == OracleState.STALE) revert IVaultSales.OracleStale();
    return price.deciding;
  }

  function _maxDebt(Account storage account, uint256 price) private view returns (uint256) {
    return SaleMath.maxDebt(account.collateral, price, liquidationLtvBps);
  }

  function _health(Account storage account, uint256 price) private view returns (uint256) {
    if (account.debt == 0) return type(uint256).max;
    return Math.mulDiv(_maxDebt(account, price), SaleMath.WAD, account.debt);
  }

  // ----------------------------------------------------------------------------------------------- views, as the vault's

  function position(address borrower) external view returns (Position memory result) {
    Account storage account = _accounts[borrower];
    result.collateral = account.collateral;
    result.scaledDebt = account.debt;
  }

  function debtOf(address borrower) external view returns (uint256) {
    return _accounts[borrower].debt;
  }

  function accruedTotals() external view returns (Totals memory result) {
    result.cash = _cash;
    result.scaledDebt = _debts;
    result.index = _INDEX;
  }

  function totalAssets() public view returns (uint256) {
    return _cash + _debts;
  }

  function convertToAssets(uint256 shares) external view returns (uint256) {
    return totalSupply() == 0 ? shares : Math.mulDiv(shares, totalAssets(), totalSupply());
  }

  // ------------------------------------------------------------------------------------------------ views, as the lens'

  function positions(address, address[] calldata borrowers) public view returns (PositionView[] memory views) {
    Price memory price = oracle.price();
    views = new PositionView[](borrowers.length);
    for (uint256 i = 0; i < borrowers.length; ++i) views[i] = _view(borrowers[i], price);
  }

  /// @notice All in one page.
  function actionable(
    address,
    address[] calldata borrowers,
    uint256,
    uint256
  ) external view returns (PositionView[] memory found, uint256 next) {
    PositionView[] memory all = positions(address(this), borrowers);
    uint256 count;
    for (uint256 i = 0; i < all.length; ++i) if (_isActionable(all[i].status)) ++count;
    found = new PositionView[](count);
    for (uint256 i = all.length; i != 0; --i) if (_isActionable(all[i - 1].status)) found[--count] = all[i - 1];
    return (found, borrowers.length);
  }

  function _isActionable(PositionStatus status) private pure returns (bool) {
    return status > PositionStatus.HEALTHY && status != PositionStatus.FROZEN;
  }

  function _view(address borrower, Price memory price) private view returns (PositionView memory result) {
    Account storage account = _accounts[borrower];
    result.borrower = borrower;
    result.collateral = account.collateral;
    result.debt = account.debt;
    result.health = _health(account, price.deciding);
    result.value = SaleMath.value(account.collateral, price.deciding);
    result.status = _status(account, price, result.health);
    if (result.status != PositionStatus.FOR_SALE) return result;
    (result.closeAmount, result.collateralOut) = _size(account, price.deciding, type(uint256).max);
  }

  function _status(Account storage account, Price memory price, uint256 health) private view returns (PositionStatus) {
    if (account.debt == 0) return PositionStatus.EMPTY;
    if (account.collateral == 0) return PositionStatus.EMPTIED;
    if (price.state == OracleState.STALE) return PositionStatus.FROZEN;
    if (health < SaleMath.WAD) return PositionStatus.FOR_SALE;
    return account.inSale ? PositionStatus.RECOVERED : PositionStatus.HEALTHY;
  }
}
