// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is called on the Uniswap v2 factory.
interface IUniswapV2Factory {
  function getPair(address tokenA, address tokenB) external view returns (address);
}
