// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {MockCollateralSeller} from "./MockCollateralSeller.sol";

/// @title MockPrivateRivalKeeper
/// @notice A private keeper in somebody else's lending protocol, built as `PrivateKeeper` is for a vault: its owner alone may call,
/// and it keeps the profit. Where the protocol calls back it needs no capital.
contract MockPrivateRivalKeeper is MockCollateralSeller {
  using SafeERC20 for IERC20;

  address public immutable owner;
  address public immutable lending;

  error NotOwner(address caller);

  constructor(
    IERC20 loan_,
    IERC20 collateral_,
    IUniswapV3Pool market_,
    address lending_
  ) MockCollateralSeller(loan_, collateral_, market_) {
    (owner, lending) = (msg.sender, lending_);
    loan_.forceApprove(lending_, type(uint256).max);
  }

  /// @param liquidation Call of the protocol.
  /// @param sellsAfter Whether the collateral is sold after it, and not in Morpho's callback.
  function liquidate(bytes calldata liquidation, bool sellsAfter, uint256 minProfit) external {
    if (msg.sender != owner) revert NotOwner(msg.sender);
    uint256 balanceBefore = loan.balanceOf(address(this));
    Address.functionCall(lending, liquidation);
    if (sellsAfter) _sell(collateral.balanceOf(address(this)));
    int256 profit = int256(loan.balanceOf(address(this))) - int256(balanceBefore);
    if (profit < int256(minProfit)) revert ProfitTooLow(profit, minProfit);
  }

  /// @notice As Morpho calls back between collateral and payment.
  /// @param data Collateral that it was asked for, collateral units.
  function onMorphoLiquidate(uint256, bytes calldata data) external {
    if (msg.sender != lending) revert UnexpectedCallback(msg.sender);
    _sell(abi.decode(data, (uint256)));
  }
}
