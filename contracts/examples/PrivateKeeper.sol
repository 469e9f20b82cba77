// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IVault} from "../interfaces/IVault.sol";
import {TakeParams} from "../types/TakeParams.sol";

/// @title PrivateKeeper
/// @notice An example: a keeper's own contract for one vault and one Uniswap v3 pool of its two tokens. It takes at the clock's
/// price without capital, sells the collateral in the vault's callback, and keeps the profit until its owner withdraws it.
/// @dev ASSUMPTIONS: the owner has looked at vault, pool and tokens. LIVENESS: the owner alone may act. ROUNDING: none of its own.
contract PrivateKeeper is ITakeCallback, IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  address public immutable owner;
  IVault public immutable vault;
  IUniswapV3Pool public immutable pool;
  IERC20 public immutable loanAsset;
  IERC20 public immutable collateralAsset;
  bool private immutable _sellsToken0;

  error NotOwner(address caller);
  error UnexpectedCallback(address caller);
  /// @notice Loan units held before and after, and the profit asked for.
  error Unprofitable(uint256 balanceBefore, uint256 balanceAfter, uint256 minProfit);

  modifier onlyOwner() {
    if (msg.sender != owner) revert NotOwner(msg.sender);
    _;
  }

  constructor(IVault vault_, IUniswapV3Pool pool_) {
    (owner, vault, pool) = (msg.sender, vault_, pool_);
    loanAsset = IERC20(vault_.asset());
    collateralAsset = IERC20(vault_.collateralAsset());
    _sellsToken0 = pool_.token0() == vault_.collateralAsset();
    IERC20(vault_.asset()).forceApprove(address(vault_), type(uint256).max);
  }

  /// @notice Take from a position whose sale runs (`start` false) or must be started first.
  /// @param maxRepay Debt to repay at most, loan units.
  /// @param minProfit Least by which the holding of loan assets must have grown, loan units: it never falls.
  function execute(address borrower, bool start, uint256 maxRepay, uint256 minProfit) external onlyOwner {
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    TakeParams memory params = TakeParams(
      borrower,
      address(this),
      maxRepay,
      type(uint256).max,
      0,
      block.timestamp,
      hex"01"
    );
    if (start) vault.startAndTake(params);
    else vault.take(params);
    uint256 balance = loanAsset.balanceOf(address(this));
    if (balance < balanceBefore || balance - balanceBefore < minProfit) {
      revert Unprofitable(balanceBefore, balance, minProfit);
    }
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256, uint256 collateral, bytes calldata) external returns (bytes4) {
    if (msg.sender != address(vault)) revert UnexpectedCallback(msg.sender);
    uint160 limit = _sellsToken0 ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
    pool.swap(address(this), _sellsToken0, collateral.toInt256(), limit, "");
    return ITakeCallback.onTake.selector;
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    if (msg.sender != address(pool)) revert UnexpectedCallback(msg.sender);
    collateralAsset.safeTransfer(msg.sender, uint256(_sellsToken0 ? amount0Delta : amount1Delta));
  }

  /// @notice Send tokens to the owner, units of the token.
  function withdraw(IERC20 token, uint256 amount) external onlyOwner {
    token.safeTransfer(owner, amount);
  }
}
