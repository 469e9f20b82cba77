// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";

/// @title MockHostilePool
/// @notice Claims to be a Uniswap v3 pool, and to be the factory that vouches for it. Its swaps make whatever calls it was told
/// and send whatever it was told.
contract MockHostilePool is IUniswapV3Factory {
  address public immutable token0;
  address public immutable token1;

  address[] private _targets;
  bytes[] private _calls;
  uint256 private _amountOut;

  constructor(address token0_, address token1_) {
    (token0, token1) = (token0_, token1_);
  }

  /// @notice What the next swaps do: calls, of which each must succeed, then the payout.
  function setScript(address[] calldata targets, bytes[] calldata calls, uint256 amountOut) external {
    _targets = targets;
    _calls = calls;
    _amountOut = amountOut;
  }

  function swap(
    address recipient,
    bool zeroForOne,
    int256,
    uint160,
    bytes calldata
  ) external returns (int256 amount0, int256 amount1) {
    for (uint256 i = 0; i < _targets.length; ++i) Address.functionCall(_targets[i], _calls[i]);
    IERC20(zeroForOne ? token1 : token0).transfer(recipient, _amountOut);
    return (0, 0);
  }

  function getPool(address, address, uint24) external view returns (address) {
    return address(this);
  }

  function fee() external pure returns (uint24) {
    return 500;
  }
}
