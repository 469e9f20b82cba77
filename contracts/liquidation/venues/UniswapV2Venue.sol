// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV2Factory} from "../../interfaces/external/IUniswapV2Factory.sol";
import {IUniswapV2Pair} from "../../interfaces/external/IUniswapV2Pair.sol";
import {IVenue} from "../../interfaces/IVenue.sol";
import {VenueResult} from "../../types/VenueResult.sol";

/// @title UniswapV2Venue
/// @notice One Uniswap v2 pair. It keeps no prices of its past that could be asked for, so that only the oracle says whether
/// its price is right.
/// @dev ASSUMPTIONS: the pair is of the factory given, with a fee of 0.3%. LIVENESS: none of its own. ROUNDING: as the pair's;
/// prices down.
contract UniswapV2Venue is IVenue {
  using SafeERC20 for IERC20;

  uint256 private constant _PRICE_SCALE = 1e36;
  uint256 private constant _FEE = 0.003e18;
  uint256 private constant _KEPT_THOUSANDTHS = 997;

  /// @notice The pair.
  address public immutable pair;

  address private immutable _token0;
  address private immutable _token1;

  constructor(address factory, address pair_) {
    pair = pair_;
    _token0 = IUniswapV2Pair(pair_).token0();
    _token1 = IUniswapV2Pair(pair_).token1();
    if (IUniswapV2Factory(factory).getPair(_token0, _token1) != pair_) revert NotGenuine(pair_);
  }

  /// @inheritdoc IVenue
  function quote(address tokenIn, uint256 amountIn) external view returns (VenueResult memory) {
    return _result(_isToken0(tokenIn), amountIn);
  }

  /// @inheritdoc IVenue
  function meanPrice(address tokenIn) external view returns (uint256) {
    _isToken0(tokenIn);
    return 0;
  }

  /// @inheritdoc IVenue
  function earlierMeanPrice(address tokenIn, uint256) external view returns (uint256) {
    _isToken0(tokenIn);
    return 0;
  }

  /// @inheritdoc IVenue
  function swap(address tokenIn, uint256 amountIn, address receiver) external returns (VenueResult memory result) {
    bool isToken0 = _isToken0(tokenIn);
    result = _result(isToken0, amountIn);
    IERC20(tokenIn).safeTransfer(pair, amountIn);
    (uint256 out0, uint256 out1) = isToken0 ? (uint256(0), result.amountOut) : (result.amountOut, uint256(0));
    IUniswapV2Pair(pair).swap(out0, out1, receiver, "");
  }

  function _isToken0(address tokenIn) private view returns (bool isToken0) {
    isToken0 = tokenIn == _token0;
    if (!isToken0 && tokenIn != _token1) revert InvalidToken(tokenIn);
  }

  /// @dev The pair's own formula on its reserves.
  function _result(bool isToken0, uint256 amountIn) private view returns (VenueResult memory result) {
    (uint256 reserveIn, uint256 reserveOut, ) = IUniswapV2Pair(pair).getReserves();
    if (!isToken0) (reserveIn, reserveOut) = (reserveOut, reserveIn);
    uint256 kept = amountIn * _KEPT_THOUSANDTHS;
    result.amountOut = (kept * reserveOut) / (reserveIn * 1_000 + kept);
    result.priceBefore = Math.mulDiv(reserveOut, _PRICE_SCALE, reserveIn);
    result.priceAfter = Math.mulDiv(reserveOut - result.amountOut, _PRICE_SCALE, reserveIn + amountIn);
    result.fee = _FEE;
  }
}
