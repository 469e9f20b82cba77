// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ILeverageCallback} from "../interfaces/callbacks/ILeverageCallback.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {Totals} from "../types/Totals.sol";
import {VaultLenders} from "./VaultLenders.sol";

/// @title VaultBorrowers
/// @notice Third layer: collateral and debt.
/// @dev HEALTH: a loan goes out only on a FRESH oracle, measured on the lower price. LIVENESS: repaying and adding collateral
/// read the oracle only while a sale is live, and go through whatever it says. ROUNDING: debts up, credits down.
abstract contract VaultBorrowers is VaultLenders {
  /// @dev So many units of collateral are worth `minDebt` at most, or nothing is lent on them.
  uint256 private constant _LEAST_UNITS = 1_000;

  // ------------------------------------------------------------------------------------------------------- collateral

  /// @inheritdoc IVaultBorrowing
  function supplyCollateral(uint256 assets, address onBehalf) external nonReentrant {
    Position memory position_ = _loadPosition(onBehalf);
    uint256 collateralBefore = position_.collateral;
    _addCollateral(position_, assets, onBehalf);
    if (position_.saleStartedAt != 0) {
      Totals memory totals_ = _accrued();
      _endIfCured(position_, collateralBefore, _debtUp(position_, totals_), totals_, onBehalf);
      _storeTotals(totals_);
    }
    _storePosition(onBehalf, position_);
    _pullCollateral(msg.sender, assets);
  }

  /// @inheritdoc IVaultBorrowing
  function withdrawCollateral(
    uint256 assets,
    address onBehalf,
    address receiver
  ) external nonReentrant returns (uint256 withdrawn) {
    _requireOperator(onBehalf);
    Position memory position_ = _loadPosition(onBehalf);
    withdrawn = _removeCollateral(position_, assets, onBehalf, receiver);
    if (position_.scaledDebt != 0) {
      _requireUnpaused(PauseBits.WITHDRAW_COLLATERAL);
      // The index is computed and not written, unless a sale's end moves a mark: nothing else in the books changes.
      Totals memory totals_ = _accrued();
      Price memory price = _requireBorrowHealth(position_, totals_);
      if (position_.saleStartedAt != 0) {
        _endIfRecovered(position_, totals_, price, onBehalf);
        _storeTotals(totals_);
      }
    }
    _storePosition(onBehalf, position_);
    _pushCollateral(receiver, withdrawn);
  }

  // -------------------------------------------------------------------------------------------------------------- debt

  /// @inheritdoc IVaultBorrowing
  function borrow(uint256 assets, address onBehalf, address receiver) external nonReentrant {
    _requireOperator(onBehalf);
    Totals memory totals_ = _accrued();
    Position memory position_ = _loadPosition(onBehalf);
    _addDebt(position_, totals_, assets, onBehalf, receiver);
    Price memory price = _requireBorrowHealth(position_, totals_);
    if (position_.saleStartedAt != 0) _endIfRecovered(position_, totals_, price, onBehalf);
    _storePosition(onBehalf, position_);
    _storeTotals(totals_);
    _pushLoan(receiver, assets);
  }

  /// @inheritdoc IVaultBorrowing
  function repay(uint256 assets, address onBehalf) external nonReentrant returns (uint256 repaid) {
    Totals memory totals_ = _accrued();
    Position memory position_ = _loadPosition(onBehalf);
    uint256 debtBefore;
    (repaid, debtBefore) = _removeDebt(position_, totals_, assets, onBehalf);
    if (position_.saleStartedAt != 0) _endIfCured(position_, position_.collateral, debtBefore, totals_, onBehalf);
    _storePosition(onBehalf, position_);
    _storeTotals(totals_);
    _pullLoan(msg.sender, repaid, totals_.cash);
  }

  // -------------------------------------------------------------------------------------------------- both in one go

  /// @inheritdoc IVaultBorrowing
  function supplyCollateralAndBorrow(
    uint256 collateral,
    uint256 assets,
    address onBehalf,
    address receiver,
    bytes calldata data
  ) external nonReentrant {
    _requireOperator(onBehalf);
    Totals memory totals_ = _accrued();
    Position memory position_ = _loadPosition(onBehalf);
    _addCollateral(position_, collateral, onBehalf);
    _addDebt(position_, totals_, assets, onBehalf, receiver);
    Price memory price = _requireBorrowHealth(position_, totals_);
    if (position_.saleStartedAt != 0) _endIfRecovered(position_, totals_, price, onBehalf);
    _storePosition(onBehalf, position_);
    _storeTotals(totals_);
    _pushLoan(receiver, assets);
    if (data.length != 0) {
      TokenMoves.requireMagic(
        msg.sender,
        ILeverageCallback(msg.sender).onBorrow(assets, collateral, data),
        ILeverageCallback.onBorrow.selector
      );
    }
    _pullCollateral(msg.sender, collateral);
  }

  /// @inheritdoc IVaultBorrowing
  function repayAndWithdrawCollateral(
    uint256 assets,
    uint256 collateral,
    address onBehalf,
    address receiver,
    bytes calldata data
  ) external nonReentrant returns (uint256 repaid, uint256 withdrawn) {
    _requireOperator(onBehalf);
    Totals memory totals_ = _accrued();
    Position memory position_ = _loadPosition(onBehalf);
    uint256 debtBefore;
    (repaid, debtBefore) = _removeDebt(position_, totals_, assets, onBehalf);
    uint256 collateralBefore = position_.collateral;
    withdrawn = _removeCollateral(position_, collateral, onBehalf, receiver);
    if (position_.scaledDebt != 0) {
      _requireUnpaused(PauseBits.WITHDRAW_COLLATERAL);
      _requireBorrowHealth(position_, totals_);
    }
    if (position_.saleStartedAt != 0) _endIfCured(position_, collateralBefore, debtBefore, totals_, onBehalf);
    _storePosition(onBehalf, position_);
    _storeTotals(totals_);
    _pushCollateral(receiver, withdrawn);
    if (data.length != 0) {
      TokenMoves.requireMagic(
        msg.sender,
        ILeverageCallback(msg.sender).onRepay(withdrawn, repaid, data),
        ILeverageCallback.onRepay.selector
      );
    }
    _pullLoan(msg.sender, repaid, totals_.cash);
  }

  // ---------------------------------------------------------------------------------------------------------- operators

  function _requireOperator(address borrower) private view {
    if (msg.sender != borrower && !_operators[borrower][msg.sender]) revert NotOperator(msg.sender, borrower);
  }

  // ------------------------------------------------------------------------------------- changes of a position in memory

  function _addCollateral(Position memory position_, uint256 assets, address onBehalf) private {
    if (assets == 0) revert ZeroAmount();
    if (position_.collateral == 0 && position_.scaledDebt != 0) revert PositionEmptied(onBehalf);
    position_.collateral += assets;
    emit SupplyCollateral(msg.sender, onBehalf, assets);
  }

  function _removeCollateral(
    Position memory position_,
    uint256 assets,
    address onBehalf,
    address receiver
  ) private returns (uint256 withdrawn) {
    uint256 held = position_.collateral;
    withdrawn = assets == type(uint256).max ? held : assets;
    if (withdrawn == 0) revert ZeroAmount();
    if (withdrawn > held) revert InsufficientPositionCollateral(withdrawn, held);
    position_.collateral = held - withdrawn;
    emit WithdrawCollateral(msg.sender, onBehalf, receiver, withdrawn);
  }

  function _addDebt(
    Position memory position_,
    Totals memory totals_,
    uint256 assets,
    address onBehalf,
    address receiver
  ) private {
    if (assets == 0) revert ZeroAmount();
    _requireUnpaused(PauseBits.BORROW | PauseBits.WIND_DOWN);
    if (assets > totals_.cash) revert InsufficientCash(assets, totals_.cash);
    totals_.cash -= assets;
    _increaseDebt(position_, totals_, assets);

    uint256 debt = _debtUp(position_, totals_);
    if (debt < _minDebt) revert DebtBelowMinimum(debt, _minDebt);
    if (debt > _maxPositionDebt) revert PositionDebtCapExceeded(debt, _maxPositionDebt);
    uint256 lent = _debtDown(totals_);
    if (lent > _borrowCap) revert BorrowCapExceeded(lent, _borrowCap);
    emit Borrow(msg.sender, onBehalf, receiver, assets);
  }

  function _increaseDebt(Position memory position_, Totals memory totals_, uint256 assets) internal pure {
    uint256 scaled = InterestMath.toScaledUp(assets, totals_.index);
    position_.scaledDebt += scaled;
    totals_.scaledDebt += scaled;
  }

  /// @return repaid What the caller owes for it.
  /// @return debt What it owed before.
  function _removeDebt(
    Position memory position_,
    Totals memory totals_,
    uint256 assets,
    address onBehalf
  ) private returns (uint256 repaid, uint256 debt) {
    debt = _debtUp(position_, totals_);
    if (assets == 0 || debt == 0) revert ZeroAmount();
    repaid = FixedPointMathLib.min(assets, debt);
    uint256 remaining = debt - repaid;
    // Nothing more can be sold of an emptied position: whatever is repaid there is so much less to be borne.
    if (position_.collateral != 0 && remaining != 0 && remaining < _minDebt)
      repaid = FixedPointMathLib.zeroFloorSub(debt, _minDebt);
    totals_.cash += repaid;
    _decreaseDebt(position_, totals_, repaid, debt);
    _capMark(position_, totals_, onBehalf);
    emit Repay(msg.sender, onBehalf, repaid);
  }

  // -------------------------------------------------------------------------------------------------------------- health

  /// @dev What a loan going out, or collateral going out under a loan, must satisfy.
  function _requireBorrowHealth(
    Position memory position_,
    Totals memory totals_
  ) private view returns (Price memory price) {
    price = IOracle(_oracle).price();
    if (price.state != OracleState.FRESH) revert OracleNotFresh();
    if (price.deciding / (SaleMath.PRICE_SCALE / _LEAST_UNITS) > _minDebt)
      revert CollateralTooCoarse(price.deciding, _minDebt);
    uint256 debt = _debtUp(position_, totals_);
    uint256 most = SaleMath.maxDebt(position_.collateral, price.low, _borrowLtv());
    if (debt > most) revert InsufficientCollateral(debt, most);
  }

  /// @dev Ends a sale that a price recovery has overtaken.
  function _endIfRecovered(
    Position memory position_,
    Totals memory totals_,
    Price memory price,
    address borrower
  ) private {
    (bool over, bool rests) = _isOver(position_, totals_, price.deciding);
    if (!over) return;
    _clearSale(position_, borrower, EndReason.RECOVERED, rests);
    SaleTerms memory none;
    _remark(position_, totals_, borrower, price, none, _debtUp(position_, totals_));
  }

  /// @param collateralBefore Collateral of the position before this payment, collateral units.
  /// @param debtBefore Its debt then, loan units.
  /// @dev Ends the sale when this payment brought the position from unhealthy to healthy (or out of debt), or when the
  /// price has brought it to `Limits.RECOVERED_HEALTH_BPS`; re-marks it. Seen healthy and left
  /// open it loses its last proof. While the oracle is STALE only full repayment ends it.
  function _endIfCured(
    Position memory position_,
    uint256 collateralBefore,
    uint256 debtBefore,
    Totals memory totals_,
    address borrower
  ) private {
    if (position_.scaledDebt == 0) return _clearSale(position_, borrower, EndReason.CURED, false);
    Price memory price = IOracle(_oracle).price();
    if (price.state == OracleState.STALE) return;
    uint256 ltv = _liquidationLtv();
    uint256 debt = _debtUp(position_, totals_);
    bool wasUnhealthy = debtBefore > SaleMath.maxDebt(collateralBefore, price.deciding, ltv);
    bool isHealthy = debt <= SaleMath.maxDebt(position_.collateral, price.deciding, ltv);
    SaleTerms memory terms_ = _loadTerms(position_.termsId);
    bool cured = wasUnhealthy && isHealthy;
    (bool over, bool rests) = _isOver(position_, totals_, price.deciding);
    if (cured) _clearSale(position_, borrower, EndReason.CURED, rests || !over);
    else if (over) _clearSale(position_, borrower, EndReason.RECOVERED, rests);
    else if (isHealthy) position_.proof = 0;
    _remark(position_, totals_, borrower, price, terms_, debt);
  }
}
