// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FillAccumulator} from "../../../contracts/libraries/FillAccumulator.sol";
import {Test} from "../base/Test.sol";

/// @notice The accumulator beside a ledger that walks over every stake at every fill: what is left in 128 fractional bits, what
/// was got in 64, rounded up.
contract FillAccumulatorTest is Test {
  using FillAccumulator for FillAccumulator.Pool;

  struct Stake {
    uint256 assets;
    uint256 entered;
    uint256 exited;
    uint256 left;
    uint256 got;
    uint256 fills;
  }

  uint256 private constant _ONE = 1 << 128;
  uint256 private constant _GOT_ONE = 1 << 64;

  FillAccumulator.Pool private _pool;
  Stake[] private _stakes;
  uint256 private _boundary = 1;
  uint256 private _assetsHeld;
  uint256 private _collateralHeld;
  uint256 private _rate;
  uint256 private _seed;

  function testFuzz_agreesWithALedgerOfEveryStake(uint256 seed) public {
    _seed = seed;
    uint256 magnitude = 10 ** _random(3, 27);
    _rate = 10 ** _random(0, 18);
    for (uint256 i = 0; i < 60; ++i) _step(magnitude);
    _check();
  }

  function testFuzz_survivesFillsOfAlmostEverything(uint256 seed) public {
    _seed = seed;
    _rate = 10 ** _random(0, 12);
    _enter(2 ** _random(60, 92));
    _enter(2 ** _random(20, 92));
    _boundary += 1;
    for (uint256 i = 0; i < 12; ++i) {
      uint256 total = _pool.totalAt(_boundary);
      if (total < 2) _enter(2 ** _random(20, 92));
      else _fill(total - _random(1, Math.min(total - 1, 1_000)));
      if (_random(0, 3) == 0) _enter(2 ** _random(1, 92));
      if (_random(0, 3) == 0) _exit(_random(0, _stakes.length - 1));
      _boundary += _random(0, 1);
    }
    assertGt(uint256(_pool.scale) + _pool.epoch, 0, "scales or epochs were passed");
    _check();
  }

  function test_aFillOfEverything_endsTheEpochForAllOfIt() public {
    _rate = 5;
    _enter(1_000);
    _enter(500);
    _boundary += 1;
    _fill(600);
    _exit(1);
    _fill(900);
    assertEq(_pool.epoch, 1);
    assertEq(_pool.totalAt(_boundary), 0);
    _boundary += 1;
    _enter(70);
    _boundary += 1;
    _fill(70);
    (uint256 left, uint256 got) = _position(0);
    assertEq(left, 0);
    assertApproxEqAbs(got, 5_000, 2);
    (left, got) = _position(1);
    assertEq(left, 0);
    assertApproxEqAbs(got, 2_500, 2);
    (left, got) = _position(2);
    assertEq(left, 0);
    assertEq(got, 350);
    _check();
  }

  function test_theLargestTotal_canBeFilledAllButOneUnit() public {
    _rate = 1;
    _enter(type(uint96).max);
    _boundary += 1;
    for (uint256 i = 0; i < 3; ++i) {
      _fill(_pool.totalAt(_boundary) - 1);
      // Beside the unit that is left.
      _enter(type(uint96).max - 1);
      _boundary += 1;
    }
    assertGe(_pool.scale, 8);
    assertGe(_pool.product, FillAccumulator.MIN_PRODUCT);
    _check();
  }

  function test_aStakeThatEntersLater_getsNothingOfEarlierFills() public {
    _rate = 3;
    _enter(1_000);
    _boundary += 1;
    _enter(1_000);
    _fill(400);
    (uint256 left, uint256 got) = _position(1);
    assertEq(got, 0);
    _boundary += 1;
    (left, got) = _position(1);
    assertApproxEqAbs(left, 1_000, 1);
    assertEq(got, 0);
    _fill(800);
    (left, got) = _position(1);
    assertApproxEqAbs(left, 500, 1);
    assertApproxEqAbs(got, 1_500, 3);
  }

  function test_aStakeThatLeaves_stillTakesPartUntilTheBoundaryAndNoLonger() public {
    _rate = 2;
    _enter(1_000);
    _enter(1_000);
    _boundary += 1;
    _exit(0);
    _fill(1_000);
    _boundary += 1;
    assertApproxEqAbs(_pool.totalAt(_boundary), 500, 1);
    _fill(250);
    (uint256 left, uint256 got) = _position(0);
    assertApproxEqAbs(left, 500, 1);
    assertApproxEqAbs(got, 1_000, 1);
    (left, got) = _position(1);
    assertApproxEqAbs(left, 250, 1);
    assertApproxEqAbs(got, 1_500, 2);
  }

  // --------------------------------------------------------------------------------------------------------------- steps

  function _step(uint256 magnitude) private {
    uint256 what = _random(0, 9);
    if (what <= 2) _enter(_random(1, magnitude));
    else if (what == 3 && _stakes.length != 0) _exit(_random(0, _stakes.length - 1));
    else if (what <= 5) _boundary += _random(1, 2);
    else {
      uint256 total = _pool.totalAt(_boundary);
      if (total == 0) return;
      uint256 kind = _random(0, 7);
      if (kind == 0) _fill(total);
      else if (kind == 1) _fill(Math.max(1, total - Math.min(total - 1, _random(1, 100))));
      else if (kind == 2) _fill(1);
      else _fill(_random(1, total));
    }
  }

  function _enter(uint256 assets) private {
    _pool.enter(assets, _boundary);
    _stakes.push(Stake(assets, _boundary, 0, assets * _ONE, 0, 0));
    _assetsHeld += assets;
  }

  function _exit(uint256 index) private {
    Stake storage stake = _stakes[index];
    if (stake.exited != 0) return;
    _pool.fold(_boundary);
    if (stake.entered == _boundary) {
      _pool.undoEntry(stake.assets);
      stake.exited = _boundary;
    } else if (_pool.exit(stake.assets, stake.entered, _boundary) != 0) stake.exited = _boundary;
  }

  function _fill(uint256 amount) private {
    uint256 total = _pool.totalAt(_boundary);
    uint256 collateral = amount * _rate;
    _pool.fold(_boundary);
    assertEq(_pool.total, total, "folding is what the view says");
    _pool.fill(amount, collateral);
    _assetsHeld -= amount;
    _collateralHeld += collateral;
    for (uint256 i = 0; i < _stakes.length; ++i) {
      Stake storage stake = _stakes[i];
      if (stake.entered == _boundary || (stake.exited != 0 && stake.exited != _boundary)) continue;
      stake.got += Math.mulDiv(Math.ceilDiv(stake.left, _GOT_ONE), collateral, total, Math.Rounding.Ceil);
      stake.left = Math.mulDiv(stake.left, total - amount, total, Math.Rounding.Ceil);
      stake.fills += 1;
    }
  }

  function _position(uint256 index) private view returns (uint256 left, uint256 got) {
    Stake storage stake = _stakes[index];
    if (stake.entered == _boundary || stake.entered == stake.exited) return (stake.assets, 0);
    bool isOut = stake.exited != 0 && stake.exited != _boundary;
    return
      _pool.position(stake.assets, _pool.stateAt(stake.entered), isOut ? _pool.stateAt(stake.exited) : _pool.current());
  }

  /// @dev Never more than the ledger says, and less by a few units only: one for what is left, one for each scale passed, a
  /// product's last digit for each fill, and what a fraction of a loan unit buys.
  function _check() private view {
    uint256 leftSum;
    uint256 gotSum;
    for (uint256 i = 0; i < _stakes.length; ++i) {
      Stake storage stake = _stakes[i];
      (uint256 left, uint256 got) = _position(i);
      uint256 lostUnits = 2 + stake.fills * (1 + (stake.assets >> 94));
      assertLe(left, stake.left / _ONE + 1, "left: not more than the ledger's");
      assertGe(left + lostUnits, stake.left / _ONE, "left: the ledger's but for rounding");
      assertLe(got, stake.got / _GOT_ONE + 1, "got: not more than the ledger's");
      assertGe(got + 8 + stake.fills + lostUnits * _rate, stake.got / _GOT_ONE, "got: the ledger's but for rounding");
      leftSum += left;
      gotSum += got;
    }
    assertLe(leftSum, _assetsHeld, "what is left is there");
    assertLe(gotSum, _collateralHeld, "what was got is there");
  }

  function _random(uint256 least, uint256 most) private returns (uint256) {
    _seed = uint256(keccak256(abi.encode(_seed)));
    return least + (_seed % (most - least + 1));
  }
}
