// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Volatility, VolatilityConfig, VolatilityState} from "../types/Volatility.sol";
import {IParameters} from "./IParameters.sol";

/// @title IVolatilityOracle
/// @notice Volatility of prices, from the rounds of Chainlink-type feeds: an average of squared log returns per second in which a
/// return's weight halves with every half-life of time. Anyone may let it consume rounds; it takes every round in its order,
/// so that what it knows after a round does not depend on who called when, or how often.
interface IVolatilityOracle is IParameters {
  /// @notice A feed was registered, or started afresh, at its round `roundId`.
  event FeedSet(address indexed feed, VolatilityConfig config, uint256 roundId);
  /// @notice Rounds up to `roundId` lie behind. `variance` of log returns per second, 1e36.
  event RoundsConsumed(address indexed feed, uint256 roundId, uint256 variance);
  /// @notice A round's log return, WAD, counted as `maxReturn`.
  event ReturnClamped(address indexed feed, uint256 indexed roundId, uint256 logReturn, uint256 maxReturn);
  /// @notice `count` rounds from `roundId` on did not answer, though a later one of their phase did, or could not be used.
  event RoundsMissing(address indexed feed, uint256 roundId, uint256 count);
  /// @notice The feed's proxy has another aggregator, whose rounds come next.
  event PhaseEntered(address indexed feed, uint256 phase);

  /// @notice The feed was never registered.
  error UnknownFeed(address feed);
  /// @notice The feed's latest round can't be read by its number, or has no positive answer.
  error UnusableFeed(address feed);

  /// @notice Register a feed, or start it afresh, at its latest round: nothing measured before is kept, and the estimate is
  /// incomplete for a half-life. Restricted (governor). Ranges: half-life ten minutes to thirty days, heartbeat a second
  /// to thirty days, `maxReturn` 0.01 to 1, `deviation` above 0 and at most `maxReturn`, `floor` and `initialVolatility`
  /// 1e-6 to 0.05 per sqrt(second).
  function setFeed(address feed, VolatilityConfig calldata newConfig) external;

  /// @notice Let the oracle consume at most `maxRounds` further rounds of a feed, in their order. Open to all; several calls end
  /// where one ends. A round with no positive answer, or with a time before the last one's, is passed over and makes the
  /// estimate incomplete; so is a number that does not answer while later ones do. A round whose time has not come yet is
  /// waited for.
  /// @return consumed Round numbers that now lie behind, those passed over included.
  function poke(address feed, uint256 maxRounds) external returns (uint256 consumed);

  /// @notice The volatility of a feed's price, rounded up. While the feed is silent the estimate falls, as if the price had moved
  /// by the feed's deviation since the last round, which is the most it can have moved unseen; a silence of more than a
  /// heartbeat says nothing more. An incomplete one is the best that is known, and no ground to act on.
  function volatility(address feed) external view returns (Volatility memory);

  /// @notice How a feed's volatility is measured; all 0 where it was never registered.
  function configOf(address feed) external view returns (VolatilityConfig memory);

  /// @notice What the rounds consumed have come to.
  function stateOf(address feed) external view returns (VolatilityState memory);
}
