// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOracleAdapter} from "../../../contracts/interfaces/IOracleAdapter.sol";
import {OracleConfig, SourceConfig, SourceKind} from "../../../contracts/types/SourceConfig.sol";
import {Test} from "./Test.sol";

interface IMockAggregator {
  function pushRound(int256 answer, uint256 updatedAt) external;

  function setMode(uint8 mode) external;

  function startPhase() external;
}

interface IMockPriceFeed {
  function set(uint256 price, uint256 validFor) external;

  function setBroken(bool isBroken, bool isForgetful) external;

  function setInterruptedUntil(uint256 moment) external;
}

/// @notice An adapter on mock feeds, from artifacts: 6 decimals of loan asset for 18 of collateral, aggregators of 8.
abstract contract OracleTest is Test {
  uint256 internal constant NOW = 1_800_000_000;
  uint256 internal constant HEARTBEAT = 1 hours;
  uint256 internal constant LATENESS = 5 minutes;
  uint256 internal constant SEQUENCER_GRACE = 15 minutes;
  uint256 internal constant PRIMARY_GRACE = 30 minutes;
  uint256 internal constant MAX_DISAGREEMENT_BPS = 200;
  /// @dev One loan token a collateral token, 1e36 scale and as an answer.
  uint256 internal constant ONE_PRICE = 1e24;
  int256 internal constant ONE_ANSWER = 1e8;
  uint256 internal constant MIN_PRICE = ONE_PRICE;
  uint256 internal constant MAX_PRICE = 1e6 * ONE_PRICE;

  address internal loan;
  address internal collateral;
  IMockAggregator internal primary;
  IMockAggregator internal second;
  IMockAggregator internal standby;
  IMockAggregator internal sequencer;
  IMockPriceFeed internal feed;
  address internal authority;

  function setUp() public virtual {
    vm.warp(NOW);
    loan = _deployMock("MockERC20", abi.encode("Loan", "LOAN", 6));
    collateral = _deployMock("MockERC20", abi.encode("Collateral", "COLL", 18));
    primary = _aggregator(2_000 * ONE_ANSWER);
    second = _aggregator(2_000 * ONE_ANSWER);
    standby = _aggregator(2_000 * ONE_ANSWER);
    sequencer = _aggregator(0);
    feed = IMockPriceFeed(_deployMock("MockPriceFeed", abi.encode(collateral, loan)));
    feed.set(2_000 * ONE_PRICE, 0);
    authority = deployCode("AccessManager", abi.encode(address(this)));
  }

  /// @param second_ Second source, or NONE. @param hasFeed Whether a feed contract stands in the second source's place.
  function _deployOracle(
    bool second_,
    bool hasFeed,
    bool hasStandby,
    bool hasSequencer
  ) internal returns (IOracleAdapter) {
    OracleConfig memory config;
    config.collateralAsset = collateral;
    config.loanAsset = loan;
    config.primary = _source(SourceKind.CHAINLINK, address(primary));
    if (hasFeed) config.second = _source(SourceKind.FEED, address(feed));
    else if (second_) config.second = _source(SourceKind.CHAINLINK, address(second));
    if (hasStandby) config.standby = _source(SourceKind.CHAINLINK, address(standby));
    if (hasSequencer) config.sequencerFeed = address(sequencer);
    config.sequencerGrace = uint32(SEQUENCER_GRACE);
    config.maxDisagreementBps = uint16(MAX_DISAGREEMENT_BPS);
    config.primaryGrace = uint32(PRIMARY_GRACE);
    return
      IOracleAdapter(deployCode("contracts/oracle/OracleAdapter.sol:OracleAdapter", abi.encode(config, authority)));
  }

  function _source(SourceKind kind, address target) private pure returns (SourceConfig memory) {
    return SourceConfig(kind, target, uint32(HEARTBEAT), MIN_PRICE, MAX_PRICE);
  }

  function _aggregator(int256 answer) private returns (IMockAggregator aggregator) {
    aggregator = IMockAggregator(_deployMock("MockAggregator", abi.encode(8)));
    aggregator.pushRound(answer, block.timestamp);
  }

  function _deployMock(string memory name, bytes memory args) private returns (address) {
    return deployCode(string.concat("contracts/mocks/", name, ".sol:", name), args);
  }
}
