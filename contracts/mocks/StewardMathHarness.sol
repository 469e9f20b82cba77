// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StewardMath} from "../libraries/StewardMath.sol";
import {Dial, VaultRules} from "../types/Steward.sol";

/// @title StewardMathHarness
/// @notice The functions of `StewardMath` over lists, so that one call evaluates many inputs. Never deployed outside a local
/// chain.
contract StewardMathHarness {
  /// @notice One question about a step.
  struct StepQuery {
    uint256 parameter;
    uint256 current;
    uint256 target;
    Dial dial;
    uint256 timestamp;
    bool mayLoosen;
    uint256 unseen;
  }

  /// @notice One question about the set-up rules.
  struct FitQuery {
    uint256[14] current;
    uint256[14] stepped;
    VaultRules rules;
  }

  /// @notice What each market asks for.
  function targets(StewardMath.Basis[] calldata queries) external pure returns (uint256[14][] memory results) {
    results = new uint256[14][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      results[i] = StewardMath.targets(queries[i]);
    }
  }

  /// @notice (next, calm since, spent if it moves there, 1 if that is urgent) of each.
  function step(StepQuery[] calldata queries) external pure returns (uint256[4][] memory results) {
    results = new uint256[4][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      StepQuery memory q = queries[i];
      (uint256 next, uint256 calmSince) = StewardMath.step(
        q.parameter,
        q.current,
        q.target,
        q.dial,
        q.timestamp,
        q.mayLoosen,
        q.unseen
      );
      uint256 spent = StewardMath.spentAfter(q.current, next, q.dial, q.timestamp);
      results[i] = [next, calmSince, spent, StewardMath.isUrgent(q.current, next, q.dial) ? 1 : 0];
    }
  }

  /// @notice What fits of each.
  function fit(FitQuery[] calldata queries) external pure returns (uint256[14][] memory results) {
    results = new uint256[14][](queries.length);
    for (uint256 i = 0; i < queries.length; ++i) {
      FitQuery memory q = queries[i];
      StewardMath.fit(q.current, q.stepped, q.rules);
      results[i] = q.stepped;
    }
  }
}
