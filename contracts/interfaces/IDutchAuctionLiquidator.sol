// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AuctionOrder, AuctionResult} from "../types/DutchAuction.sol";
import {ITakeCallback} from "./callbacks/ITakeCallback.sol";
import {IUniswapV3SwapCallback} from "./callbacks/IUniswapV3SwapCallback.sol";
import {IStandingAllowances} from "./IStandingAllowances.sol";

/// @title IDutchAuctionLiquidator
/// @notice Takes at the clock's price for keepers without capital: it buys from the vault, sells the collateral in listed
/// Uniswap v3 pools inside the vault's callback, pays the vault and hands the profit on. A taker like any other: no vault
/// knows it. It holds nothing between transactions and has no authority over anyone's tokens, so nobody should approve it. Vaults
/// that it serves have a standing allowance of their loan asset from it, of which there is never anything to take but in an order.
interface IDutchAuctionLiquidator is IStandingAllowances, ITakeCallback, IUniswapV3SwapCallback {
  /// @notice A pool was listed or struck off.
  event PoolListed(address indexed pool, bool listed);
  /// @notice An order was carried out; amounts as in `AuctionResult`.
  event Executed(
    address indexed vault,
    address indexed caller,
    address indexed receiver,
    uint256 payment,
    uint256 collateral,
    uint256 proceeds
  );

  /// @notice The pool is not listed, or no Uniswap v3 pool of the factory that it claims to come from.
  error PoolNotListed(address pool);
  /// @notice The hops do not lead from the collateral asset to the loan asset.
  error InvalidRoute();
  /// @notice The pool swaps only part of what it is given: it ran out of liquidity. In units of the token given.
  error SwapIncomplete(address pool, uint256 swapped, uint256 given);
  /// @notice Proceeds do not pay the vault and the least profit, loan units.
  error Unprofitable(uint256 proceeds, uint256 payment, uint256 minProfit);
  /// @notice Carries the result of a quote out of the reverted simulation.
  error QuoteResult(AuctionResult result);

  /// @notice Uniswap v3 factory whose pools may be listed.
  function poolFactory() external view returns (address);

  /// @notice Whether the pool may be a hop.
  function isPoolListed(address pool) external view returns (bool);

  /// @notice List a pool or strike it off. Restricted (governor). Only pools that `poolFactory` vouches for can be listed.
  function setPoolListed(address pool, bool listed) external;

  /// @notice Carry out an order. What others sent here by mistake stays, but for tokens that take more than they are told. Reverts, and costs its caller only gas, when it does not leave `minProfit`. Reverts of the
  /// vault and of the pools come back as they are.
  /// @dev Requirements: a receiver (`IVenueSeller.InvalidReceiver`); the vault is the factory's (`IVaultFactory.UnknownVault`); listed pools
  /// that lead from collateral to loan asset (`PoolNotListed`, `InvalidRoute`) and swap all (`SwapIncomplete`); the least profit
  /// (`Unprofitable`); and what the vault asks of a take, the deadline among it (`IVaultSales.DeadlinePassed`).
  /// Emits `Executed`, and the vault's events.
  /// @param order As in `AuctionOrder`.
  /// @return result Loan and collateral units, as in `AuctionResult`.
  function execute(AuctionOrder calldata order) external returns (AuctionResult memory result);

  /// @notice What `execute` would do now, whether it paid or not; `profit` is 0 where it would lose. Simulates and reverts
  /// inside, so call it off chain (eth_call). Rewards for starts follow `block.basefee`, which nodes may show as 0 to an
  /// eth_call: the quote is then without them.
  function quote(AuctionOrder calldata order) external returns (AuctionResult memory result);

  /// @notice The inner half of `quote`: always reverts, with `QuoteResult` or with what stands in the order's way.
  function simulate(AuctionOrder calldata order) external;
}
