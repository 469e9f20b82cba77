// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {LibBytes} from "solady/src/utils/LibBytes.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IDutchAuctionLiquidator} from "../interfaces/IDutchAuctionLiquidator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultFactory} from "../interfaces/IVaultFactory.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {AuctionOrder, AuctionResult} from "../types/DutchAuction.sol";
import {TakeManyParams, TakeParams} from "../types/TakeParams.sol";

/// @title DutchAuctionLiquidator
/// @dev Read it in this order: `execute` → `_buy` (starts, then the take) → `onTake` (swaps, then the approval) →
/// `uniswapV3SwapCallback`.
/// ASSUMPTIONS: the factory's vaults run the vault's code, and listed pools that of Uniswap v3; tokens may be anything.
/// CUSTODY: nothing stays here. Everything is counted in differences of balances, so that what somebody sent here by mistake
/// neither leaves with an order nor stands in its way. No `transferFrom`: allowances to this contract can't be used by anyone.
/// LIVENESS: nobody's order can stop another's. ROUNDING: none of its own.
contract DutchAuctionLiquidator is IDutchAuctionLiquidator, AccessManaged, ReentrancyGuardTransient {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  /// @dev What `onTake` is told through the vault.
  struct TakeContext {
    address[] pools;
    uint256 collateralBefore;
    uint256 minProfit;
    uint256 rewardShares;
    bool isQuote;
  }

  /// @inheritdoc IDutchAuctionLiquidator
  address public immutable vaultFactory;
  /// @inheritdoc IDutchAuctionLiquidator
  address public immutable poolFactory;
  /// @inheritdoc IDutchAuctionLiquidator
  mapping(address pool => bool) public isPoolListed;

  /// @dev The only one who may call `onTake`, once.
  address private transient _servedVault;
  /// @dev The only one who may call `uniswapV3SwapCallback`, once, and what it is owed. Not left to the callback's data: a pool
  /// is told nothing that it could answer differently.
  address private transient _servedPool;
  address private transient _owedToken;
  uint256 private transient _owedAmount;

  constructor(address vaultFactory_, address poolFactory_, address authority_) AccessManaged(authority_) {
    vaultFactory = vaultFactory_;
    poolFactory = poolFactory_;
  }

  // --------------------------------------------------------------------------------------------------------------- orders

  /// @inheritdoc IDutchAuctionLiquidator
  function execute(AuctionOrder calldata order) external nonReentrant returns (AuctionResult memory result) {
    _requireValid(order);
    IERC20 loanAsset = IERC20(IVault(order.vault).asset());
    uint256 balanceBefore = loanAsset.balanceOf(address(this));
    result = _buy(order, false);
    loanAsset.forceApprove(order.vault, 0);
    result.profit = loanAsset.balanceOf(address(this)) - balanceBefore;
    result.proceeds = result.payment + result.profit;
    if (result.profit < order.minProfit) revert Unprofitable(result.proceeds, result.payment, order.minProfit);
    emit Executed(order.vault, msg.sender, order.receiver, result.payment, result.collateral, result.proceeds);
    loanAsset.safeTransfer(order.receiver, result.profit);
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function quote(AuctionOrder calldata order) external returns (AuctionResult memory) {
    // Never succeeds.
    (, , bytes memory reason) = LibCall.tryCall(
      address(this),
      0,
      gasleft(),
      type(uint16).max,
      abi.encodeCall(this.simulate, (order))
    );
    if (bytes4(reason) != QuoteResult.selector) LibCall.bubbleUpRevert(reason);
    return abi.decode(LibBytes.slice(reason, 4), (AuctionResult));
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function simulate(AuctionOrder calldata order) external nonReentrant {
    _requireValid(order);
    _buy(order, true);
  }

  function _requireValid(AuctionOrder calldata order) private view {
    if (block.timestamp > order.deadline) revert DeadlinePassed(order.deadline);
    if (!IVaultFactory(vaultFactory).isVault(order.vault)) revert UnknownVault(order.vault);
    if (order.receiver == address(0) || order.receiver == address(this)) revert InvalidReceiver(order.receiver);
  }

  // ---------------------------------------------------------------------------------------------------------- at the vault

  /// @dev Starts what needs a start, then buys. A single sale that was never started is started and taken in one call: the
  /// reward is then netted off the payment, which saves minting shares.
  function _buy(AuctionOrder calldata order, bool isQuote) private returns (AuctionResult memory result) {
    IVault vault = IVault(order.vault);
    bool isSingle = order.borrowers.length == 1;
    bool startsWithTake = order.start && isSingle && vault.position(order.borrowers[0]).saleStartedAt == 0;
    if (order.start && !startsWithTake) result.rewardShares = _startAll(vault, order);

    bytes memory data = abi.encode(
      TakeContext(
        order.pools,
        IERC20(vault.collateralAsset()).balanceOf(address(this)),
        order.minProfit,
        result.rewardShares,
        isQuote
      )
    );
    _servedVault = order.vault;
    if (!isSingle) {
      (result.payment, result.collateral) = vault.takeMany(
        TakeManyParams({
          borrowers: order.borrowers,
          receiver: address(this),
          maxRepay: order.maxRepay,
          maxPayment: type(uint256).max,
          minCollateral: 0,
          deadline: order.deadline,
          data: data
        })
      );
      return result;
    }
    TakeParams memory params = TakeParams({
      borrower: order.borrowers[0],
      receiver: address(this),
      maxRepay: order.maxRepay,
      maxPayment: type(uint256).max,
      minCollateral: 0,
      deadline: order.deadline,
      data: data
    });
    (result.payment, result.collateral) = startsWithTake ? vault.startAndTake(params) : vault.take(params);
  }

  /// @dev Starts that fail are passed over: running, healthy or empty positions, or another keeper was first.
  /// @return rewardShares What the receiver got for them.
  function _startAll(IVault vault, AuctionOrder calldata order) private returns (uint256 rewardShares) {
    uint256 sharesBefore = vault.balanceOf(order.receiver);
    for (uint256 i = 0; i < order.borrowers.length; ++i) {
      LibCall.tryCall(
        order.vault,
        0,
        gasleft(),
        0,
        abi.encodeCall(IVaultSales.startSale, (order.borrowers[i], order.receiver))
      );
    }
    rewardShares = vault.balanceOf(order.receiver) - sharesBefore;
  }

  /// @inheritdoc ITakeCallback
  function onTake(uint256 payment, uint256 collateral, bytes calldata data) external returns (bytes4) {
    if (msg.sender != _servedVault) revert UnexpectedCallback(msg.sender);
    _servedVault = address(0);
    TakeContext memory context = abi.decode(data, (TakeContext));
    IVault vault = IVault(msg.sender);
    IERC20 loanAsset = IERC20(vault.asset());
    IERC20 collateralAsset = IERC20(vault.collateralAsset());
    uint256 received = collateralAsset.balanceOf(address(this)) - context.collateralBefore;
    uint256 proceeds = _sell(context.pools, address(collateralAsset), received, address(loanAsset));
    if (context.isQuote) {
      revert QuoteResult(
        AuctionResult(payment, collateral, proceeds, Math.saturatingSub(proceeds, payment), context.rewardShares)
      );
    }
    if (payment > proceeds) revert Unprofitable(proceeds, payment, context.minProfit);
    loanAsset.forceApprove(msg.sender, payment);
    return ITakeCallback.onTake.selector;
  }

  // -------------------------------------------------------------------------------------------------------- at the pools

  /// @dev Sells `amount` of `token` along the route; each hop sells exactly what the one before brought.
  function _sell(
    address[] memory pools,
    address token,
    uint256 amount,
    address loanAsset
  ) private returns (uint256 proceeds) {
    proceeds = amount;
    for (uint256 i = 0; i < pools.length; ++i) {
      if (!isPoolListed[pools[i]]) revert PoolNotListed(pools[i]);
      (token, proceeds) = _swap(IUniswapV3Pool(pools[i]), token, proceeds);
    }
    if (token != loanAsset) revert InvalidRoute();
  }

  /// @dev No price limit: a limit that binds would leave collateral unsold, which must not stay here, and what counts is the
  /// sum that the route brings at its end. Whoever moves the pools against an order takes no more than the profit above
  /// `minProfit`, and never anything of the vault's, whose price is the clock's.
  function _swap(
    IUniswapV3Pool pool,
    address tokenIn,
    uint256 amountIn
  ) private returns (address tokenOut, uint256 amountOut) {
    address token0 = pool.token0();
    address token1 = pool.token1();
    bool zeroForOne = tokenIn == token0;
    if (!zeroForOne && tokenIn != token1) revert InvalidRoute();
    tokenOut = zeroForOne ? token1 : token0;

    uint256 balanceBefore = IERC20(tokenOut).balanceOf(address(this));
    _servedPool = address(pool);
    _owedToken = tokenIn;
    _owedAmount = amountIn;
    pool.swap(
      address(this),
      zeroForOne,
      amountIn.toInt256(),
      zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1,
      ""
    );
    amountOut = IERC20(tokenOut).balanceOf(address(this)) - balanceBefore;
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    if (msg.sender != _servedPool) revert UnexpectedCallback(msg.sender);
    _servedPool = address(0);
    uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
    if (asked != _owedAmount) revert SwapIncomplete(msg.sender, asked, _owedAmount);
    IERC20(_owedToken).safeTransfer(msg.sender, asked);
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function setPoolListed(address pool, bool listed) external restricted {
    if (listed && !_isGenuine(pool)) revert PoolNotListed(pool);
    isPoolListed[pool] = listed;
    emit PoolListed(pool, listed);
  }

  /// @dev A pool may claim to be of any factory: only the factory knows.
  function _isGenuine(address pool) private view returns (bool) {
    if (pool.code.length == 0) return false;
    IUniswapV3Pool claimed = IUniswapV3Pool(pool);
    return IUniswapV3Factory(poolFactory).getPool(claimed.token0(), claimed.token1(), claimed.fee()) == pool;
  }
}
