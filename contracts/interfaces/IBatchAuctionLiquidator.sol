// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BidView} from "../types/Bid.sol";
import {BatchResult, BidBook} from "../types/BidBook.sol";

/// @title IBatchAuctionLiquidator
/// @notice Standing bids for the collateral of forced sales, cleared together at one price. A bid names a discount of 0 to 63
/// ticks off the deciding oracle price; it buys at the price of a clearing, which is never above its own. Time is cut into
/// intervals; the moment at which one begins is its boundary. What bidders decide in an interval takes effect at the next
/// boundary, so that nobody sees a batch before he bids in it.
///
/// A clearing. Anyone may clear the positions for sale of a vault, at any time and as often as there is something to sell:
/// each clearing has one price for all that it sells. The price is the best tick at which the bids at that price or a better
/// one cover what one of the positions pays, whichever asks least; the positions are sold in their order as far as those bids go,
/// bids at better prices are filled first, the last ones pro rata. What these bids do not reach is left to the next clearing,
/// further down. So whatever else is listed never lowers the price of a position. The price is never under the bound: of every
/// included position the clock's price, now and at the boundary, and in the interval of its first boundary `hold` off at most.
/// Where the bids within the bound cover no position, all of them are filled at the last tick within it and the rest is left to
/// the clock. Positions whose sale started after the boundary wait for the next one.
///
/// Why several clearings an interval: if the first one used the boundary up, or fixed its price, whoever clears one small
/// position could shut everybody else's out. Nothing is lost by a clearing with a bad list: what it sells it sells no lower than
/// a list of that alone would, and it leaves the rest of the bids to the next. A clearing that sells nothing reverts.
///
/// It holds bids and what they bought, accounted vault by vault; donations are ignored. It spends the caller's allowance only
/// in the caller's own bid.
interface IBatchAuctionLiquidator {
  /// @notice A vault's bids are kept under this number from now on.
  event VaultServed(address indexed vault, uint256 id);
  /// @notice A bid was placed.
  /// @param payer Whose assets they are.
  /// @param activeFrom Moment from which it takes part, unix seconds.
  event BidPlaced(
    uint256 indexed bidId,
    address indexed vault,
    address indexed owner,
    address payer,
    uint256 tick,
    uint256 assets,
    uint256 activeFrom
  );
  /// @notice A bid was cancelled.
  /// @param outFrom Moment from which it no longer takes part and can be withdrawn, unix seconds.
  event BidCancelled(uint256 indexed bidId, uint256 outFrom);
  /// @notice What was left of a cancelled bid was paid to its owner, loan units.
  event BidWithdrawn(uint256 indexed bidId, address indexed owner, uint256 assets);
  /// @notice Collateral that a bid bought was paid to its owner, collateral units.
  event CollateralClaimed(uint256 indexed bidId, address indexed owner, uint256 collateral);
  /// @notice Positions were sold to the bids, all at one price; fields as in `BatchResult`.
  event BatchCleared(
    address indexed vault,
    address indexed caller,
    uint256 indexed boundary,
    uint256 tick,
    uint256 price,
    uint256 supply,
    uint256 demand,
    uint256 payment,
    uint256 collateral
  );

  /// @notice A tick or an interval that cannot be: bps and seconds.
  error InvalidGrid(uint256 tickBps, uint256 interval);
  /// @notice Ticks are 0 to 63.
  error InvalidTick(uint256 tick);
  /// @notice A bid needs an owner.
  error InvalidOwner();
  /// @notice Smaller than the vault's smallest debt, loan units.
  error BidTooSmall(uint256 assets, uint256 minimum);
  /// @notice No such bid.
  error UnknownBid(uint256 bidId);
  /// @notice Only the owner of a bid may cancel it, or say who is paid.
  error NotBidOwner(uint256 bidId, address caller);
  /// @notice The bid was cancelled already, or nothing of it is open.
  error BidNotOpen(uint256 bidId);
  /// @notice Nothing can be withdrawn: not cancelled, not out yet, spent, or paid out.
  error NothingToWithdraw(uint256 bidId);
  /// @notice The bid bought nothing that has not been paid out.
  error NothingToClaim(uint256 bidId);
  /// @notice Borrowers must be listed by ascending address: none can then be counted twice, and nobody chooses who is first.
  error BorrowersNotAscending(address previous, address borrower);
  /// @notice No position of the list can be sold to the bids now.
  error NothingToClear();
  /// @notice A token moved another amount than it was told to, units of the token.
  error UnexpectedTransfer(address token, uint256 moved, uint256 expected);

  /// @notice `IVaultFactory` whose vaults are served.
  function vaultFactory() external view returns (address);

  /// @notice Discount from one tick to the next, bps.
  function tickBps() external view returns (uint256);

  /// @notice Seconds from one boundary to the next.
  function interval() external view returns (uint256);

  /// @notice Remember of a vault what never changes, so that its bidders need not ask. Open to all; the first bid does it where
  /// nobody has. Nothing happens where it was done.
  function serve(address vault) external;

  /// @notice Place a bid, paid by the caller.
  /// @dev Requirements: the vault is the factory's and names this contract (`IVaultFactory.UnknownVault`); a tick under 64 (`InvalidTick`);
  /// an owner (`InvalidOwner`); at least the vault's smallest debt (`BidTooSmall`); balance and allowance of the caller, all of it received
  /// (`UnexpectedTransfer`). Emits `BidPlaced`, and `VaultServed` with the vault's first bid.
  /// @param vault Vault whose collateral is bid for.
  /// @param tick Discount in ticks off the deciding price.
  /// @param assets Loan units, at least the vault's smallest debt.
  /// @param owner Who may cancel it and is paid.
  /// @return bidId Number of the bid, from 1 on.
  function placeBid(address vault, uint256 tick, uint256 assets, address owner) external returns (uint256 bidId);

  /// @notice `placeBid` with the caller's signed allowance. A permit that fails, since somebody else sent it first, does not
  /// matter where the allowance is there.
  function placeBidWithPermit(
    address vault,
    uint256 tick,
    uint256 assets,
    address owner,
    uint256 deadline,
    uint8 v,
    bytes32 r,
    bytes32 s
  ) external returns (uint256 bidId);

  /// @notice Take a bid, or what is left of it, out from the next boundary on. Its owner only.
  /// @dev Requirements: the caller owns the bid (`UnknownBid`, `NotBidOwner`), which is open (`BidNotOpen`). Emits `BidCancelled`.
  /// @param bidId Number of the bid.
  function cancel(uint256 bidId) external;

  /// @notice Pay what was left of a cancelled bid to its owner, once it is out. Open to all.
  /// @return assets Loan units.
  function withdraw(uint256 bidId) external returns (uint256 assets);

  /// @notice Pay the collateral that a bid has bought so far to its owner. Open to all.
  /// @dev Requirements: the bid exists (`UnknownBid`) and has bought what was not paid out (`NothingToClaim`). Emits `CollateralClaimed`.
  /// @param bidId Number of the bid.
  /// @return collateral Collateral units.
  function claim(uint256 bidId) external returns (uint256 collateral);

  /// @notice `withdraw` to another account, for an owner to whom the token does not deliver. Its owner only.
  /// @return assets Loan units.
  function withdrawTo(uint256 bidId, address receiver) external returns (uint256 assets);

  /// @notice `claim` to another account, for an owner to whom the token does not deliver. Its owner only.
  /// @return collateral Collateral units.
  function claimTo(uint256 bidId, address receiver) external returns (uint256 collateral);

  /// @notice Sell positions to the bids. Open to all.
  /// @dev Requirements: the vault is served or could be (`IVaultFactory.UnknownVault`); oracle not STALE (`IVaultSales.OracleStale`);
  /// borrowers in ascending order (`BorrowersNotAscending`); something that the bids reach (`NothingToClear`). Emits `BatchCleared`, and the
  /// vault's `IVaultSales.Take` for each position that is sold.
  /// @param vault Vault whose positions are sold.
  /// @param borrowers Whose positions, by ascending address; those that are not for sale are passed over.
  /// @return result One price for all, 1e36 scale; loan and collateral units.
  function clear(address vault, address[] calldata borrowers) external returns (BatchResult memory result);

  /// @notice What `clear` would do now; all zeros but the boundary where nothing can be sold.
  function preview(address vault, address[] calldata borrowers) external view returns (BatchResult memory result);

  /// @notice A bid as it is now.
  function bid(uint256 bidId) external view returns (BidView memory);

  /// @notice Bids placed so far; they are numbered from 1.
  function bidCount() external view returns (uint256);

  /// @notice The bids for a vault's collateral by tick.
  function book(address vault) external view returns (BidBook memory);

  /// @notice What is held for the bidders of one vault: loan units of bids that wait or can be withdrawn, collateral units not
  /// yet claimed. What roundings leave over stays in it.
  function holdings(address vault) external view returns (uint256 assets, uint256 collateral);

  /// @notice Moment at which the next interval begins, unix seconds.
  function nextBoundary() external view returns (uint256);
}
