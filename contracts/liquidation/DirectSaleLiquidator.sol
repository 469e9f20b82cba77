// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IDirectSaleLiquidator} from "../interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {DirectSaleMath} from "../libraries/DirectSaleMath.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {DirectSaleBounds, DirectSaleOrder, DirectSaleQuote, DirectSaleResult, SalePart} from "../types/DirectSale.sol";
import {SaleFacts} from "../types/SaleFacts.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {RewardConfig} from "../types/VaultConfig.sol";
import {SaleQuote, SellParams} from "../types/TakeParams.sol";
import {VenueResult} from "../types/VenueResult.sol";
import {VenueSeller} from "./VenueSeller.sol";

/// @title DirectSaleLiquidator
/// @dev Read it in this order: `execute` → `_bounds` (what the market says, `DirectSaleMath`) → `_sell` (the vault) →
/// `VenueSeller.onTake` → `_requireBounds` (each pool) → `_giveBack` (what is left).
/// ASSUMPTIONS: `VenueSeller`'s; the reference venue is the vault's deepest, so that holding it off the market for a block costs more
/// than a sale brings. MANIPULATION: whoever pushes a pool before a sale eats the sale's own room, since the mean leaves out the
/// block's own swaps: a sandwich takes at most i in one block, and no sale ends under the oracle by more than `0.5% + phi`,
/// however long a pool is held. CUSTODY: `VenueSeller`'s. LIVENESS: without a reference mean, or while the oracle's first source
/// does not decide, nothing is sold here; the clock runs on. ROUNDING: bounds against the sale.
contract DirectSaleLiquidator is IDirectSaleLiquidator, VenueSeller {
  using SafeERC20 for IERC20;

  /// @dev A sale may lose this much more than its impact: fees.
  uint256 private constant _LOSS_ABOVE_IMPACT = 0.005e18;
  /// @dev Gas of a sale without its parts, for the reward; with one it is what the vault leaves.
  uint256 private constant _SALE_GAS = 165_000;
  /// @dev Slices of a quote's split, and how often the price is brought nearer to what they bring.
  uint256 private constant _SLICES = 20;
  uint256 private constant _ROUNDS = 4;
  /// @dev What a quote's price is lowered by in the end, so that it is on the safe side.
  uint256 private constant _PRICE_STEP = 1e5;

  /// @dev Whose collateral is sold, and what was read of it once. @param debt Loan units.
  struct Sale {
    IVault vault;
    address borrower;
    address collateralAsset;
    address oracle;
    uint256 debt;
  }

  /// @inheritdoc IDirectSaleLiquidator
  mapping(address vault => address) public referenceVenue;

  constructor(address vaultFactory_, address authority_) VenueSeller(vaultFactory_, authority_) {}

  /// @inheritdoc IDirectSaleLiquidator
  function setReferenceVenue(address vault, address venue) external restricted {
    if (venue != address(0)) {
      if (!isVenueListed[venue]) revert VenueNotListed(venue);
      if (IVenue(venue).meanPrice(IVault(vault).collateralAsset()) == 0) revert NoMeanPrice(venue);
    }
    referenceVenue[vault] = venue;
    emit ReferenceVenueSet(vault, venue);
  }

  // --------------------------------------------------------------------------------------------------------------- orders

  /// @inheritdoc IDirectSaleLiquidator
  function execute(DirectSaleOrder calldata order) external nonReentrant returns (DirectSaleResult memory result) {
    IERC20 loanAsset = _requireServed(order.vault, order.receiver, order.deadline);
    _requireParts(order.parts);
    IVault vault = IVault(order.vault);
    SaleFacts memory facts = _factsAfterRestart(vault, order);
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    uint256 debtBefore = vault.debtOf(order.borrower);
    (result.payment, result.collateral) = _sell(vault, order, facts, debtBefore);
    uint256 debt = vault.debtOf(order.borrower);
    uint256 surplus = _surplus(loanAsset, balanceBefore, result.payment);
    result.proceeds = result.payment + surplus;
    // What the vault was paid of the penalty; the rest, the gas of a sale into one pool or half, it has left.
    uint256 paid = Math.saturatingSub(result.payment, debtBefore - debt);
    uint256 lotShare = _lotShare(facts.terms, order.maxRepay);
    uint256 half = (paid + Math.min(paid, _costOf(facts.reward, 1, lotShare))) / 2;
    result.reward = Math.min(surplus, Math.min(_costOf(facts.reward, _venuesSold, lotShare), half));
    if (result.reward != 0) loanAsset.safeTransfer(order.receiver, result.reward);
    (result.credit, result.refund) = _giveBack(vault, loanAsset, order.borrower, debt, surplus - result.reward);
    emit DirectSale(
      order.vault,
      order.borrower,
      msg.sender,
      result.collateral,
      result.proceeds,
      result.payment,
      result.reward,
      result.credit,
      result.refund
    );
  }

  /// @dev Where no sale is live the vault starts one as it sells; a lapsed one is started anew here. Neither unless the order says so.
  function _factsAfterRestart(IVault vault, DirectSaleOrder calldata order) private returns (SaleFacts memory facts) {
    facts = vault.saleFacts(order.borrower);
    if (!order.startsToo) {
      if (facts.position.saleStartedAt == 0) revert IVaultSales.SaleNotStarted(order.borrower);
      return facts;
    }
    bool isLive = facts.position.saleStartedAt != 0;
    if (!isLive || !SaleClock.hasLapsed(facts.position, facts.terms, block.timestamp)) return facts;
    // Passed over where it fails: there is nothing to sell, and the vault says so next.
    LibCall.tryCall(
      order.vault,
      0,
      gasleft(),
      0,
      abi.encodeCall(IVaultSales.startSale, (order.borrower, order.receiver))
    );
    return vault.saleFacts(order.borrower);
  }

  function _sell(
    IVault vault,
    DirectSaleOrder calldata order,
    SaleFacts memory facts,
    uint256 debt
  ) private returns (uint256 payment, uint256 collateral) {
    address venue = referenceVenue[order.vault];
    address collateralAsset = vault.collateralAsset();
    Sale memory sale = Sale(vault, order.borrower, collateralAsset, vault.oracle(), debt);
    DirectSaleBounds memory bounds_ = _bounds(sale, facts, venue);
    uint256 least = DirectSaleMath.less(bounds_.mean, bounds_.maxLoss);
    if (order.price < least) revert PriceTooLow(order.price, least);
    address[] memory borrowers = new address[](1);
    borrowers[0] = order.borrower;
    Bounds memory limits = Bounds({
      anchor: bounds_.mean,
      leastPrice: bounds_.leastPrice,
      leastBefore: bounds_.leastBefore,
      impact: bounds_.impact,
      referenceVenue: venue,
      oracle: sale.oracle,
      deciding: bounds_.deciding,
      fallWindow: bounds_.leastBefore == 0 ? facts.terms.fallWindow : 0,
      maxDiscountBps: facts.terms.maxDiscountBps
    });
    (address sellsTo, bytes memory data) = _expectCallback(vault, collateralAsset, order.parts, limits);
    return vault.sell(SellParams(borrowers, sellsTo, order.maxRepay, order.price, data));
  }

  // --------------------------------------------------------------------------------------------------------------- bounds

  /// @inheritdoc IDirectSaleLiquidator
  function bounds(address vault, address borrower) public view returns (DirectSaleBounds memory) {
    return _boundsNow(IVault(vault), borrower, IVault(vault).saleFacts(borrower));
  }

  function _boundsNow(
    IVault vault,
    address borrower,
    SaleFacts memory facts
  ) private view returns (DirectSaleBounds memory bounds_) {
    Sale memory sale = Sale(vault, borrower, vault.collateralAsset(), vault.oracle(), vault.debtOf(borrower));
    address venue = referenceVenue[address(vault)];
    bounds_ = _bounds(sale, facts, venue);
    SaleTerms memory terms = facts.terms;
    bounds_.fall = _fall(sale.oracle, bounds_.deciding, venue, bounds_.mean, terms.fallWindow);
    if (bounds_.leastBefore != 0) return bounds_;
    bounds_.leastPrice = DirectSaleMath.leastPrice(bounds_.deciding, bounds_.fall, terms.maxDiscountBps);
  }

  /// @dev Without the fall: that is looked for only where a pool ends under what is allowed without it, since it costs as much as a
  /// fifth of a sale.
  function _bounds(
    Sale memory sale,
    SaleFacts memory facts,
    address venue
  ) private view returns (DirectSaleBounds memory bounds_) {
    if (!isVenueListed[venue]) revert DirectSaleOff(address(sale.vault));
    SaleTerms memory terms = facts.terms;
    _readPrices(sale, venue, bounds_);
    uint256 debt = sale.debt;
    uint256 collateral = facts.position.collateral;
    uint256 ltvBps = facts.liquidationLtvBps;
    uint256 marketPrice = Math.max(bounds_.deciding, bounds_.mean);
    uint256 most = SaleMath.maxDebt(collateral, marketPrice, ltvBps);
    if (debt <= most) revert HealthyAtMarket(sale.borrower, debt, most);
    uint256 value = SaleMath.valueUp(collateral, marketPrice);
    bounds_.urgency = DirectSaleMath.urgency(debt, value, ltvBps, terms.maxDiscountBps);
    bounds_.impact = DirectSaleMath.impact(terms, bounds_.urgency);
    bounds_.leastPrice = DirectSaleMath.leastPrice(bounds_.deciding, 0, terms.maxDiscountBps);
    bounds_.maxLoss = bounds_.impact + _LOSS_ABOVE_IMPACT;
    value = SaleMath.value(collateral, bounds_.deciding);
    if (DirectSaleMath.isUnderWater(debt, value, ltvBps) && _isYoung(sale, facts)) {
      bounds_.leastBefore = bounds_.deciding;
    }
  }

  function _readPrices(Sale memory sale, address venue, DirectSaleBounds memory bounds_) private view {
    (bounds_.deciding, ) = IOracle(sale.oracle).firstPrice(0);
    if (bounds_.deciding == 0) revert FirstSourceNotDeciding(sale.oracle);
    bounds_.mean = IVenue(venue).meanPrice(sale.collateralAsset);
    if (bounds_.mean == 0) revert NoMeanPrice(venue);
  }

  /// @dev phi. What is swapped in this block counts in no mean: it is the same before a sale and after.
  function _fall(
    address oracle,
    uint256 latest,
    address venue,
    uint256 mean,
    uint256 window
  ) private view returns (uint256) {
    (, uint256 earlier) = IOracle(oracle).firstPrice(window);
    if (earlier <= latest) return 0;
    uint256 meanEarlier = IVenue(venue).earlierMeanPrice(IOracle(oracle).collateralAsset(), window);
    return DirectSaleMath.fall(latest, earlier, mean, meanEarlier);
  }

  /// @dev Whether the sale has been live for less than a half-life, as one that has not started yet.
  function _isYoung(Sale memory sale, SaleFacts memory facts) private view returns (bool) {
    if (facts.position.saleStartedAt == 0) return true;
    return sale.vault.quoteTake(sale.borrower).liveSeconds < facts.terms.halfLife;
  }

  /// @dev The pool ends within the impact of the highest of where it stood, its own mean and the reference's.
  function _requireBounds(
    address venue,
    VenueResult memory swapped,
    uint256 mean,
    Bounds memory limits
  ) internal view override {
    if (swapped.priceBefore < limits.leastBefore) revert PoolOffPrice(venue, swapped.priceBefore, limits.leastBefore);
    uint256 highest = Math.max(Math.max(swapped.priceBefore, mean), limits.anchor);
    uint256 byImpact = DirectSaleMath.less(highest, limits.impact);
    uint256 least = Math.max(byImpact, limits.leastPrice);
    if (swapped.priceAfter >= least) return;
    if (limits.fallWindow != 0) {
      uint256 fall = _fall(limits.oracle, limits.deciding, limits.referenceVenue, limits.anchor, limits.fallWindow);
      // The fall is looked at once in a sale: no part of it moves feed or means.
      limits.leastPrice = DirectSaleMath.leastPrice(limits.deciding, fall, limits.maxDiscountBps);
      least = Math.max(byImpact, limits.leastPrice);
    }
    if (swapped.priceAfter < least) revert ImpactTooHigh(venue, swapped.priceAfter, least);
  }

  // --------------------------------------------------------------------------------------------------- what is left over

  /// @dev Gas of a sale into so many venues, loan units, rounded down.
  function _costOf(RewardConfig memory config, uint256 venues, uint256 lotShare) private view returns (uint256) {
    return _gasCost(config, ((_SALE_GAS + venues * _PART_GAS) * lotShare) / _WAD);
  }

  /// @dev What an order may sell over a lot of the sale's terms, WAD, at most 1e18. The vault leaves as much of the gas: a row of
  /// slices is then paid as one sale a lot.
  function _lotShare(SaleTerms memory terms, uint256 maxRepay) private pure returns (uint256) {
    if (maxRepay > type(uint128).max) return _WAD;
    return Math.min(_WAD, (maxRepay * _WAD) / terms.lot);
  }

  // --------------------------------------------------------------------------------------------------------------- quotes

  /// @inheritdoc IDirectSaleLiquidator
  function quote(DirectSaleOrder calldata order) external returns (DirectSaleQuote memory result) {
    IVault vault = IVault(order.vault);
    SaleFacts memory facts = vault.saleFacts(order.borrower);
    DirectSaleBounds memory bounds_ = _boundsNow(vault, order.borrower, facts);
    result.maxLoss = bounds_.maxLoss;
    result.price = bounds_.mean;
    // The lower the price, the more collateral is sold, and the less each unit brings: it settles from above.
    for (uint256 i = 0; i < _ROUNDS; ++i) {
      uint256 dearer = _quoteAt(vault, order, facts, result);
      if (result.collateral == 0) return result;
      result.price = Math.mulDiv(
        result.proceeds - Math.min(dearer, result.proceeds),
        SaleMath.PRICE_SCALE,
        result.collateral
      );
    }
    result.price -= result.price / _PRICE_STEP;
    _quoteAt(vault, order, facts, result);
    uint256 value = SaleMath.valueUp(result.collateral, bounds_.mean);
    result.loss = Math.mulDiv(Math.saturatingSub(value, result.proceeds), _WAD, value, Math.Rounding.Ceil);
  }

  /// @dev Fills in what a sale at `result.price` would do.
  /// @return dearer What the reward for more parts than one is above what the vault leaves of the penalty, loan units.
  function _quoteAt(
    IVault vault,
    DirectSaleOrder calldata order,
    SaleFacts memory facts,
    DirectSaleQuote memory result
  ) private returns (uint256 dearer) {
    SaleQuote memory size = vault.quoteSell(order.borrower, result.price, order.maxRepay);
    result.collateral = size.collateral;
    result.payment = size.repay + size.penalty;
    (result.parts, result.proceeds) = _split(vault.collateralAsset(), size.collateral, order.parts);
    uint256 venues;
    for (uint256 i = 0; i < result.parts.length; ++i) {
      if (result.parts[i].share != 0) ++venues;
    }
    uint256 lotShare = _lotShare(facts.terms, order.maxRepay);
    uint256 most = size.penalty / 2;
    uint256 paid = Math.min(most, _costOf(facts.reward, 1, lotShare));
    result.payment -= paid;
    return Math.saturatingSub(Math.min(most, _costOf(facts.reward, venues, lotShare)), paid);
  }

  /// @dev Slice by slice to the venue where the next one brings most, which evens out what the last slice brings in each.
  function _split(
    address token,
    uint256 collateral,
    SalePart[] calldata venues
  ) private returns (SalePart[] memory parts, uint256 proceeds) {
    uint256[] memory slices = new uint256[](venues.length);
    uint256[] memory brought = new uint256[](venues.length);
    uint256[] memory next = new uint256[](venues.length);
    for (uint256 i = 0; i < venues.length; ++i) next[i] = _quoteSlices(venues[i].venue, token, collateral, 1);
    for (uint256 n = 0; n < _SLICES; ++n) {
      uint256 best;
      for (uint256 i = 1; i < venues.length; ++i) {
        if (_gain(next, brought, i) > _gain(next, brought, best)) best = i;
      }
      brought[best] = Math.max(brought[best], next[best]);
      next[best] = _quoteSlices(venues[best].venue, token, collateral, ++slices[best] + 1);
    }
    parts = new SalePart[](venues.length);
    for (uint256 i = 0; i < venues.length; ++i) {
      parts[i] = SalePart(venues[i].venue, (slices[i] * _WAD) / _SLICES);
      proceeds += brought[i];
    }
  }

  function _gain(uint256[] memory next, uint256[] memory brought, uint256 i) private pure returns (uint256) {
    return Math.saturatingSub(next[i], brought[i]);
  }

  /// @dev A venue that fails brings nothing.
  function _quoteSlices(address venue, address token, uint256 collateral, uint256 slices) private returns (uint256) {
    uint256 amount = (collateral * slices) / _SLICES;
    if (amount == 0) return 0;
    try IVenue(venue).quote(token, amount) returns (VenueResult memory result) {
      return result.amountOut;
    } catch {
      return 0;
    }
  }
}
