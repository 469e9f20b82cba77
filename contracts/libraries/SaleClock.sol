// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {Position} from "../types/Position.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleMath} from "./SaleMath.sol";

/// @title SaleClock
/// @notice The age of a sale, by proofs that its position was unhealthy. Up to the time to hold age counts freely. Beyond it a
/// proof adds the time since the last one if that is at most one half-life: no time beyond a half-life in which the position was
/// healthy, or in which nobody looked, makes a discount deeper. A recovery between two proofs within a half-life is not seen.
/// @dev ASSUMPTIONS: a horizon and a half-life of at least a second and an eighth of the horizon, as a vault's terms have:
/// proofs are kept in sixteenths of the horizon, and one must reach the next. Times lie in the past and under 2^32.
/// ROUNDING: the last proof is remembered as earlier than it was, by less than a sixteenth of a horizon: against the taker.
library SaleClock {
  /// @notice A sale has lapsed so many horizons after its last proof.
  uint256 internal constant LAPSE_HORIZONS = 12;
  /// @dev Sixteenths of a horizon that a slot remembers: an age stops there, past all that a curve looks at.
  uint256 private constant _MOST_SIXTEENTHS = 254;

  /// @notice Sixteenth of a horizon, seconds, rounded up.
  function sixteenth(uint256 horizon) internal pure returns (uint256) {
    unchecked {
      return (horizon + 15) / 16;
    }
  }

  /// @notice Last proof, unix seconds, never later than it was; the clock's start where it was voided.
  function provenAt(Position memory position, uint256 horizon) internal pure returns (uint256) {
    unchecked {
      return position.saleStartedAt + FixedPointMathLib.zeroFloorSub(position.proof, 1) * sixteenth(horizon);
    }
  }

  /// @notice Whether the last proof is at most one half-life old, so that the time since it counts.
  function isProven(Position memory position, SaleTerms memory terms, uint256 timestamp) internal pure returns (bool) {
    return position.proof != 0 && timestamp <= provenAt(position, terms.horizon) + terms.halfLife;
  }

  /// @notice Whether the last proof is twelve horizons old by the wall's clock.
  function hasLapsed(Position memory position, SaleTerms memory terms, uint256 timestamp) internal pure returns (bool) {
    return timestamp > provenAt(position, terms.horizon) + LAPSE_HORIZONS * terms.horizon;
  }

  /// @notice Live seconds of the vault-wide sale clock, at most the horizon, rounded down.
  /// @param saleClock Where it stands, ticks under 2^40, in the past.
  /// @param restartedAt Sale clocks count from here at the earliest, unix seconds, in the past.
  /// @param horizon Seconds.
  /// @param timestamp Now, unix seconds.
  function vaultSeconds(
    uint256 saleClock,
    uint256 restartedAt,
    uint256 horizon,
    uint256 timestamp
  ) internal pure returns (uint256) {
    unchecked {
      uint256 ticksPerSecond = SaleMath.TICKS_PER_SECOND;
      uint256 since = FixedPointMathLib.max(saleClock, restartedAt * ticksPerSecond);
      return FixedPointMathLib.min((timestamp * ticksPerSecond - since) / ticksPerSecond, horizon);
    }
  }

  /// @notice Writes a proof of now at an age, in memory.
  /// @param age Seconds of live time, at most `timestamp`.
  function prove(Position memory position, uint256 horizon, uint256 timestamp, uint256 age) internal pure {
    unchecked {
      uint256 unit = sixteenth(horizon);
      age = FixedPointMathLib.min(age, _MOST_SIXTEENTHS * unit);
      position.saleStartedAt = timestamp - age;
      position.proof = 1 + age / unit;
    }
  }
}
