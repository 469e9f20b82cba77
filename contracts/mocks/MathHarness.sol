// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IRateModel} from "../interfaces/IRateModel.sol";
import {DecayCurve} from "../libraries/DecayCurve.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {Position} from "../types/Position.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title MathHarness
/// @notice The libraries' functions over lists, so that one call evaluates many inputs. Never deployed outside a local chain.
contract MathHarness {
  /// @notice Arguments of `IRateModel.rate`.
  struct RateQuery {
    uint256 state;
    uint256 utilisation;
    uint256 dt;
  }

  /// @notice Arguments of `DecayCurve`.
  struct CurveQuery {
    SaleTerms terms;
    uint256 own;
    uint256 vaultSeconds;
  }

  /// @notice Arguments of `SaleMath.closeAmount`, and of `part` for `asked`.
  struct SizeQuery {
    uint256 debt;
    uint256 collateral;
    uint256 price;
    uint256 deciding;
    uint256 minDebt;
    uint256 asked;
    SaleTerms terms;
  }

  /// @notice Arguments of `SaleMath.salePrice`.
  struct PriceQuery {
    uint256 anchor;
    uint256 low;
    int256 discount;
    uint256 maxDiscountBps;
  }

  /// @notice Arguments of `SaleMath.rewind`.
  struct RewindQuery {
    uint256 saleClock;
    uint256 timestamp;
    uint256 sold;
    uint256 horizon;
    uint256 lot;
  }

  /// @notice A sale's clock as its slot holds it, and a moment; `age` is what a proof of that moment would write.
  struct ClockQuery {
    uint256 saleStartedAt;
    uint256 proof;
    uint256 timestamp;
    uint256 age;
    SaleTerms terms;
  }

  /// @notice What `SaleClock` says of a clock, and what a proof leaves of it.
  struct ClockAnswer {
    uint256 provenAt;
    bool isProven;
    bool hasLapsed;
    uint256 saleStartedAt;
    uint256 proof;
  }

  /// @notice `SaleClock` of each.
  function clocks(ClockQuery[] calldata queries) external pure returns (ClockAnswer[] memory results) {
    results = new ClockAnswer[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      ClockQuery calldata query = queries[i];
      Position memory position;
      position.saleStartedAt = query.saleStartedAt;
      position.proof = query.proof;
      results[i].provenAt = SaleClock.provenAt(position, query.terms.horizon);
      results[i].isProven = SaleClock.isProven(position, query.terms, query.timestamp);
      results[i].hasLapsed = SaleClock.hasLapsed(position, query.terms, query.timestamp);
      SaleClock.prove(position, query.terms.horizon, query.timestamp, query.age);
      results[i].saleStartedAt = position.saleStartedAt;
      results[i].proof = position.proof;
    }
  }

  /// @notice e^x of each, WAD.
  function expWad(int256[] calldata xs) external pure returns (int256[] memory results) {
    results = new int256[](xs.length);
    for (uint256 i = 0; i < xs.length; ++i) results[i] = FixedPointMathLib.expWad(xs[i]);
  }

  /// @notice ln x of each, WAD.
  function lnWad(int256[] calldata xs) external pure returns (int256[] memory results) {
    results = new int256[](xs.length);
    for (uint256 i = 0; i < xs.length; ++i) results[i] = FixedPointMathLib.lnWad(xs[i]);
  }

  /// @notice `InterestMath.growth` of each pair.
  function growth(uint256[2][] calldata pairs) external pure returns (uint256[] memory results) {
    results = new uint256[](pairs.length);
    for (uint256 i = 0; i < pairs.length; ++i) results[i] = InterestMath.growth(pairs[i][0], pairs[i][1]);
  }

  /// @notice `InterestMath.accruedIndex` of each pair.
  function accruedIndex(uint256[2][] calldata pairs) external pure returns (uint256[] memory results) {
    results = new uint256[](pairs.length);
    for (uint256 i = 0; i < pairs.length; ++i) results[i] = InterestMath.accruedIndex(pairs[i][0], pairs[i][1]);
  }

  /// @notice The four conversions of each (amount, index): assets up, assets down, scaled up, scaled down.
  function conversions(uint256[2][] calldata pairs) external pure returns (uint256[4][] memory results) {
    results = new uint256[4][](pairs.length);
    for (uint256 i = 0; i < pairs.length; ++i) {
      uint256[2] calldata pair = pairs[i];
      results[i] = [
        InterestMath.toAssetsUp(pair[0], pair[1]),
        InterestMath.toAssetsDown(pair[0], pair[1]),
        InterestMath.toScaledUp(pair[0], pair[1]),
        InterestMath.toScaledDown(pair[0], pair[1])
      ];
    }
  }

  /// @notice `DecayCurve.halvings` of each pair.
  function halvings(uint256[2][] calldata pairs) external pure returns (uint256[] memory results) {
    results = new uint256[](pairs.length);
    for (uint256 i = 0; i < pairs.length; ++i) results[i] = DecayCurve.halvings(pairs[i][0], pairs[i][1]);
  }

  /// @notice `D(own)`, the discount and the seconds to hold of each query.
  function curve(
    CurveQuery[] calldata queries
  ) external pure returns (int256[] memory decays, int256[] memory discounts, uint256[] memory toHold) {
    decays = new int256[](queries.length);
    discounts = new int256[](queries.length);
    toHold = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      SaleTerms memory terms = queries[i].terms;
      decays[i] = DecayCurve.decay(terms, queries[i].own);
      discounts[i] = DecayCurve.discount(terms, queries[i].own, queries[i].vaultSeconds);
      toHold[i] = DecayCurve.secondsToHold(terms);
    }
  }

  /// @notice For each query: the largest legal take, and the part of it that repays `asked` (all of it where that is more).
  function sizes(
    SizeQuery[] calldata queries
  ) external pure returns (SaleMath.Size[] memory largest, SaleMath.Size[] memory parts) {
    largest = new SaleMath.Size[](queries.length);
    parts = new SaleMath.Size[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      SizeQuery memory q = queries[i];
      largest[i] = SaleMath.closeAmount(q.debt, q.collateral, q.price, q.deciding, q.terms, q.minDebt);
      parts[i] =
        q.asked < largest[i].repay
          ? SaleMath.part(q.asked, q.debt, q.collateral, q.price, q.terms, q.minDebt)
          : largest[i];
    }
  }

  /// @notice `SaleMath.collateralFor` of each (credited, penaltyRate, price).
  function collateralFor(uint256[3][] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      results[i] = SaleMath.collateralFor(queries[i][0], queries[i][1], queries[i][2]);
    }
  }

  /// @notice `SaleMath.salePrice` of each query.
  function salePrices(PriceQuery[] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      PriceQuery memory q = queries[i];
      results[i] = SaleMath.salePrice(q.anchor, q.low, q.discount, q.maxDiscountBps);
    }
  }

  /// @notice `SaleMath.rewind` of each query.
  function rewinds(RewindQuery[] calldata queries) external pure returns (uint256[] memory results) {
    results = new uint256[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      RewindQuery memory q = queries[i];
      results[i] = SaleMath.rewind(q.saleClock, q.timestamp, q.sold, q.horizon, q.lot);
    }
  }

  /// @notice Answers of a rate model, and the gas of the last call (warm, all included).
  function rates(
    IRateModel model,
    RateQuery[] calldata queries
  ) external view returns (uint256[2][] memory results, uint256 gasOfLast) {
    results = new uint256[2][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      RateQuery memory query = queries[i];
      uint256 gasBefore = gasleft();
      (uint256 ratePerSecond, uint256 newState) = model.rate(query.state, query.utilisation, query.dt);
      gasOfLast = gasBefore - gasleft();
      results[i] = [ratePerSecond, newState];
    }
  }
}
