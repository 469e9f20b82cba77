// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVaultBorrowing} from "../interfaces/IVaultBorrowing.sol";
import {IVaultCore} from "../interfaces/IVaultCore.sol";
import {IVaultCover} from "../interfaces/IVaultCover.sol";
import {IVaultLosses} from "../interfaces/IVaultLosses.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {SalePrice} from "../libraries/SalePrice.sol";
import {PendingLoss} from "../types/Cover.sol";
import {ParamsPacking, PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleFacts} from "../types/SaleFacts.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote} from "../types/TakeParams.sol";
import {Totals} from "../types/Totals.sol";
import {VaultFlashLoans} from "./VaultFlashLoans.sol";

/// @title VaultLosses
/// @notice How sales end without a buyer, and how losses are shown and fall.
/// @dev ASSUMPTIONS: the backstop was chosen when the vault was made and is ours. LIVENESS: a backstop that fails covers nothing
/// and stops nothing; it must be given its gas, and must not be asked from within a call of its own, so that nobody can starve it
/// and pass its share to the lenders.
/// ROUNDING: marks and losses up, cover as received.
abstract contract VaultLosses is VaultFlashLoans, IVaultLosses {
  using SafeCast for uint256;

  /// @dev Collateral worth less than this part of `minDebt` is dust.
  uint256 private constant _DUST_DIVISOR = 100;
  /// @dev Longest time that a loss waits for inventory to be resold.
  uint256 private constant _LONGEST_WAIT = 30 days;
  uint256 private constant _COVER_GAS = 500_000;
  /// @dev Gas before the backstop is asked.
  uint256 private constant _COVER_MARGIN = 20_000;

  /// @dev Writes the interest up to now first. Before the lock: it is a call to the vault itself.
  modifier accrued() {
    IVaultCore(address(this)).accrue();
    _;
  }

  /// @inheritdoc IVaultLosses
  function endSale(address borrower) external accrued nonReentrant {
    Position memory position_ = _loadPosition(borrower);
    // One that is not live may rest: what recovers is paid for again.
    if (position_.saleStartedAt == 0 && position_.termsId == 0) revert IVaultSales.SaleNotStarted(borrower);
    Totals memory totals_ = _loadTotals();
    Price memory price = _price();
    if (price.state == OracleState.STALE) revert IVaultSales.OracleStale();
    bool live = position_.saleStartedAt != 0;
    (bool over, bool rests) = live
      ? _isOver(position_, totals_, price.deciding)
      : (_isRecovered(position_, totals_, price.deciding), false);
    if (!over) {
      uint256 most = SaleMath.maxDebt(position_.collateral, price.deciding, _liquidationLtv());
      revert SaleStillNeeded(borrower, _debtUp(position_, totals_), (most * BPS) / Limits.RECOVERED_HEALTH_BPS);
    }
    if (live) _clearSale(position_, borrower, IVaultSales.EndReason.RECOVERED, rests);
    else position_.termsId = 0;
    SaleTerms memory none;
    _remark(position_, totals_, borrower, price, none, _debtUp(position_, totals_));
    _storePosition(borrower, position_);
    _storeTotals(totals_);
  }

  /// @inheritdoc IVaultLosses
  function markDown(address borrower) external accrued nonReentrant returns (uint256 mark) {
    Position memory position_ = _loadPosition(borrower);
    // A mark can outlive its sale where the sale ended while the oracle was not FRESH.
    if (_scaledMarks[borrower] == 0) position_ = _requireLiveSale(borrower);
    Totals memory totals_ = _loadTotals();
    Price memory price = _price();
    if (price.state != OracleState.FRESH) revert IVaultBorrowing.OracleNotFresh();
    SaleTerms memory terms_;
    if (position_.saleStartedAt != 0) _readTerms(terms_, position_.termsId);
    _remark(position_, totals_, borrower, price, terms_, _debtUp(position_, totals_));
    _storeTotals(totals_);
    return InterestMath.toAssetsUp(_scaledMarks[borrower], totals_.index);
  }

  /// @inheritdoc IVaultLosses
  function realizeLoss(address borrower) external accrued nonReentrant returns (uint256 loss) {
    Position memory position_ = _loadPosition(borrower);
    PendingLoss memory pending = _pendingLosses[borrower];
    Totals memory totals_ = _loadTotals();
    bool isNew = position_.scaledDebt != 0 && (position_.collateral == 0 || pending.assets == 0);
    if (isNew) loss = _writeOff(position_, totals_, borrower);
    else if (pending.assets == 0) revert NotEmptied(borrower, 0, 0);
    uint256 fromReserve = Math.min(loss, totals_.reserve);
    totals_.reserve -= fromReserve;

    uint256 due = loss - fromReserve + pending.assets;
    uint256 others = _pendingLoss - pending.assets;
    (uint256 covered, uint256 owed) = _cover(due, others);
    if (pending.finalAt == 0) pending.finalAt = (block.timestamp + _LONGEST_WAIT).toUint64();
    if (owed != 0 && block.timestamp >= pending.finalAt) {
      _takeInventory(borrower, owed);
      owed = 0;
    }
    _storePending(borrower, owed, pending.finalAt);
    _pendingLoss = others + owed;
    totals_.marked = _totalScaledMarks | _pendingLoss != 0;
    totals_.cash += covered;
    _storeTotals(totals_);
    emit IVaultSales.LossRealized(borrower, fromReserve, covered, due - covered - owed);
  }

  /// @dev Takes the debt of an emptied position out of the books.
  function _writeOff(
    Position memory position_,
    Totals memory totals_,
    address borrower
  ) private returns (uint256 loss) {
    if (position_.collateral != 0) _sweep(position_, borrower);
    if (position_.saleStartedAt != 0) _clearSale(position_, borrower, IVaultSales.EndReason.EMPTIED, false);
    uint256 debtBefore = InterestMath.toAssetsDown(totals_.scaledDebt, totals_.index);
    totals_.scaledDebt -= position_.scaledDebt;
    loss = debtBefore - InterestMath.toAssetsDown(totals_.scaledDebt, totals_.index);
    position_.scaledDebt = 0;
    if (totals_.marked) _setMark(totals_, borrower, 0);
    _storePosition(borrower, position_);
  }

  function _storePending(address borrower, uint256 owed, uint64 finalAt) private {
    if (owed == 0) {
      delete _pendingLosses[borrower];
      return;
    }
    _pendingLosses[borrower] = PendingLoss(owed.toUint128(), finalAt);
    emit LossPending(borrower, owed, finalAt);
  }

  /// @dev Moves dust to the vault's own position, in memory on one side. Only what the clock has offered for a horizon: a price
  /// alone, however fresh, makes no dust of collateral.
  function _sweep(Position memory position_, address borrower) private {
    Price memory price = _priceOverHorizon(position_);
    uint256 value = SaleMath.valueUp(position_.collateral, price.high);
    uint256 dust = IVaultCore(address(this)).minDebt() / _DUST_DIVISOR;
    if (price.state != OracleState.FRESH || value > dust) revert NotEmptied(borrower, value, dust);
    _requireOffered(position_, borrower, price.liveSince);
    Position memory own = _loadPosition(address(this));
    own.collateral += position_.collateral;
    _storePosition(address(this), own);
    emit CollateralSwept(borrower, position_.collateral);
    position_.collateral = 0;
  }

  function _requireOffered(Position memory position_, address borrower, uint256 liveSince) private view {
    if (position_.saleStartedAt == 0) revert IVaultSales.SaleNotStarted(borrower);
    _requireUnpaused(PauseBits.SALES);
    uint256 since = Math.max(position_.saleStartedAt, Math.max(_loadParams().clocksRestartedAt, liveSince));
    uint256 ownSeconds = Math.saturatingSub(block.timestamp, since);
    uint256 horizon = _loadTerms(position_.termsId).horizon;
    if (ownSeconds < horizon) revert NotOfferedYet(borrower, ownSeconds, horizon);
  }

  /// @dev The price, with `liveSince` covering the last horizon: what came before makes no sale younger than that.
  function _priceOverHorizon(Position memory position_) private view returns (Price memory) {
    uint256 known = Math.max(_loadTotals().oracleAliveUntil, _loadParams().clocksRestartedAt);
    uint256 horizon = position_.saleStartedAt == 0 ? 0 : _loadTerms(position_.termsId).horizon;
    uint256 since = Math.max(known, block.timestamp - horizon);
    return IOracle(IVaultCore(address(this)).oracle()).priceSince(since);
  }

  /// @dev Asks the backstop; what it says must have come in. One that is in the middle of something is no backstop that fails:
  /// whoever calls from there would pass its share to the lenders.
  function _cover(uint256 due, uint256 waiting) private returns (uint256 covered, uint256 owed) {
    if (due == 0) return (0, 0);
    IERC20 token = IERC20(IVaultCore(address(this)).asset());
    uint256 balanceBefore = token.balanceOf(address(this));
    bytes memory result = _askBackstop(64, abi.encodeCall(IVaultCover.coverLoss, (due, waiting)));
    if (result.length != 64) return (0, 0);
    (covered, owed) = abi.decode(result, (uint256, uint256));
    uint256 received = token.balanceOf(address(this)) - balanceBefore;
    if (covered > due || owed > due - covered || covered > received) revert CoverMismatch(covered, received);
  }

  /// @dev What a loss waited for in vain comes into the vault's own position, as dust does.
  function _takeInventory(address borrower, uint256 owed) private {
    IERC20 token = IERC20(IVaultCore(address(this)).collateralAsset());
    uint256 balanceBefore = token.balanceOf(address(this));
    _askBackstop(32, abi.encodeCall(IVaultCover.surrender, (owed)));
    uint256 received = token.balanceOf(address(this)) - balanceBefore;
    Position memory own = _loadPosition(address(this));
    own.collateral += received;
    _storePosition(address(this), own);
    emit CollateralSwept(borrower, received);
  }

  /// @return result What the backstop answered; empty where it failed.
  function _askBackstop(uint16 length, bytes memory call) private returns (bytes memory result) {
    address backstop = IVaultCore(address(this)).backstop();
    if (backstop == address(0)) return "";
    GasGuard.requireGas(_COVER_GAS, _COVER_MARGIN);
    bool success;
    (success, , result) = LibCall.tryCall(backstop, 0, _COVER_GAS, length, call);
    if (success) return result;
    if (bytes4(result) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector) revert BackstopBusy();
    return "";
  }

  // --------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IVaultLosses
  function quoteSell(address borrower, uint256 price, uint256 maxRepay) external view returns (SaleQuote memory quote) {
    Totals memory totals_ = IVaultCore(address(this)).accruedTotals();
    Position memory position_ = _loadPosition(borrower);
    SaleTerms memory terms_ = _loadTerms(position_.saleStartedAt == 0 ? _loadParams().termsId : position_.termsId);
    uint256 debt = _debtUp(position_, totals_);
    uint256 minDebt = IVaultCore(address(this)).minDebt();
    uint256 collateral = position_.collateral;
    SaleMath.Size memory size = SaleMath.closeAmount(debt, collateral, price, _price().deciding, terms_, minDebt);
    if (maxRepay < size.repay) size = SaleMath.part(maxRepay, debt, collateral, price, terms_, minDebt);
    SalePrice.fill(quote, size, debt, collateral, totals_.index, price);
  }

  /// @inheritdoc IVaultLosses
  function saleFacts(address borrower) external view nonReentrantView returns (SaleFacts memory facts) {
    uint256 slot = _paramsSlot;
    _readPosition(facts.position, borrower);
    bool isLive = facts.position.saleStartedAt != 0;
    _readTerms(facts.terms, isLive ? facts.position.termsId : ParamsPacking.termsId(slot));
    facts.liquidationLtvBps = ParamsPacking.liquidationLtvBps(slot, block.timestamp);
    facts.reward.cap = ParamsPacking.rewardCap(slot).toUint128();
    facts.reward.nativePrice = ParamsPacking.nativePrice(slot).toUint128();
  }

  /// @inheritdoc IVaultLosses
  function markdown() external view returns (uint256) {
    Totals memory totals_ = IVaultCore(address(this)).accruedTotals();
    uint256 marks = InterestMath.toAssetsDown(_totalScaledMarks, totals_.index);
    return Math.saturatingSub(marks, totals_.reserve) + _pendingLoss;
  }

  /// @inheritdoc IVaultLosses
  function markOf(address borrower) external view returns (uint256) {
    uint256 mark = InterestMath.toAssetsUp(_scaledMarks[borrower], IVaultCore(address(this)).accruedTotals().index);
    return mark + _pendingLosses[borrower].assets;
  }

  /// @inheritdoc IVaultLosses
  function pendingLossOf(address borrower) external view nonReentrantView returns (PendingLoss memory) {
    return _pendingLosses[borrower];
  }

  // -------------------------------------------------------------------------------------------------------------- helpers

  function _saleCurve() internal view override returns (ICurve) {
    return ICurve(IVaultCore(address(this)).curve());
  }

  function _requireLiveSale(address borrower) private view returns (Position memory position_) {
    position_ = _loadPosition(borrower);
    if (position_.saleStartedAt == 0) revert IVaultSales.SaleNotStarted(borrower);
  }

  function _price() internal view returns (Price memory) {
    return IOracle(IVaultCore(address(this)).oracle()).price();
  }
}
