// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OracleConfig} from "../types/SourceConfig.sol";
import {IOracle} from "./IOracle.sol";

/// @title IOracleAdapter
/// @notice Oracle of one pair, built of a primary and an optional second source, with a pre-approved standby.
interface IOracleAdapter is IOracle {
  /// @notice The primary was replaced by the standby (or put back).
  event StandbySwitched(bool active);
  /// @notice Somebody wrote down that no source was alive.
  event OutageRecorded();

  /// @notice A source is not what its configuration says: wrong pair, decimals out of range, no code, a heartbeat of nothing or
  /// more than thirty days.
  error InvalidSource(address target);
  /// @notice Bounds must satisfy 0 < minPrice < maxPrice, and `maxPrice x (1 + maxDisagreement)` be a price that sales can
  /// reckon with (`SaleMath.MAX_PRICE`); the price at construction must lie inside and be alive.
  error InvalidBounds(uint256 minPrice, uint256 maxPrice, uint256 price);
  /// @notice No standby was approved at construction.
  error NoStandby();
  /// @notice A source is alive, or late by five minutes at most: there is no outage to write down.
  error StillAlive();

  /// @notice The configuration that the adapter was built from.
  function config() external view returns (OracleConfig memory);

  /// @notice Whether the standby stands in for the primary.
  function standbyActive() external view returns (bool);

  /// @notice Switch between the primary and the standby. Restricted (guardian). The state is SUSPECT for an hour after, and
  /// sale clocks restart: the one before may have been dead for long.
  function setStandbyActive(bool active) external;

  /// @notice Write down that no source is alive, so that sale clocks restart here at the earliest even if nothing shows it
  /// later: a source that reverts leaves no trace in its rounds. Open to anybody; reverts with `StillAlive`.
  function recordOutage() external;
}
