// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RiskMath} from "../../../contracts/libraries/RiskMath.sol";
import {Test} from "../base/Test.sol";

/// @notice Nothing reverts inside its domain, and every loss moves the way it must.
contract RiskMathTest is Test {
  uint256 private constant _WAD = 1e18;
  uint256 private constant _AMOUNT = type(uint128).max;

  // ----------------------------------------------------------------------------------------- the normal distribution

  function testFuzz_normal_neverRevertsAndStaysInItsRange(int256 x) public pure {
    assertLe(RiskMath.normalCdf(x), _WAD);
    assertLe(RiskMath.normalPdf(x), 398_942_280_401_432_681);
    assertGt(RiskMath.normalPdf(x), 0);
  }

  function testFuzz_normalCdf_neverFalls_butForItsError(int256 x, uint256 more) public pure {
    x = bound(x, -10e18, 10e18);
    more = bound(more, 0, 1e18);
    assertGe(RiskMath.normalCdf(x + int256(more)) + 2 * RiskMath.CDF_ERROR, RiskMath.normalCdf(x));
  }

  function testFuzz_normalCdf_isSymmetric(int256 x) public pure {
    x = bound(x, -10e18, 10e18);
    assertApproxEqAbs(RiskMath.normalCdf(x) + RiskMath.normalCdf(-x), _WAD, 1);
  }

  // ---------------------------------------------------------------------------------------------------- F1, direct sale

  function testFuzz_direct_losesMoreInLargerLotsAndThinnerPools(
    uint256 value,
    uint256 depth,
    uint256 fee,
    uint256 more
  ) public pure {
    value = bound(value, 0, _AMOUNT);
    depth = bound(depth, 1, _AMOUNT);
    fee = bound(fee, 0, _WAD);
    more = bound(more, 0, _AMOUNT);
    uint256 loss = RiskMath.directLoss(value, depth, fee);
    assertGe(loss, fee);
    assertLe(loss, _WAD);
    assertGe(RiskMath.directLoss(value + more, depth, fee), loss);
    assertLe(RiskMath.directLoss(value, depth + more, fee), loss);
    assertLe(RiskMath.priceAfterDirect(value + more, depth), RiskMath.priceAfterDirect(value, depth));
  }

  // -------------------------------------------------------------------------------------------------- F2, Dutch auction

  function testFuzz_dutch_losesMoreTheFasterTheWilderTheRarer(
    uint256 rate,
    uint256 volatility,
    uint256 time,
    uint256 percent
  ) public pure {
    rate = bound(rate, 0, RiskMath.MAX_RATE / 2);
    volatility = bound(volatility, 0, RiskMath.MAX_RATE / 2);
    time = bound(time, 0, RiskMath.MAX_SECONDS / 2);
    percent = bound(percent, 0, 100);
    uint256 loss = RiskMath.lossVersusFair(rate, volatility, time);
    assertLe(loss, _WAD);
    assertGe(RiskMath.lossVersusFair(rate + (rate * percent) / 100, volatility, time), loss);
    assertGe(RiskMath.lossVersusFair(rate, volatility + (volatility * percent) / 100, time), loss);
    assertGe(RiskMath.lossVersusFair(rate, volatility, time + (time * percent) / 100), loss);
  }

  function testFuzz_fillSeconds_growsInThePremium(
    uint256 premium,
    uint256 more,
    uint256 rate,
    uint256 volatility,
    uint256 time
  ) public pure {
    premium = bound(premium, 0, _AMOUNT / 2);
    more = bound(more, 0, _AMOUNT / 2);
    rate = bound(rate, 1, RiskMath.MAX_RATE);
    volatility = bound(volatility, 0, RiskMath.MAX_RATE);
    time = bound(time, 0, RiskMath.MAX_SECONDS);
    assertGe(
      RiskMath.fillSeconds(premium + more, rate, volatility, time),
      RiskMath.fillSeconds(premium, rate, volatility, time)
    );
  }

  // -------------------------------------------------------------------------------------------------- F4, F5

  function testFuzz_stalePriceLoss_fallsInTheBufferAndIsAtMostWithoutOne(
    uint256 buffer,
    uint256 more,
    uint256 deviation
  ) public pure {
    buffer = bound(buffer, 0, _AMOUNT / 2);
    more = bound(more, 0, _AMOUNT / 2);
    deviation = bound(deviation, 0, RiskMath.MAX_RATE);
    uint256 loss = RiskMath.stalePriceLoss(buffer, deviation);
    assertLe(loss, RiskMath.stalePriceLoss(0, deviation) + RiskMath.CDF_ERROR + deviation / 1e16);
    assertLe(RiskMath.stalePriceLoss(buffer + more, deviation), loss + RiskMath.CDF_ERROR + deviation / 1e16);
  }

  function testFuzz_bonus_leavesLessRoomInThinnerPoolsAndAtHigherLtv(
    uint256 value,
    uint256 depth,
    uint256 ltv,
    uint256 more
  ) public pure {
    value = bound(value, 0, 1e30);
    depth = bound(depth, 1, 1e30);
    ltv = bound(ltv, 1, 10e18);
    more = bound(more, 0, 1e18);
    uint256 factor = RiskMath.impactFactor(value, depth);
    assertGe(factor, _WAD);
    assertLe(RiskMath.bonusMax(ltv + more, factor), RiskMath.bonusMax(ltv, factor));
    assertLe(RiskMath.bonusMax(ltv, factor), RiskMath.bonusMax(ltv, RiskMath.impactFactor(value, depth + more)));
  }

  function testFuzz_bonusMin_isAtLeastTheSlippage(uint256 slippage, uint256 costs) public pure {
    slippage = bound(slippage, 0, _WAD - 1);
    costs = bound(costs, 0, _AMOUNT);
    assertGe(RiskMath.bonusMin(slippage, costs), slippage + costs);
  }

  // ------------------------------------------------------------------------------------------ F6, the cost of waiting

  function testFuzz_expectedShortfall_neverRevertsAndStaysInItsRange(uint256 deviation, uint256 coverage) public pure {
    deviation = bound(deviation, 0, type(uint128).max / 2);
    uint256 shortfall = RiskMath.expectedShortfall(deviation, coverage);
    assertLe(shortfall, _WAD);
    if (coverage < _WAD) assertGe(shortfall, _WAD - coverage);
  }

  function testFuzz_expectedShortfall_growsInDeviationAndFallsInCoverage(
    uint256 deviation,
    uint256 coverage,
    uint256 percent
  ) public pure {
    deviation = bound(deviation, 0, 5e18);
    coverage = bound(coverage, 0, 3e18);
    percent = bound(percent, 0, 100);
    uint256 shortfall = RiskMath.expectedShortfall(deviation, coverage);
    uint256 wilder = RiskMath.expectedShortfall(deviation + (deviation * percent) / 100, coverage);
    uint256 better = RiskMath.expectedShortfall(deviation, coverage + (coverage * percent) / 100);
    assertGe(wilder + 20 * RiskMath.CDF_ERROR, shortfall);
    assertLe(better, shortfall + 20 * RiskMath.CDF_ERROR);
  }

  function testFuzz_hazard_neverReverts(uint256 coverage, uint256 volatility, uint256 time) public pure {
    volatility = bound(volatility, 1, RiskMath.MAX_RATE);
    time = bound(time, 1, RiskMath.MAX_SECONDS);
    uint256 hazard = RiskMath.hazard(coverage, volatility, time);
    if (coverage == 0) assertEq(hazard, 0);
    else assertGt(hazard, 0);
  }

  // ----------------------------------------------------------------------------------------------- F10, batch auction

  function testFuzz_clearingDiscount_growsInLotsAndFallsInBids(
    uint256 spread,
    uint256 lots,
    uint256 bids,
    uint256 more
  ) public pure {
    spread = bound(spread, 0, _WAD);
    lots = bound(lots, 0, _AMOUNT / 2);
    bids = bound(bids, 0, _AMOUNT / 2);
    more = bound(more, 0, _AMOUNT / 2);
    uint256 discount = RiskMath.clearingDiscount(spread, lots, bids);
    assertLe(discount, spread);
    assertGe(RiskMath.clearingDiscount(spread, lots + more, bids), discount);
    assertLe(RiskMath.clearingDiscount(spread, lots, bids + more), discount);
    assertLe(RiskMath.emptyProbability(bids + more), RiskMath.emptyProbability(bids) + 1);
    assertGt(RiskMath.emptyProbability(bids), 0);
  }
}
