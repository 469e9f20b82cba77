// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStressSource} from "../../interfaces/IStressSource.sol";
import {IVolatilityOracle} from "../../interfaces/IVolatilityOracle.sol";
import {IVolatilitySource} from "../../interfaces/sources/IVolatilitySource.sol";
import {StressMath} from "../../libraries/StressMath.sol";
import {Volatility} from "../../types/Volatility.sol";

/// @title VolatilitySource
/// @dev ASSUMPTIONS: the volatility oracle is ours. Moved only by the rounds of the feed, so by whoever moves the markets that
/// its operators look at; not within one block. LIVENESS: says nothing while the oracle has not seen enough; as old as what it
/// saw last. ROUNDING: up.
contract VolatilitySource is IVolatilitySource {
  /// @inheritdoc IVolatilitySource
  address public immutable oracle;
  /// @inheritdoc IVolatilitySource
  address public immutable feed;
  /// @inheritdoc IVolatilitySource
  uint256 public immutable calm;
  /// @inheritdoc IVolatilitySource
  uint256 public immutable wild;

  constructor(address oracle_, address feed_, uint256 calm_, uint256 wild_) {
    if (wild_ <= calm_ || wild_ > type(uint64).max) revert InvalidParameter("wild", wild_);
    oracle = oracle_;
    feed = feed_;
    calm = calm_;
    wild = wild_;
  }

  /// @inheritdoc IStressSource
  function stress() external view returns (uint256 level, uint256 updatedAt) {
    Volatility memory seen = IVolatilityOracle(oracle).volatility(feed);
    if (!seen.isComplete) revert NoReading(feed);
    return (StressMath.between(seen.perRootSecond, calm, wild), seen.updatedAt);
  }
}
