// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";
import {PullPrice} from "../libraries/PullPrice.sol";

/// @title PullPriceHarness
/// @notice `PullPrice` over a list, so that one call evaluates many inputs. Never deployed outside a local chain.
contract PullPriceHarness {
  /// @notice Arguments of `PullPrice.scaled`.
  struct Query {
    int64 price;
    uint64 confidence;
    int32 exponent;
    int256 shift;
  }

  /// @notice What it returns.
  struct Answer {
    uint256 middle;
    uint256 upper;
  }

  function scaled(Query[] calldata queries) external pure returns (Answer[] memory answers) {
    answers = new Answer[](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      Query calldata query = queries[i];
      PythStructs.Price memory signed = PythStructs.Price(query.price, query.confidence, query.exponent, 0);
      (answers[i].middle, answers[i].upper) = PullPrice.scaled(signed, query.shift);
    }
  }
}
