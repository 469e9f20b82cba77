// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {LibBytes} from "solady/src/utils/LibBytes.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {ITakeCallback} from "../interfaces/callbacks/ITakeCallback.sol";
import {IUniswapV3SwapCallback} from "../interfaces/callbacks/IUniswapV3SwapCallback.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IDutchAuctionLiquidator} from "../interfaces/IDutchAuctionLiquidator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {IVenueSeller} from "../interfaces/IVenueSeller.sol";
import {AuctionOrder, AuctionResult} from "../types/DutchAuction.sol";
import {TakeManyParams, TakeParams} from "../types/TakeParams.sol";
import {SaleStarts} from "./SaleStarts.sol";
import {StandingAllowances} from "./StandingAllowances.sol";

/// @title DutchAuctionLiquidator
/// @dev Read it in this order: `execute` → `_buy` (starts, then the take) → `onTake` (swaps) → `uniswapV3SwapCallback`.
/// ASSUMPTIONS: the factory's vaults run the vault's code, and listed pools that of Uniswap v3; tokens may be anything.
/// CUSTODY: nothing stays here. What an order bought and what it leaves are counted in differences of balances, so that what
/// somebody sent here by mistake neither leaves with an order nor stands in its way. No `transferFrom`: allowances to this
/// contract can't be used by anyone.
/// ALLOWANCES: each served vault has a standing one of its loan asset (`StandingAllowances`); this contract calls no more than their
/// sales.
/// LIVENESS: nobody's order can stop another's. ROUNDING: none of its own.
contract DutchAuctionLiquidator is IDutchAuctionLiquidator, AccessManaged, StandingAllowances {
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  /// @dev One slot. @param token0 The zero address where the pool is not listed. @param token1Tail Last 96 bits of the other token:
  /// no two addresses share them but by a search of 2^96 steps, and only pools that the governor lists are compared.
  struct ListedPool {
    address token0;
    uint96 token1Tail;
  }

  /// @inheritdoc IDutchAuctionLiquidator
  address public immutable poolFactory;
  /// @dev Tokens of listed pools, by pool; neither token of a pool ever changes.
  mapping(address pool => ListedPool) private _listedPools;

  /// @dev The only one who may call `onTake`, once. Addresses as whole words: those are written without being read first.
  uint256 private transient _servedVault;
  /// @dev What the pools brought, loan units.
  uint256 private transient _proceeds;
  /// @dev The only one who may call `uniswapV3SwapCallback`, once, and what it is owed. Not left to the callback's data: a pool
  /// is told nothing that it could answer differently.
  uint256 private transient _servedPool;
  uint256 private transient _owedToken;
  uint256 private transient _owedAmount;

  constructor(
    address vaultFactory_,
    address poolFactory_,
    address authority_
  ) AccessManaged(authority_) StandingAllowances(vaultFactory_) {
    poolFactory = poolFactory_;
  }

  // --------------------------------------------------------------------------------------------------------------- orders

  /// @inheritdoc IDutchAuctionLiquidator
  function execute(AuctionOrder calldata order) external nonReentrant returns (AuctionResult memory result) {
    address asset = _validAsset(order);
    result = _buy(order, asset, false);
    result.proceeds = _proceeds;
    // As `onTake` saw to.
    unchecked {
      result.profit = result.proceeds - result.payment;
    }
    emit Executed(order.vault, msg.sender, order.receiver, result.payment, result.collateral, result.proceeds);
    IERC20(asset).safeTransfer(order.receiver, result.profit);
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function quote(AuctionOrder calldata order) external returns (AuctionResult memory) {
    // The call always reverts and carries its result in the reason.
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
    _buy(order, _validAsset(order), true);
  }

  /// @dev Refuses orders that can't be right; the vault looks at the deadline. @return asset Loan asset of the vault, which is served from its first order on.
  function _validAsset(AuctionOrder calldata order) private returns (address asset) {
    address receiver = order.receiver;
    if (receiver == address(0) || receiver == address(this)) revert IVenueSeller.InvalidReceiver(receiver);
    return _assetOf(order.vault);
  }

  // ---------------------------------------------------------------------------------------------------------- at the vault

  /// @dev Starts what needs a start, then buys. A single sale that needs one is started and taken in one call: the reward is
  /// then netted off the payment, which saves minting shares.
  function _buy(
    AuctionOrder calldata order,
    address loanAsset,
    bool isQuote
  ) private returns (AuctionResult memory result) {
    IVault vault = IVault(order.vault);
    bool isSingle = order.borrowers.length == 1;
    if (order.start && !isSingle) result.rewardShares = _startAll(vault, order);
    _servedVault = uint160(address(vault));
    uint256 quotedShares = isQuote ? result.rewardShares + 1 : 0;
    bytes memory data = abi.encode(loanAsset, order.minProfit, quotedShares, order.pools);
    if (isSingle) {
      (result.payment, result.collateral) = _takeOne(vault, order, data);
      return result;
    }
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
  }

  function _takeOne(
    IVault vault,
    AuctionOrder calldata order,
    bytes memory data
  ) private returns (uint256 payment, uint256 collateral) {
    TakeParams memory params = TakeParams({
      borrower: order.borrowers[0],
      receiver: address(this),
      maxRepay: order.maxRepay,
      maxPayment: type(uint256).max,
      minCollateral: 0,
      deadline: order.deadline,
      data: data
    });
    if (!order.start) return vault.take(params);
    if (vault.position(params.borrower).saleStartedAt == 0) return vault.startAndTake(params);
    try vault.take(params) returns (uint256 payment_, uint256 collateral_) {
      return (payment_, collateral_);
    } catch (bytes memory reason) {
      if (bytes4(reason) != IVaultSales.SaleLapsed.selector) LibCall.bubbleUpRevert(reason);
    }
    return vault.startAndTake(params);
  }

  /// @dev Starts that fail are passed over: healthy or empty positions, or ones listed twice.
  /// @return rewardShares What the receiver got for them.
  function _startAll(IVault vault, AuctionOrder calldata order) private returns (uint256 rewardShares) {
    uint256 sharesBefore = vault.balanceOf(order.receiver);
    for (uint256 i = 0; i < order.borrowers.length; ++i) {
      if (!SaleStarts.needsStart(vault, order.borrowers[i])) continue;
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
    if (uint160(msg.sender) != _servedVault) revert IVenueSeller.UnexpectedCallback(msg.sender);
    _servedVault = 0;
    (address loanAsset, uint256 minProfit, uint256 quotedShares, address[] memory pools) = abi.decode(
      data,
      (address, uint256, uint256, address[])
    );
    uint256 proceeds = _sell(pools, IVault(msg.sender).collateralAsset(), collateral, loanAsset);
    if (quotedShares != 0) {
      revert QuoteResult(
        AuctionResult(payment, collateral, proceeds, Math.saturatingSub(proceeds, payment), quotedShares - 1)
      );
    }
    if (payment > proceeds || proceeds - payment < minProfit) revert Unprofitable(proceeds, payment, minProfit);
    _proceeds = proceeds;
    return ITakeCallback.onTake.selector;
  }

  // -------------------------------------------------------------------------------------------------------- at the pools

  /// @dev Sells `amount` of `token` along the route; each hop sells exactly what the one before brought. A pool of Uniswap v3 refuses
  /// tokens of which less arrives than was sent, so that what others sent here can't make up for it.
  /// @return proceeds As the last pool says, loan units.
  function _sell(
    address[] memory pools,
    address token,
    uint256 amount,
    address loanAsset
  ) private returns (uint256 proceeds) {
    proceeds = amount;
    uint256 count = pools.length;
    for (uint256 i = 0; i < count; ++i) {
      (token, proceeds) = _swap(IUniswapV3Pool(pools[i]), token, proceeds, loanAsset);
    }
    if (token != loanAsset) revert InvalidRoute();
  }

  /// @dev No price limit: a limit that binds would leave collateral unsold, which must not stay here, and what counts is the
  /// sum that the route brings at its end. Whoever moves the pools against an order takes no more than the profit above
  /// `minProfit`, and never anything of the vault's, whose price is the clock's.
  function _swap(
    IUniswapV3Pool pool,
    address tokenIn,
    uint256 amountIn,
    address loanAsset
  ) private returns (address tokenOut, uint256 amountOut) {
    ListedPool memory listed = _listedPools[address(pool)];
    if (listed.token0 == address(0)) revert PoolNotListed(address(pool));
    bool zeroForOne = tokenIn == listed.token0;
    if (!zeroForOne && uint96(uint160(tokenIn)) != listed.token1Tail) revert InvalidRoute();
    if (!zeroForOne) tokenOut = listed.token0;
    else if (uint96(uint160(loanAsset)) == listed.token1Tail) tokenOut = loanAsset;
    else tokenOut = pool.token1();

    uint256 balanceBefore = tokenOut == loanAsset ? 0 : IERC20(tokenOut).balanceOf(address(this));
    _servedPool = uint160(address(pool));
    _owedToken = uint160(tokenIn);
    _owedAmount = amountIn;
    (int256 amount0, int256 amount1) = pool.swap(
      address(this),
      zeroForOne,
      amountIn.toInt256(),
      zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1,
      ""
    );
    if (tokenOut == loanAsset) return (tokenOut, uint256(-(zeroForOne ? amount1 : amount0)));
    amountOut = IERC20(tokenOut).balanceOf(address(this)) - balanceBefore;
  }

  /// @inheritdoc IUniswapV3SwapCallback
  function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
    if (uint160(msg.sender) != _servedPool) revert IVenueSeller.UnexpectedCallback(msg.sender);
    _servedPool = 0;
    uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
    if (asked != _owedAmount) revert SwapIncomplete(msg.sender, asked, _owedAmount);
    IERC20(address(uint160(_owedToken))).safeTransfer(msg.sender, asked);
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function setPoolListed(address pool, bool listed) external restricted {
    if (listed && !_isGenuine(pool)) revert PoolNotListed(pool);
    if (listed) {
      _listedPools[pool] = ListedPool(IUniswapV3Pool(pool).token0(), uint96(uint160(IUniswapV3Pool(pool).token1())));
    } else delete _listedPools[pool];
    emit PoolListed(pool, listed);
  }

  /// @inheritdoc IDutchAuctionLiquidator
  function isPoolListed(address pool) external view returns (bool) {
    return _listedPools[pool].token0 != address(0);
  }

  /// @dev A pool may claim to be of any factory: only the factory knows.
  function _isGenuine(address pool) private view returns (bool) {
    if (pool.code.length == 0) return false;
    IUniswapV3Pool claimed = IUniswapV3Pool(pool);
    return IUniswapV3Factory(poolFactory).getPool(claimed.token0(), claimed.token1(), claimed.fee()) == pool;
  }
}
