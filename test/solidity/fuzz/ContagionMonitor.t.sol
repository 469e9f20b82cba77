// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IContagionMonitor} from "../../../contracts/interfaces/IContagionMonitor.sol";
import {IStressSource} from "../../../contracts/interfaces/IStressSource.sol";
import {WeightedMedian} from "../../../contracts/libraries/WeightedMedian.sol";
import {Stress} from "../../../contracts/types/Stress.sol";
import {StressSource} from "../../../contracts/types/StressSource.sol";
import {RawFeed} from "../base/RawFeed.sol";
import {Test} from "../base/Test.sol";

/// @notice Three to seven sources of any weights that the monitor accepts, one of which says anything.
contract ContagionMonitorTest is Test {
  uint256 private constant _NOW = 1_800_000_000;
  uint256 private constant _HEARTBEAT = 1 hours;
  uint256 private constant _WAD = 1e18;

  IContagionMonitor private _monitor;
  uint256 private _seed;
  /// @dev Words of the honest sources, sorted, each with its level and weight.
  uint256[] private _honest;

  function setUp() public {
    vm.warp(_NOW);
    address authority = deployCode("AccessManager", abi.encode(address(this)));
    _monitor = IContagionMonitor(deployCode("ContagionMonitor", abi.encode(3, authority)));
  }

  /// @notice Whatever a level it says, the median stays between the lowest and the highest of the others, and is the others' own
  /// or between its two neighbours.
  function testFuzz_oneLiar_movesTheMedianToANeighbourAtMost(uint256 seed, uint256 lie) public {
    _seed = seed;
    RawFeed liar = _deploySources(_draw(3, 7));
    lie = _draw(0, 2) == 0 ? bound(lie, 0, 1) * _WAD : bound(lie, 0, _WAD);
    _say(liar, lie, block.timestamp - _draw(0, _HEARTBEAT));
    Stress memory stress = _monitor.stress();
    assertTrue(stress.isKnown);
    assertEq(stress.live, _honest.length + 1);
    _requireNearTheOthers(stress.level);
  }

  /// @notice Dead in any way, it leaves the others' own median, as long as there are enough of them.
  function testFuzz_oneDeadSource_leavesTheOthersMedian(uint256 seed, uint256 anyLevel, uint256 anyTime) public {
    _seed = seed;
    RawFeed liar = _deploySources(_draw(3, 7));
    _die(liar, anyLevel, anyTime);
    Stress memory stress = _monitor.stress();
    assertEq(stress.live, _honest.length);
    assertEq(stress.isKnown, _honest.length >= 3);
    assertEq(stress.level, stress.isKnown ? _honest[_medianIndex()] >> 16 : 0);
  }

  /// @notice Any two words: read as a level in time or not at all; the monitor never reverts and stays where the others are.
  function testFuzz_anyAnswer_isALevelOrNothing(uint256 seed, bytes calldata answer, bool reverts) public {
    _seed = seed;
    RawFeed liar = _deploySources(_draw(4, 7));
    liar.script(IStressSource.stress.selector, reverts, answer);
    _requireNearTheOthers(_monitor.stress().level);
  }

  /// @notice Weights that do not keep to the rule are refused, whoever comes first.
  function testFuzz_weights_keepUnderTwiceEachOther(uint16 first, uint16 second) public {
    first = uint16(bound(first, 1, type(uint16).max));
    second = uint16(bound(second, 1, type(uint16).max));
    _register(address(new RawFeed()), first);
    address other = address(new RawFeed());
    (uint256 low, uint256 high) = first < second ? (first, second) : (second, first);
    if (high >= 2 * low) {
      vm.expectRevert(abi.encodeWithSelector(IContagionMonitor.WeightsTooFar.selector, low, high));
    }
    _register(other, second);
  }

  // ------------------------------------------------------------------------------------------------------------- sources

  /// @return liar Registered like the others, silent still.
  function _deploySources(uint256 count) private returns (RawFeed liar) {
    uint256 smallest = _draw(1, type(uint16).max / 2);
    uint256 place = _draw(0, count - 1);
    bool isFlat = _draw(0, 3) == 0;
    for (uint256 i = 0; i < count; ++i) {
      RawFeed source = new RawFeed();
      uint16 weight = uint16(_draw(0, 2) == 0 ? 2 * smallest - 1 : _draw(smallest, 2 * smallest - 1));
      _register(address(source), weight);
      if (i == place) {
        liar = source;
        continue;
      }
      // Few different levels, so that some are equal; or all over the range.
      uint64 level = uint64(isFlat ? (_draw(0, 3) * _WAD) / 3 : _draw(0, _WAD));
      _say(source, level, block.timestamp - _draw(0, _HEARTBEAT));
      _honest.push(WeightedMedian.entry(level, weight));
    }
    _sort();
  }

  function _register(address source, uint16 weight) private {
    _monitor.setSource(StressSource(source, weight, uint32(_HEARTBEAT), uint40(block.timestamp + 1 days)));
  }

  function _say(RawFeed source, uint256 level, uint256 updatedAt) private {
    source.script(IStressSource.stress.selector, false, abi.encode(level, updatedAt));
  }

  function _die(RawFeed liar, uint256 anyLevel, uint256 anyTime) private {
    uint256 way = _draw(0, 4);
    if (way == 0) liar.script(IStressSource.stress.selector, true, abi.encode(anyLevel, block.timestamp));
    else if (way == 1) liar.script(IStressSource.stress.selector, false, abi.encode(anyLevel));
    else if (way == 2) _say(liar, bound(anyLevel, _WAD + 1, type(uint256).max), block.timestamp);
    else if (way == 3) _say(liar, bound(anyLevel, 0, _WAD), bound(anyTime, _NOW + 1, type(uint256).max));
    else _say(liar, bound(anyLevel, 0, _WAD), bound(anyTime, 0, _NOW - _HEARTBEAT - 1));
  }

  // ----------------------------------------------------------------------------------------------------------- the others

  function _requireNearTheOthers(uint256 level) private view {
    uint256 last = _honest.length - 1;
    uint256 index = _medianIndex();
    assertGe(level, _honest[0] >> 16, "under the lowest");
    assertLe(level, _honest[last] >> 16, "above the highest");
    assertGe(level, _honest[index == 0 ? 0 : index - 1] >> 16, "beyond the neighbour below");
    assertLe(level, _honest[index == last ? last : index + 1] >> 16, "beyond the neighbour above");
  }

  /// @dev Of the others alone: the highest whose weight and that of all above it is half of all.
  function _medianIndex() private view returns (uint256 index) {
    uint256 total;
    for (uint256 i = 0; i < _honest.length; ++i) total += uint16(_honest[i]);
    index = _honest.length - 1;
    uint256 above = uint16(_honest[index]);
    while (2 * above < total) above += uint16(_honest[--index]);
  }

  function _sort() private {
    for (uint256 i = 1; i < _honest.length; ++i) {
      for (uint256 j = i; j != 0 && _honest[j - 1] > _honest[j]; --j) {
        (_honest[j - 1], _honest[j]) = (_honest[j], _honest[j - 1]);
      }
    }
  }

  function _draw(uint256 least, uint256 most) private returns (uint256) {
    _seed = uint256(keccak256(abi.encode(_seed)));
    return bound(_seed, least, most);
  }
}
