// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {PendingLoss} from "../types/Cover.sol";
import {Params, ParamsPacking, PauseBits} from "../types/Params.sol";
import {Position, PositionPacking} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms, SaleTermsPacking} from "../types/SaleTerms.sol";
import {Totals, TotalsPacking} from "../types/Totals.sol";

/// @title VaultState
/// @notice What a vault stores, the way between packed slots and memory, and the marks. First base of both `Vault` and
/// `VaultExtension`, so that the extension's code, run by the vault, finds everything in its place.
/// @dev The authority's slot comes first: the extension is `AccessManaged`, the vault only keeps the slot (`VaultAuthoritySlot`).
// solhint-disable-next-line max-states-count
abstract contract VaultState is ReentrancyGuardTransient {
  uint256 internal constant BPS = 10_000;

  uint256 internal _totalsSlot0;
  uint256 internal _totalsSlot1;
  uint256 internal _paramsSlot;
  mapping(address borrower => uint256) private _positionSlots;
  mapping(uint256 termsId => uint256) private _termsSlots;
  mapping(address owner => mapping(address operator => bool)) internal _operators;
  /// @dev Marks in scaled units: they grow with the debt they stand for.
  mapping(address borrower => uint256) internal _scaledMarks;
  uint256 internal _totalScaledMarks;
  /// @dev Written off, and waiting for the backstop's resale: leavers bear it, entrants pay for it. Loan units, no interest.
  uint256 internal _pendingLoss;
  mapping(address borrower => PendingLoss) internal _pendingLosses;

  uint128 internal _supplyCap;
  uint128 internal _stressDepth;
  uint128 internal _borrowCap;
  uint128 internal _maxPositionDebt;
  /// @dev Ends of pauses as `PauseBits` packs them; read only where something is paused.
  uint256 internal _pauseEnds;
  /// @dev `bps u16 | until u40`: until then `borrowLtv` counts as no more than this. Read only where `PauseBits.RAISED` is set.
  uint256 internal _borrowLtvHeld;
  /// @dev One above the ceiling that `tightenCaps` has set; 0 for none.
  uint128 internal _borrowCapCeiling;
  uint128 internal _maxPositionDebtCeiling;

  // --------------------------------------------------------------------------------------------------- slots and memory

  function _loadTotals() internal view returns (Totals memory totals_) {
    TotalsPacking.unpack(totals_, _totalsSlot0, _totalsSlot1);
  }

  function _storeTotals(Totals memory totals_) internal {
    (_totalsSlot0, _totalsSlot1) = TotalsPacking.pack(totals_);
  }

  function _loadParams() internal view returns (Params memory params_) {
    ParamsPacking.unpack(params_, _withoutEndedPauses(_paramsSlot));
  }

  function _storeParams(Params memory params_) internal {
    _paramsSlot = ParamsPacking.pack(params_);
  }

  function _loadPosition(address borrower) internal view returns (Position memory position_) {
    _readPosition(position_, borrower);
  }

  function _readPosition(Position memory position_, address borrower) internal view {
    PositionPacking.unpack(position_, _positionSlots[borrower]);
  }

  function _storePosition(address borrower, Position memory position_) internal {
    _positionSlots[borrower] = PositionPacking.pack(position_);
  }

  function _loadTerms(uint256 termsId) internal view returns (SaleTerms memory terms_) {
    _readTerms(terms_, termsId);
  }

  function _readTerms(SaleTerms memory terms_, uint256 termsId) internal view {
    SaleTermsPacking.unpack(terms_, _termsSlots[termsId]);
  }

  function _storeTerms(uint256 termsId, SaleTerms memory terms_) internal {
    _termsSlots[termsId] = SaleTermsPacking.pack(terms_);
  }

  // ------------------------------------------------------------------------------------------------------ parameters

  function _liquidationLtv() internal view returns (uint256) {
    return ParamsPacking.liquidationLtvBps(_paramsSlot, block.timestamp);
  }

  /// @dev `borrowLtv` as it counts now: a raise counts from an hour after it on.
  function _borrowLtv() internal view returns (uint256 bps) {
    uint256 slot = _paramsSlot;
    bps = ParamsPacking.borrowLtvBps(slot);
    if (ParamsPacking.pausedActions(slot) & PauseBits.RAISED == 0) return bps;
    uint256 held = _borrowLtvHeld;
    if (block.timestamp < held >> 16) bps = FixedPointMathLib.min(bps, uint16(held));
  }

  /// @dev Whether any of these actions is paused. The ends of pauses are read only where one of them may be.
  function _isPaused(uint256 actions) internal view returns (bool) {
    uint256 slot = _paramsSlot;
    if (ParamsPacking.pausedActions(slot) & actions == 0) return false;
    return ParamsPacking.pausedActions(_withoutEndedPauses(slot)) & actions != 0;
  }

  /// @dev Pauses end by themselves. One of sales restarts the clocks as it ends, whenever somebody looks.
  function _withoutEndedPauses(uint256 slot) internal view returns (uint256) {
    uint256 paused = ParamsPacking.pausedActions(slot) & PauseBits.ALL;
    if (paused == 0) return slot;
    uint256 ends = _pauseEnds;
    for (uint256 i = 0; i < PauseBits.COUNT; ++i) {
      uint256 end = PauseBits.end(ends, i);
      if (paused & (1 << i) == 0 || block.timestamp < end) continue;
      slot = ParamsPacking.withoutPauses(slot, 1 << i);
      if (1 << i == PauseBits.SALES) slot = ParamsPacking.withClocksRestartedAt(slot, end);
    }
    return slot;
  }

  function _requireUnpaused(uint256 actions) internal view {
    if (_isPaused(actions)) revert IVaultSales.ActionPaused(actions);
  }

  // ------------------------------------------------------------------------------------------------------ sales and marks

  function _debtUp(Position memory position_, Totals memory totals_) internal pure returns (uint256) {
    return InterestMath.toAssetsUp(position_.scaledDebt, totals_.index);
  }

  /// @return credited As of `InterestMath.repayment`.
  function _decreaseDebt(
    Position memory position_,
    Totals memory totals_,
    uint256 repaid,
    uint256 debt
  ) internal pure returns (uint256 credited) {
    // Written out: one more call would cost every take 50 gas.
    uint256 scaled = position_.scaledDebt;
    credited = debt;
    if (repaid != debt) {
      scaled = InterestMath.toScaledDown(repaid, totals_.index);
      credited = InterestMath.toAssetsDown(scaled, totals_.index);
    }
    position_.scaledDebt -= scaled;
    totals_.scaledDebt -= scaled;
  }

  /// @param rests Whether health is under 1.02 still: the position's next start is then unpaid for a day or two, so that
  /// nobody is paid for starting again what flutters around health 1.
  function _clearSale(Position memory position_, address borrower, IVaultSales.EndReason reason, bool rests) internal {
    position_.saleStartedAt = 0;
    position_.termsId = rests ? block.timestamp / 1 days + 2 : 0;
    position_.proof = 0;
    emit IVaultSales.SaleEnded(borrower, reason);
  }

  function _isRecovered(
    Position memory position_,
    Totals memory totals_,
    uint256 deciding
  ) internal view returns (bool) {
    uint256 most = SaleMath.maxDebt(position_.collateral, deciding, _liquidationLtv());
    return _debtUp(position_, totals_) * Limits.RECOVERED_HEALTH_BPS <= most * BPS;
  }

  /// @dev Whether the price has ended the live sale: at health 1.02, and from health 1 once the sale is past its time to hold,
  /// since a healthy position's sale that opens at its held discount serves nobody but its next taker.
  /// @return over Whether it has.
  /// @return rests As of `_clearSale`.
  function _isOver(
    Position memory position_,
    Totals memory totals_,
    uint256 deciding
  ) internal view returns (bool over, bool rests) {
    if (_isRecovered(position_, totals_, deciding)) return (true, false);
    if (_debtUp(position_, totals_) > SaleMath.maxDebt(position_.collateral, deciding, _liquidationLtv())) {
      return (false, false);
    }
    rests = block.timestamp - position_.saleStartedAt > _saleCurve().secondsToHold(_loadTerms(position_.termsId));
    over = rests;
  }

  /// @dev Brings the mark to what the position shows now: all debt of an emptied one, `debt - collateral x deciding x (1 - d)`
  /// of one for sale, nothing of others. A price moves marks in state FRESH only; otherwise a mark can only be capped by the
  /// debt. Reads nothing while nothing is marked and nothing has to be.
  /// @param terms_ Those of the sale; unused where none is live.
  /// @param debt Debt of the position, loan units, rounded up.
  function _remark(
    Position memory position_,
    Totals memory totals_,
    address borrower,
    Price memory price,
    SaleTerms memory terms_,
    uint256 debt
  ) internal {
    uint256 collateral = position_.collateral;
    if (collateral != 0 && price.state != OracleState.FRESH) return _capMark(position_, totals_, borrower);
    uint256 scaled;
    if (collateral == 0) scaled = position_.scaledDebt;
    else if (
      position_.saleStartedAt != 0 && debt > SaleMath.maxDebt(collateral, price.deciding, BPS - terms_.maxDiscountBps)
    ) {
      uint256 covered = SaleMath.maxDebt(collateral, price.deciding, BPS - _reachableBps(position_, totals_, terms_));
      if (debt > covered) {
        scaled = FixedPointMathLib.min(InterestMath.toScaledUp(debt - covered, totals_.index), position_.scaledDebt);
      }
    }
    if (totals_.marked || scaled != 0) _setMark(totals_, borrower, scaled);
  }

  /// @dev d of a mark: hold, or the discount that the sale's clocks come to one half-life from now where that is more, bps,
  /// rounded up. Until then nobody need have touched the position again, and whoever leaves before a take must already bear
  /// what the take will lose. An interruption of the oracle that no sale operation has met yet may make it too large, never too
  /// small.
  function _reachableBps(
    Position memory position_,
    Totals memory totals_,
    SaleTerms memory terms_
  ) private view returns (uint256) {
    // Clocks lie in the past, and seconds and basis points are small.
    unchecked {
      uint256 restartedAt = ParamsPacking.clocksRestartedAt(_paramsSlot);
      uint256 reached = block.timestamp + terms_.halfLife;
      uint256 own = reached - FixedPointMathLib.max(position_.saleStartedAt, restartedAt);
      uint256 sold = FixedPointMathLib.max(totals_.saleClock / SaleMath.TICKS_PER_SECOND, restartedAt);
      bool isProven = SaleClock.isProven(position_, terms_, block.timestamp);
      uint256 bps = _saleCurve().reachableBps(terms_, own, isProven, reached - sold);
      return FixedPointMathLib.min(bps, terms_.maxDiscountBps);
    }
  }

  /// @dev Curve of the vault's sales.
  function _saleCurve() internal view virtual returns (ICurve);

  /// @dev A mark never passes the debt.
  function _capMark(Position memory position_, Totals memory totals_, address borrower) internal {
    if (totals_.marked && _scaledMarks[borrower] > position_.scaledDebt) {
      _setMark(totals_, borrower, position_.scaledDebt);
    }
  }

  /// @dev Marks are kept in scaled units: they grow as the debt does, so that lenders earn nothing on debt that nothing stands
  /// behind.
  function _setMark(Totals memory totals_, address borrower, uint256 scaledAfter) internal {
    uint256 scaledBefore = _scaledMarks[borrower];
    if (scaledBefore == scaledAfter) return;
    _scaledMarks[borrower] = scaledAfter;
    uint256 total = _totalScaledMarks + scaledAfter - scaledBefore;
    _totalScaledMarks = total;
    totals_.marked = total | _pendingLoss != 0;
    emit IVaultSales.MarkedDown(
      borrower,
      InterestMath.toAssetsUp(scaledBefore, totals_.index),
      InterestMath.toAssetsUp(scaledAfter, totals_.index)
    );
  }
}
