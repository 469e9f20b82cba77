// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IDirectSaleLiquidator} from "../interfaces/IDirectSaleLiquidator.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {ISalePolicy} from "../interfaces/ISalePolicy.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {IVenueSeller} from "../interfaces/IVenueSeller.sol";
import {DecayCurve} from "../libraries/DecayCurve.sol";
import {DirectSaleMath} from "../libraries/DirectSaleMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {RiskMath} from "../libraries/RiskMath.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {Assessment, Mechanism, Recommendation, RiskInputs} from "../types/SaleRisk.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote} from "../types/TakeParams.sol";

/// @title SalePolicy
/// @dev Read it in this order: `recommend` → `_read` (the lot as it stands) → `_assess` → one function a mechanism → `_finish`
/// (F14). ASSUMPTIONS: the inputs describe the market; takers sell in the same pools as a direct sale does; a lot is what the
/// terms say. Loss, time and risk are those of means, not of worst cases. LIVENESS: views only; what sells without asking
/// here (all but splits) does not stop when this reverts. ROUNDING: losses and times up.
contract SalePolicy is ISalePolicy, AccessManaged {
  uint256 private constant _WAD = 1e18;
  uint256 private constant _WAD_PER_BPS = 1e14;
  uint256 private constant _MECHANISMS = 4;

  /// @inheritdoc ISalePolicy
  uint256 public constant TOLERANCE = 0.0005e18;

  mapping(address vault => RiskInputs) private _inputs;

  /// @dev The lot and its position as they stand, or as they stand once a part was sold.
  /// @param value Value of the lot at the deciding price, loan units, above 0.
  /// @param collateralValue Value of the whole collateral, loan units.
  /// @param debt Loan units.
  /// @param sellsAll The lot is all collateral.
  /// @param discount Discount of the clock's price from the deciding one now, WAD, negative for a premium.
  /// @param gasPrice Price of one gas unit, loan units x 1e18.
  struct Lot {
    address vault;
    RiskInputs inputs;
    SaleTerms terms;
    uint256 value;
    uint256 collateralValue;
    uint256 debt;
    bool sellsAll;
    uint256 ownSeconds;
    uint256 liveSeconds;
    uint256 vaultSeconds;
    int256 discount;
    uint256 gasPrice;
  }

  constructor(address authority_) AccessManaged(authority_) {}

  // --------------------------------------------------------------------------------------------------------------- inputs

  /// @inheritdoc ISalePolicy
  function setInputs(address vault, RiskInputs calldata newInputs) external restricted {
    _requireRange("volatility", newInputs.volatility, Limits.MIN_VOLATILITY, Limits.MAX_VOLATILITY);
    _requireRange("fee", newInputs.fee, 0, 0.05e18);
    _requireRange("priceMargin", newInputs.priceMargin, 0, 0.05e18);
    _requireRange("keeperMargin", newInputs.keeperMargin, 0, 0.2e18);
    _requireRange("bidSpread", newInputs.bidSpread, _WAD_PER_BPS, 0.5e18);
    _requireRange("backstopMargin", newInputs.backstopMargin, 0, 0.05e18);
    _requireRange("forcedLoss", newInputs.forcedLoss, 0, 0.2e18);
    for (uint256 i = 0; i < _MECHANISMS; ++i) {
      _requireRange("cascade", newInputs.cascade[i], 0, _WAD);
      _requireRange("gas", newInputs.gas[i], 0, 10_000_000);
    }
    _requireRange("depth", newInputs.depth, 1, Limits.MAX_DEPTH);
    _requireRange("bidArrival", newInputs.bidArrival, 0, _WAD);
    _requireRange("blockTime", newInputs.blockTime, 50, 60_000);
    _requireRange("batchInterval", newInputs.batchInterval, 1, 1 days);
    _requireRange("feedDelay", newInputs.feedDelay, 0, 1 days);
    _inputs[vault] = newInputs;
    emit InputsSet(vault, newInputs);
  }

  function _requireRange(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
    if (value < least || value > most) revert InvalidInput(name, value);
  }

  /// @inheritdoc ISalePolicy
  function inputs(address vault) external view returns (RiskInputs memory) {
    return _inputs[vault];
  }

  // ---------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc ISalePolicy
  function recommend(address vault, address borrower) external view returns (Recommendation memory) {
    return _recommend(_read(vault, borrower));
  }

  /// @inheritdoc ISalePolicy
  function costOfWaiting(address vault, address borrower) external view returns (uint256) {
    return _assess(_read(vault, borrower), Mechanism.DUTCH).total;
  }

  /// @inheritdoc ISalePolicy
  function evaluate(
    address vault,
    address borrower,
    uint256[4] calldata shares
  ) external view returns (Assessment memory) {
    return _evaluate(_read(vault, borrower), shares);
  }

  /// @inheritdoc ISalePolicy
  function isAcceptable(address vault, address borrower, uint256[4] calldata shares) external view returns (bool) {
    Lot memory lot = _read(vault, borrower);
    Recommendation memory recommendation = _recommend(lot);
    Assessment memory split = _evaluate(lot, shares);
    return split.feasible && split.total <= recommendation.assessments[uint256(recommendation.best)].total + TOLERANCE;
  }

  // ---------------------------------------------------------------------------------------------------------- comparisons

  function _recommend(Lot memory lot) private view returns (Recommendation memory recommendation) {
    recommendation.value = lot.value;
    recommendation.best = Mechanism.DUTCH;
    bool found;
    for (uint256 i = 0; i < _MECHANISMS; ++i) {
      Assessment memory assessment = _assess(lot, Mechanism(i));
      recommendation.assessments[i] = assessment;
      if (!assessment.feasible) continue;
      if (found && !_isBetter(assessment, recommendation.assessments[uint256(recommendation.best)])) continue;
      recommendation.best = Mechanism(i);
      found = true;
    }
  }

  function _isBetter(Assessment memory a, Assessment memory b) private pure returns (bool) {
    return a.total < b.total || (a.total == b.total && a.time < b.time);
  }

  /// @dev The direct part first; what it takes off debt and collateral is not at risk while the rest waits. The risk of
  /// what waits is shared out over the parts by their value.
  function _evaluate(Lot memory lot, uint256[4] calldata shares) private view returns (Assessment memory sum) {
    uint256 total = shares[0] + shares[1] + shares[2] + shares[3];
    if (total != _WAD) revert IVenueSeller.InvalidShares(total);
    sum.feasible = true;
    uint256 whole = lot.value;
    uint256 rest = whole;
    for (uint256 i = 0; i < _MECHANISMS; ++i) {
      if (shares[i] == 0) continue;
      lot.value = Math.max(1, Math.mulDiv(whole, shares[i], _WAD));
      Assessment memory part = _assess(lot, Mechanism(i));
      uint256 atRisk = i == 0 ? lot.value : rest;
      // A part bears the shortfall of the whole position over its own value: it gets only its share of what waits.
      part.waiting = Math.mulDiv(part.waiting, lot.value, atRisk, Math.Rounding.Ceil);
      _addPart(sum, part, shares[i]);
      if (i != 0) continue;
      uint256 proceeds = Math.mulDiv(lot.value, FixedPointMathLib.zeroFloorSub(_WAD, part.mechanismLoss), _WAD);
      lot.debt = Math.saturatingSub(lot.debt, (proceeds * SaleMath.BPS) / (SaleMath.BPS + lot.terms.penaltyBps));
      lot.collateralValue -= Math.min(lot.collateralValue, lot.value);
      rest = whole - Math.min(whole - 1, lot.value);
    }
    lot.value = whole;
  }

  function _addPart(Assessment memory sum, Assessment memory part, uint256 share) private pure {
    sum.feasible = sum.feasible && part.feasible;
    sum.mechanismLoss += Math.mulDiv(part.mechanismLoss, share, _WAD, Math.Rounding.Ceil);
    sum.waiting += Math.mulDiv(part.waiting, share, _WAD, Math.Rounding.Ceil);
    sum.gas += Math.mulDiv(part.gas, share, _WAD, Math.Rounding.Ceil);
    sum.cascade += Math.mulDiv(part.cascade, share, _WAD, Math.Rounding.Ceil);
    sum.time += Math.mulDiv(part.time, share, _WAD, Math.Rounding.Ceil);
    sum.total = sum.mechanismLoss + sum.waiting + sum.gas + sum.cascade;
  }

  // ----------------------------------------------------------------------------------------------------------- mechanisms

  function _assess(Lot memory lot, Mechanism mechanism) private view returns (Assessment memory assessment) {
    if (mechanism == Mechanism.DIRECT) _assessDirect(lot, assessment);
    else if (mechanism == Mechanism.DUTCH) _assessDutch(lot, assessment);
    else if (mechanism == Mechanism.BATCH) _assessBatch(lot, assessment);
    else _assessBackstop(lot, assessment);
    _finish(lot, assessment, uint256(mechanism));
  }

  /// @dev F1 in one block, within F5: a part of a position is not sold at a loss that leaves the rest worse.
  function _assessDirect(Lot memory lot, Assessment memory assessment) private view {
    RiskInputs memory market = lot.inputs;
    uint256 slippage = RiskMath.directLoss(lot.value, market.depth, market.fee);
    assessment.mechanismLoss = Math.min(_WAD, slippage + market.priceMargin);
    assessment.time = _blockSeconds(market);
    if (!_isDirectOpen(lot) || !_isWithinImpact(lot)) return;
    assessment.feasible = lot.sellsAll || _isNotToxic(lot, assessment.mechanismLoss);
  }

  /// @dev Whether the vault's direct liquidator has a reference and the oracle's first source decides. Where the pools themselves
  /// stand is not known here.
  function _isDirectOpen(Lot memory lot) private view returns (bool) {
    address liquidator = IVault(lot.vault).directLiquidator();
    if (liquidator == address(0)) return false;
    if (IDirectSaleLiquidator(liquidator).referenceVenue(lot.vault) == address(0)) return false;
    (uint256 latest, ) = IOracle(IVault(lot.vault).oracle()).firstPrice(0);
    return latest != 0;
  }

  /// @dev What the vault's direct liquidator would refuse is not feasible.
  function _isWithinImpact(Lot memory lot) private view returns (bool) {
    uint256 ltvBps = IVault(lot.vault).liquidationLtvBps();
    bool isYoung = lot.liveSeconds < lot.terms.halfLife;
    if (isYoung && DirectSaleMath.isUnderWater(lot.debt, lot.collateralValue, ltvBps)) return false;
    uint256 urgency = DirectSaleMath.urgency(lot.debt, lot.collateralValue, ltvBps, lot.terms.maxDiscountBps);
    uint256 least = _WAD - DirectSaleMath.impact(lot.terms, urgency);
    return RiskMath.priceAfterDirect(lot.value, lot.inputs.depth) >= least;
  }

  /// @dev F5: `b_min <= b_max`.
  function _isNotToxic(Lot memory lot, uint256 loss) private pure returns (bool) {
    uint256 ltv = Math.mulDiv(lot.debt, _WAD, lot.collateralValue, Math.Rounding.Ceil);
    uint256 factor = RiskMath.impactFactor(lot.collateralValue, lot.inputs.depth);
    uint256 costs = _gasShare(lot, uint256(Mechanism.DIRECT));
    return int256(RiskMath.bonusMin(loss, costs)) <= RiskMath.bonusMax(Math.max(1, ltv), factor);
  }

  /// @dev F2 from the discount that takers want: their own cost of selling a slice in the pools, and their margin. The clock
  /// comes to it by the sale's own age up to hold, by the slower of both clocks beyond; slices follow by the block up to hold,
  /// one lot a horizon beyond. F4 for a price that is old while the discount is not there yet.
  function _assessDutch(Lot memory lot, Assessment memory assessment) private pure {
    RiskInputs memory market = lot.inputs;
    SaleTerms memory terms = lot.terms;
    uint256 slice = Math.min(lot.value, terms.lot);
    uint256 wanted = RiskMath.directLoss(slice, market.depth, market.fee) + market.keeperMargin;
    uint256 most = terms.maxDiscountBps * _WAD_PER_BPS;
    if (wanted >= most) {
      assessment.mechanismLoss = most;
      assessment.time = Math.saturatingSub(terms.horizon, lot.ownSeconds) * _WAD;
      return;
    }
    assessment.feasible = true;
    bool isHeld = wanted <= terms.holdBps * _WAD_PER_BPS;
    bool waits = wanted > _mostYoungDiscount(lot);
    uint256 decayRate = Math.max(1, _decayRate(terms, wanted, most));
    uint256 blockSeconds = _blockSeconds(market);
    uint256 loss = wanted;
    uint256 missing;
    if (lot.discount >= int256(wanted)) loss = uint256(lot.discount);
    else missing = uint256(int256(wanted) - lot.discount);
    loss += RiskMath.lossVersusFair(decayRate, market.volatility, blockSeconds);
    loss += RiskMath.stalePriceLoss(missing, RiskMath.deviation(market.volatility, market.feedDelay * _WAD));
    assessment.mechanismLoss = Math.min(loss, most);

    uint256 progress = isHeld ? lot.ownSeconds : _deepSeconds(lot);
    uint256 first = missing == 0 ? 0 : Math.saturatingSub(_secondsTo(terms, wanted, most), progress * _WAD);
    if (waits) first = Math.max(first, Math.saturatingSub(terms.halfLife, lot.liveSeconds) * _WAD);
    uint256 pace = isHeld ? blockSeconds : terms.horizon * _WAD;
    assessment.time =
      first +
      RiskMath.fillSeconds(0, decayRate, market.volatility, blockSeconds) +
      Math.mulDiv(lot.value - slice, pace, 2 * terms.lot, Math.Rounding.Ceil);
  }

  /// @dev Deepest discount of a sale younger than a half-life: none that lenders would pay for. WAD.
  function _mostYoungDiscount(Lot memory lot) private pure returns (uint256) {
    uint256 owed = lot.debt * (SaleMath.BPS + lot.terms.penaltyBps);
    uint256 covering = Math.mulDiv(owed, _WAD, lot.collateralValue * SaleMath.BPS, Math.Rounding.Ceil);
    return Math.saturatingSub(_WAD, covering);
  }

  /// @dev F10, with the discount bounded by the clock's at the boundary, and by hold at the sale's first one: only bidders who
  /// ask for less can be filled, and what they leave falls back to the clock.
  function _assessBatch(Lot memory lot, Assessment memory assessment) private view {
    RiskInputs memory market = lot.inputs;
    uint256 toBoundary = market.batchInterval - (block.timestamp % market.batchInterval);
    uint256 bound = _boundAtBoundary(lot, toBoundary);
    uint256 spread = Math.min(market.bidSpread, bound);
    uint256 bids = (uint256(market.bidArrival) * market.batchInterval * spread) / market.bidSpread;
    uint256 lots = Math.mulDiv(lot.value, _WAD, lot.terms.lot, Math.Rounding.Ceil);
    uint256 filled = _WAD - RiskMath.emptyProbability(bids);
    if (bids < lots) filled = Math.mulDiv(filled, bids, lots);
    assessment.feasible = bound != 0 && filled != 0 && IVault(lot.vault).batchLiquidator() != address(0);

    Assessment memory clock;
    _assessDutch(lot, clock);
    uint256 left = _WAD - filled;
    uint256 discount = RiskMath.clearingDiscount(spread, lots, bids);
    assessment.mechanismLoss = Math.ceilDiv(discount * filled + clock.mechanismLoss * left, _WAD);
    assessment.time = toBoundary * _WAD + Math.ceilDiv(clock.time * left, _WAD);
  }

  function _boundAtBoundary(Lot memory lot, uint256 toBoundary) private view returns (uint256) {
    int256 bound = ICurve(IVault(lot.vault).curve()).discount(
      lot.terms,
      lot.ownSeconds + toBoundary,
      Math.min(lot.vaultSeconds + toBoundary, lot.terms.horizon)
    );
    if (lot.ownSeconds < lot.inputs.batchInterval) {
      bound = SignedMath.min(bound, int256(lot.terms.holdBps * _WAD_PER_BPS));
    }
    return uint256(SignedMath.max(bound, 0));
  }

  /// @dev Buys at the clock's own end, whatever others bought.
  function _assessBackstop(Lot memory lot, Assessment memory assessment) private view {
    RiskInputs memory market = lot.inputs;
    uint256 wait = Math.saturatingSub(lot.terms.horizon, lot.liveSeconds);
    uint256 own = lot.ownSeconds + wait;
    int256 discount = ICurve(IVault(lot.vault).curve()).discount(lot.terms, own, own);
    assessment.mechanismLoss = uint256(SignedMath.max(discount, 0)) + market.backstopMargin;
    assessment.time = wait * _WAD + _blockSeconds(market);
    assessment.feasible = lot.value <= market.backstopCapacity && IVault(lot.vault).backstop() != address(0);
  }

  /// @dev F14: adds to the mechanism's loss what it costs to wait, gas, and what others are forced to sell.
  function _finish(Lot memory lot, Assessment memory assessment, uint256 mechanism) private pure {
    RiskInputs memory market = lot.inputs;
    if (lot.debt != 0) {
      uint256 kept = FixedPointMathLib.zeroFloorSub(_WAD, assessment.mechanismLoss);
      uint256 coverage = Math.mulDiv(lot.collateralValue, kept, lot.debt);
      uint256 time = Math.min(assessment.time, RiskMath.MAX_SECONDS);
      uint256 shortfall = RiskMath.expectedShortfall(RiskMath.deviation(market.volatility, time), coverage);
      // What the position would fall short by anyway, at this loss and at once, is not the price of waiting.
      shortfall -= Math.min(shortfall, Math.saturatingSub(_WAD, coverage));
      assessment.waiting = Math.mulDiv(shortfall, lot.debt, lot.value, Math.Rounding.Ceil);
    }
    assessment.gas = _gasShare(lot, mechanism);
    assessment.cascade = Math.mulDiv(market.cascade[mechanism], market.forcedLoss, _WAD, Math.Rounding.Ceil);
    assessment.total = assessment.mechanismLoss + assessment.waiting + assessment.gas + assessment.cascade;
  }

  // -------------------------------------------------------------------------------------------------------------- helpers

  function _gasShare(Lot memory lot, uint256 mechanism) private pure returns (uint256) {
    // Gas price is 1e18-scaled loan units, as a share is.
    return Math.ceilDiv(lot.inputs.gas[mechanism] * lot.gasPrice, lot.value);
  }

  function _blockSeconds(RiskInputs memory market) private pure returns (uint256) {
    return uint256(market.blockTime) * 1e15;
  }

  /// @dev Own seconds that count beyond hold.
  function _deepSeconds(Lot memory lot) private pure returns (uint256) {
    uint256 guarded = Math.saturatingSub(lot.ownSeconds, DecayCurve.GUARD_HORIZONS * lot.terms.horizon);
    return Math.min(lot.ownSeconds, Math.max(lot.vaultSeconds, guarded));
  }

  /// @dev Relative fall of the price per second where the discount is `wanted`, WAD, rounded down:
  /// `ln 2 / halfLife x (maxDiscount - wanted) / (1 - wanted)`.
  function _decayRate(SaleTerms memory terms, uint256 wanted, uint256 most) private pure returns (uint256) {
    return ((most - wanted) * DecayCurve.LN_2) / (terms.halfLife * (_WAD - wanted));
  }

  /// @dev Seconds in which `D` comes to `wanted`, WAD.
  function _secondsTo(SaleTerms memory terms, uint256 wanted, uint256 most) private pure returns (uint256) {
    uint256 ratio = ((most + terms.startPremiumBps * _WAD_PER_BPS) * _WAD) / (most - wanted);
    return (terms.halfLife * uint256(FixedPointMathLib.lnWad(int256(ratio))) * _WAD) / DecayCurve.LN_2;
  }

  // -------------------------------------------------------------------------------------------------------------- reading

  function _read(address vault_, address borrower) private view returns (Lot memory lot) {
    lot.vault = vault_;
    lot.inputs = _inputs[vault_];
    if (lot.inputs.depth == 0) revert NotConfigured(vault_);
    IVault vault = IVault(vault_);
    Position memory position = vault.position(borrower);
    Price memory price = IOracle(vault.oracle()).price();
    if (price.state == OracleState.STALE) revert IVaultSales.OracleStale();
    lot.debt = vault.debtOf(borrower);
    lot.collateralValue = SaleMath.value(position.collateral, price.deciding);
    if (lot.debt <= SaleMath.maxDebt(position.collateral, price.deciding, vault.liquidationLtvBps())) {
      revert NothingForSale(vault_, borrower);
    }
    SaleQuote memory size = vault.quoteSell(borrower, price.deciding, type(uint256).max);
    lot.value = SaleMath.value(size.collateral, price.deciding);
    if (lot.value == 0) revert NothingForSale(vault_, borrower);
    lot.sellsAll = size.collateral == position.collateral;
    // Loan units for 1e18 wei, times wei a gas unit.
    lot.gasPrice = block.basefee * vault.rewardConfig().nativePrice;
    _readClocks(lot, vault, borrower, position, price);
  }

  /// @dev A sale that has not started is read as if it started now: the slower of both clocks is then its own.
  function _readClocks(
    Lot memory lot,
    IVault vault,
    address borrower,
    Position memory position,
    Price memory price
  ) private view {
    if (position.saleStartedAt == 0) {
      lot.terms = vault.terms(vault.params().termsId);
      lot.discount = -int256(lot.terms.startPremiumBps * _WAD_PER_BPS);
      return;
    }
    lot.terms = vault.terms(position.termsId);
    SaleQuote memory quote = vault.quoteTake(borrower);
    lot.ownSeconds = quote.ownSeconds;
    lot.liveSeconds = quote.liveSeconds;
    lot.vaultSeconds = quote.vaultSeconds;
    lot.discount = int256(_WAD) - int256(Math.mulDiv(quote.price, _WAD, price.deciding));
  }
}
