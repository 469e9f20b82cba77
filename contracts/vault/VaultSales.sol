// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Params, ParamsPacking, PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote, TakeManyParams, TakeParams} from "../types/TakeParams.sol";
import {Totals} from "../types/Totals.sol";
import {RewardConfig} from "../types/VaultConfig.sol";
import {VaultBorrowers} from "./VaultBorrowers.sol";

/// @title VaultSales
/// @notice Fourth layer, the heart: the forced sale from `startSale` to its end. The collateral stays in the position; a sale
/// is a clock on it.
/// @dev Read it in this order: `startSale` → `take` → `_takeOne` (eligibility) → `_sell` (price → size → effects → event → end) → `_settle`
/// (collateral out → callback → payment in).
/// LIVENESS: starting and taking need the oracle not STALE and sales not paused; both restart the clocks, so that no discount
/// ripens while nobody can act. ROUNDING: against the taker; `SaleMath` names each direction.
abstract contract VaultSales is VaultBorrowers {
  /// @dev Gas of one start, for the starter's reward.
  uint256 internal constant START_GAS = 90_000;
  /// @dev A sale that is twelve horizons old has lapsed.
  uint256 internal constant LAPSE_HORIZONS = 12;
  /// @dev Lapsed whatever the terms: a horizon is at most two hours. Older interruptions of the oracle concern no sale.
  uint256 internal constant LONGEST_SALE = 1 days;

  /// @dev What one sale operation loads once, however many positions it sells.
  struct Context {
    Totals totals;
    Price price;
    uint256 clocksRestartedAt;
    uint256 liquidationLtvBps;
  }

  /// @dev What `_sell` did to one position.
  struct Sold {
    uint256 repaid;
    uint256 penalty;
    uint256 collateral;
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
    uint256 claims = _fullAssets(context.totals);
    reward = _start(context, position_, borrower, rewardReceiver == address(0) ? 0 : type(uint256).max);
    _storePosition(borrower, position_);
    _storeTotals(context.totals);
    if (reward != 0) {
      uint256 shares = _sharesDown(reward, claims);
      if (shares != 0) {
        _mint(rewardReceiver, shares);
        emit Deposit(msg.sender, rewardReceiver, reward, shares);
      }
    }
  }

  /// @dev Sets the clock and adds the reward to the debt, in memory.
  /// @param rewardedRepay Most debt that the reward may be measured on, loan units; 0 for no reward.
  function _start(
    Context memory context,
    Position memory position_,
    address borrower,
    uint256 rewardedRepay
  ) private returns (uint256 reward) {
    if (position_.collateral == 0) revert PositionEmptied(borrower);
    uint256 debt = _debtUp(position_, context.totals);
    uint256 most = SaleMath.maxDebt(position_.collateral, context.price.startBound, context.liquidationLtvBps);
    if (debt <= most) revert PositionHealthy(borrower, debt, most);

    uint256 termsId = ParamsPacking.termsId(_paramsSlot);
    SaleTerms memory terms_ = _loadTerms(termsId);
    uint256 startedAt = block.timestamp;
    if (position_.saleStartedAt == 0) {
      reward = _reward(context, position_, terms_, debt, rewardedRepay);
      if (reward != 0) {
        _increaseDebt(position_, context.totals, reward);
        debt = _debtUp(position_, context.totals);
      }
    } else {
      SaleTerms memory old = _loadTerms(position_.termsId);
      if (!_hasLapsed(_ownSeconds(context, position_), old)) revert SaleAlreadyStarted(borrower);
      startedAt -= ICurve(_curve).secondsToHold(terms_);
    }
    position_.saleStartedAt = startedAt;
    position_.termsId = termsId;
    emit SaleStarted(
      borrower,
      msg.sender,
      termsId,
      startedAt,
      debt,
      position_.collateral,
      context.price.deciding,
      reward
    );
  }

  /// @dev `min(cap, gas of a start x basefee, penalty on the close amount / 2, what the collateral surely covers)`: it never
  /// creates bad debt, and starting one's own sale never pays. Rounded down.
  function _reward(
    Context memory context,
    Position memory position_,
    SaleTerms memory terms_,
    uint256 debt,
    uint256 rewardedRepay
  ) private view returns (uint256 reward) {
    if (rewardedRepay == 0) return 0;
    RewardConfig memory config = _rewardConfig;
    reward = Math.min(config.cap, (START_GAS * block.basefee * config.nativePrice) / SaleMath.WAD);
    if (reward == 0) return 0;
    uint256 deciding = context.price.deciding;
    uint256 repay = SaleMath
      .closeAmount(debt, position_.collateral, deciding, deciding, terms_, _minDebt)
      .repay;
    reward = Math.min(reward, (Math.min(repay, rewardedRepay) * terms_.penaltyBps) / (2 * BPS));
    uint256 covered = (SaleMath.value(position_.collateral, context.price.low) * (BPS - terms_.maxDiscountBps)) / BPS;
    reward = Math.min(reward, Math.saturatingSub(covered, debt));
  }

  // ---------------------------------------------------------------------------------------------------------------- take

  /// @inheritdoc IVaultSales
  function take(TakeParams calldata params_) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(params_.borrower);
    (payment, collateral) = _takeOne(context, position_, params_);
    _settle(context.totals, payment, collateral, _settlement(params_));
  }

  /// @inheritdoc IVaultSales
  function startAndTake(
    TakeParams calldata params_
  ) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    Position memory position_ = _loadPosition(params_.borrower);
    uint256 reward = _start(context, position_, params_.borrower, params_.maxRepay);
    uint256 reserveBefore = context.totals.reserve;
    (payment, collateral) = _takeOne(context, position_, params_);
    // The borrower owes the reward already; the taker keeps it out of the penalty.
    payment -= Math.min(reward, context.totals.reserve - reserveBefore);
    _settle(context.totals, payment, collateral, _settlement(params_));
  }

  /// @inheritdoc IVaultSales
  function takeMany(
    TakeManyParams calldata params_
  ) external nonReentrant returns (uint256 payment, uint256 collateral) {
    Context memory context = _saleContext();
    uint256 budget = params_.maxRepay;
    for (uint256 i = 0; i < params_.borrowers.length; ++i) {
      address borrower = params_.borrowers[i];
      Position memory position_ = _loadPosition(borrower);
      if (_status(context, position_) != Status.FOR_SALE) continue;
      Sold memory sold = _sell(context, position_, borrower, budget);
      if (sold.repaid == 0) continue;
      _storePosition(borrower, position_);
      budget -= sold.repaid;
      payment += sold.repaid + sold.penalty;
      collateral += sold.collateral;
    }
    if (payment == 0) revert NothingToTake();
    _settle(
      context.totals,
      payment,
      collateral,
      Settlement(params_.receiver, params_.maxPayment, params_.minCollateral, params_.deadline, params_.data)
    );
  }

  function _takeOne(
    Context memory context,
    Position memory position_,
    TakeParams calldata params_
  ) private returns (uint256 payment, uint256 collateral) {
    address borrower = params_.borrower;
    _requireForSale(context, position_, borrower);
    Sold memory sold = _sell(context, position_, borrower, params_.maxRepay);
    if (sold.repaid == 0) {
      if (params_.maxRepay == 0) revert ZeroAmount();
      revert RemainderTooSmall(_debtUp(position_, context.totals) - params_.maxRepay, _minDebt);
    }
    _storePosition(borrower, position_);
    return (sold.repaid + sold.penalty, sold.collateral);
  }

  /// @dev Sells up to `maxRepay` of debt's worth of a position that is for sale, in memory. Zeros, and nothing changed,
  /// when that part would leave too little.
  function _sell(
    Context memory context,
    Position memory position_,
    address borrower,
    uint256 maxRepay
  ) private returns (Sold memory sold) {
    SaleTerms memory terms_ = _loadTerms(position_.termsId);
    SaleQuote memory quote = _quotePrice(context, position_, terms_);
    uint256 debt = _debtUp(position_, context.totals);
    SaleMath.Size memory size = _size(context, position_, terms_, quote.price, debt, maxRepay);
    if (size.repay == 0) return sold;

    sold.repaid = size.repay;
    sold.penalty = size.penalty;
    // Collateral is sold for what the debt really falls by: rounding never worsens what stays.
    uint256 credited = _decreaseDebt(position_, context.totals, size.repay, debt);
    sold.collateral = _collateralOut(position_, size, credited, quote.price);
    position_.collateral -= sold.collateral;
    _addReserve(context.totals, sold.penalty);
    context.totals.saleClock = SaleMath
      .rewind(
        context.totals.saleClock,
        block.timestamp,
        SaleMath.valueUp(sold.collateral, context.price.deciding),
        terms_.horizon,
        terms_.lot
      );
    emit Take(borrower, msg.sender, sold.repaid, sold.penalty, sold.collateral, quote.price);
    _endIfDone(context, position_, borrower);
  }

  function _size(
    Context memory context,
    Position memory position_,
    SaleTerms memory terms_,
    uint256 price,
    uint256 debt,
    uint256 maxRepay
  ) private view returns (SaleMath.Size memory size) {
    uint256 collateral = position_.collateral;
    size = SaleMath.closeAmount(debt, collateral, price, context.price.deciding, terms_, _minDebt);
    if (maxRepay < size.repay) size = SaleMath.part(maxRepay, debt, collateral, price, terms_, _minDebt);
  }

  function _collateralOut(
    Position memory position_,
    SaleMath.Size memory size,
    uint256 credited,
    uint256 price
  ) private pure returns (uint256) {
    if (size.sellsAll) return position_.collateral;
    return Math.min(position_.collateral, SaleMath.collateralFor(credited, size.penaltyBps, price));
  }

  function _endIfDone(Context memory context, Position memory position_, address borrower) private {
    if (position_.scaledDebt == 0) return _clearSale(position_, borrower, EndReason.SOLD);
    if (position_.collateral == 0) {
      _clearSale(position_, borrower, EndReason.EMPTIED);
      return _mark(position_, context.totals, borrower);
    }
    if (_isHealthy(context, position_)) _clearSale(position_, borrower, EndReason.SOLD);
  }

  /// @dev Books → limits → collateral out → callback → payment in.
  function _settle(
    Totals memory totals_,
    uint256 payment,
    uint256 collateral,
    Settlement memory settlement
  ) private {
    if (block.timestamp > settlement.deadline) revert DeadlinePassed(settlement.deadline);
    if (payment > settlement.maxPayment) revert PaymentTooHigh(payment, settlement.maxPayment);
    if (collateral < settlement.minCollateral) revert CollateralTooLow(collateral, settlement.minCollateral);
    totals_.cash += payment;
    _storeTotals(totals_);
    _pushCollateral(settlement.receiver, collateral);
    if (settlement.data.length != 0) {
      _requireMagic(
        ITakeCallback(msg.sender).onTake(payment, collateral, settlement.data),
        ITakeCallback.onTake.selector
      );
    }
    _pullLoan(msg.sender, payment, totals_.cash);
  }

  function _settlement(TakeParams calldata params_) private pure returns (Settlement memory) {
    return Settlement(params_.receiver, params_.maxPayment, params_.minCollateral, params_.deadline, params_.data);
  }

  // ----------------------------------------------------------------------------------------------------------------- end

  /// @inheritdoc IVaultSales
  function endSale(address borrower) external nonReentrant {
    Position memory position_ = _loadPosition(borrower);
    if (position_.saleStartedAt == 0) revert SaleNotStarted(borrower);
    Totals memory totals_ = _accrued();
    Price memory price = IOracle(_oracle).price();
    if (price.state == OracleState.STALE) revert OracleStale();
    if (!_endIfRecovered(position_, totals_, price.deciding, borrower)) {
      uint256 most = SaleMath.maxDebt(position_.collateral, price.deciding, _liquidationLtv());
      revert SaleStillNeeded(borrower, _debtUp(position_, totals_), (most * BPS) / RECOVERED_HEALTH_BPS);
    }
    _storePosition(borrower, position_);
  }

  /// @inheritdoc IVaultSales
  function realizeLoss(address borrower) external nonReentrant returns (uint256 loss) {
    Position memory position_ = _loadPosition(borrower);
    if (position_.collateral != 0 || position_.scaledDebt == 0) revert NotEmptied(borrower);
    Totals memory totals_ = _accrued();
    uint256 debtBefore = _debtDown(totals_);
    totals_.scaledDebt -= position_.scaledDebt;
    loss = debtBefore - _debtDown(totals_);
    position_.scaledDebt = 0;
    _mark(position_, totals_, borrower);
    uint256 fromReserve = Math.min(loss, totals_.reserve);
    totals_.reserve -= fromReserve;
    _storePosition(borrower, position_);
    _storeTotals(totals_);
    emit LossRealized(borrower, fromReserve, 0, loss - fromReserve);
  }

  // --------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IVaultSales
  function quoteTake(address borrower) external view nonReentrantView returns (SaleQuote memory quote) {
    Context memory context;
    _fillContext(context);
    Position memory position_ = _loadPosition(borrower);
    _requireForSale(context, position_, borrower);
    SaleTerms memory terms_ = _loadTerms(position_.termsId);
    quote = _quotePrice(context, position_, terms_);
    uint256 debt = _debtUp(position_, context.totals);
    SaleMath.Size memory size = _size(context, position_, terms_, quote.price, debt, type(uint256).max);
    quote.repay = size.repay;
    quote.penalty = size.penalty;
    uint256 credited = _decreaseDebt(position_, context.totals, size.repay, debt);
    quote.collateral = _collateralOut(position_, size, credited, quote.price);
  }

  // ------------------------------------------------------------------------------------------------------ price and clocks

  /// @dev Sale price = anchor x (1 - discount), on the live oracle. While the sources disagree the anchor slides from the
  /// higher one to the deciding one as the curve says.
  function _quotePrice(
    Context memory context,
    Position memory position_,
    SaleTerms memory terms_
  ) private view returns (SaleQuote memory quote) {
    Price memory price = context.price;
    quote.ownSeconds = _ownSeconds(context, position_);
    quote.vaultSeconds = _vaultSeconds(context, terms_.horizon);
    uint256 anchor = price.deciding;
    if (price.state == OracleState.SUSPECT && price.high > anchor) {
      anchor += FixedPointMathLib.fullMulDivUp(
        price.high - anchor,
        ICurve(_curve).anchorGap(terms_, quote.ownSeconds),
        SaleMath.WAD
      );
    }
    int256 discount = ICurve(_curve).discount(terms_, quote.ownSeconds, quote.vaultSeconds);
    quote.price = SaleMath.salePrice(anchor, price.low, discount, terms_.maxDiscountBps);
  }

  /// @dev Live seconds of the sale's own clock.
  function _ownSeconds(Context memory context, Position memory position_) private view returns (uint256) {
    return block.timestamp - Math.max(position_.saleStartedAt, context.clocksRestartedAt);
  }

  /// @dev Live seconds of the vault-wide sale clock, at most the horizon, rounded down.
  function _vaultSeconds(Context memory context, uint256 horizon) private view returns (uint256) {
    uint256 ticksPerSecond = SaleMath.TICKS_PER_SECOND;
    uint256 since = Math.max(context.totals.saleClock, context.clocksRestartedAt * ticksPerSecond);
    return Math.min((block.timestamp * ticksPerSecond - since) / ticksPerSecond, horizon);
  }

  function _hasLapsed(uint256 ownSeconds, SaleTerms memory terms_) private pure returns (bool) {
    return ownSeconds > LAPSE_HORIZONS * terms_.horizon;
  }

  // --------------------------------------------------------------------------------------------------------- eligibility

  function _status(Context memory context, Position memory position_) private view returns (Status) {
    if (position_.saleStartedAt == 0) return Status.NOT_STARTED;
    if (_hasLapsed(_ownSeconds(context, position_), _loadTerms(position_.termsId))) return Status.LAPSED;
    return _isHealthy(context, position_) ? Status.HEALTHY : Status.FOR_SALE;
  }

  function _requireForSale(Context memory context, Position memory position_, address borrower) private view {
    Status status = _status(context, position_);
    if (status == Status.NOT_STARTED) revert SaleNotStarted(borrower);
    if (status == Status.LAPSED) revert SaleLapsed(borrower);
    if (status == Status.HEALTHY) {
      revert PositionHealthy(borrower, _debtUp(position_, context.totals), _maxHealthyDebt(context, position_));
    }
  }

  function _isHealthy(Context memory context, Position memory position_) private pure returns (bool) {
    return _debtUp(position_, context.totals) <= _maxHealthyDebt(context, position_);
  }

  function _maxHealthyDebt(Context memory context, Position memory position_) private pure returns (uint256) {
    return SaleMath.maxDebt(position_.collateral, context.price.deciding, context.liquidationLtvBps);
  }

  // ------------------------------------------------------------------------------------------------------------- context

  /// @dev Loads what a sale needs and remembers how far the oracle is proved alive; an interruption since the last sale
  /// restarts the clocks for good.
  function _saleContext() private returns (Context memory context) {
    _fillContext(context);
    if (context.clocksRestartedAt > ParamsPacking.clocksRestartedAt(_paramsSlot)) {
      Params memory params_ = _loadParams();
      params_.clocksRestartedAt = context.clocksRestartedAt;
      _storeParams(params_);
    }
    uint256 aliveUntil = Math.max(context.totals.oracleAliveUntil, context.price.aliveUntil);
    context.totals.oracleAliveUntil = Math.min(aliveUntil, type(uint32).max);
  }

  function _fillContext(Context memory context) private view {
    _requireUnpaused(PauseBits.SALES);
    context.totals = _accrued();
    uint256 aliveUntil = context.totals.oracleAliveUntil;
    context.price = IOracle(_oracle).priceSince(block.timestamp > aliveUntil + LONGEST_SALE ? 0 : aliveUntil);
    if (context.price.state == OracleState.STALE) revert OracleStale();
    context.clocksRestartedAt = Math.max(ParamsPacking.clocksRestartedAt(_paramsSlot), context.price.liveSince);
    context.liquidationLtvBps = _liquidationLtv();
  }
}
