// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Position} from "./Position.sol";
import {SaleTerms} from "./SaleTerms.sol";
import {RewardConfig} from "./VaultConfig.sol";

/// @notice What who sells a position away from the clock must know of it.
/// @param position As stored.
/// @param terms Those of its live sale, lapsed or not; those that one started now would get where none is live.
/// @param liquidationLtvBps On its ramp now, bps.
/// @param reward Bounds of the starter's reward.
struct SaleFacts {
  Position position;
  SaleTerms terms;
  uint256 liquidationLtvBps;
  RewardConfig reward;
}
