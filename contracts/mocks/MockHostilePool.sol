// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";

/// @title MockHostilePool
/// @notice Claims to be a Uniswap v3 pool, and to be the factory that vouches for it. Its swaps call whom they were told, ask
/// for payment as often and for as much as they were told, and send what they were told.
contract MockHostilePool is IUniswapV3Factory {
  address public immutable token0;
  address public immutable token1;

  address private _target;
  bytes private _call;
  uint256 private _times = 1;
  int256 private _more;
  uint256 private _payout;

  constructor(address token0_, address token1_) {
    (token0, token1) = (token0_, token1_);
  }

  /// @notice A call that must succeed, made before anything else; none while the target is zero.
  function setCall(address target, bytes calldata call) external {
    (_target, _call) = (target, call);
  }

  /// @param times How often payment is asked for.
  /// @param more What is asked for on top of what was to be sold.
  /// @param payout What is sent for it.
  function setSwap(uint256 times, int256 more, uint256 payout) external {
    (_times, _more, _payout) = (times, more, payout);
  }

  function swap(
    address recipient,
    bool zeroForOne,
    int256 amount,
    uint160,
    bytes calldata data
  ) external returns (int256, int256) {
    if (_target != address(0)) Address.functionCall(_target, _call);
    IERC20(zeroForOne ? token1 : token0).transfer(recipient, _payout);
    (int256 asked, int256 sent) = (amount + _more, -int256(_payout));
    for (uint256 i = 0; i < _times; ++i) {
      if (zeroForOne) IUniswapV3SwapCallback(msg.sender).uniswapV3SwapCallback(asked, sent, data);
      else IUniswapV3SwapCallback(msg.sender).uniswapV3SwapCallback(sent, asked, data);
    }
    return zeroForOne ? (asked, sent) : (sent, asked);
  }

  function getPool(address, address, uint24) external view returns (address) {
    return address(this);
  }

  function fee() external pure returns (uint24) {
    return 500;
  }
}
