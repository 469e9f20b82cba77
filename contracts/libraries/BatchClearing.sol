// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BID_TICKS} from "../types/BidBook.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleMath} from "./SaleMath.sol";

/// @title BatchClearing
/// @notice Which price clears a batch, what is sold at it, and how much of it each discount tick pays. Pure.
/// @dev ASSUMPTIONS: those of `SaleMath`; `63 x tickBps` under 10,000. ROUNDING: prices up, against the bidders.
library BatchClearing {
  uint256 private constant _BPS = 10_000;

  /// @notice One position for sale.
  /// @param debt Loan units, rounded up. @param collateral Collateral units. @param terms Those of its sale.
  struct Lot {
    uint256 debt;
    uint256 collateral;
    SaleTerms terms;
  }

  /// @notice Everything for sale together, and the least that it may be sold for.
  /// @param lots In the order in which they are sold while the money lasts; one without debt sells nothing.
  /// @param deciding Deciding price, 1e36 scale.
  /// @param bound Least price, 1e36 scale.
  /// @param minDebt Smallest debt that may stay, loan units.
  /// @param tickBps Discount from one tick to the next, bps.
  struct Batch {
    Lot[] lots;
    uint256 deciding;
    uint256 bound;
    uint256 minDebt;
    uint256 tickBps;
  }

  /// @notice How a batch clears.
  /// @param tick Tick of the price.
  /// @param price The one price, 1e36 scale.
  /// @param supply What the lots would pay together at that price, loan units.
  /// @param demand What is bid at that price or a better one, loan units.
  /// @param payment What the lots that are sold pay, loan units: the supply where the demand covers all. 0: nothing can be sold.
  /// @param repays Debt to repay of each lot, loan units; 0 for those that are not sold.
  struct Clearing {
    uint256 tick;
    uint256 price;
    uint256 supply;
    uint256 demand;
    uint256 payment;
    uint256[] repays;
  }

  /// @notice Price of a tick: `deciding x (1 - tick x tickBps)`, rounded up.
  function tickPrice(uint256 deciding, uint256 tick, uint256 tickBps) internal pure returns (uint256) {
    return FixedPointMathLib.divUp(deciding * (_BPS - tick * tickBps), _BPS);
  }

  /// @notice How many ticks, from 0 on, keep the bound, before any rounding.
  function ticksWithin(uint256 deciding, uint256 bound, uint256 tickBps) internal pure returns (uint256) {
    if (bound > deciding) return 0;
    return FixedPointMathLib.min(BID_TICKS, ((deciding - bound) * _BPS) / (deciding * tickBps) + 1);
  }

  /// @notice The best price at which the demand at that price or a better one covers a whole lot, whichever asks least. Where
  /// none within the bound does, the last tick within it. There the lots are sold in their order as far as that demand goes; the
  /// rest is left. So a further lot never lowers the price of another: it is one more that may be covered sooner.
  /// @dev What a lot pays rises as the price falls, except where its collateral cannot pay everything. So a tick without bids can
  /// only clear where there is such a lot, and none falls short at a price at which none falls short further down.
  /// @param demand Bids by tick, loan units; only ticks within the bound count.
  function clear(
    Batch memory batch,
    uint256[BID_TICKS] memory demand
  ) internal pure returns (Clearing memory clearing) {
    uint256 within = ticksWithin(batch.deciding, batch.bound, batch.tickBps);
    if (within == 0) return clearing;
    uint256 last = within - 1;
    uint256 lastPrice = tickPrice(batch.deciding, last, batch.tickBps);
    (uint256 lastSupply, , bool fallsShort) = supplyAt(batch, lastPrice);
    uint256 sum;
    for (uint256 tick = 0; tick < last; ++tick) {
      sum += demand[tick];
      if (sum == 0 || (demand[tick] == 0 && !fallsShort)) continue;
      uint256 price = tickPrice(batch.deciding, tick, batch.tickBps);
      (uint256 supply, uint256 least, ) = supplyAt(batch, price);
      if (sum >= least) return _clearing(batch, tick, price, supply, sum);
    }
    return _clearing(batch, last, lastPrice, lastSupply, sum + demand[last]);
  }

  /// @notice What all lots pay at a price and what the one that pays least does, loan units, and whether the collateral of any
  /// cannot pay everything.
  function supplyAt(
    Batch memory batch,
    uint256 price
  ) internal pure returns (uint256 supply, uint256 least, bool fallsShort) {
    least = type(uint256).max;
    for (uint256 i = 0; i < batch.lots.length; ++i) {
      if (batch.lots[i].debt == 0) continue;
      SaleMath.Size memory size = _size(batch, i, price);
      uint256 payment = size.repay + size.penalty;
      supply += payment;
      least = FixedPointMathLib.min(least, payment);
      fallsShort = fallsShort || size.sellsAll;
    }
  }

  /// @notice How much each tick pays: the better bids first, the last ones what is left to pay.
  /// @param paid Loan units, at most the sum of the demand.
  function split(
    uint256[BID_TICKS] memory demand,
    uint256 paid
  ) internal pure returns (uint256[BID_TICKS] memory fills) {
    for (uint256 tick = 0; paid != 0; ++tick) {
      fills[tick] = FixedPointMathLib.min(demand[tick], paid);
      paid -= fills[tick];
    }
  }

  function _clearing(
    Batch memory batch,
    uint256 tick,
    uint256 price,
    uint256 supply,
    uint256 demand
  ) private pure returns (Clearing memory) {
    (uint256 payment, uint256[] memory repays) = _affordable(batch, price, demand);
    return Clearing(tick, price, supply, demand, payment, repays);
  }

  /// @dev Lots in their order: whole while the money lasts, then the largest legal part of the first that allows one.
  function _affordable(
    Batch memory batch,
    uint256 price,
    uint256 money
  ) private pure returns (uint256 payment, uint256[] memory repays) {
    uint256 count = batch.lots.length;
    repays = new uint256[](count);
    for (uint256 i = 0; i < count; ++i) {
      SaleMath.Size memory size = _size(batch, i, price);
      bool isPart = size.repay + size.penalty > money - payment;
      if (isPart) size = _largestPart(batch, batch.lots[i], size, price, money - payment);
      repays[i] = size.repay;
      payment += size.repay + size.penalty;
      if (isPart && size.repay != 0) break;
    }
  }

  /// @dev Size of a whole lot at a price; zeros for a place of the list without debt.
  function _size(Batch memory batch, uint256 i, uint256 price) private pure returns (SaleMath.Size memory size) {
    Lot memory lot = batch.lots[i];
    if (lot.debt == 0) return size;
    return SaleMath.closeAmount(lot.debt, lot.collateral, price, batch.deciding, lot.terms, batch.minDebt);
  }

  /// @dev The largest part of a lot that `money` pays for; zeros where every such part would leave too little.
  /// @param whole The largest legal take, which costs more than that.
  function _largestPart(
    Batch memory batch,
    Lot memory lot,
    SaleMath.Size memory whole,
    uint256 price,
    uint256 money
  ) private pure returns (SaleMath.Size memory part) {
    // The repayment and its penalty, rounded up, are then at most the money; where the collateral falls short the penalty is what
    // it can pay of it, in proportion.
    uint256 repay;
    if (whole.sellsAll) {
      uint256 value = SaleMath.value(lot.collateral, price);
      repay = FixedPointMathLib.min(money, FixedPointMathLib.zeroFloorSub(value, batch.minDebt));
      if (value > lot.debt) repay = (repay * lot.debt) / value;
    } else {
      repay = (money * _BPS) / (_BPS + lot.terms.penaltyBps);
    }
    repay = FixedPointMathLib.min(repay, whole.repay - 1);
    repay = FixedPointMathLib.min(repay, FixedPointMathLib.zeroFloorSub(lot.debt, batch.minDebt));
    if (repay != 0) part = SaleMath.part(repay, lot.debt, lot.collateral, price, lot.terms, batch.minDebt);
  }
}
