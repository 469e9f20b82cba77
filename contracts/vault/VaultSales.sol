// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {SalePrice} from "../libraries/SalePrice.sol";
import {TokenMoves} from "../libraries/TokenMoves.sol";
import {ParamsPacking, PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote, SellParams, TakeManyParams, TakeParams} from "../types/TakeParams.sol";
import {Totals} from "../types/Totals.sol";
import {VaultBorrowers} from "./VaultBorrowers.sol";

/// @title VaultSales
/// @notice Fourth layer, the heart: the forced sale from `startSale` to its end. The collateral stays in the position; a sale
/// is a clock on it.
/// @dev Read it in this order: `startSale` → `take` → `_takeOne` (eligibility) → `_sell` (price → size → effects → event → end) → `_settle`
/// (collateral out → callback → payment in).
/// LIVENESS: starting and taking need the oracle not STALE and sales not paused; both restart the clocks, so that no discount
/// ripens while nobody can act. ROUNDING: against the taker; `SaleMath` names each direction.
abstract contract VaultSales is VaultBorrowers {
  /// @dev Gas of one start, which a taker who starts is paid out of his penalty.
  uint256 internal constant START_GAS = 90_000;
  /// @dev Gas that a start alone is paid, on the borrower's debt: less than one more start costs in a row of starts and ends in
  /// one transaction, so that no row of them pays.
  uint256 internal constant REWARDED_GAS = 45_000;
  /// @dev Gas of one direct sale into one pool, its start included, which its penalty pays for.
  uint256 internal constant DIRECT_SALE_GAS = 275_000;
  /// @dev Placeholder for the price of each position by the clock; above every price that a sale can have.
  uint256 private constant _AT_THE_CLOCK = type(uint256).max;

  /// @dev What one sale operation loads once, however many positions it sells.
  /// @param terms Those of version `termsId`, read when a position first needs them.
  /// @param paramsSlot Parameters as stored.
  /// @param clocksRestartedAt Sale clocks count from here at the earliest, unix seconds.
  struct Context {
    Totals totals;
    Price price;
    SaleTerms terms;
    uint256 termsId;
    uint256 paramsSlot;
    uint256 clocksRestartedAt;
    uint256 liquidationLtvBps;
  }

  /// @dev How the taker wants to be served.
  struct Settlement {
    address receiver;
    uint256 maxPayment;
    uint256 minCollateral;
    uint256 deadline;
    bytes data;
  }

  /// @dev Whether a position can be taken from, and why not.
  enum Status {
    NOT_STARTED,
    LAPSED,
    HEALTHY,
    FOR_SALE
  }

  // --------------------------------------------------------------------------------------------------------------- start

  /// @inheritdoc IVaultSales
  function startSale(address borrower, address rewardReceiver) external nonReentrant returns (uint256 reward) {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(borrower);
    (bool paid, uint256 debt) = _setClock(context, position_, borrower);
    uint256 claims;
    if (paid && rewardReceiver != address(0)) {
      reward = _rewardForStart(context, position_, debt);
      if (reward != 0) {
        claims = _fullAssets(context.totals);
        _increaseDebt(position_, context.totals, reward);
        debt = _debtUp(position_, context.totals);
      }
    }
    _emitStarted(context, position_, borrower, debt, reward);
    _remark(position_, context.totals, borrower, context.price, context.terms, debt);
    _storePosition(borrower, position_);
    _storeTotals(context.totals);
    if (reward != 0) {
      uint256 shares = _sharesDown(reward, claims);
      if (shares != 0) _mint(rewardReceiver, shares);
    }
  }

  /// @dev Proves the position unhealthy and sets its clock, in memory.
  /// @return paid Whether the starter is paid: no sale was live and the position does not rest. A lapsed one starts afresh
  /// without reward, at the time when `D` is at hold.
  /// @return debt Loan units, rounded up.
  function _setClock(
    Context memory context,
    Position memory position_,
    address borrower
  ) private view returns (bool paid, uint256 debt) {
    if (position_.collateral == 0) revert PositionEmptied(borrower);
    debt = _debtUp(position_, context.totals);
    uint256 most = SaleMath.maxDebt(position_.collateral, context.price.startBound, context.liquidationLtvBps);
    if (debt <= most) revert PositionHealthy(borrower, debt, most);

    bool fresh = position_.saleStartedAt == 0;
    if (fresh) paid = position_.termsId <= block.timestamp / 1 days;
    else {
      _useTerms(context, position_.termsId);
      if (!SaleClock.hasLapsed(position_, context.terms, block.timestamp)) revert SaleAlreadyStarted(borrower);
    }
    position_.termsId = ParamsPacking.termsId(context.paramsSlot);
    _useTerms(context, position_.termsId);
    uint256 age = fresh ? 0 : _ageWithoutProof(context, position_);
    SaleClock.prove(position_, context.terms.horizon, block.timestamp, age);
  }

  /// @inheritdoc IVaultSales
  function touch(address borrower) external nonReentrant {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(borrower);
    Status status = _status(context, position_);
    if (status == Status.NOT_STARTED) revert SaleNotStarted(borrower);
    (bool over, bool rests) = _isOver(position_, context.totals, context.price.deciding);
    if (over) _clearSale(position_, borrower, EndReason.RECOVERED, rests);
    else if (status == Status.FOR_SALE) _prove(context, position_, _ageSeconds(context, position_));
    else if (_isHealthy(context, position_, context.price.deciding)) position_.proof = 0;
    else _requireForSale(context, position_, borrower);
    _remark(position_, context.totals, borrower, context.price, context.terms, _debtUp(position_, context.totals));
    _storePosition(borrower, position_);
    _storeTotals(context.totals);
  }

  /// @dev Remembers, in memory, that the position is unhealthy now, also on the price that binds starts.
  /// @param age Age of the sale before anything was sold of it, seconds.
  function _prove(Context memory context, Position memory position_, uint256 age) private view {
    if (_isHealthy(context, position_, context.price.startBound)) return;
    SaleClock.prove(position_, context.terms.horizon, block.timestamp, age);
  }

  /// @dev Starts a sale, in memory, whose reward is a part of the penalty.
  /// @return paid As of `_setClock`.
  function _startHere(Context memory context, Position memory position_, address borrower) private returns (bool paid) {
    uint256 debt;
    (paid, debt) = _setClock(context, position_, borrower);
    _emitStarted(context, position_, borrower, debt, 0);
  }

  function _emitStarted(
    Context memory context,
    Position memory position_,
    address borrower,
    uint256 debt,
    uint256 reward
  ) private {
    emit SaleStarted(
      borrower,
      msg.sender,
      position_.termsId,
      position_.saleStartedAt,
      debt,
      position_.collateral,
      context.price.deciding,
      reward
    );
  }

  /// @dev What so much gas costs a sender, at most `cap`, loan units, rounded down.
  function _costOf(Context memory context, uint256 gasUnits) private view returns (uint256) {
    uint256 cost = (gasUnits * block.basefee * ParamsPacking.nativePrice(context.paramsSlot)) / SaleMath.WAD;
    return FixedPointMathLib.min(cost, ParamsPacking.rewardCap(context.paramsSlot));
  }

  /// @dev `min(cap, gas of a start x basefee, penalty on the close amount / 2, what the collateral surely covers)`: it never
  /// creates bad debt, and starting one's own sale never pays. Rounded down.
  function _rewardForStart(
    Context memory context,
    Position memory position_,
    uint256 debt
  ) private view returns (uint256 reward) {
    reward = _costOf(context, REWARDED_GAS);
    if (reward == 0) return 0;
    SaleTerms memory terms_ = context.terms;
    uint256 collateral = position_.collateral;
    uint256 deciding = context.price.deciding;
    uint256 repay = SaleMath.closeAmount(debt, collateral, deciding, deciding, terms_, _minDebt).repay;
    reward = FixedPointMathLib.min(reward, (repay * terms_.penaltyBps) / (2 * BPS));
    uint256 covered = SaleMath.maxDebt(collateral, context.price.low, BPS - terms_.maxDiscountBps);
    reward = FixedPointMathLib.min(reward, FixedPointMathLib.zeroFloorSub(covered, debt));
  }

  // ---------------------------------------------------------------------------------------------------------------- take

  /// @inheritdoc IVaultSales
  function take(TakeParams calldata params_) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(params_.borrower);
    (payment, collateral) = _takeOne(context, position_, params_, 0);
    _settle(context.totals, payment, collateral, _settlement(params_));
  }

  /// @inheritdoc IVaultSales
  function startAndTake(
    TakeParams calldata params_
  ) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(params_.borrower);
    bool paid = _startHere(context, position_, params_.borrower);
    (payment, collateral) = _takeOne(context, position_, params_, paid ? START_GAS : 0);
    _settle(context.totals, payment, collateral, _settlement(params_));
  }

  /// @inheritdoc IVaultSales
  function takeMany(
    TakeManyParams calldata params_
  ) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    (payment, collateral) = _sellMany(context, params_.borrowers, params_.maxRepay, _AT_THE_CLOCK, 0);
    _settle(
      context.totals,
      payment,
      collateral,
      Settlement(params_.receiver, params_.maxPayment, params_.minCollateral, params_.deadline, params_.data)
    );
  }

  /// @inheritdoc IVaultSales
  function sell(SellParams calldata params_) external nonReentrant returns (uint256 payment, uint256 collateral) {
    bool isDirect = msg.sender == _directLiquidator;
    if (!isDirect && msg.sender != _batchLiquidator && msg.sender != _backstop) revert NotSeller(msg.sender);
    Context memory context = _saleContext();
    if (params_.price >= SaleMath.MAX_PRICE) revert PriceTooHigh();
    uint256 paidGas = isDirect ? DIRECT_SALE_GAS : 0;
    (payment, collateral) = _sellMany(context, params_.borrowers, params_.maxRepay, params_.price, paidGas);
    _settle(
      context.totals,
      payment,
      collateral,
      Settlement(params_.receiver, type(uint256).max, 0, block.timestamp, params_.data)
    );
  }

  /// @param fixedPrice Price of all of them; `_AT_THE_CLOCK` for the clock's, each position after the one before.
  /// @param paidGas As of `_sell`, for a lot; less in proportion where less may be sold. Who is paid starts what is not for sale.
  function _sellMany(
    Context memory context,
    address[] calldata borrowers,
    uint256 budget,
    uint256 fixedPrice,
    uint256 paidGas
  ) private returns (uint256 payment, uint256 collateral) {
    // One after the other in the same place: memory gets dearer the more of it is used.
    Position memory position_;
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      _readPosition(position_, borrower);
      if (paidGas != 0 && position_.saleStartedAt == 0) _startHere(context, position_, borrower);
      if (_status(context, position_) != Status.FOR_SALE) continue;
      uint256 price = fixedPrice == _AT_THE_CLOCK ? _salePrice(context, position_) : _checkedPrice(context, fixedPrice);
      uint256 gas;
      if (paidGas != 0) gas = (paidGas * FixedPointMathLib.min(budget, context.terms.lot)) / context.terms.lot;
      (uint256 repaid, uint256 penalty, uint256 sold) = _sell(context, position_, borrower, budget, price, gas);
      if (repaid == 0) continue;
      _storePosition(borrower, position_);
      budget -= repaid;
      payment += repaid + penalty;
      collateral += sold;
    }
    if (payment == 0) revert NothingToTake();
  }

  /// @param paidGas As of `_sell`.
  function _takeOne(
    Context memory context,
    Position memory position_,
    TakeParams calldata params_,
    uint256 paidGas
  ) private returns (uint256 payment, uint256 collateral) {
    address borrower = params_.borrower;
    _requireForSale(context, position_, borrower);
    uint256 price = _salePrice(context, position_);
    uint256 penalty;
    (payment, penalty, collateral) = _sell(context, position_, borrower, params_.maxRepay, price, paidGas);
    if (payment == 0) {
      if (params_.maxRepay == 0) revert ZeroAmount();
      revert RemainderTooSmall(_debtUp(position_, context.totals) - params_.maxRepay, _minDebt);
    }
    payment += penalty;
    _storePosition(borrower, position_);
  }

  /// @dev Sells up to `maxRepay` of debt's worth of a position that is for sale, in memory. Returns zeros and changes nothing
  /// when that part would leave too little.
  /// @param paidGas Gas that the seller is paid for, up to half the penalty, by paying so much less of it.
  function _sell(
    Context memory context,
    Position memory position_,
    address borrower,
    uint256 maxRepay,
    uint256 price,
    uint256 paidGas
  ) private returns (uint256 repaid, uint256 penalty, uint256 collateral) {
    uint256 debt = _debtUp(position_, context.totals);
    SaleMath.Size memory size = _closeAmount(context, position_, price, debt);
    bool whole = maxRepay >= size.repay;
    if (!whole) {
      size = SaleMath.part(maxRepay, debt, position_.collateral, price, context.terms, _minDebt);
      if (size.repay == 0) return (0, 0, 0);
    }
    repaid = size.repay;
    penalty = size.penalty;
    if (paidGas != 0) penalty -= FixedPointMathLib.min(_costOf(context, paidGas), penalty / 2);
    uint256 age = _ageSeconds(context, position_);
    uint256 credited = _decreaseDebt(position_, context.totals, repaid, debt);
    collateral = SalePrice.collateralOut(size, position_.collateral, credited, price);
    position_.collateral -= collateral;
    _addReserve(context.totals, penalty);
    context.totals.saleClock = SaleMath.rewind(
      context.totals.saleClock,
      block.timestamp,
      SaleMath.valueUp(collateral, context.price.deciding),
      context.terms.horizon,
      context.terms.lot
    );
    emit Take(borrower, msg.sender, repaid, penalty, collateral, price);
    _endIfDone(context, position_, borrower, whole, age);
  }

  function _closeAmount(
    Context memory context,
    Position memory position_,
    uint256 price,
    uint256 debt
  ) private view returns (SaleMath.Size memory) {
    return SaleMath.closeAmount(debt, position_.collateral, price, context.price.deciding, context.terms, _minDebt);
  }

  /// @dev A part ends a sale as a recovery of the price does, at health 1.02: at 1 the next second's interest would want another.
  /// A sale that goes on is proved.
  /// @param whole Whether the maximum was taken.
  /// @param age As of `_prove`.
  function _endIfDone(
    Context memory context,
    Position memory position_,
    address borrower,
    bool whole,
    uint256 age
  ) private {
    uint256 debt = _debtUp(position_, context.totals);
    if (debt != 0 && position_.collateral == 0) _clearSale(position_, borrower, EndReason.EMPTIED, false);
    else {
      uint256 most = _maxHealthyDebt(context, position_, context.price.deciding);
      bool recovered = debt * Limits.RECOVERED_HEALTH_BPS <= most * BPS;
      if (recovered || (whole && debt <= most)) _clearSale(position_, borrower, EndReason.SOLD, !recovered);
      else if (debt <= most) position_.proof = 0;
      else _prove(context, position_, age);
    }
    _remark(position_, context.totals, borrower, context.price, context.terms, debt);
  }

  /// @dev Books → limits → collateral out → callback → payment in.
  function _settle(Totals memory totals_, uint256 payment, uint256 collateral, Settlement memory settlement) private {
    if (block.timestamp > settlement.deadline) revert DeadlinePassed(settlement.deadline);
    if (payment > settlement.maxPayment) revert PaymentTooHigh(payment, settlement.maxPayment);
    if (collateral < settlement.minCollateral) revert CollateralTooLow(collateral, settlement.minCollateral);
    totals_.cash += payment;
    _storeTotals(totals_);
    _pushCollateral(settlement.receiver, collateral);
    if (settlement.data.length != 0) {
      TokenMoves.requireMagic(
        msg.sender,
        ITakeCallback(msg.sender).onTake(payment, collateral, settlement.data),
        ITakeCallback.onTake.selector
      );
    }
    _pullLoan(msg.sender, payment, totals_.cash);
  }

  function _settlement(TakeParams calldata params_) private pure returns (Settlement memory) {
    return Settlement(params_.receiver, params_.maxPayment, params_.minCollateral, params_.deadline, params_.data);
  }

  // --------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IVaultSales
  function quoteTake(address borrower) external view nonReentrantView returns (SaleQuote memory quote) {
    Context memory context;
    _fillContext(context);
    Position memory position_ = _loadPosition(borrower);
    _requireForSale(context, position_, borrower);
    quote.ownSeconds = _ageSeconds(context, position_);
    quote.liveSeconds = _liveSeconds(context, position_);
    quote.vaultSeconds = _vaultSeconds(context);
    uint256 price = _salePrice(context, position_);
    uint256 debt = _debtUp(position_, context.totals);
    SaleMath.Size memory size = _closeAmount(context, position_, price, debt);
    SalePrice.fill(quote, size, debt, position_.collateral, context.totals.index, price);
  }

  // ------------------------------------------------------------------------------------------------------ price and clocks

  /// @dev Price of a sale on the live oracle, as `SalePrice` says.
  function _salePrice(Context memory context, Position memory position_) private view returns (uint256) {
    SaleTerms memory terms_ = context.terms;
    uint256 ownSeconds = _ageSeconds(context, position_);
    uint256 atClock = SalePrice.atClock(ICurve(_curve), terms_, context.price, ownSeconds, _vaultSeconds(context));
    uint256 liveSeconds = _liveSeconds(context, position_);
    return SalePrice.ofSale(atClock, terms_, liveSeconds, position_, context.totals.index, context.price.deciding);
  }

  /// @dev A price that is not the clock's has the same floor.
  function _checkedPrice(Context memory context, uint256 price) private pure returns (uint256) {
    uint256 floor = SaleMath.floorPrice(context.price.low, context.terms.maxDiscountBps);
    if (price < floor) revert PriceBelowFloor(price, floor);
    return price;
  }

  /// @dev Live seconds since the sale's clock began, proved or not.
  function _liveSeconds(Context memory context, Position memory position_) private view returns (uint256) {
    return block.timestamp - FixedPointMathLib.max(position_.saleStartedAt, context.clocksRestartedAt);
  }

  /// @dev The sale's age, as `SaleClock` says; where the last proof is older than a half-life it falls back.
  function _ageSeconds(Context memory context, Position memory position_) private view returns (uint256) {
    uint256 live = _liveSeconds(context, position_);
    if (SaleClock.isProven(position_, context.terms, block.timestamp)) return live;
    return FixedPointMathLib.min(live, _ageWithoutProof(context, position_));
  }

  /// @dev Age that no proof is needed for: the time to hold; nothing while the sources disagree and the higher price calls the
  /// position healthy, so that the anchor slides as after a fresh start.
  function _ageWithoutProof(Context memory context, Position memory position_) private view returns (uint256) {
    if (context.price.state == OracleState.SUSPECT && _isHealthy(context, position_, context.price.high)) return 0;
    return ICurve(_curve).secondsToHold(context.terms);
  }

  function _vaultSeconds(Context memory context) private view returns (uint256) {
    uint256 saleClock = context.totals.saleClock;
    return SaleClock.vaultSeconds(saleClock, context.clocksRestartedAt, context.terms.horizon, block.timestamp);
  }

  function _useTerms(Context memory context, uint256 termsId) private view {
    if (context.termsId == termsId) return;
    context.termsId = termsId;
    _readTerms(context.terms, termsId);
  }

  // --------------------------------------------------------------------------------------------------------- eligibility

  function _status(Context memory context, Position memory position_) private view returns (Status) {
    if (position_.saleStartedAt == 0) return Status.NOT_STARTED;
    _useTerms(context, position_.termsId);
    if (SaleClock.hasLapsed(position_, context.terms, block.timestamp)) return Status.LAPSED;
    return _isHealthy(context, position_, _eligiblePrice(context, position_)) ? Status.HEALTHY : Status.FOR_SALE;
  }

  function _requireForSale(Context memory context, Position memory position_, address borrower) private view {
    Status status = _status(context, position_);
    if (status == Status.NOT_STARTED) revert SaleNotStarted(borrower);
    if (status == Status.LAPSED) revert SaleLapsed(borrower);
    if (status == Status.HEALTHY) {
      uint256 most = _maxHealthyDebt(context, position_, _eligiblePrice(context, position_));
      revert PositionHealthy(borrower, _debtUp(position_, context.totals), most);
    }
  }

  /// @dev Price on which a sale must find its position unhealthy: one that was not proven for a half-life is like a new one.
  function _eligiblePrice(Context memory context, Position memory position_) private view returns (uint256) {
    if (SaleClock.isProven(position_, context.terms, block.timestamp)) return context.price.deciding;
    return context.price.startBound;
  }

  function _isHealthy(Context memory context, Position memory position_, uint256 price) private pure returns (bool) {
    return _debtUp(position_, context.totals) <= _maxHealthyDebt(context, position_, price);
  }

  function _maxHealthyDebt(
    Context memory context,
    Position memory position_,
    uint256 price
  ) private pure returns (uint256) {
    return SaleMath.maxDebt(position_.collateral, price, context.liquidationLtvBps);
  }

  // ------------------------------------------------------------------------------------------------------------- context

  /// @dev Loads what a sale needs and remembers how far the oracle is proved alive; an interruption since the last sale
  /// restarts the clocks for good.
  function _saleContext() private returns (Context memory context) {
    _fillContext(context);
    uint256 slot = ParamsPacking.withClocksRestartedAt(context.paramsSlot, context.clocksRestartedAt);
    if (slot != context.paramsSlot) _paramsSlot = slot;
    uint256 aliveUntil = FixedPointMathLib.max(context.totals.oracleAliveUntil, context.price.aliveUntil);
    context.totals.oracleAliveUntil = FixedPointMathLib.min(aliveUntil, type(uint32).max);
  }

  function _fillContext(Context memory context) private view {
    uint256 slot = _paramsSlot;
    if (ParamsPacking.pausedActions(slot) & PauseBits.SALES != 0) {
      _requireUnpaused(PauseBits.SALES);
      slot = _withoutEndedPauses(slot);
    }
    context.paramsSlot = slot;
    _readAccrued(context.totals);
    uint256 since = FixedPointMathLib.max(context.totals.oracleAliveUntil, ParamsPacking.clocksRestartedAt(slot));
    Price memory price = IOracle(_oracle).priceSince(block.timestamp > since + Limits.LONGEST_SALE ? 0 : since);
    if (price.state == OracleState.STALE) revert OracleStale();
    if ((price.deciding | price.low | price.high) >= SaleMath.MAX_PRICE) revert PriceTooHigh();
    context.price = price;
    uint256 liveSince = FixedPointMathLib.min(price.liveSince, block.timestamp);
    context.clocksRestartedAt = FixedPointMathLib.max(ParamsPacking.clocksRestartedAt(slot), liveSince);
    context.liquidationLtvBps = ParamsPacking.liquidationLtvBps(slot, block.timestamp);
  }
}
