// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleOrder, DirectSaleQuote, DirectSaleResult} from "../types/DirectSale.sol";
import {ITakeCallback} from "./callbacks/ITakeCallback.sol";

/// @title IDirectSaleLiquidator
/// @notice Sells the collateral of one position into listed pools, for the borrower, at once and away from the clock. Open to all;
/// the keeper says where and at which price the vault is paid, and gains nothing by saying it badly: what the pools pay above
/// that price goes to the borrower. Bounded on chain by the oracle (which must be FRESH), by the pools' own past and by what
/// waiting for the clock is expected to lose. It holds nothing between transactions and has no authority over anyone's tokens.
interface IDirectSaleLiquidator is ITakeCallback {
  /// @notice A venue was listed or struck off.
  event VenueListed(address indexed venue, bool listed);
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

  /// @notice The vault was not created by the factory.
  error UnknownVault(address vault);
  /// @notice The governor has set no most impact for this vault.
  error DirectSaleOff(address vault);
  /// @notice The venue is not listed.
  error VenueNotListed(address venue);
  /// @notice A most impact is 0 or from 100 to 200 bps.
  error InvalidMaxImpact(uint256 maxImpactBps);
  /// @notice The shares of the parts must add up to 1e18.
  error InvalidShares(uint256 sum);
  /// @notice Rewards may go neither to the zero address nor to this contract.
  error InvalidReceiver(address receiver);
  /// @notice The deadline has passed, unix seconds.
  error DeadlinePassed(uint256 deadline);
  /// @notice Under the oracle's price less the most loss: prices 1e36 scale.
  error PriceTooLow(uint256 price, uint256 least);
  /// @notice Before the sale a pool is further from the oracle, or from its own mean price, than 0.3% and its fee: prices 1e36
  /// scale.
  error PoolOffPrice(address venue, uint256 price, uint256 anchor);
  /// @notice After the sale a pool is under the oracle's price less the most impact: prices 1e36 scale.
  error ImpactTooHigh(address venue, uint256 price, uint256 least);
  /// @notice The pools bring less than the vault is to be paid: loan units.
  error ProceedsTooLow(uint256 proceeds, uint256 payment);
  /// @notice Only called back by the vault that is being served right now.
  error UnexpectedCallback(address caller);

  /// @notice Factory whose vaults are served.
  function vaultFactory() external view returns (address);

  /// @notice `ISalePolicy` that says what waiting costs.
  function policy() external view returns (address);

  /// @notice Whether parts may be sold there.
  function isVenueListed(address venue) external view returns (bool);

  /// @notice Most that a direct sale may move a pool below the oracle, bps.
  function maxImpactBps(address vault) external view returns (uint256);

  /// @notice List a venue or strike it off. Restricted (governor).
  function setVenueListed(address venue, bool listed) external;

  /// @notice Set the most impact for a vault, 100 to 200 bps, or 0 to turn direct sales off. Restricted (governor).
  function setMaxImpact(address vault, uint256 newMaxImpactBps) external;

  /// @notice Most that a direct sale may lose now, WAD: the smaller of what waiting for the clock is expected to lose and the most
  /// impact plus 0.5%.
  function maxLoss(address vault, address borrower) external view returns (uint256);

  /// @notice Sell. Of the proceeds the vault is paid first; then whoever sent the order, gas, at most what a start may be
  /// rewarded with; the rest goes to the borrower's debt, or to the borrower where there is none left. The vault takes so much
  /// less of the penalty as a sale into one pool costs, at most half of it: the gas is the reserve's, that of further parts the
  /// borrower's. Calls see a base fee of 0, and so no reward: an order that passes there passes with one.
  function execute(DirectSaleOrder calldata order) external returns (DirectSaleResult memory result);

  /// @notice A good order of this size over these venues, whatever shares and price it names: slices go where they bring most.
  /// Venues may simulate, so call it off chain.
  function quote(DirectSaleOrder calldata order) external returns (DirectSaleQuote memory result);
}
