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
import {SaleMath} from "../libraries/SaleMath.sol";
import {DirectSaleBounds, DirectSaleOrder, DirectSaleQuote, DirectSaleResult, SalePart} from "../types/DirectSale.sol";
import {Position} from "../types/Position.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {RewardConfig} from "../types/VaultConfig.sol";
import {SaleQuote, SellParams} from "../types/TakeParams.sol";
import {VenueResult} from "../types/VenueResult.sol";
import {SaleStarts} from "./SaleStarts.sol";
import {VenueSeller} from "./VenueSeller.sol";

/// @title DirectSaleLiquidator
/// @dev Read it in this order: `execute` → `_bounds` (what the market says, `DirectSaleMath`) → `_sell` (the vault) →
/// `VenueSeller.onTake` → `_requireBounds` (each pool) → `_share` (who gets what is left).
/// ASSUMPTIONS: `VenueSeller`'s; the reference venue is the vault's deepest, so that holding it off the market for a block costs more
/// than a sale brings. MANIPULATION: whoever pushes a pool before a sale eats the sale's own room, since the mean leaves out the
/// block's own swaps: a sandwich takes at most i in one block, and no sale ends under the oracle by more than `0.5% + phi`,
/// however long a pool is held. CUSTODY: `VenueSeller`'s. LIVENESS: without a reference mean, or while the oracle's first source
/// does not decide, nothing is sold here; the clock runs on. ROUNDING: bounds against the sale.
contract DirectSaleLiquidator is IDirectSaleLiquidator, VenueSeller {
  using SafeERC20 for IERC20;

  /// @dev A sale may lose this much more than its impact: fees.
  uint256 private constant _LOSS_ABOVE_IMPACT = 0.005e18;
  /// @dev Gas of a sale without its parts, for the reward.
  uint256 private constant _SALE_GAS = 240_000;
  /// @dev Slices of a quote's split, and how often the price is brought nearer to what they bring.
  uint256 private constant _SLICES = 20;
  uint256 private constant _ROUNDS = 4;
  /// @dev What a quote's price is lowered by in the end, so that it is on the safe side.
  uint256 private constant _PRICE_STEP = 1e5;

  /// @inheritdoc IDirectSaleLiquidator
  mapping(address vault => address) public referenceVenue;

  constructor(address vaultFactory_, address authority_) VenueSeller(vaultFactory_, authority_) {}

  /// @inheritdoc IDirectSaleLiquidator
  function setReferenceVenue(address vault, address venue) external restricted {
    if (venue != address(0)) {
      if (!isVenueListed[venue]) revert VenueNotListed(venue);
      (uint256 mean, ) = IVenue(venue).meanPrices(IVault(vault).collateralAsset(), 0);
      if (mean == 0) revert NoMeanPrice(venue);
    }
    referenceVenue[vault] = venue;
    emit ReferenceVenueSet(vault, venue);
  }

  // --------------------------------------------------------------------------------------------------------------- orders

  /// @inheritdoc IDirectSaleLiquidator
  function execute(DirectSaleOrder calldata order) external nonReentrant returns (DirectSaleResult memory result) {
    _requireServed(order.vault, order.receiver, order.deadline);
    _requireParts(order.parts);
    IVault vault = IVault(order.vault);
    IERC20 loanAsset = IERC20(vault.asset());
    if (order.startsToo && SaleStarts.needsStart(vault, order.borrower)) {
      // A start that fails is passed over: there is nothing to sell, and the vault says so next.
      LibCall.tryCall(
        order.vault,
        0,
        gasleft(),
        0,
        abi.encodeCall(IVaultSales.startSale, (order.borrower, order.receiver))
      );
    }
    uint256 lotShare = _lotShare(vault, order);
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    uint256 debtBefore = vault.debtOf(order.borrower);
    (result.payment, result.collateral) = _sell(vault, order);
    uint256 repaid = debtBefore - vault.debtOf(order.borrower);
    loanAsset.forceApprove(order.vault, 0);
    uint256 surplus = loanAsset.balanceOf(address(this)) - balanceBefore;
    result.proceeds = result.payment + surplus;
    // What the vault was paid of the penalty; the rest, the gas of a sale into one pool or half, it has left.
    uint256 paid = Math.saturatingSub(result.payment, repaid);
    RewardConfig memory config = vault.rewardConfig();
    uint256 half = (paid + Math.min(paid, _costOf(config, 1, lotShare))) / 2;
    result.reward = Math.min(surplus, Math.min(_costOf(config, _venuesSold, lotShare), half));
    _share(vault, loanAsset, order, result, surplus - result.reward);
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

  function _sell(IVault vault, DirectSaleOrder calldata order) private returns (uint256 payment, uint256 collateral) {
    address venue = referenceVenue[order.vault];
    DirectSaleBounds memory bounds_ = _bounds(vault, order.borrower, venue);
    uint256 least = DirectSaleMath.less(bounds_.mean, bounds_.maxLoss);
    if (order.price < least) revert PriceTooLow(order.price, least);
    address[] memory borrowers = new address[](1);
    borrowers[0] = order.borrower;
    Bounds memory limits = Bounds({
      anchor: bounds_.mean,
      leastPrice: bounds_.leastPrice,
      leastBefore: bounds_.leastBefore,
      impact: bounds_.impact,
      referenceVenue: venue
    });
    return
      vault.sell(
        SellParams({
          borrowers: borrowers,
          receiver: address(this),
          maxRepay: order.maxRepay,
          price: order.price,
          data: _expectCallback(vault, order.parts, limits)
        })
      );
  }

  // --------------------------------------------------------------------------------------------------------------- bounds

  /// @inheritdoc IDirectSaleLiquidator
  function bounds(address vault, address borrower) public view returns (DirectSaleBounds memory) {
    return _bounds(IVault(vault), borrower, referenceVenue[vault]);
  }

  function _bounds(
    IVault vault,
    address borrower,
    address venue
  ) private view returns (DirectSaleBounds memory bounds_) {
    if (!isVenueListed[venue]) revert DirectSaleOff(address(vault));
    Position memory position = vault.position(borrower);
    SaleTerms memory terms = vault.terms(position.saleStartedAt == 0 ? vault.params().termsId : position.termsId);
    _readPrices(vault, venue, terms, bounds_);
    uint256 debt = vault.debtOf(borrower);
    uint256 ltvBps = vault.liquidationLtvBps();
    uint256 marketPrice = Math.max(bounds_.deciding, bounds_.mean);
    uint256 most = SaleMath.maxDebt(position.collateral, marketPrice, ltvBps);
    if (debt <= most) revert HealthyAtMarket(borrower, debt, most);
    uint256 value = SaleMath.valueUp(position.collateral, marketPrice);
    bounds_.urgency = DirectSaleMath.urgency(debt, value, ltvBps, terms.maxDiscountBps);
    bounds_.impact = DirectSaleMath.impact(terms, bounds_.urgency);
    bounds_.leastPrice = DirectSaleMath.leastPrice(bounds_.deciding, bounds_.fall, terms.maxDiscountBps);
    bounds_.maxLoss = bounds_.impact + _LOSS_ABOVE_IMPACT;
    value = SaleMath.value(position.collateral, bounds_.deciding);
    if (DirectSaleMath.isUnderWater(debt, value, ltvBps) && _isYoung(vault, borrower, position, terms)) {
      bounds_.leastBefore = bounds_.deciding;
      bounds_.leastPrice = DirectSaleMath.leastPrice(bounds_.deciding, 0, terms.maxDiscountBps);
    }
  }

  function _readPrices(
    IVault vault,
    address venue,
    SaleTerms memory terms,
    DirectSaleBounds memory bounds_
  ) private view {
    address oracle = vault.oracle();
    (uint256 latest, uint256 earlier) = IOracle(oracle).firstPrice(terms.fallWindow);
    if (latest == 0) revert FirstSourceNotDeciding(oracle);
    uint256 ago = earlier > latest ? terms.fallWindow : 0;
    (uint256 mean, uint256 meanEarlier) = IVenue(venue).meanPrices(vault.collateralAsset(), ago);
    if (mean == 0) revert NoMeanPrice(venue);
    bounds_.deciding = latest;
    bounds_.mean = mean;
    bounds_.fall = DirectSaleMath.fall(latest, earlier, mean, meanEarlier);
  }

  /// @dev Whether the sale has been live for less than a half-life, as one that has not started yet.
  function _isYoung(
    IVault vault,
    address borrower,
    Position memory position,
    SaleTerms memory terms
  ) private view returns (bool) {
    return position.saleStartedAt == 0 || vault.quoteTake(borrower).liveSeconds < terms.halfLife;
  }

  /// @dev The pool ends within the impact of the highest of where it stood, its own mean and the reference's.
  function _requireBounds(
    address venue,
    VenueResult memory swapped,
    uint256 mean,
    Bounds memory limits
  ) internal pure override {
    if (swapped.priceBefore < limits.leastBefore) revert PoolOffPrice(venue, swapped.priceBefore, limits.leastBefore);
    uint256 highest = Math.max(Math.max(swapped.priceBefore, mean), limits.anchor);
    uint256 least = Math.max(DirectSaleMath.less(highest, limits.impact), limits.leastPrice);
    if (swapped.priceAfter < least) revert ImpactTooHigh(venue, swapped.priceAfter, least);
  }

  // --------------------------------------------------------------------------------------------------- what is left over

  /// @dev Gas of a sale into so many venues, loan units, rounded down.
  function _costOf(RewardConfig memory config, uint256 venues, uint256 lotShare) private view returns (uint256) {
    return _gasCost(config, ((_SALE_GAS + venues * _PART_GAS) * lotShare) / _WAD);
  }

  /// @dev What an order may sell over a lot of the sale's terms, WAD, at most 1e18. The vault leaves as much of the gas: a row of
  /// slices is then paid as one sale a lot.
  function _lotShare(IVault vault, DirectSaleOrder calldata order) private view returns (uint256) {
    if (order.maxRepay > type(uint128).max) return _WAD;
    uint256 termsId = vault.position(order.borrower).termsId;
    uint256 lot = vault.terms(termsId == 0 ? vault.params().termsId : termsId).lot;
    return Math.min(_WAD, (order.maxRepay * _WAD) / lot);
  }

  /// @dev Pays the reward to the sender's receiver, and the rest to the borrower's debt as far as the vault lets it fall and to the borrower.
  function _share(
    IVault vault,
    IERC20 loanAsset,
    DirectSaleOrder calldata order,
    DirectSaleResult memory result,
    uint256 rest
  ) private {
    if (result.reward != 0) loanAsset.safeTransfer(order.receiver, result.reward);
    (result.credit, result.refund) = _giveBack(vault, loanAsset, order.borrower, rest);
  }

  // --------------------------------------------------------------------------------------------------------------- quotes

  /// @inheritdoc IDirectSaleLiquidator
  function quote(DirectSaleOrder calldata order) external returns (DirectSaleQuote memory result) {
    IVault vault = IVault(order.vault);
    DirectSaleBounds memory bounds_ = bounds(order.vault, order.borrower);
    result.maxLoss = bounds_.maxLoss;
    result.price = bounds_.mean;
    // The lower the price, the more collateral is sold, and the less each unit brings: it settles from above.
    for (uint256 i = 0; i < _ROUNDS; ++i) {
      uint256 dearer = _quoteAt(vault, order, result);
      if (result.collateral == 0) return result;
      result.price = Math.mulDiv(
        result.proceeds - Math.min(dearer, result.proceeds),
        SaleMath.PRICE_SCALE,
        result.collateral
      );
    }
    result.price -= result.price / _PRICE_STEP;
    _quoteAt(vault, order, result);
    uint256 value = SaleMath.valueUp(result.collateral, bounds_.mean);
    result.loss = Math.mulDiv(Math.saturatingSub(value, result.proceeds), _WAD, value, Math.Rounding.Ceil);
  }

  /// @dev Fills in what a sale at `result.price` would do.
  /// @return dearer What the reward for more parts than one is above what the vault leaves of the penalty, loan units.
  function _quoteAt(
    IVault vault,
    DirectSaleOrder calldata order,
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
    uint256 lotShare = _lotShare(vault, order);
    uint256 most = size.penalty / 2;
    RewardConfig memory config = vault.rewardConfig();
    uint256 paid = Math.min(most, _costOf(config, 1, lotShare));
    result.payment -= paid;
    return Math.saturatingSub(Math.min(most, _costOf(config, venues, lotShare)), paid);
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
