// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleMath} from "../libraries/DirectSaleMath.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {SaleTerms} from "../types/SaleTerms.sol";

/// @title DirectSaleMathHarness
/// @notice The library's functions over lists, so that one call evaluates many inputs. Never deployed outside a local chain.
contract DirectSaleMathHarness {
  /// @notice A position, its terms, and what feed and reference venue say.
  struct Query {
    SaleTerms terms;
    uint256 debt;
    uint256 collateral;
    uint256 liquidationLtvBps;
    uint256 latest;
    uint256 earlier;
    uint256 mean;
    uint256 meanEarlier;
  }

  /// @return results Urgency, impact, fall, least price, whether it is under water (1 or 0) and covering price of each.
  function bounds(Query[] calldata queries) external pure returns (uint256[6][] memory results) {
    results = new uint256[6][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) results[i] = _bounds(queries[i]);
  }

  function _bounds(Query memory query) private pure returns (uint256[6] memory result) {
    uint256 value = SaleMath.value(query.collateral, query.latest);
    uint256 most = query.terms.maxDiscountBps;
    result[0] = DirectSaleMath.urgency(query.debt, value, query.liquidationLtvBps, most);
    result[1] = DirectSaleMath.impact(query.terms, result[0]);
    result[2] = DirectSaleMath.fall(query.latest, query.earlier, query.mean, query.meanEarlier);
    result[3] = DirectSaleMath.leastPrice(query.latest, result[2], most);
    result[4] = DirectSaleMath.isUnderWater(query.debt, value, query.liquidationLtvBps) ? 1 : 0;
    result[5] = SaleMath.coveringPrice(query.debt, query.collateral, query.latest, query.terms.penaltyBps);
  }
}
