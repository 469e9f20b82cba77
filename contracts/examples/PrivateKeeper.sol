// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IVault} from "../interfaces/IVault.sol";
import {TakeParams} from "../types/TakeParams.sol";

/// @title PrivateKeeper
/// @notice An example: a keeper's own contract for one vault and one Uniswap v3 pool of its two tokens. It sells first and takes in
/// the pool's callback, at the clock's price and without capital: the vault sends the collateral straight to the pool. It keeps the
/// profit until its owner withdraws it.
/// @dev ASSUMPTIONS: the owner has looked at vault, pool and tokens, so that what they say is what they do. LIVENESS: the owner
/// alone may act. ROUNDING: none of its own.
contract PrivateKeeper is IUniswapV3SwapCallback {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  /// @dev The vault may give so small a part of what is sold beyond it.
  uint256 private constant _REST_DIVISOR = 10_000;

  address public immutable owner;
  IVault public immutable vault;
  IUniswapV3Pool public immutable pool;
  IERC20 public immutable loanAsset;
  IERC20 public immutable collateralAsset;
  bool private immutable _sellsToken0;

  error NotOwner(address caller);
  error UnexpectedCallback(address caller);
  /// @notice Loan units that the pool brings, and the profit asked for.
  error Unprofitable(uint256 proceeds, uint256 minProfit);
  /// @notice The vault gives more than was sold: the order was made for another block. Collateral units.
  error SoldTooLittle(uint256 sold, uint256 given);

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

  /// @notice Take from a position whose sale runs (`start` false) or must be started first. Reverts with the vault's
  /// `CollateralTooLow` or `PaymentTooHigh` where that does not cover what is sold, or leaves less than the profit asked for.
  /// @param maxRepay Debt to repay at most, loan units.
  /// @param collateral To sell, collateral units: what the vault will give for that in the block that is meant (ask `take` off
  /// chain). What it gives beyond, a ten thousandth at most, stays with the pool.
  /// @param minProfit Least by which the holding of loan assets must grow, loan units: it never falls.
  function execute(
    address borrower,
    bool start,
    uint256 maxRepay,
    uint256 collateral,
    uint256 minProfit
  ) external onlyOwner {
    uint160 limit = _sellsToken0 ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1;
    bytes memory data = abi.encode(borrower, start, maxRepay, minProfit);
    pool.swap(address(this), _sellsToken0, collateral.toInt256(), limit, data);
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
    if (msg.sender != address(pool)) revert UnexpectedCallback(msg.sender);
    (int256 asked, int256 paid) = _sellsToken0 ? (amount0Delta, amount1Delta) : (amount1Delta, amount0Delta);
    (uint256 sold, uint256 proceeds) = (uint256(asked), uint256(-paid));
    (address borrower, bool start, uint256 maxRepay, uint256 minProfit) = abi.decode(
      data,
      (address, bool, uint256, uint256)
    );
    if (proceeds < minProfit) revert Unprofitable(proceeds, minProfit);
    TakeParams memory params = TakeParams(
      borrower,
      msg.sender,
      maxRepay,
      proceeds - minProfit,
      sold,
      block.timestamp,
      ""
    );
    (, uint256 given) = start ? vault.startAndTake(params) : vault.take(params);
    if (given - sold > sold / _REST_DIVISOR) revert SoldTooLittle(sold, given);
  }

  /// @notice Send tokens to the owner, units of the token.
  function withdraw(IERC20 token, uint256 amount) external onlyOwner {
    token.safeTransfer(owner, amount);
  }
}
