// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleOrder, DirectSaleQuote, DirectSaleResult} from "../types/DirectSale.sol";
import {IVenueSeller} from "./IVenueSeller.sol";

/// @title IDirectSaleLiquidator
/// @notice Sells the collateral of one position into listed pools, for the borrower, at once and away from the clock. Open to all;
/// the keeper says where and at which price the vault is paid, and gains nothing by saying it badly: what the pools pay above
/// that price goes to the borrower. Bounded on chain by the oracle (which must be FRESH), by the pools' own past and by what
/// waiting for the clock is expected to lose. Between transactions it holds nothing but refunds that their token did not deliver,
/// and it has no authority over anyone's tokens.
interface IDirectSaleLiquidator is IVenueSeller {
  /// @notice The most that a direct sale may move a pool below the oracle, bps; 0 for no direct sales.
  event MaxImpactSet(address indexed vault, uint256 maxImpactBps);
  /// @notice Collateral was sold; amounts as in `DirectSaleResult`.
  event DirectSale(
    address indexed vault,
    address indexed borrower,
    address indexed caller,
    uint256 collateral,
    uint256 proceeds,
    uint256 payment,
    uint256 reward,
    uint256 credit,
    uint256 refund
  );

  /// @notice The governor has set no most impact for this vault.
  error DirectSaleOff(address vault);
  /// @notice A most impact is 0 or from 100 to 200 bps.
  error InvalidMaxImpact(uint256 maxImpactBps);

  /// @notice `ISalePolicy` that says what waiting costs.
  function policy() external view returns (address);

  /// @notice Most that a direct sale may move a pool below the oracle, bps.
  function maxImpactBps(address vault) external view returns (uint256);

  /// @notice Set the most impact for a vault, 100 to 200 bps, or 0 to turn direct sales off. Restricted (governor).
  function setMaxImpact(address vault, uint256 newMaxImpactBps) external;

  /// @notice Most that a direct sale may lose now, WAD: the smaller of what waiting for the clock is expected to lose and the most
  /// impact plus 0.5%.
  function maxLoss(address vault, address borrower) external view returns (uint256);

  /// @notice Sell. Of the proceeds the vault is paid first; then whoever sent the order, gas, at most half the penalty and what
  /// a start may be rewarded with; the rest goes to the borrower's debt, or to the borrower where there is none left. Gas counts
  /// by the venues in which something was sold, and for an order of less than a lot of the sale's terms in proportion: a row of
  /// slices is paid as one sale a lot. The vault takes so much less of the penalty as a sale into one pool is paid, at most half
  /// of it: the gas is the reserve's, that of further parts the borrower's. A refund that the token does not deliver is kept
  /// until its borrower claims it. Calls see a base fee of 0, and so no reward: an order that passes there passes with one.
  function execute(DirectSaleOrder calldata order) external returns (DirectSaleResult memory result);

  /// @notice A good order of this size over these venues, whatever shares and price it names: slices go where they bring most.
  /// Venues may simulate, so call it off chain.
  function quote(DirectSaleOrder calldata order) external returns (DirectSaleQuote memory result);
}
