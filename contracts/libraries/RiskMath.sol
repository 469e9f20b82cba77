// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title RiskMath
/// @notice What each way of selling a lot is expected to lose, in closed form. Pure; shares, ratios, times in seconds and
/// volatilities per sqrt(second) are WAD; each function names its formula of `docs/FORMULAS.md`.
/// @dev ASSUMPTIONS: amounts under 2^128; shares of at most 1e18 where a share is asked for; the other domains stand at each
/// function. LIVENESS: nothing reverts inside its domain. ROUNDING: losses, times and impacts up, proceeds and prices down.
library RiskMath {
  uint256 internal constant WAD = 1e18;
  /// @notice Most by which `normalCdf` is off on either side, WAD.
  uint256 internal constant CDF_ERROR = 50;
  /// @notice Volatilities per sqrt(second), decay rates per second and deviations over a horizon are at most this, WAD.
  uint256 internal constant MAX_RATE = 10e18;
  /// @notice Times in seconds are at most this (1e9 s), WAD.
  uint256 internal constant MAX_SECONDS = 1e27;
  /// @notice Collateral over debt above this counts as this.
  uint256 internal constant MAX_COVERAGE = 100e18;

  /// @dev 1 / sqrt(2 pi), WAD, rounded up.
  uint256 private constant _INVERSE_SQRT_2_PI = 398_942_280_401_432_678;
  /// @dev Deviations beyond which the tail is under half a unit, WAD.
  int256 private constant _MAX_DEVIATIONS = 9e18;

  // -------------------------------------------------------------------------------------------- the normal distribution

  /// @notice Density of the standard normal distribution at `x`, WAD, rounded up by less than 3.
  function normalPdf(int256 x) internal pure returns (uint256) {
    if (x > _MAX_DEVIATIONS || x < -_MAX_DEVIATIONS) return 1;
    return _mulUp(_expOfHalfSquare(x) + 1, _INVERSE_SQRT_2_PI);
  }

  /// @notice Share of the standard normal distribution under `x`, WAD, within `CDF_ERROR`.
  /// @dev The rational approximation of Hart et al., "Computer Approximations" (1968), algorithm 5666, as given by West,
  /// "Better approximations to cumulative normal functions" (2005): off by at most 4.2e-17; the rest of `CDF_ERROR` is for
  /// eighteen decimals. It is used beyond the published seven deviations, where it has the right limit,
  /// 1 / (x sqrt(2 pi)), and errs by 2e-8 of a tail that is under 1e-12.
  function normalCdf(int256 x) internal pure returns (uint256) {
    bool isUpper = x > 0;
    if (x > _MAX_DEVIATIONS || x < -_MAX_DEVIATIONS) return isUpper ? WAD : 0;
    int256 magnitude = isUpper ? x : -x;
    uint256 y = uint256(magnitude);
    // At 9 deviations: under 2^90 and 2^92.
    unchecked {
      uint256 numerator = 35_262_496_599_891_100;
      numerator = (numerator * y) / WAD + 700_383_064_443_688_000;
      numerator = (numerator * y) / WAD + 6_373_962_203_531_650_000;
      numerator = (numerator * y) / WAD + 33_912_866_078_383_000_000;
      numerator = (numerator * y) / WAD + 112_079_291_497_871_000_000;
      numerator = (numerator * y) / WAD + 221_213_596_169_931_000_000;
      numerator = (numerator * y) / WAD + 220_206_867_912_376_000_000;
      uint256 denominator = 88_388_347_648_318_400;
      denominator = (denominator * y) / WAD + 1_755_667_163_182_640_000;
      denominator = (denominator * y) / WAD + 16_064_177_579_207_000_000;
      denominator = (denominator * y) / WAD + 86_780_732_202_946_100_000;
      denominator = (denominator * y) / WAD + 296_564_248_779_674_000_000;
      denominator = (denominator * y) / WAD + 637_333_633_378_831_000_000;
      denominator = (denominator * y) / WAD + 793_826_512_519_948_000_000;
      denominator = (denominator * y) / WAD + 440_413_735_824_752_000_000;
      uint256 tail = (_expOfHalfSquare(magnitude) * numerator) / denominator;
      return isUpper ? WAD - tail : tail;
    }
  }

  /// @dev e^(-x^2 / 2) for at most nine deviations, WAD.
  function _expOfHalfSquare(int256 x) private pure returns (uint256) {
    return uint256(FixedPointMathLib.expWad(-(x * x) / 2e18));
  }

  // ------------------------------------------------------------------------------------------------------- F1, direct sale

  /// @notice F1: share of the value that is lost in the pool, fee and slippage, WAD, rounded up. All of it without depth.
  /// @param value In units of the quote asset.
  /// @param depth Virtual reserve of the quote asset.
  /// @param fee WAD.
  function directLoss(uint256 value, uint256 depth, uint256 fee) internal pure returns (uint256) {
    uint256 afterFee = FixedPointMathLib.divUp(value * (WAD - fee), WAD);
    if (depth == 0) return WAD;
    // Proceeds over value: (1 - f) Y / (Y + Q (1 - f)).
    return WAD - ((WAD - fee) * depth) / (depth + afterFee);
  }

  /// @notice F1: the pool's price after the sale over that before, `(Y / (Y + Q))^2`, WAD, rounded down.
  function priceAfterDirect(uint256 value, uint256 depth) internal pure returns (uint256) {
    if (value == 0) return WAD;
    uint256 ratio = (depth * WAD) / (depth + value);
    return (ratio * ratio) / WAD;
  }

  // ----------------------------------------------------------------------------------------------------- F2, Dutch auction

  /// @notice F2: how far the price asked is under the fair one when it is taken, in logarithm, WAD, rounded up:
  /// `1/zeta = (delta dt + sqrt((delta dt)^2 + 2 s^2 dt)) / 2`.
  /// @param decayRate delta: relative fall of the price asked, per second, at most `MAX_RATE`.
  /// @param volatility s, per sqrt(second), at most `MAX_RATE`.
  /// @param blockTime dt: mean seconds between blocks, which come as a Poisson process, at most `MAX_SECONDS`.
  function overshoot(uint256 decayRate, uint256 volatility, uint256 blockTime) internal pure returns (uint256) {
    uint256 drift = _mulUp(decayRate, blockTime);
    // Both terms 1e36: under (1e28)^2 and 2 x 1e38 x 1e9.
    uint256 squared = drift * drift + FixedPointMathLib.divUp(2 * volatility * volatility * blockTime, WAD);
    return (drift + _sqrtUp(squared) + 1) / 2;
  }

  /// @notice F2: loss versus fair, the share of the value that goes to who takes, WAD, rounded up: `1 / (1 + zeta)`.
  function lossVersusFair(uint256 decayRate, uint256 volatility, uint256 blockTime) internal pure returns (uint256) {
    uint256 over = overshoot(decayRate, volatility, blockTime);
    return FixedPointMathLib.divUp(over * WAD, WAD + over);
  }

  /// @notice F2: expected seconds until the price asked is taken, WAD, rounded up: `z0 / delta + 1 / (zeta delta)`.
  /// @param premium z0: logarithm of the price asked over the one that is paid, WAD, under 2^128.
  /// @param decayRate Above 0.
  function fillSeconds(
    uint256 premium,
    uint256 decayRate,
    uint256 volatility,
    uint256 blockTime
  ) internal pure returns (uint256) {
    return FixedPointMathLib.divUp((premium + overshoot(decayRate, volatility, blockTime)) * WAD, decayRate);
  }

  // ------------------------------------------------------------------------------------------------------- F4, stale price

  /// @notice F4: what a sale loses to the first taker because its price is a while old: `v phi(B/v) - B Phi(-B/v)`, WAD,
  /// rounded up, at least 0.
  /// @param buffer B: logarithm of the premium over the last price, WAD, under 2^128.
  /// @param deviation_ v: volatility over the age of the price, WAD, at most `MAX_RATE`.
  function stalePriceLoss(uint256 buffer, uint256 deviation_) internal pure returns (uint256) {
    if (deviation_ == 0) return 0;
    uint256 ratio = (buffer * WAD) / deviation_;
    if (ratio > uint256(_MAX_DEVIATIONS)) return 1;
    uint256 gain = _mulUp(deviation_, normalPdf(int256(ratio)));
    uint256 tail = normalCdf(-int256(ratio));
    return FixedPointMathLib.zeroFloorSub(gain, (buffer * FixedPointMathLib.zeroFloorSub(tail, CDF_ERROR)) / WAD);
  }

  // ------------------------------------------------------------------------------------------------- F5, toxicity and bonus

  /// @notice F5: by how much a sale worsens what is left, through the price of all of it: `lambda_c = 1 + 2c/Y`, WAD, rounded
  /// up.
  /// @param collateralValue c: the borrower's whole collateral, in units of the quote asset.
  /// @param depth Y, above 0.
  function impactFactor(uint256 collateralValue, uint256 depth) internal pure returns (uint256) {
    return WAD + FixedPointMathLib.divUp(2 * collateralValue * WAD, depth);
  }

  /// @notice F5: bonus under which nobody comes: `s_avg / (1 - s_avg) + costs`, WAD, rounded up.
  /// @param slippage s_avg, fee included, WAD, under 1e18.
  /// @param costs Gas, tip, flash loan and margin over the value, WAD, under 2^128.
  function bonusMin(uint256 slippage, uint256 costs) internal pure returns (uint256) {
    return FixedPointMathLib.divUp(slippage * WAD, WAD - slippage) + costs;
  }

  /// @notice F5: bonus above which each step leaves the position worse: `1 / (l lambda_c) - 1`, WAD, rounded down; negative
  /// where any step does.
  /// @param ltv l, WAD, above 0 and under 2^96. @param factor `lambda_c`, WAD, at least 1e18 and under 2^128.
  function bonusMax(uint256 ltv, uint256 factor) internal pure returns (int256) {
    return int256((WAD * WAD) / _mulUp(ltv, factor)) - int256(WAD);
  }

  // ----------------------------------------------------------------------------------------------- F6, the cost of waiting

  /// @notice Standard deviation of the logarithm of the price over a while, `s sqrt(tau)`, WAD, rounded up.
  /// @param volatility s, at most `MAX_RATE`. @param time tau, seconds WAD, at most `MAX_SECONDS`.
  function deviation(uint256 volatility, uint256 time) internal pure returns (uint256) {
    // sqrt(tau) of WAD seconds is WAD where tau is first brought to 1e36.
    return _mulUp(volatility, _sqrtUp(time * WAD));
  }

  /// @notice F6: expected shortfall over the debt, `Phi(-d2) - F Phi(-d1)`: a put on what the collateral will bring. WAD,
  /// rounded up, from `1 - F` to 1.
  /// @param deviation_ v, WAD, under 2^127.
  /// @param coverage F: what the collateral brings now over the debt, WAD; above `MAX_COVERAGE` it counts as that.
  function expectedShortfall(uint256 deviation_, uint256 coverage) internal pure returns (uint256) {
    coverage = FixedPointMathLib.min(coverage, MAX_COVERAGE);
    uint256 least = FixedPointMathLib.zeroFloorSub(WAD, coverage);
    if (deviation_ == 0 || coverage == 0) return least;
    (int256 d1, int256 d2) = _distances(deviation_, coverage);
    uint256 lost = normalCdf(-d2) + CDF_ERROR;
    uint256 kept = (coverage * FixedPointMathLib.zeroFloorSub(normalCdf(-d1), CDF_ERROR)) / WAD;
    uint256 shortfall = FixedPointMathLib.zeroFloorSub(lost, kept);
    return FixedPointMathLib.min(WAD, FixedPointMathLib.max(least, shortfall));
  }

  /// @notice F6: what one more second of waiting costs, over the debt, `F phi(d1) s / (2 sqrt(tau))`, WAD per second, rounded
  /// up.
  /// @param coverage F, as above. @param volatility s, above 0. @param time tau, seconds WAD, above 0.
  function hazard(uint256 coverage, uint256 volatility, uint256 time) internal pure returns (uint256) {
    coverage = FixedPointMathLib.min(coverage, MAX_COVERAGE);
    if (coverage == 0) return 0;
    (int256 d1, ) = _distances(deviation(volatility, time), coverage);
    uint256 root = FixedPointMathLib.sqrt(time * WAD);
    return FixedPointMathLib.divUp(_mulUp(coverage, normalPdf(d1)) * volatility, 2 * root);
  }

  /// @dev `d1 = (ln F + v^2 / 2) / v` and `d2 = d1 - v`, each held to where the distribution has ended.
  function _distances(uint256 deviation_, uint256 coverage) private pure returns (int256 d1, int256 d2) {
    int256 v = int256(deviation_);
    int256 logarithm = FixedPointMathLib.lnWad(int256(coverage));
    // |ln F| is under 42e18, so that no product leaves 2^190.
    int256 centre = (logarithm * int256(WAD)) / v;
    d1 = FixedPointMathLib.clamp(centre + v / 2, -2 * _MAX_DEVIATIONS, 2 * _MAX_DEVIATIONS);
    d2 = FixedPointMathLib.clamp(centre - v / 2, -2 * _MAX_DEVIATIONS, 2 * _MAX_DEVIATIONS);
  }

  // ---------------------------------------------------------------------------------------------------- F10, batch auction

  /// @notice F10: expected discount at which a batch clears, `a (k + 1) / (N + 1)`, at most `a`, WAD, rounded up.
  /// @param spread a: bidders ask for discounts evenly between 0 and this, WAD.
  /// @param lots k, WAD, under 2^128. @param bids N: bids expected, in lots, WAD, under 2^128.
  function clearingDiscount(uint256 spread, uint256 lots, uint256 bids) internal pure returns (uint256) {
    if (lots >= bids) return spread;
    return FixedPointMathLib.divUp(spread * (lots + WAD), bids + WAD);
  }

  /// @notice F10: probability that nobody bids, `e^-N`, WAD, rounded up by less than 2.
  function emptyProbability(uint256 bids) internal pure returns (uint256) {
    if (bids > 42e18) return 1;
    return FixedPointMathLib.min(WAD, uint256(FixedPointMathLib.expWad(-int256(bids))) + 1);
  }

  // ------------------------------------------------------------------------------------------------------------ arithmetic

  /// @dev a x b / 1e18, rounded up.
  function _mulUp(uint256 a, uint256 b) private pure returns (uint256) {
    return FixedPointMathLib.divUp(a * b, WAD);
  }

  /// @dev Square root, rounded up.
  function _sqrtUp(uint256 x) private pure returns (uint256 root) {
    root = FixedPointMathLib.sqrt(x);
    if (root * root < x) ++root;
  }
}
