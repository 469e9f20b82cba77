// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";

/// @title MockPrivateRivalKeeper
/// @notice A private keeper in somebody else's lending protocol, built as `PrivateKeeper` is for a vault: its owner alone may call, it
/// sells first and liquidates in the pool's callback without capital, and it keeps the profit. Protocols that send collateral to their
/// caller alone make it pass it on to the pool.
contract MockPrivateRivalKeeper is IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  address public immutable owner;
  address public immutable lending;
  IERC20 public immutable collateralAsset;
  IUniswapV3Pool public immutable pool;
  bool private immutable _sellsToken0;

  error NotOwner(address caller);
  error UnexpectedCallback(address caller);
  error Unprofitable(uint256 proceeds, uint256 payment, uint256 minProfit);

  constructor(IERC20 loan_, IERC20 collateral_, IUniswapV3Pool pool_, address lending_) {
    (owner, lending, collateralAsset, pool) = (msg.sender, lending_, collateral_, pool_);
    _sellsToken0 = pool_.token0() == address(collateral_);
    loan_.forceApprove(lending_, type(uint256).max);
  }

  /// @param liquidation Call of the protocol.
  /// @param sold Collateral to sell, collateral units.
  /// @param payment What the liquidation costs, loan units, where the protocol does not return it as Morpho does.
  function liquidate(bytes calldata liquidation, uint256 sold, uint256 payment, uint256 minProfit) external {
    if (msg.sender != owner) revert NotOwner(msg.sender);
    uint160 limit = _sellsToken0 ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
    bytes memory data = abi.encode(payment, minProfit, liquidation);
    pool.swap(address(this), _sellsToken0, sold.toInt256(), limit, data);
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
    if (msg.sender != address(pool)) revert UnexpectedCallback(msg.sender);
    (int256 asked, int256 paid) = _sellsToken0 ? (amount0Delta, amount1Delta) : (amount1Delta, amount0Delta);
    uint256 proceeds = uint256(-paid);
    (uint256 payment, uint256 minProfit, bytes memory liquidation) = abi.decode(data, (uint256, uint256, bytes));
    bytes memory result = Address.functionCall(lending, liquidation);
    if (result.length == 64) (, payment) = abi.decode(result, (uint256, uint256));
    if (proceeds < payment + minProfit) revert Unprofitable(proceeds, payment, minProfit);
    collateralAsset.safeTransfer(msg.sender, uint256(asked));
  }
}
