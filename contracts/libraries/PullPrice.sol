// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title PullPrice
/// @notice A signed price in the scale of the oracle: loan units per collateral unit x 1e36. Pure.
/// @dev ASSUMPTIONS: none about the price; any bits may stand in it. ROUNDING: up, against whoever brings it.
library PullPrice {
  uint256 private constant _BPS = 10_000;
  /// @dev A price whose confidence interval is wider on one side than this part of it is none.
  uint256 private constant _MAX_CONFIDENCE_BPS = 50;
  /// @dev 2^64 x 10^57 is under 2^256; ten to one more is above every price of a sale, and under one of the smallest.
  int256 private constant _MAX_EXPONENT = 57;

  /// @notice The price itself and the upper end of its confidence interval; zeros where it is not positive, where it is too
  /// uncertain, or where its exponent puts it out of every range.
  /// @param shift Decimal places from the unit of the price to that of the oracle.
  function scaled(PythStructs.Price memory signed, int256 shift) internal pure returns (uint256 middle, uint256 upper) {
    if (signed.price <= 0) return (0, 0);
    uint256 price = uint256(int256(signed.price));
    if (signed.conf * _BPS > price * _MAX_CONFIDENCE_BPS) return (0, 0);
    int256 exponent = signed.expo + shift;
    if (exponent > _MAX_EXPONENT || exponent < -_MAX_EXPONENT) return (0, 0);
    uint256 high = price + signed.conf;
    if (exponent >= 0) {
      uint256 multiplier = 10 ** uint256(exponent);
      return (price * multiplier, high * multiplier);
    }
    uint256 divisor = 10 ** uint256(-exponent);
    return (Math.ceilDiv(price, divisor), Math.ceilDiv(high, divisor));
  }
}
