// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {LibBytes} from "solady/src/utils/LibBytes.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IUniswapV3SwapCallback} from "../../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Factory} from "../../interfaces/external/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "../../interfaces/external/IUniswapV3Pool.sol";
import {IVenue} from "../../interfaces/IVenue.sol";
import {IVenueSeller} from "../../interfaces/IVenueSeller.sol";
import {UniswapV3Price} from "../../libraries/UniswapV3Price.sol";
import {VenueResult} from "../../types/VenueResult.sol";

/// @title UniswapV3Venue
/// @notice One Uniswap v3 pool, with its mean price over a window.
/// @dev ASSUMPTIONS: the pool is of the factory given. LIVENESS: the mean reverts while the pool does not look back over the
/// window, and a swap where it runs out of liquidity. ROUNDING: as the pool's; prices down.
contract UniswapV3Venue is IVenue, IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  uint256 private constant _WAD_PER_PIP = 1e12;
  uint32 private constant _MIN_WINDOW = 12 seconds;
  uint32 private constant _MAX_WINDOW = 1 days;

  /// @notice The pool.
  address public immutable pool;
  /// @notice Window of the mean price, seconds.
  uint32 public immutable window;

  address private immutable _token0;
  address private immutable _token1;
  uint256 private immutable _fee;

  /// @dev What the pool is owed: 0 unless a swap is under way, so that nobody else is ever paid.
  uint256 private transient _owedAmount;
  bool private transient _isQuote;

  /// @notice Carries the result of a quote out of the reverted swap.
  error Simulated(uint256 amountOut, uint256 sqrtPriceX96);
  /// @notice The window is outside of its range, seconds.
  error InvalidMeanWindow(uint32 window);
  /// @notice The pool swaps only part of what it is given: it ran out of liquidity. In units of the token given.
  error PartlySwapped(uint256 swapped, uint256 given);

  constructor(address factory, address pool_, uint32 window_) {
    if (window_ < _MIN_WINDOW || window_ > _MAX_WINDOW) revert InvalidMeanWindow(window_);
    IUniswapV3Pool claimed = IUniswapV3Pool(pool_);
    pool = pool_;
    window = window_;
    _token0 = claimed.token0();
    _token1 = claimed.token1();
    uint24 fee = claimed.fee();
    _fee = fee * _WAD_PER_PIP;
    if (IUniswapV3Factory(factory).getPool(_token0, _token1, fee) != pool_) revert NotGenuine(pool_);
  }

  /// @inheritdoc IVenue
  function quote(address tokenIn, uint256 amountIn) external returns (VenueResult memory result) {
    bool isToken0 = _look(result, tokenIn);
    _owedAmount = amountIn;
    _isQuote = true;
    // The call always reverts and carries its result in the reason.
    (, , bytes memory reason) = LibCall.tryCall(
      pool,
      0,
      gasleft(),
      type(uint16).max,
      abi.encodeCall(IUniswapV3Pool.swap, (address(this), isToken0, amountIn.toInt256(), _priceLimit(isToken0), ""))
    );
    _owedAmount = 0;
    _isQuote = false;
    if (bytes4(reason) != Simulated.selector) LibCall.bubbleUpRevert(reason);
    uint256 sqrtPriceX96;
    (result.amountOut, sqrtPriceX96) = abi.decode(LibBytes.slice(reason, 4), (uint256, uint256));
    result.priceAfter = UniswapV3Price.fromSqrt(sqrtPriceX96, isToken0);
  }

  /// @inheritdoc IVenue
  function meanPrice(address tokenIn) external view returns (uint256) {
    bool isToken0 = _isToken0(tokenIn);
    uint32[] memory secondsAgos = new uint32[](2);
    secondsAgos[0] = window;
    (int56[] memory cumulatives, ) = IUniswapV3Pool(pool).observe(secondsAgos);
    return UniswapV3Price.fromCumulative(cumulatives[1] - cumulatives[0], window, isToken0);
  }

  /// @inheritdoc IVenue
  function earlierMeanPrice(address tokenIn, uint256 ago) external view returns (uint256) {
    bool isToken0 = _isToken0(tokenIn);
    uint32[] memory secondsAgos = new uint32[](2);
    secondsAgos[0] = (ago + window).toUint32();
    secondsAgos[1] = ago.toUint32();
    try IUniswapV3Pool(pool).observe(secondsAgos) returns (int56[] memory past, uint160[] memory) {
      return UniswapV3Price.fromCumulative(past[1] - past[0], window, isToken0);
    } catch {
      return 0;
    }
  }

  /// @inheritdoc IVenue
  function swap(address tokenIn, uint256 amountIn, address receiver) external returns (VenueResult memory result) {
    bool isToken0 = _look(result, tokenIn);
    _owedAmount = amountIn;
    (int256 amount0, int256 amount1) = IUniswapV3Pool(pool).swap(
      receiver,
      isToken0,
      amountIn.toInt256(),
      _priceLimit(isToken0),
      ""
    );
    result.amountOut = uint256(-(isToken0 ? amount1 : amount0));
    result.priceAfter = UniswapV3Price.fromSqrt(_sqrtPrice(), isToken0);
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    uint256 owed = _owedAmount;
    if (msg.sender != pool || owed == 0) revert IVenueSeller.UnexpectedCallback(msg.sender);
    bool isToken0 = amount0Delta > 0;
    uint256 asked = uint256(isToken0 ? amount0Delta : amount1Delta);
    if (asked != owed) revert PartlySwapped(asked, owed);
    if (_isQuote) revert Simulated(uint256(-(isToken0 ? amount1Delta : amount0Delta)), _sqrtPrice());
    _owedAmount = 0;
    IERC20(isToken0 ? _token0 : _token1).safeTransfer(pool, asked);
  }

  function _isToken0(address tokenIn) private view returns (bool isToken0) {
    isToken0 = tokenIn == _token0;
    if (!isToken0 && tokenIn != _token1) revert InvalidToken(tokenIn);
  }

  /// @dev What the pool says before a swap.
  function _look(VenueResult memory result, address tokenIn) private view returns (bool isToken0) {
    isToken0 = _isToken0(tokenIn);
    result.priceBefore = UniswapV3Price.fromSqrt(_sqrtPrice(), isToken0);
    result.fee = _fee;
  }

  function _sqrtPrice() private view returns (uint256 sqrtPriceX96) {
    (sqrtPriceX96, , , , , , ) = IUniswapV3Pool(pool).slot0();
  }

  function _priceLimit(bool isToken0) private pure returns (uint160) {
    return isToken0 ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
  }
}
