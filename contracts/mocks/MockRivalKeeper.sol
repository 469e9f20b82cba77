// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {MockCollateralSeller} from "./MockCollateralSeller.sol";

/// @title MockRivalKeeper
/// @notice Liquidates in somebody else's lending protocol, whatever its calls look like, with capital that lies here.
contract MockRivalKeeper is MockCollateralSeller {
  using SafeERC20 for IERC20;

  address public immutable lending;

  constructor(
    IERC20 loan_,
    IERC20 collateral_,
    IUniswapV3Pool market_,
    address lending_
  ) MockCollateralSeller(loan_, collateral_, market_) {
    lending = lending_;
    loan_.forceApprove(lending_, type(uint256).max);
  }

  /// @param liquidation Call of the protocol that takes loan assets from here and sends collateral.
  /// @return profit Loan units, sent to the caller.
  function execute(bytes calldata liquidation, uint256 minProfit) external returns (uint256 profit) {
    uint256 capital = loan.balanceOf(address(this));
    Address.functionCall(lending, liquidation);
    uint256 payment = capital - loan.balanceOf(address(this));
    uint256 bought = collateral.balanceOf(address(this));
    _sell(bought);
    return _settle(capital, payment, bought, minProfit);
  }
}
