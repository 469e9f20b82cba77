// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IUniswapV3Pool} from "../../interfaces/external/IUniswapV3Pool.sol";
import {IPriceFeed} from "../../interfaces/IPriceFeed.sol";
import {IUniswapV3TwapFeed} from "../../interfaces/IUniswapV3TwapFeed.sol";

/// @title UniswapV3TwapFeed
/// @notice Second source of prices: what the market itself said, averaged over a window.
/// @dev ASSUMPTIONS: the pool is deep enough that holding it off the market for a good part of the window costs more than it
/// brings, and keeps enough observations that nobody can push the window's start out of its memory by swapping in every block.
/// What happens in the running block has no weight, and a price beyond the liquidity, however far, makes the mean shallow.
/// LIVENESS: reverts while the pool does not look back far enough, or held too little liquidity.
/// ROUNDING: the mean tick, the price and the liquidity down, whichever token is the collateral.
contract UniswapV3TwapFeed is IUniswapV3TwapFeed {
  uint32 private constant _MIN_WINDOW = 5 minutes;
  uint32 private constant _MAX_WINDOW = 1 days;
  uint256 private constant _PRICE_SCALE = 1e36;

  /// @inheritdoc IPriceFeed
  address public immutable collateralAsset;
  /// @inheritdoc IPriceFeed
  address public immutable loanAsset;
  /// @inheritdoc IUniswapV3TwapFeed
  address public immutable pool;
  /// @inheritdoc IUniswapV3TwapFeed
  uint32 public immutable window;
  /// @inheritdoc IUniswapV3TwapFeed
  uint128 public immutable minLiquidity;

  bool private immutable _collateralIsToken0;

  constructor(address pool_, address collateralAsset_, address loanAsset_, uint32 window_, uint128 minLiquidity_) {
    if (minLiquidity_ == 0) revert NoMinLiquidity();
    if (window_ < _MIN_WINDOW || window_ > _MAX_WINDOW) revert InvalidWindow(window_);
    address token0 = IUniswapV3Pool(pool_).token0();
    address token1 = IUniswapV3Pool(pool_).token1();
    bool forward = token0 == collateralAsset_ && token1 == loanAsset_;
    if (!forward && (token0 != loanAsset_ || token1 != collateralAsset_)) revert WrongPool(pool_);
    pool = pool_;
    collateralAsset = collateralAsset_;
    loanAsset = loanAsset_;
    window = window_;
    minLiquidity = minLiquidity_;
    _collateralIsToken0 = forward;
  }

  /// @inheritdoc IPriceFeed
  function read() external view returns (uint256 price, uint256 validUntil) {
    uint32[] memory secondsAgos = new uint32[](2);
    secondsAgos[0] = window;
    (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidity) = IUniswapV3Pool(pool).observe(secondsAgos);
    _requireDepth(secondsPerLiquidity[0], secondsPerLiquidity[1]);
    int56 moved = tickCumulatives[1] - tickCumulatives[0];
    // Ticks are those of token1 per token0: the other way round they change their sign.
    if (!_collateralIsToken0) moved = -moved;
    int56 length = int56(uint56(window));
    int56 tick = moved / length;
    if (moved < 0 && moved % length != 0) tick -= 1;

    uint256 sqrtPriceX96 = TickMath.getSqrtPriceAtTick(int24(tick));
    // 128 binary places: a square root under 2^160 leaves it under 2^256.
    uint256 ratioX128 = FixedPointMathLib.fullMulDiv(sqrtPriceX96, sqrtPriceX96, 1 << 64);
    price = FixedPointMathLib.fullMulDiv(ratioX128, _PRICE_SCALE, 1 << 128);
    validUntil = block.timestamp;
  }

  /// @inheritdoc IPriceFeed
  /// @dev A pool does not remember when it could not be read.
  function interruptedUntil(uint256) external view returns (uint256) {
    return block.timestamp;
  }

  /// @dev Harmonic mean over the window, which a moment of next to none brings down.
  function _requireDepth(uint160 before, uint160 after_) private view {
    // Seconds per liquidity wrap around.
    unchecked {
      uint256 grown = uint160(after_ - before);
      if (grown == 0) return;
      uint256 liquidity = (uint256(window) << 128) / grown;
      if (liquidity < minLiquidity) revert TooShallow(liquidity, minLiquidity);
    }
  }
}
