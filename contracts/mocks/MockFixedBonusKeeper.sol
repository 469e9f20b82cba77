// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {MockCollateralSeller} from "./MockCollateralSeller.sol";
import {MockFixedBonusPool} from "./MockFixedBonusPool.sol";

/// @title MockFixedBonusKeeper
/// @notice Liquidates in a `MockFixedBonusPool` without capital: sells the collateral before it pays.
contract MockFixedBonusKeeper is MockCollateralSeller, ITakeCallback {
  using SafeERC20 for IERC20;

  MockFixedBonusPool public immutable lending;

  constructor(
    MockFixedBonusPool lending_,
    IUniswapV3Pool market_
  ) MockCollateralSeller(lending_.asset(), lending_.collateralAsset(), market_) {
    lending = lending_;
    loan.forceApprove(address(lending_), type(uint256).max);
  }

  /// @return profit Loan units, sent to the caller.
  function execute(address borrower, uint256 maxRepay, uint256 minProfit) external returns (uint256 profit) {
    (uint256 payment, uint256 bought) = lending.liquidate(borrower, maxRepay, address(this), "");
    return _settle(0, payment, bought, minProfit);
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256, uint256 bought, bytes calldata) external returns (bytes4) {
    if (msg.sender != address(lending)) revert UnexpectedCallback(msg.sender);
    _sell(bought);
    return ITakeCallback.onTake.selector;
  }
}
