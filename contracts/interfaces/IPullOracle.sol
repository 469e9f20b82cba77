// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TakeManyParams, TakeParams} from "../types/TakeParams.sol";
import {IOracle} from "./IOracle.sol";

/// @title IPullOracle
/// @notice Oracle of one pair whose pushed price a starter or taker may raise, for one call on one vault, by a price that Pyth
/// signed. What is brought counts as `max(push, pull + confidence)`: it can only make a start harder and a take dearer.
/// @dev The calls of the vault that judge health and set a price stand here under their own names; whoever brings a price makes
/// them through this contract, which is the vault's payer and starter then (in its events too). `touch`, which could end a
/// sale, does not. Ether above the fee of the update comes back.
interface IPullOracle is IOracle {
  /// @notice A price was brought.
  /// @param pulled Middle of the signed price, 1e36 scale; 0 where it is none: not positive, too uncertain, out of range.
  /// @param raised Price that sales were held to in this call where the pushed one was lower, 1e36 scale; 0 where what was brought
  /// counted as absent.
  event PriceBrought(address indexed vault, address indexed caller, uint256 pulled, uint256 raised);

  /// @notice The vault has another oracle.
  error OtherOracle(address vault, address oracle);
  /// @notice The Ether sent does not pay for the update, wei.
  error FeeTooLow(uint256 sent, uint256 fee);
  /// @notice Pyth did not accept the update: malformed, of another feed, published before the window or after now, or not the
  /// first one in the window. Everything goes on at the vault itself, without it.
  /// @param reason What Pyth's contract said.
  error UpdateRefused(bytes reason);
  /// @notice The caller does not accept the Ether above the fee, wei: send the fee and no more.
  error RefundRefused(uint256 rest);

  /// @notice `OracleAdapter` that is pushed, and that loans, marks and endings see alone.
  function pushOracle() external view returns (address);

  /// @notice `VaultFactory` whose vaults may be served.
  function vaultFactory() external view returns (address);

  /// @notice Pyth's contract.
  function pyth() external view returns (address);

  /// @notice Pyth's id of the price.
  function feedId() external view returns (bytes32);

  /// @notice Seconds: the first update published at or after `block.timestamp - window` counts, no other.
  function window() external view returns (uint256);

  /// @notice By how much the pulled price may differ from the pushed one before it counts as absent, basis points.
  function toleranceBps() external view returns (uint256);

  /// @notice What an update costs, wei.
  function updateFee(bytes[] calldata updateData) external view returns (uint256);

  /// @notice `IVaultSales.startSale` on the raised price: the position must be unhealthy on that too.
  function startSale(
    address vault,
    bytes[] calldata updateData,
    address borrower,
    address rewardReceiver
  ) external payable returns (uint256 reward);

  /// @notice `IVaultSales.take` on the raised price. The payment is pulled from the caller, who must have approved this contract;
  /// where `data` is not empty, after `ITakeCallback.onTake` on the caller.
  function take(
    address vault,
    bytes[] calldata updateData,
    TakeParams calldata params
  ) external payable returns (uint256 payment, uint256 collateral);

  /// @notice `IVaultSales.startAndTake` on the raised price. Payment as in `take`.
  function startAndTake(
    address vault,
    bytes[] calldata updateData,
    TakeParams calldata params
  ) external payable returns (uint256 payment, uint256 collateral);

  /// @notice `IVaultSales.takeMany` on the raised price: positions that it calls healthy are passed over. Payment as in `take`.
  function takeMany(
    address vault,
    bytes[] calldata updateData,
    TakeManyParams calldata params
  ) external payable returns (uint256 payment, uint256 collateral);
}
