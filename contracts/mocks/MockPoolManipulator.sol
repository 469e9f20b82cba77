// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";

/// @title MockPoolManipulator
/// @notice Moves a pool's price with whatever it holds, makes a call at that price, and moves it back, in one transaction: what
/// a flash loan makes possible for everybody.
contract MockPoolManipulator is IUniswapV3SwapCallback {
  /// @notice How the call ended.
  event Attempted(bool success, bytes result);

  function attack(IUniswapV3Pool pool, uint160 sqrtPriceX96, address target, bytes calldata call) external {
    (uint160 before, , , , , , ) = pool.slot0();
    _moveTo(pool, before, sqrtPriceX96);
    // solhint-disable-next-line avoid-low-level-calls
    (bool success, bytes memory result) = target.call(call);
    _moveTo(pool, sqrtPriceX96, before);
    emit Attempted(success, result);
  }

  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    IUniswapV3Pool pool = IUniswapV3Pool(msg.sender);
    if (amount0Delta > 0) IERC20(pool.token0()).transfer(msg.sender, uint256(amount0Delta));
    if (amount1Delta > 0) IERC20(pool.token1()).transfer(msg.sender, uint256(amount1Delta));
  }

  function _moveTo(IUniswapV3Pool pool, uint160 from, uint160 to) private {
    pool.swap(address(this), to < from, type(int128).max, to, "");
  }
}
