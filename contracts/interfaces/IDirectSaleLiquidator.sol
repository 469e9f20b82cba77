// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleBounds, DirectSaleOrder, DirectSaleQuote, DirectSaleResult} from "../types/DirectSale.sol";
import {IVenueSeller} from "./IVenueSeller.sol";

/// @title IDirectSaleLiquidator
/// @notice Sells the collateral of one position into listed pools, for the borrower, at once and away from the clock. Open to all;
/// the keeper says where and at which price the vault is paid, and gains nothing by saying it badly: what the pools pay above
/// that price goes to the borrower. Bounded on chain, within one bound that moves with the market (`DirectSaleMath`): each pool
/// ends at or above `max((1 - i) x max(its price before, its own mean, M), P x (1 - min(0.5% + phi, maxDiscount)))`, and the vault
/// is paid at least `M x (1 - L)`. The position must be unhealthy at `max(P, M)`, and the oracle's first source must be live and
/// decide, FRESH or SUSPECT. Under water, and younger than a half-life, a sale needs pools that stand at the oracle's price.
/// Between transactions it holds nothing but refunds that their token did not deliver, and it has no authority over anyone's tokens.
interface IDirectSaleLiquidator is IVenueSeller {
  /// @notice The venue whose mean price a vault's direct sales are held against; the zero address for no direct sales.
  event ReferenceVenueSet(address indexed vault, address venue);
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

  /// @notice The governor has named no reference venue for this vault, or it is no longer listed.
  error DirectSaleOff(address vault);
  /// @notice The venue keeps no mean price.
  error NoMeanPrice(address venue);
  /// @notice The oracle's first source does not decide now: it is dead or late, or the sequencer or a switch is in its grace.
  error FirstSourceNotDeciding(address oracle);
  /// @notice The position is healthy at the higher of the oracle's price and the reference venue's mean: loan units.
  error HealthyAtMarket(address borrower, uint256 debt, uint256 maxDebt);

  /// @notice Venue whose mean price says what the market pays for a vault's collateral; the zero address for no direct sales.
  function referenceVenue(address vault) external view returns (address);

  /// @notice Name a vault's reference venue, its deepest; the zero address turns direct sales off. It must be listed and keep a mean
  /// price. Restricted (governor).
  function setReferenceVenue(address vault, address venue) external;

  /// @notice How far a direct sale of a position may go now.
  function bounds(address vault, address borrower) external view returns (DirectSaleBounds memory);

  /// @notice Sell, the start included where the order says so. Of the proceeds the vault is paid first; then whoever sent the order,
  /// gas, at most half the penalty and what a start may be rewarded with; the rest, however small, goes to the borrower's debt, or
  /// to the borrower where there is none left. Gas counts by the venues in which something was sold, and for an order of less than
  /// a lot of the sale's terms in proportion: a row of slices is paid as one sale a lot. The vault takes so much less of the penalty
  /// as a sale into one pool is paid, at most half of it: the gas is the reserve's, that of further parts the borrower's. A refund
  /// that the token does not deliver is kept until its borrower claims it. Calls see a base fee of 0, and so no reward: an order that
  /// passes there passes with one.
  /// @dev Requirements: before the deadline (`IVaultSales.DeadlinePassed`); the vault is the factory's (`IVaultFactory.UnknownVault`); a
  /// receiver (`InvalidReceiver`); listed venues, once each, whose shares add up (`VenueNotListed`, `VenueTwice`, `InvalidShares`); a reference
  /// venue (`DirectSaleOff`); a first source that decides (`FirstSourceNotDeciding`); a position unhealthy at the market (`HealthyAtMarket`);
  /// prices within the bounds (`PriceTooLow`, `PoolOffPrice`, `ImpactTooHigh`, `ProceedsTooLow`); and what the vault asks of a `sell`.
  /// Emits `DirectSale`, and the vault's events.
  /// @param order As in `DirectSaleOrder`.
  /// @return result Loan and collateral units, as in `DirectSaleResult`.
  function execute(DirectSaleOrder calldata order) external returns (DirectSaleResult memory result);

  /// @notice A good order of this size over these venues, whatever shares and price it names: slices go where they bring most.
  /// Venues may simulate, so call it off chain.
  function quote(DirectSaleOrder calldata order) external returns (DirectSaleQuote memory result);
}
