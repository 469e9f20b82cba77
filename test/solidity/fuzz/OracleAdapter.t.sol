// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAggregatorV3} from "../../../contracts/interfaces/external/IAggregatorV3.sol";
import {IOracleAdapter} from "../../../contracts/interfaces/IOracleAdapter.sol";
import {IPriceFeed} from "../../../contracts/interfaces/IPriceFeed.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {IMockAggregator, OracleTest} from "../base/OracleTest.sol";
import {RawFeed} from "../base/RawFeed.sol";

/// @notice The adapter under feeds of any kind: made worse, or answering any bytes.
contract OracleAdapterTest is OracleTest {
  /// @dev Draws numbers out of one seed.
  struct Dice {
    uint256 seed;
    uint256 thrown;
  }

  /// @dev A round that a feed made.
  struct Round {
    int256 answer;
    uint256 time;
  }

  IOracleAdapter private _oracle;
  mapping(IMockAggregator aggregator => Round) private _last;
  bool private _hasSecond;
  bool private _hasFeed;
  bool private _hasStandby;
  bool private _hasSequencer;
  bool private _hasDeadRounds;

  // ------------------------------------------------------------------------------------------------------- ORA-1

  /// @notice Two worlds that differ by one feed: where it is worse, the state is no better and no clock runs longer.
  function testFuzz_ORA1_aWorseFeedNeverImprovesTheState(uint256 seed) public {
    Dice memory dice = Dice(seed, 0);
    _deployAny(dice);
    _liveAny(dice);
    uint256 since = block.timestamp - _throw(dice, 5 * HEARTBEAT);
    // Some feeds are broken already in the better world.
    if (_throw(dice, 3) == 0) _worsen(dice);

    bool isRound = _throw(dice, 4) == 0;
    (Price memory better, Price memory worse) = isRound
      ? _withoutAndWithAnotherRound(dice, since)
      : _beforeAndAfterWorsening(dice, since);

    assertLe(uint8(worse.state), uint8(better.state), "a worse feed improved the state");
    if (worse.state == OracleState.STALE) return;
    assertLe(worse.aliveUntil, better.aliveUntil, "a worse feed vouched for longer");
    // One more round moves the leaps of a look back, which may then land on a dead answer that it missed before.
    if (isRound && _hasDeadRounds) return;
    assertGe(worse.liveSince, better.liveSince, "a worse feed let a clock run longer");
  }

  function _beforeAndAfterWorsening(
    Dice memory dice,
    uint256 since
  ) private returns (Price memory better, Price memory worse) {
    better = _oracle.priceSince(since);
    _worsen(dice);
    worse = _oracle.priceSince(since);
  }

  /// @dev The world in which a feed's last round never came is the worse one.
  function _withoutAndWithAnotherRound(
    Dice memory dice,
    uint256 since
  ) private returns (Price memory better, Price memory worse) {
    worse = _oracle.priceSince(since);
    IMockAggregator aggregator = _anyAggregator(dice);
    Round memory last = _last[aggregator];
    // Only a round that says the same at a later time is surely no worse.
    if (last.time <= block.timestamp) {
      _push(aggregator, last.answer, last.time + _throw(dice, block.timestamp - last.time + 1));
    }
    better = _oracle.priceSince(since);
  }

  /// @dev One of the ways in which one feed gets worse.
  function _worsen(Dice memory dice) private {
    uint256 place = _throw(dice, 6);
    if (place == 0 && _hasSequencer) {
      if (_throw(dice, 2) == 0) sequencer.setMode(uint8(1 + _throw(dice, 3)));
      else sequencer.pushRound(1, block.timestamp);
      return;
    }
    if (place == 1 && _hasFeed) {
      uint256 kind = _throw(dice, 3);
      if (kind == 0) feed.setBroken(true, true);
      else if (kind == 1) feed.setInterruptedUntil(type(uint256).max);
      else feed.setInterruptedUntil(block.timestamp);
      return;
    }
    IMockAggregator aggregator = _anyAggregator(dice);
    Round memory last = _last[aggregator];
    uint256 way = _throw(dice, 7);
    if (way < 4) {
      aggregator.setMode(uint8(1 + way));
    } else if (way == 4) {
      int256[5] memory dead = [int256(0), -1, type(int128).min, ONE_ANSWER, 1e6 * ONE_ANSWER];
      _push(aggregator, dead[_throw(dice, 5)], last.time);
    } else if (way == 5) {
      _push(aggregator, last.answer, block.timestamp + 1 + _throw(dice, 1 days));
    } else {
      // The same answer of the same time, with its history lost.
      aggregator.startPhase();
      _push(aggregator, last.answer, last.time);
    }
  }

  // ------------------------------------------------------------------------------------------------ any bytes at all

  /// @notice Whatever bytes feeds answer, reading never reverts and what it says is consistent.
  function testFuzz_price_neverReverts_whateverBytesFeedsAnswer(uint256 seed, bytes memory noise) public {
    Dice memory dice = Dice(seed, 0);
    _deployAny(dice);
    _liveAny(dice);
    uint256 scripted = 1 + _throw(dice, 15);
    if (scripted & 1 != 0) _script(dice, address(primary), noise);
    if (scripted & 2 != 0) _script(dice, address(second), noise);
    if (scripted & 4 != 0) _script(dice, address(feed), noise);
    if (scripted & 8 != 0) _script(dice, address(sequencer), noise);

    _assertConsistent(_oracle.price());
    uint256[5] memory moments = [
      uint256(0),
      1,
      block.timestamp - 1,
      block.timestamp - 3 * HEARTBEAT,
      type(uint256).max
    ];
    for (uint256 i = 0; i < moments.length; ++i) {
      _assertConsistent(_oracle.priceSince(moments[i]));
    }
  }

  function _assertConsistent(Price memory price) private view {
    assertLe(price.liveSince, block.timestamp, "clocks count from the future");
    if (price.state == OracleState.STALE) {
      assertEq(price.deciding + price.low + price.high + price.startBound + price.aliveUntil, 0, "a price while STALE");
      return;
    }
    assertGt(price.deciding, MIN_PRICE);
    assertLt(price.deciding, MAX_PRICE);
    assertLe(price.low, price.deciding);
    assertGe(price.low, (price.deciding * (10_000 - MAX_DISAGREEMENT_BPS)) / 10_000);
    assertGe(price.high, price.deciding);
    assertLe(price.high, (price.deciding * (10_000 + MAX_DISAGREEMENT_BPS)) / 10_000);
    assertGe(price.startBound, price.deciding);
    assertGe(price.aliveUntil, block.timestamp + LATENESS);
    assertLe(price.aliveUntil, block.timestamp + LATENESS);
  }

  /// @dev Puts another code in the feed's place, which answers noise, or words of which some are likely to mean something.
  function _script(Dice memory dice, address target, bytes memory noise) private {
    vm.etch(target, type(RawFeed).runtimeCode);
    bytes4[4] memory selectors = [
      IAggregatorV3.latestRoundData.selector,
      IAggregatorV3.getRoundData.selector,
      IPriceFeed.read.selector,
      IPriceFeed.interruptedUntil.selector
    ];
    for (uint256 i = 0; i < selectors.length; ++i) {
      bytes memory data = _throw(dice, 3) == 0 ? noise : _words(dice);
      RawFeed(target).script(selectors[i], _throw(dice, 8) == 0, data);
    }
  }

  function _words(Dice memory dice) private view returns (bytes memory data) {
    uint256[9] memory counts = [uint256(5), 5, 5, 2, 2, 1, 1, 0, 40];
    uint256 count = counts[_throw(dice, 9)];
    for (uint256 i = 0; i < count; ++i) {
      data = abi.encodePacked(data, _word(dice));
    }
  }

  function _word(Dice memory dice) private view returns (uint256) {
    uint256[14] memory words = [
      uint256(0),
      1,
      2_000e8,
      2_000 * ONE_PRICE,
      block.timestamp,
      block.timestamp - 100,
      block.timestamp + 1,
      1 << 64,
      (7 << 64) | 1_000,
      type(uint80).max,
      type(uint128).max,
      1 << 255,
      (1 << 255) - 1,
      type(uint256).max
    ];
    uint256 drawn = _throw(dice, 16);
    return drawn < 14 ? words[drawn] : _throw(dice, type(uint256).max);
  }

  // ---------------------------------------------------------------------------------------------------------- worlds

  function _deployAny(Dice memory dice) private {
    _hasSecond = _throw(dice, 4) != 0;
    _hasFeed = _throw(dice, 4) == 0;
    _hasStandby = _throw(dice, 3) == 0;
    _hasSequencer = _throw(dice, 3) == 0;
    _oracle = _deployOracle(_hasSecond, _hasFeed, _hasStandby, _hasSequencer);
    if (_hasStandby && _throw(dice, 2) == 0) _oracle.setStandbyActive(true);
  }

  /// @dev A few hours in which all feeds make rounds, mostly good ones.
  function _liveAny(Dice memory dice) private {
    vm.warp(NOW + 6 hours);
    _liveAggregator(dice, primary);
    _liveAggregator(dice, second);
    _liveAggregator(dice, standby);
    sequencer.pushRound(_throw(dice, 6) == 0 ? int256(1) : int256(0), block.timestamp - _throw(dice, 6 hours));
    feed.set(uint256(_anyPrice(dice)) * (ONE_PRICE / uint256(ONE_ANSWER)), _throw(dice, HEARTBEAT + 2));
    if (_throw(dice, 4) == 0) feed.setInterruptedUntil(block.timestamp - _throw(dice, 6 hours));
  }

  function _liveAggregator(Dice memory dice, IMockAggregator aggregator) private {
    uint256 time = NOW + _throw(dice, HEARTBEAT);
    uint256 pace = _throw(dice, 3) == 0 ? 2 * HEARTBEAT : 1 + _throw(dice, HEARTBEAT + 2 * LATENESS);
    for (uint256 i = 0; i < 20 && time <= block.timestamp; ++i) {
      bool isDead = _throw(dice, 24) == 0;
      if (isDead) _hasDeadRounds = true;
      int256 answer = isDead ? int256(0) : _anyPrice(dice);
      _push(aggregator, answer, time);
      time += 1 + _throw(dice, pace);
    }
    // Most are alive now.
    if (_throw(dice, 4) != 0) _push(aggregator, _anyPrice(dice), block.timestamp - _throw(dice, HEARTBEAT + 2));
  }

  /// @dev Mostly inside the band around 2,000.
  function _anyPrice(Dice memory dice) private pure returns (int256) {
    return 1_970 * ONE_ANSWER + int256(_throw(dice, 60 * uint256(ONE_ANSWER)));
  }

  function _anyAggregator(Dice memory dice) private view returns (IMockAggregator) {
    uint256 place = _throw(dice, 3);
    return
      place == 0
        ? primary
        : place == 1
          ? second
          : standby;
  }

  function _push(IMockAggregator aggregator, int256 answer, uint256 time) private {
    aggregator.pushRound(answer, time);
    _last[aggregator] = Round(answer, time);
  }

  /// @dev 0 to `sides - 1`.
  function _throw(Dice memory dice, uint256 sides) private pure returns (uint256) {
    dice.thrown += 1;
    return sides == 0 ? 0 : uint256(keccak256(abi.encode(dice.seed, dice.thrown))) % sides;
  }
}
