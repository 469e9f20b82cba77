// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {MockFixedBonusPool} from "./MockFixedBonusPool.sol";

/// @title MockFixedBonusKeeper
/// @notice Liquidates in a `MockFixedBonusPool` without capital: sells the collateral in a Uniswap v3 pool before it pays.
contract MockFixedBonusKeeper is ITakeCallback, IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  MockFixedBonusPool public immutable lending;
  IUniswapV3Pool public immutable market;

  event Executed(uint256 payment, uint256 collateral, uint256 proceeds);

  error UnexpectedCallback(address caller);
  error ProfitTooLow(uint256 profit, uint256 minProfit);

  constructor(MockFixedBonusPool lending_, IUniswapV3Pool market_) {
    lending = lending_;
    market = market_;
    lending_.asset().forceApprove(address(lending_), type(uint256).max);
  }

  /// @return profit Loan units, sent to the caller.
  function execute(address borrower, uint256 maxRepay, uint256 minProfit) external returns (uint256 profit) {
    (uint256 payment, uint256 collateral) = lending.liquidate(borrower, maxRepay, address(this), "");
    IERC20 loan = lending.asset();
    profit = loan.balanceOf(address(this));
    if (profit < minProfit) revert ProfitTooLow(profit, minProfit);
    emit Executed(payment, collateral, payment + profit);
    loan.safeTransfer(msg.sender, profit);
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256, uint256 collateral, bytes calldata) external returns (bytes4) {
    if (msg.sender != address(lending)) revert UnexpectedCallback(msg.sender);
    bool zeroForOne = market.token0() == address(lending.collateralAsset());
    uint160 limit = zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
    market.swap(address(this), zeroForOne, collateral.toInt256(), limit, "");
    return ITakeCallback.onTake.selector;
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    if (msg.sender != address(market)) revert UnexpectedCallback(msg.sender);
    uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
    lending.collateralAsset().safeTransfer(msg.sender, asked);
  }
}
