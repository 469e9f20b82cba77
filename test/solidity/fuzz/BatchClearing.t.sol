// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchClearing} from "../../../contracts/libraries/BatchClearing.sol";
import {SaleMath} from "../../../contracts/libraries/SaleMath.sol";
import {Test} from "../base/Test.sol";

/// @notice The clearing beside a search over every tick and a vault that sells lot by lot.
contract BatchClearingTest is Test {
  uint256 private constant _TICKS = 64;
  uint256 private constant _BPS = 10_000;
  uint256 private _seed;

  function testFuzz_thePriceIsTheBestThatCoversALot(uint256 seed) public {
    (BatchClearing.Batch memory batch, uint256[_TICKS] memory demand) = _case(seed);
    BatchClearing.Clearing memory clearing = BatchClearing.clear(batch, demand);
    uint256 within = BatchClearing.ticksWithin(batch.deciding, batch.bound, batch.tickBps);
    uint256 sum;
    for (uint256 tick = 0; tick < within; ++tick) {
      sum += demand[tick];
      uint256 price = BatchClearing.tickPrice(batch.deciding, tick, batch.tickBps);
      assertGe(price, batch.bound, "within the bound");
      (uint256 supply, uint256 least, ) = BatchClearing.supplyAt(batch, price);
      bool covers = sum != 0 && sum >= least;
      if (!covers && tick + 1 < within) continue;
      assertEq(clearing.tick, tick, "the best tick");
      assertEq(clearing.price, price);
      assertEq(clearing.demand, sum);
      assertEq(clearing.supply, supply);
      if (sum >= supply && supply != 0) assertEq(clearing.payment, supply, "all is sold");
      else assertLe(clearing.payment, sum, "never more than is bid");
      if (covers) assertGt(clearing.payment, 0, "a whole lot is covered");
      return;
    }
    assertEq(clearing.payment, 0, "no tick within the bound");
  }

  /// @dev BAT-4: a lot more, wherever it stands in the list, never lowers the price of the others.
  function testFuzz_aFurtherLotNeverLowersThePrice(uint256 seed) public {
    (BatchClearing.Batch memory batch, uint256[_TICKS] memory demand) = _case(seed);
    uint256 added = _random(0, batch.lots.length - 1);
    uint256 price = BatchClearing.clear(batch, demand).price;
    batch.lots[added].debt = 0;
    for (uint256 i = 0; i < batch.lots.length; ++i) {
      if (batch.lots[i].debt == 0) continue;
      assertGe(price, BatchClearing.clear(batch, demand).price, "BAT-4");
      return;
    }
  }

  function testFuzz_ticksWithin_isTheLastTickAtOrOverTheBound(
    uint256 deciding,
    uint256 bound,
    uint256 tickBps
  ) public pure {
    deciding = bound_(deciding, 1e6, SaleMath.MAX_PRICE - 1);
    bound = bound_(bound, deciding / 2, deciding + deciding / 100);
    tickBps = bound_(tickBps, 1, 150);
    uint256 within = BatchClearing.ticksWithin(deciding, bound, tickBps);
    if (within != 0) {
      assertGe(BatchClearing.tickPrice(deciding, within - 1, tickBps), bound);
    } else assertGt(bound, deciding);
    if (within < _TICKS) assertLt((deciding * (_BPS - within * tickBps)) / _BPS, bound);
  }

  /// @dev BAT-2 in the large: better bids whole, one tick in part, none after it.
  function testFuzz_split_fillsBetterBidsFirst(uint256 seed) public {
    (, uint256[_TICKS] memory demand) = _case(seed);
    uint256 all;
    for (uint256 tick = 0; tick < _TICKS; ++tick) all += demand[tick];
    uint256 paid = _random(0, all);
    uint256[_TICKS] memory fills = BatchClearing.split(demand, paid);
    uint256 sum;
    for (uint256 tick = 0; tick < _TICKS; ++tick) {
      assertLe(fills[tick], demand[tick]);
      if (fills[tick] < demand[tick]) assertEq(sum + fills[tick], paid, "BAT-2 nothing after a tick not full");
      sum += fills[tick];
    }
    assertEq(sum, paid);
  }

  /// @dev The vault walks the lots with one budget; it must come to what the clearing said, to the unit.
  function testFuzz_theVaultSellsWhatWasPlanned(uint256 seed) public {
    (BatchClearing.Batch memory batch, uint256[_TICKS] memory demand) = _case(seed);
    BatchClearing.Clearing memory clearing = BatchClearing.clear(batch, demand);
    uint256 budget;
    for (uint256 i = 0; i < clearing.repays.length; ++i) budget += clearing.repays[i];
    uint256 paid;
    for (uint256 i = 0; i < clearing.repays.length; ++i) {
      if (clearing.repays[i] == 0) continue;
      BatchClearing.Lot memory lot = batch.lots[i];
      SaleMath.Size memory size = SaleMath.closeAmount(
        lot.debt,
        lot.collateral,
        clearing.price,
        batch.deciding,
        lot.terms,
        batch.minDebt
      );
      if (budget < size.repay) {
        size = SaleMath.part(budget, lot.debt, lot.collateral, clearing.price, lot.terms, batch.minDebt);
      }
      assertEq(size.repay, clearing.repays[i], "as planned");
      budget -= size.repay;
      paid += size.repay + size.penalty;
    }
    assertEq(budget, 0);
    assertEq(paid, clearing.payment);
    assertLe(paid, clearing.demand);
  }

  /// @dev Where one lot is too large for the bids, all that is bid is spent, but for the dust rule and a unit of rounding.
  function testFuzz_theMoneyIsUsedUp(uint256 seed) public {
    (BatchClearing.Batch memory batch, uint256[_TICKS] memory demand) = _case(seed);
    BatchClearing.Clearing memory clearing = BatchClearing.clear(batch, demand);
    if (clearing.payment == 0 || clearing.payment == clearing.supply) return;
    for (uint256 i = 0; i < clearing.repays.length; ++i) {
      BatchClearing.Lot memory lot = batch.lots[i];
      SaleMath.Size memory size = SaleMath.closeAmount(
        lot.debt,
        lot.collateral,
        clearing.price,
        batch.deciding,
        lot.terms,
        batch.minDebt
      );
      if (clearing.repays[i] == 0 || clearing.repays[i] == size.repay) continue;
      uint256 unspent = clearing.demand - clearing.payment;
      uint256 more = clearing.repays[i] + 1;
      SaleMath.Size memory larger = SaleMath.part(
        more,
        lot.debt,
        lot.collateral,
        clearing.price,
        lot.terms,
        batch.minDebt
      );
      bool isLargest = more >= size.repay || larger.repay == 0;
      assertTrue(isLargest || unspent <= 1, "a larger part could have been paid");
    }
  }

  // -------------------------------------------------------------------------------------------------------------- inputs

  /// @dev Unhealthy positions from a little over the limit to far under water, and bids from none to more than enough.
  function _case(uint256 seed) private returns (BatchClearing.Batch memory batch, uint256[_TICKS] memory demand) {
    _seed = seed;
    batch.deciding = 10 ** _random(20, 40);
    batch.tickBps = _random(1, 20);
    batch.bound = (batch.deciding * (_BPS - _random(0, 900))) / _BPS;
    batch.minDebt = 10 ** _random(0, 8);
    uint256 count = _random(1, 5);
    batch.lots = new BatchClearing.Lot[](count);
    uint256 debts;
    for (uint256 i = 0; i < count; ++i) {
      BatchClearing.Lot memory lot = batch.lots[i];
      lot.debt = batch.minDebt * _random(1, 1_000) + _random(0, 1e6);
      uint256 ltvBps = _random(8_301, 11_000);
      lot.collateral = (lot.debt * _BPS * 1e36) / ltvBps / batch.deciding;
      lot.terms.penaltyBps = _random(0, 200);
      lot.terms.targetLtvBps = 7_055;
      debts += lot.debt;
    }
    uint256 bids = _random(0, 8);
    for (uint256 i = 0; i < bids; ++i) demand[_random(0, _TICKS - 1)] += _random(1, debts);
  }

  function bound_(uint256 x, uint256 least, uint256 most) private pure returns (uint256) {
    return least + (x % (most - least + 1));
  }

  function _random(uint256 least, uint256 most) private returns (uint256) {
    _seed = uint256(keccak256(abi.encode(_seed)));
    return least + (_seed % (most - least + 1));
  }
}
