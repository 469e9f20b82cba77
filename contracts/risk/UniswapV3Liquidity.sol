// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {DepthMath} from "../libraries/DepthMath.sol";
import {GasGuard} from "../libraries/GasGuard.sol";
import {WindowRecord} from "../types/Depth.sol";

/// @title UniswapV3Liquidity
/// @notice Reads the liquidity of a Uniswap v3 pool: over a past window, and now, range by range below the price.
/// @dev ASSUMPTIONS: the pool is genuine. LIVENESS: a pool that does not look back far enough does not revert; a caller must bring
/// gas for the look. ROUNDING: liquidity down; the mean tick to where what is sold costs less.
library UniswapV3Liquidity {
  /// @dev Where a walk over the ticks stands. Liquidity is that of the range that `tick` lies in.
  /// @param left Initialised ticks that it may still cross.
  struct Walk {
    IUniswapV3Pool pool;
    int24 spacing;
    int24 tick;
    int256 liquidity;
    uint256 left;
  }

  /// @dev Two look-ups in the longest memory that a pool can have need less than 200,000.
  uint256 private constant _OBSERVE_GAS = 300_000;

  /// @notice Harmonic-mean liquidity and mean tick of a window that is over.
  /// @param number Number of the window, which covers `number x length` up to `(number + 1) x length`, unix seconds.
  /// @param sellsToken0 Whether token0 is what is sold.
  /// @return isKnown Whether the pool looks back that far.
  function overWindow(
    address pool,
    uint256 number,
    uint256 length,
    bool sellsToken0
  ) internal view returns (bool isKnown, uint128 liquidity, int24 tick) {
    GasGuard.requireGas(_OBSERVE_GAS);
    uint32[] memory secondsAgos = new uint32[](2);
    secondsAgos[0] = uint32(block.timestamp - number * length);
    secondsAgos[1] = uint32(block.timestamp - (number + 1) * length);
    try IUniswapV3Pool(pool).observe(secondsAgos) returns (int56[] memory ticks, uint160[] memory perLiquidity) {
      isKnown = true;
      tick = DepthMath.meanTick(ticks[1] - ticks[0], length, !sellsToken0);
      // The pool's seconds per liquidity wrap around.
      unchecked {
        liquidity = uint128(DepthMath.harmonicMean(perLiquidity[1] - perLiquidity[0], length));
      }
    } catch {
      isKnown = false;
    }
  }

  /// @notice The least liquidity in each step below the window's mean tick as it is now, over the window's mean. It does not
  /// depend on where the pool's price stands, unless that is further from the mean than the last step's end or more ticks
  /// than may be crossed lie between: then nothing is seen.
  /// @return isSeen Whether it was.
  /// @return shares Eight steps, as in the record.
  /// @return evenness Evenness of them, over the liquidity at the pool's price or at the mean, whichever is more, at most the window's mean.
  function look(
    address pool,
    WindowRecord memory record,
    bool sellsToken0,
    uint256 maxTicks
  ) internal view returns (bool isSeen, uint64 shares, uint8 evenness) {
    Walk memory walk;
    walk.pool = IUniswapV3Pool(pool);
    (, walk.tick, , , , , ) = walk.pool.slot0();
    int24 furthest = int24(int256(DepthMath.stepEnd(DepthMath.STEPS - 1)));
    if (walk.tick > record.tick + furthest || walk.tick < record.tick - furthest) return (false, 0, 0);
    walk.spacing = walk.pool.tickSpacing();
    walk.liquidity = int256(uint256(walk.pool.liquidity()));
    walk.left = maxTicks;
    int256 nearest = walk.liquidity;
    if (!_walkTo(walk, record.tick)) return (false, 0, 0);
    if (walk.liquidity > nearest) nearest = walk.liquidity;
    walk.left = maxTicks;
    shares = _walkSteps(walk, record, sellsToken0);
    return (true, shares, DepthMath.evenness(shares, DepthMath.packShare(uint256(nearest), record.liquidity, 0)));
  }

  /// @return Whether the ticks that may be crossed were enough.
  function _walkTo(Walk memory walk, int24 tick) private view returns (bool) {
    while (walk.tick > tick && _crossDown(walk, tick)) continue;
    while (walk.tick < tick && _crossUp(walk, tick)) continue;
    walk.tick = tick;
    return walk.left != 0;
  }

  /// @dev Ticks mark the lower end of their range, and the mean price is that of its tick: downward that tick is crossed first,
  /// upward the end of a step with the step after it. What lies on either side of the price counts in the first step.
  function _walkSteps(
    Walk memory walk,
    WindowRecord memory record,
    bool sellsToken0
  ) private view returns (uint64 shares) {
    for (uint256 step = 0; step < DepthMath.STEPS; ++step) {
      int24 distance = int24(int256(DepthMath.stepEnd(step)));
      int256 least = walk.liquidity;
      while (sellsToken0 ? _crossDown(walk, record.tick - distance) : _crossUp(walk, record.tick + distance - 1)) {
        if (walk.liquidity < least) least = walk.liquidity;
      }
      if (walk.left == 0) return shares;
      shares |= uint64(DepthMath.packShare(uint256(least), record.liquidity, step));
    }
  }

  /// @dev Crosses the next initialised tick at or under the walk's and above `end`.
  /// @return Whether there was one that it might cross.
  function _crossDown(Walk memory walk, int24 end) private view returns (bool) {
    int24 compressed = _floorDiv(walk.tick, walk.spacing);
    int24 last = _floorDiv(end, walk.spacing);
    while (compressed > last) {
      uint256 word = walk.pool.tickBitmap(int16(compressed >> 8));
      word &= type(uint256).max >> (255 - uint8(int8(compressed)));
      int24 start = (compressed >> 8) << 8;
      if (word == 0) {
        compressed = start - 1;
        continue;
      }
      compressed = start + int24(int256(LibBit.fls(word)));
      if (compressed <= last || !_mayCross(walk)) return false;
      walk.liquidity -= _netAt(walk.pool, compressed * walk.spacing);
      walk.tick = compressed * walk.spacing - 1;
      return true;
    }
    return false;
  }

  /// @dev Crosses the next initialised tick above the walk's and at or under `end`.
  /// @return Whether there was one that it might cross.
  function _crossUp(Walk memory walk, int24 end) private view returns (bool) {
    int24 compressed = _floorDiv(walk.tick, walk.spacing) + 1;
    int24 last = _floorDiv(end, walk.spacing);
    while (compressed <= last) {
      uint256 word = walk.pool.tickBitmap(int16(compressed >> 8));
      word &= type(uint256).max << uint8(int8(compressed));
      int24 start = (compressed >> 8) << 8;
      if (word == 0) {
        compressed = start + 256;
        continue;
      }
      compressed = start + int24(int256(LibBit.ffs(word)));
      if (compressed > last || !_mayCross(walk)) return false;
      walk.tick = compressed * walk.spacing;
      walk.liquidity += _netAt(walk.pool, walk.tick);
      return true;
    }
    return false;
  }

  /// @dev The last one that is left is not crossed: a walk that has none left has been cut short.
  function _mayCross(Walk memory walk) private pure returns (bool) {
    return --walk.left != 0;
  }

  function _netAt(IUniswapV3Pool pool, int24 tick) private view returns (int128 net) {
    (, net, , , , , , ) = pool.ticks(tick);
  }

  function _floorDiv(int24 a, int24 b) private pure returns (int24 quotient) {
    quotient = a / b;
    if (a < 0 && a % b != 0) --quotient;
  }
}
