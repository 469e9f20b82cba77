// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How much a pair's pools hold against a sale.
/// @param reserve Quote-side reserve Y, loan units, minimum over the windows, all listed pools together: of each pool the virtual one,
/// L x sqrt(P), or where its liquidity is narrow that of an even pool that pays as much until the price has fallen by 2%.
/// @param updatedAt Unix seconds of the end of the youngest window.
/// @param isComplete All windows of all pools are there and the youngest is not older than two windows.
struct Depth {
  uint128 reserve;
  uint40 updatedAt;
  bool isComplete;
}

/// @notice How one pair's depth is measured.
/// @param window Seconds of one window. Windows begin at the multiples of it in unix time.
/// @param windows How many of them count.
/// @param maxTicks Most initialised ticks of a pool that are crossed in looking at its liquidity; beyond them is nothing. With at
/// least 256 over the pool's tick spacing and two, ticks that somebody strews leave the depth as it is.
/// @param pools Uniswap v3 pools of the pair.
struct DepthConfig {
  uint32 window;
  uint8 windows;
  uint16 maxTicks;
  address[] pools;
}

/// @notice What one pool was like over one window. One storage slot.
/// @param liquidity Harmonic mean of the liquidity in range over the window.
/// @param tick Tick at the mean price of the window, rounded to where the collateral costs less.
/// @param window Number of the window: unix time over its length. 0 where nothing was measured.
/// @param shares Eight bytes, the nearest step to the price lowest: least liquidity that anybody saw in the step, over the
/// mean, in 255ths, at most 255. The steps below the mean tick end 8, 16, 32, ..., 1,024 ticks from it.
/// @param evenness The least that a look found: what 2% of fall pay over what they would pay if the liquidity at the price, or the mean
/// where that is less, went on all the way, in 254ths and one more; 0 where nobody looked.
struct WindowRecord {
  uint128 liquidity;
  int24 tick;
  uint32 window;
  uint64 shares;
  uint8 evenness;
}
