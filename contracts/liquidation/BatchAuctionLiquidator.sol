// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {LibBit} from "solady/src/utils/LibBit.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {IBatchAuctionLiquidator} from "../interfaces/IBatchAuctionLiquidator.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultFactory} from "../interfaces/IVaultFactory.sol";
import {IVaultSales} from "../interfaces/IVaultSales.sol";
import {BatchClearing} from "../libraries/BatchClearing.sol";
import {FillAccumulator} from "../libraries/FillAccumulator.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {SalePrice} from "../libraries/SalePrice.sol";
import {Bid, BidState, BidView} from "../types/Bid.sol";
import {BID_TICKS, BatchResult, BidBook} from "../types/BidBook.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote, SellParams} from "../types/TakeParams.sol";

/// @title BatchAuctionLiquidator
/// @notice The batch auction of the factory's vaults.
/// @dev Read it in this order: `placeBid` → `cancel` → `withdraw`; then `clear` → `_collect` (what is for sale) → `_bound` → the
/// library `BatchClearing` (price and shares) → `_buy` → the library `FillAccumulator` (who gets what).
/// ASSUMPTIONS: vaults run the factory's code; their tokens, oracle and curve may be anything, and can then harm only the bids
/// for their own collateral. LIVENESS: nobody's leave is needed for anything; leaving and claiming touch no oracle. A clearing's cost
/// grows with ticks (64 at most) and positions, never with bids. ROUNDING: against bidders, by less than a few units a bid.
contract BatchAuctionLiquidator is IBatchAuctionLiquidator, ReentrancyGuardTransient {
  using FillAccumulator for FillAccumulator.Pool;
  using SafeCast for uint256;
  using SafeERC20 for IERC20;

  uint256 private constant _BPS = 10_000;

  /// @dev A served vault: its number, from 1 on, and its smallest debt, which it never changes; `ticksInUse` has the bit of every
  /// tick at which something may be bid. One slot.
  struct Served {
    uint32 id;
    uint96 minDebt;
    uint64 ticksInUse;
  }

  /// @dev Bids of one vault and what is held for them. The slots that bids and clearings write hold something that never changes
  /// too, so that no bidder pays for their first use.
  /// @param loan Loan units held. @param collateral Collateral units held.
  struct Book {
    address loanAsset;
    uint96 loan;
    uint128 collateral;
    bool isServed;
    address collateralAsset;
    address vault;
    FillAccumulator.Pool[BID_TICKS] pools;
  }

  /// @dev What a clearing would do.
  struct Plan {
    BatchClearing.Clearing clearing;
    uint256[BID_TICKS] demand;
  }

  /// @dev Where a bid stands: `BidView` without what is stored.
  struct Standing {
    uint256 open;
    uint256 claimable;
    BidState state;
  }

  /// @inheritdoc IBatchAuctionLiquidator
  address public immutable vaultFactory;
  /// @inheritdoc IBatchAuctionLiquidator
  uint256 public immutable tickBps;
  /// @inheritdoc IBatchAuctionLiquidator
  uint256 public immutable interval;

  /// @dev Ids count from 1.
  uint256 private _nextBidId = 1;
  uint256 private _servedCount;
  mapping(uint256 bidId => Bid) private _bids;
  mapping(address vault => Served) private _served;
  mapping(uint256 vaultId => Book) private _books;

  /// @param vaultFactory_ `IVaultFactory` whose vaults are served.
  /// @param tickBps_ Discount from one tick to the next, bps; 64 ticks should span the deepest discount of the vaults.
  /// @param interval_ Seconds from one boundary to the next.
  constructor(address vaultFactory_, uint256 tickBps_, uint256 interval_) {
    if (tickBps_ == 0 || tickBps_ * (BID_TICKS - 1) >= _BPS || interval_ == 0) {
      revert InvalidGrid(tickBps_, interval_);
    }
    vaultFactory = vaultFactory_;
    tickBps = tickBps_;
    interval = interval_;
  }

  // -------------------------------------------------------------------------------------------------------------- vaults

  /// @inheritdoc IBatchAuctionLiquidator
  function serve(address vault) external nonReentrant {
    if (_served[vault].id == 0) _serve(vault);
  }

  /// @dev What a vault says here it says for good: its code has these fixed.
  function _serve(address vault) private returns (Served memory served) {
    _requireServable(vault);
    served.id = (++_servedCount).toUint32();
    served.minDebt = IVault(vault).minDebt().toUint96();
    _served[vault] = served;
    Book storage book_ = _books[served.id];
    book_.loanAsset = IVault(vault).asset();
    book_.isServed = true;
    book_.collateralAsset = IVault(vault).collateralAsset();
    book_.vault = vault;
    emit VaultServed(vault, served.id);
  }

  /// @dev A vault is served from its first bid on.
  function _servedVault(address vault) private returns (Served memory served) {
    served = _served[vault];
    if (served.id == 0) return _serve(vault);
  }

  function _requireServable(address vault) private view {
    bool isServable = IVaultFactory(vaultFactory).isVault(vault) && IVault(vault).batchLiquidator() == address(this);
    if (!isServable) revert IVaultFactory.UnknownVault(vault);
  }

  // ---------------------------------------------------------------------------------------------------------------- bids

  /// @inheritdoc IBatchAuctionLiquidator
  function placeBid(
    address vault,
    uint256 tick,
    uint256 assets,
    address owner
  ) external nonReentrant returns (uint256 bidId) {
    return _placeBid(vault, tick, assets, owner);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function placeBidWithPermit(
    address vault,
    uint256 tick,
    uint256 assets,
    address owner,
    uint256 deadline,
    uint8 v,
    bytes32 r,
    bytes32 s
  ) external nonReentrant returns (uint256 bidId) {
    address asset = _books[_servedVault(vault).id].loanAsset;
    // A permit that fails is passed over: somebody may have sent it first; without an allowance the transfer says so.
    LibCall.tryCall(
      asset,
      0,
      gasleft(),
      0,
      abi.encodeCall(IERC20Permit.permit, (msg.sender, address(this), assets, deadline, v, r, s))
    );
    return _placeBid(vault, tick, assets, owner);
  }

  function _placeBid(address vault, uint256 tick, uint256 assets, address owner) private returns (uint256 bidId) {
    Served memory served = _servedVault(vault);
    if (tick >= BID_TICKS) revert InvalidTick(tick);
    if (owner == address(0)) revert InvalidOwner();
    uint256 minimum = Math.max(served.minDebt, 1);
    if (assets < minimum) revert BidTooSmall(assets, minimum);

    uint256 boundary = _boundary();
    Book storage book_ = _books[served.id];
    book_.pools[tick].enter(assets, boundary);
    IERC20 token = IERC20(book_.loanAsset);
    book_.loan = (book_.loan + assets).toUint96();
    uint64 bit = uint64(1 << tick);
    if (served.ticksInUse & bit == 0) _served[vault].ticksInUse = served.ticksInUse | bit;
    bidId = _nextBidId++;
    // The fields of a slot one after the other: they are then written together.
    Bid storage bid_ = _bids[bidId];
    bid_.owner = owner;
    bid_.assets = uint96(assets);
    bid_.vaultId = served.id;
    bid_.placedIn = uint32(boundary);
    bid_.tick = uint8(tick);
    emit BidPlaced(bidId, vault, owner, msg.sender, tick, assets, (boundary + 1) * interval);

    uint256 balanceBefore = token.balanceOf(address(this));
    token.safeTransferFrom(msg.sender, address(this), assets);
    _requireReceived(token, balanceBefore, assets);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function cancel(uint256 bidId) external nonReentrant {
    Bid storage bid_ = _requireOwner(bidId);
    if (bid_.cancelledIn != 0) revert BidNotOpen(bidId);
    uint256 boundary = _boundary();
    FillAccumulator.Pool storage pool = _books[bid_.vaultId].pools[bid_.tick];
    pool.fold(boundary);
    if (bid_.placedIn == boundary) pool.undoEntry(bid_.assets);
    else if (pool.exit(bid_.assets, bid_.placedIn, boundary) == 0) revert BidNotOpen(bidId);
    bid_.cancelledIn = uint32(boundary);
    emit BidCancelled(bidId, (boundary + 1) * interval);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function withdraw(uint256 bidId) external nonReentrant returns (uint256 assets) {
    return _withdraw(bidId, _existing(bidId).owner);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function withdrawTo(uint256 bidId, address receiver) external nonReentrant returns (uint256 assets) {
    _requireOwner(bidId);
    return _withdraw(bidId, receiver);
  }

  function _withdraw(uint256 bidId, address receiver) private returns (uint256 assets) {
    Bid storage bid_ = _bids[bidId];
    Book storage book_ = _books[bid_.vaultId];
    Standing memory now_ = _standing(bid_, book_);
    if (now_.state != BidState.WITHDRAWABLE) revert NothingToWithdraw(bidId);
    assets = now_.open;
    bid_.withdrawn = true;
    uint256 tick = bid_.tick;
    book_.pools[tick].fold(_boundary());
    _forgetIfEmpty(book_, tick);
    book_.loan = uint96(book_.loan - assets);
    emit BidWithdrawn(bidId, bid_.owner, assets);
    IERC20(book_.loanAsset).safeTransfer(receiver, assets);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function claim(uint256 bidId) external nonReentrant returns (uint256 collateral) {
    return _claim(bidId, _existing(bidId).owner);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function claimTo(uint256 bidId, address receiver) external nonReentrant returns (uint256 collateral) {
    _requireOwner(bidId);
    return _claim(bidId, receiver);
  }

  function _claim(uint256 bidId, address receiver) private returns (uint256 collateral) {
    Bid storage bid_ = _bids[bidId];
    Book storage book_ = _books[bid_.vaultId];
    collateral = _standing(bid_, book_).claimable;
    if (collateral == 0) revert NothingToClaim(bidId);
    bid_.claimed = (bid_.claimed + collateral).toUint128();
    book_.collateral = uint128(book_.collateral - collateral);
    emit CollateralClaimed(bidId, bid_.owner, collateral);
    IERC20(book_.collateralAsset).safeTransfer(receiver, collateral);
  }

  // ------------------------------------------------------------------------------------------------------------ clearing

  /// @inheritdoc IBatchAuctionLiquidator
  function clear(
    address vault,
    address[] calldata borrowers
  ) external nonReentrant returns (BatchResult memory result) {
    Served memory served = _served[vault];
    Plan memory plan = _plan(IVault(vault), served, borrowers);
    if (plan.clearing.payment == 0) revert NothingToClear();
    Book storage book_ = _books[served.id];
    (uint256 payment, uint256 collateral) = _buy(IVault(vault), book_, borrowers, plan.clearing);
    _distribute(book_, plan.demand, payment, collateral);
    result = _result(plan.clearing, payment, collateral);
    emit BatchCleared(
      vault,
      msg.sender,
      result.boundary,
      result.tick,
      result.price,
      result.supply,
      result.demand,
      payment,
      collateral
    );
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function preview(
    address vault,
    address[] calldata borrowers
  ) external view nonReentrantView returns (BatchResult memory) {
    Plan memory plan = _plan(IVault(vault), _served[vault], borrowers);
    BatchClearing.Clearing memory clearing = plan.clearing;
    uint256 collateral;
    for (uint256 i = 0; i < clearing.repays.length; ++i) {
      uint256 repay = clearing.repays[i];
      if (repay == 0) continue;
      collateral += IVault(vault).quoteSell(borrowers[i], clearing.price, repay).collateral;
    }
    return _result(clearing, clearing.payment, collateral);
  }

  /// @param served All zeros where the vault is not served yet: then nothing is bid.
  function _plan(
    IVault vault,
    Served memory served,
    address[] calldata borrowers
  ) private view returns (Plan memory plan) {
    if (served.id == 0) _requireServable(address(vault));
    Price memory price = IOracle(vault.oracle()).price();
    if (price.state == OracleState.STALE) revert IVaultSales.OracleStale();
    BatchClearing.Batch memory batch = _collect(vault, borrowers, price);
    if (batch.bound == 0) return plan;
    batch.minDebt = served.minDebt;
    uint256 within = BatchClearing.ticksWithin(batch.deciding, batch.bound, batch.tickBps);
    Book storage book_ = _books[served.id];
    uint256 boundary = _boundary();
    uint256 ticks = served.ticksInUse & ((1 << within) - 1);
    for (; ticks != 0; ticks &= ticks - 1) {
      uint256 tick = LibBit.ffs(ticks);
      plan.demand[tick] = book_.pools[tick].totalAt(boundary);
    }
    plan.clearing = BatchClearing.clear(batch, plan.demand);
  }

  /// @dev The positions that are for sale and were at the boundary, each in its place of the list, and the highest of their
  /// bounds; that is 0 where there is none.
  function _collect(
    IVault vault,
    address[] calldata borrowers,
    Price memory price
  ) private view returns (BatchClearing.Batch memory batch) {
    batch.deciding = price.deciding;
    batch.tickBps = tickBps;
    batch.lots = new BatchClearing.Lot[](borrowers.length);
    uint256 index = vault.accruedTotals().index;
    ICurve curve = ICurve(vault.curve());
    SaleTerms memory terms;
    uint256 termsId;
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      if (i != 0 && borrower <= borrowers[i - 1]) revert BorrowersNotAscending(borrowers[i - 1], borrower);
      (bool isForSale, SaleQuote memory quote) = _tryQuote(vault, borrower);
      if (!isForSale || quote.liveSeconds < _sinceBoundary()) continue;
      Position memory position = vault.position(borrower);
      if (position.termsId != termsId) {
        termsId = position.termsId;
        terms = vault.terms(termsId);
      }
      batch.bound = Math.max(batch.bound, _bound(curve, price, terms, quote));
      BatchClearing.Lot memory lot = batch.lots[i];
      lot.debt = InterestMath.toAssetsUp(position.scaledDebt, index);
      lot.collateral = position.collateral;
      lot.terms = terms;
    }
  }

  function _tryQuote(IVault vault, address borrower) private view returns (bool isForSale, SaleQuote memory quote) {
    try vault.quoteTake(borrower) returns (SaleQuote memory quote_) {
      return (true, quote_);
    } catch {
      return (false, quote);
    }
  }

  /// @dev Least price for a position: the clock's now and at the boundary, and `hold` off at most at its first boundary. The
  /// price at the boundary is that of today's oracle on clocks turned back; the vault's was perhaps further (it counts to the
  /// horizon only), which can but raise the bound.
  function _bound(
    ICurve curve,
    Price memory price,
    SaleTerms memory terms,
    SaleQuote memory quote
  ) private view returns (uint256 bound) {
    uint256 sinceBoundary = _sinceBoundary();
    uint256 ownSeconds = Math.saturatingSub(quote.ownSeconds, sinceBoundary);
    quote.vaultSeconds = Math.saturatingSub(quote.vaultSeconds, sinceBoundary);
    bound = SalePrice.atClock(curve, terms, price, ownSeconds, quote.vaultSeconds);
    bound = Math.max(bound, quote.price);
    if (ownSeconds < interval) bound = Math.max(bound, SaleMath.floorPrice(price.deciding, terms.holdBps));
  }

  /// @dev Buys with the bids' money: exactly what the plan says may be paid, and no allowance is left. No standing one as other
  /// buyers have: what lies here belongs to the bidders of many vaults.
  function _buy(
    IVault vault,
    Book storage book_,
    address[] calldata borrowers,
    BatchClearing.Clearing memory clearing
  ) private returns (uint256 payment, uint256 collateral) {
    IERC20 loan = IERC20(book_.loanAsset);
    IERC20 bought = IERC20(book_.collateralAsset);
    uint256 loanBefore = loan.balanceOf(address(this));
    uint256 boughtBefore = bought.balanceOf(address(this));
    (address[] memory sold, uint256 repay) = _sold(borrowers, clearing.repays);
    loan.forceApprove(address(vault), clearing.payment);
    (payment, collateral) = vault.sell(SellParams(sold, address(this), repay, clearing.price, ""));
    if (loan.allowance(address(this), address(vault)) != 0) loan.forceApprove(address(vault), 0);
    _requireReceived(bought, boughtBefore, collateral);
    uint256 loanAfter = loan.balanceOf(address(this));
    if (loanAfter + payment < loanBefore) revert UnexpectedTransfer(address(loan), loanBefore - loanAfter, payment);
  }

  /// @dev The positions of which something is sold, and what is repaid together.
  function _sold(
    address[] calldata borrowers,
    uint256[] memory repays
  ) private pure returns (address[] memory sold, uint256 repay) {
    sold = new address[](repays.length);
    uint256 count;
    for (uint256 i = 0; i < repays.length; ++i) {
      if (repays[i] == 0) continue;
      repay += repays[i];
      sold[count++] = borrowers[i];
    }
    sold = Arrays.splice(sold, 0, count);
  }

  /// @dev What was really paid falls on the best bids first; each gets collateral in proportion, rounded down.
  function _distribute(
    Book storage book_,
    uint256[BID_TICKS] memory demand,
    uint256 payment,
    uint256 collateral
  ) private {
    book_.loan = uint96(book_.loan - payment);
    book_.collateral = (book_.collateral + collateral).toUint128();
    uint256 boundary = _boundary();
    uint256[BID_TICKS] memory fills = BatchClearing.split(demand, payment);
    uint256 left = payment;
    for (uint256 tick = 0; left != 0; ++tick) {
      uint256 fill = fills[tick];
      if (fill == 0) continue;
      left -= fill;
      FillAccumulator.Pool storage pool = book_.pools[tick];
      pool.fold(boundary);
      pool.fill(fill, Math.mulDiv(collateral, fill, payment));
      _forgetIfEmpty(book_, tick);
    }
  }

  function _result(
    BatchClearing.Clearing memory clearing,
    uint256 payment,
    uint256 collateral
  ) private view returns (BatchResult memory result) {
    result.boundary = _boundary();
    if (payment == 0) return result;
    result.tick = clearing.tick;
    result.price = clearing.price;
    result.supply = clearing.supply;
    result.demand = clearing.demand;
    result.payment = payment;
    result.collateral = collateral;
  }

  // --------------------------------------------------------------------------------------------------------------- views

  /// @inheritdoc IBatchAuctionLiquidator
  function bid(uint256 bidId) external view nonReentrantView returns (BidView memory) {
    Bid storage bid_ = _existing(bidId);
    Book storage book_ = _books[bid_.vaultId];
    Standing memory now_ = _standing(bid_, book_);
    return BidView(book_.vault, bid_.owner, bid_.tick, bid_.assets, now_.open, now_.claimable, now_.state);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function bidCount() external view returns (uint256) {
    return _nextBidId - 1;
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function book(address vault) external view nonReentrantView returns (BidBook memory result) {
    Book storage book_ = _books[_served[vault].id];
    uint256 boundary = _boundary();
    for (uint256 tick = 0; tick < BID_TICKS; ++tick) {
      FillAccumulator.Pool storage pool = book_.pools[tick];
      result.active[tick] = pool.totalAt(boundary);
      result.pending[tick] = pool.pendingAt(boundary);
    }
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function holdings(address vault) external view nonReentrantView returns (uint256 assets, uint256 collateral) {
    Book storage book_ = _books[_served[vault].id];
    return (book_.loan, book_.collateral);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function nextBoundary() external view returns (uint256) {
    return (_boundary() + 1) * interval;
  }

  function _standing(Bid storage bid_, Book storage book_) private view returns (Standing memory result) {
    uint256 assets = bid_.assets;
    uint256 boundary = _boundary();
    uint256 placedIn = bid_.placedIn;
    uint256 cancelledIn = bid_.cancelledIn;
    if (placedIn == boundary || placedIn == cancelledIn) {
      result.open = assets;
    } else {
      FillAccumulator.Pool storage pool = book_.pools[bid_.tick];
      bool isOut = cancelledIn != 0 && cancelledIn != boundary;
      FillAccumulator.Snapshot memory out = isOut ? pool.stateAt(cancelledIn) : pool.current();
      uint256 got;
      (result.open, got) = pool.position(assets, pool.stateAt(placedIn), out);
      result.claimable = got - bid_.claimed;
    }
    result.state = _state(placedIn, cancelledIn, boundary, result.open, bid_.withdrawn);
    if (result.state == BidState.WITHDRAWN) result.open = 0;
  }

  function _state(
    uint256 placedIn,
    uint256 cancelledIn,
    uint256 boundary,
    uint256 open,
    bool withdrawn
  ) private pure returns (BidState) {
    if (withdrawn) return BidState.WITHDRAWN;
    if (open == 0) return BidState.FILLED;
    if (cancelledIn != 0) return cancelledIn == boundary ? BidState.LEAVING : BidState.WITHDRAWABLE;
    return placedIn == boundary ? BidState.PENDING : BidState.OPEN;
  }

  // ------------------------------------------------------------------------------------------------------------- helpers

  /// @dev Intervals since the epoch.
  function _boundary() private view returns (uint256) {
    return block.timestamp / interval;
  }

  /// @dev Seconds since the last boundary.
  function _sinceBoundary() private view returns (uint256) {
    return block.timestamp % interval;
  }

  function _existing(uint256 bidId) private view returns (Bid storage bid_) {
    bid_ = _bids[bidId];
    if (bid_.owner == address(0)) revert UnknownBid(bidId);
  }

  function _requireOwner(uint256 bidId) private view returns (Bid storage bid_) {
    bid_ = _existing(bidId);
    if (msg.sender != bid_.owner) revert NotBidOwner(bidId, msg.sender);
  }

  /// @dev A clearing need not look at the tick again.
  function _forgetIfEmpty(Book storage book_, uint256 tick) private {
    FillAccumulator.Pool storage pool = book_.pools[tick];
    if (pool.total == 0 && pool.pending == 0) _served[book_.vault].ticksInUse &= ~uint64(1 << tick);
  }

  function _requireReceived(IERC20 token, uint256 balanceBefore, uint256 expected) private view {
    uint256 received = token.balanceOf(address(this)) - balanceBefore;
    if (received < expected) revert UnexpectedTransfer(address(token), received, expected);
  }
}
