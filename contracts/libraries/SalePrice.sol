// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote} from "../types/TakeParams.sol";
import {InterestMath} from "./InterestMath.sol";
import {SaleMath} from "./SaleMath.sol";

/// @title SalePrice
/// @notice Price of a sale by its clocks, and what is paid and got at a price: for the vault, its views, the lens and the batch
/// auction alike.
/// @dev ASSUMPTIONS: prices under `SaleMath.MAX_PRICE`; a curve may answer anything, and is held to the floor. ROUNDING: prices up,
/// collateral down: against the taker.
library SalePrice {
  /// @notice Anchor x (1 - discount), never under the floor. While the sources disagree the anchor slides from the higher one to the
  /// deciding one as the curve says.
  /// @param ownSeconds Age of the sale, seconds.
  /// @param vaultSeconds Live seconds of the vault-wide sale clock, at most the horizon.
  /// @return 1e36 scale.
  function atClock(
    ICurve curve,
    SaleTerms memory terms,
    Price memory price,
    uint256 ownSeconds,
    uint256 vaultSeconds
  ) internal pure returns (uint256) {
    uint256 anchor = price.deciding;
    if (price.state == OracleState.SUSPECT && price.high > anchor) {
      uint256 gap = curve.anchorGap(terms, ownSeconds);
      anchor += FixedPointMathLib.divUp((price.high - anchor) * gap, SaleMath.WAD);
    }
    int256 discount = curve.discount(terms, ownSeconds, vaultSeconds);
    return SaleMath.salePrice(anchor, price.low, discount, terms.maxDiscountBps);
  }

  /// @notice Price of a sale whose clock says `clockPrice`: one younger than a half-life gives no discount at the lenders' expense,
  /// since the price may come back.
  /// @param liveSeconds Live seconds since the sale's clock began, proved or not.
  /// @param position With collateral. @param index Of its debt, WAD.
  /// @param deciding 1e36 scale.
  /// @return 1e36 scale.
  function ofSale(
    uint256 clockPrice,
    SaleTerms memory terms,
    uint256 liveSeconds,
    Position memory position,
    uint256 index,
    uint256 deciding
  ) internal pure returns (uint256) {
    if (liveSeconds >= terms.halfLife) return clockPrice;
    uint256 debt = InterestMath.toAssetsUp(position.scaledDebt, index);
    uint256 covering = SaleMath.coveringPrice(debt, position.collateral, deciding, terms.penaltyBps);
    return FixedPointMathLib.max(clockPrice, covering);
  }

  /// @notice Collateral that a sale takes for what the debt really falls by, collateral units: rounding never worsens what stays.
  /// @param held Collateral of the position, collateral units.
  /// @param credited What the debt falls by, loan units.
  /// @param price 1e36 scale, above 0.
  function collateralOut(
    SaleMath.Size memory size,
    uint256 held,
    uint256 credited,
    uint256 price
  ) internal pure returns (uint256) {
    if (size.sellsAll) return held;
    return FixedPointMathLib.min(held, SaleMath.collateralFor(credited, size.penaltyRate, price));
  }

  /// @notice Writes what a sale of this size would cost and bring into a quote; its clocks are left as they are.
  /// @param debt Loan units. @param held Collateral of the position, collateral units.
  /// @param index Of the debt, WAD.
  /// @param price 1e36 scale, above 0.
  function fill(
    SaleQuote memory quote,
    SaleMath.Size memory size,
    uint256 debt,
    uint256 held,
    uint256 index,
    uint256 price
  ) internal pure {
    quote.price = price;
    quote.repay = size.repay;
    quote.penalty = size.penalty;
    (, uint256 credited) = InterestMath.repayment(size.repay, debt, 0, index);
    quote.collateral = collateralOut(size, held, credited, price);
  }
}
