// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";

/// @title MockCollateralSeller
/// @notice What keepers of pools to compare with have in common: they sell what they got in a Uniswap v3 pool, whatever it pays,
/// and refuse the whole liquidation where that leaves too little.
abstract contract MockCollateralSeller is IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  IERC20 public immutable loan;
  IERC20 public immutable collateral;
  IUniswapV3Pool public immutable market;
  bool private immutable _zeroForOne;

  /// @param payment Paid to the pool, loan units.
  /// @param collateral Got from it, collateral units.
  /// @param proceeds Proceeds of the sale, loan units.
  event Executed(uint256 payment, uint256 collateral, uint256 proceeds);

  error UnexpectedCallback(address caller);
  error ProfitTooLow(int256 profit, uint256 minProfit);

  constructor(IERC20 loan_, IERC20 collateral_, IUniswapV3Pool market_) {
    loan = loan_;
    collateral = collateral_;
    market = market_;
    _zeroForOne = market_.token0() == address(collateral_);
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    if (msg.sender != address(market)) revert UnexpectedCallback(msg.sender);
    uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
    collateral.safeTransfer(msg.sender, asked);
  }

  function _sell(uint256 amount) internal {
    uint160 limit = _zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
    market.swap(address(this), _zeroForOne, amount.toInt256(), limit, "");
  }

  /// @dev Sends what this holds beyond `capital` to the caller.
  function _settle(
    uint256 capital,
    uint256 payment,
    uint256 bought,
    uint256 minProfit
  ) internal returns (uint256 profit) {
    int256 left = loan.balanceOf(address(this)).toInt256() - capital.toInt256();
    if (left < minProfit.toInt256()) revert ProfitTooLow(left, minProfit);
    profit = uint256(left);
    emit Executed(payment, bought, payment + profit);
    loan.safeTransfer(msg.sender, profit);
  }
}
