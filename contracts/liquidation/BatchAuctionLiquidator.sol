// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
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

  /// @dev Bids of one vault and what is held for them. `ticksInUse` has the bit of every tick at which something may be bid.
  struct Book {
    uint128 loan;
    uint128 collateral;
    uint64 ticksInUse;
    FillAccumulator.Pool[BID_TICKS] pools;
  }

  /// @dev What a clearing would do.
  struct Plan {
    BatchClearing.Clearing clearing;
    uint256[BID_TICKS] demand;
  }

  /// @inheritdoc IBatchAuctionLiquidator
  address public immutable vaultFactory;
  /// @inheritdoc IBatchAuctionLiquidator
  uint256 public immutable tickBps;
  /// @inheritdoc IBatchAuctionLiquidator
  uint256 public immutable interval;

  /// @inheritdoc IBatchAuctionLiquidator
  uint256 public bidCount;
  mapping(uint256 bidId => Bid) private _bids;
  mapping(address vault => Book) private _books;

  /// @param vaultFactory_ `IVaultFactory` whose vaults are served.
  /// @param tickBps_ Discount from one tick to the next, bps; 64 ticks should span the deepest discount of the vaults.
  /// @param interval_ Seconds from one boundary to the next.
  constructor(address vaultFactory_, uint256 tickBps_, uint256 interval_) {
    if (tickBps_ == 0 || tickBps_ * (BID_TICKS - 1) >= _BPS || interval_ == 0) {
      revert InvalidConfig(tickBps_, interval_);
    }
    vaultFactory = vaultFactory_;
    tickBps = tickBps_;
    interval = interval_;
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
    _requireServed(vault);
    // Passed over where it fails: somebody may have sent it first; without an allowance the transfer says so.
    LibCall.tryCall(
      IVault(vault).asset(),
      0,
      gasleft(),
      0,
      abi.encodeCall(IERC20Permit.permit, (msg.sender, address(this), assets, deadline, v, r, s))
    );
    return _placeBid(vault, tick, assets, owner);
  }

  function _placeBid(address vault, uint256 tick, uint256 assets, address owner) private returns (uint256 bidId) {
    _requireServed(vault);
    if (tick >= BID_TICKS) revert InvalidTick(tick);
    if (owner == address(0)) revert InvalidOwner();
    uint256 minimum = Math.max(IVault(vault).minDebt(), 1);
    if (assets < minimum) revert BidTooSmall(assets, minimum);

    uint256 boundary = _boundary();
    Book storage book_ = _books[vault];
    book_.pools[tick].enter(assets, boundary);
    book_.loan = (book_.loan + assets).toUint128();
    book_.ticksInUse |= uint64(1 << tick);
    bidId = ++bidCount;
    Bid storage bid_ = _bids[bidId];
    bid_.vault = vault;
    bid_.tick = uint8(tick);
    bid_.placedIn = uint40(boundary);
    bid_.owner = owner;
    bid_.assets = uint128(assets);
    emit BidPlaced(bidId, vault, owner, msg.sender, tick, assets, (boundary + 1) * interval);

    IERC20 token = IERC20(IVault(vault).asset());
    uint256 balanceBefore = token.balanceOf(address(this));
    token.safeTransferFrom(msg.sender, address(this), assets);
    _requireReceived(token, balanceBefore, assets);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function cancel(uint256 bidId) external nonReentrant {
    Bid storage bid_ = _requireOwner(bidId);
    if (bid_.cancelledIn != 0) revert BidNotOpen(bidId);
    uint256 boundary = _boundary();
    FillAccumulator.Pool storage pool = _books[bid_.vault].pools[bid_.tick];
    pool.fold(boundary);
    if (bid_.placedIn == boundary) pool.undoEntry(bid_.assets);
    else if (pool.exit(bid_.assets, bid_.placedIn, boundary) == 0) revert BidNotOpen(bidId);
    bid_.cancelledIn = uint40(boundary);
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
    BidView memory now_ = _view(bid_);
    if (now_.state != BidState.WITHDRAWABLE) revert NothingToWithdraw(bidId);
    assets = now_.open;
    bid_.withdrawn = true;
    Book storage book_ = _books[now_.vault];
    book_.pools[now_.tick].fold(_boundary());
    _forgetIfEmpty(book_, now_.tick);
    book_.loan = uint128(book_.loan - assets);
    emit BidWithdrawn(bidId, now_.owner, assets);
    IERC20(IVault(now_.vault).asset()).safeTransfer(receiver, assets);
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
    BidView memory now_ = _view(bid_);
    collateral = now_.claimable;
    if (collateral == 0) revert NothingToClaim(bidId);
    bid_.claimed = (bid_.claimed + collateral).toUint128();
    Book storage book_ = _books[now_.vault];
    book_.collateral = uint128(book_.collateral - collateral);
    emit CollateralClaimed(bidId, now_.owner, collateral);
    IERC20(IVault(now_.vault).collateralAsset()).safeTransfer(receiver, collateral);
  }

  // ------------------------------------------------------------------------------------------------------------ clearing

  /// @inheritdoc IBatchAuctionLiquidator
  function clear(
    address vault,
    address[] calldata borrowers
  ) external nonReentrant returns (BatchResult memory result) {
    Plan memory plan = _plan(IVault(vault), borrowers);
    if (plan.clearing.payment == 0) revert NothingToClear();
    (uint256 payment, uint256 collateral) = _buy(IVault(vault), borrowers, plan.clearing);
    _distribute(_books[vault], plan.demand, payment, collateral);
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
    Plan memory plan = _plan(IVault(vault), borrowers);
    BatchClearing.Clearing memory clearing = plan.clearing;
    uint256 collateral;
    for (uint256 i = 0; i < clearing.repays.length; ++i) {
      uint256 repay = clearing.repays[i];
      if (repay == 0) continue;
      collateral += IVault(vault).quoteSell(borrowers[i], clearing.price, repay).collateral;
    }
    return _result(clearing, clearing.payment, collateral);
  }

  function _plan(IVault vault, address[] calldata borrowers) private view returns (Plan memory plan) {
    _requireServed(address(vault));
    Price memory price = IOracle(vault.oracle()).price();
    if (price.state == OracleState.STALE) revert IVaultSales.OracleStale();
    BatchClearing.Batch memory batch = _collect(vault, borrowers, price);
    if (batch.bound == 0) return plan;
    uint256 within = BatchClearing.ticksWithin(batch.deciding, batch.bound, batch.tickBps);
    Book storage book_ = _books[address(vault)];
    uint256 ticksInUse = book_.ticksInUse;
    uint256 boundary = _boundary();
    for (uint256 tick = 0; tick < within; ++tick) {
      if ((ticksInUse >> tick) & 1 != 0) plan.demand[tick] = book_.pools[tick].totalAt(boundary);
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
    batch.minDebt = vault.minDebt();
    batch.tickBps = tickBps;
    batch.lots = new BatchClearing.Lot[](borrowers.length);
    uint256 index = vault.accruedTotals().index;
    uint256 sinceBoundary = block.timestamp % interval;
    SaleTerms memory terms;
    uint256 termsId;
    for (uint256 i = 0; i < borrowers.length; ++i) {
      address borrower = borrowers[i];
      if (i != 0 && borrower <= borrowers[i - 1]) revert BorrowersNotAscending(borrowers[i - 1], borrower);
      (bool isForSale, SaleQuote memory quote) = _tryQuote(vault, borrower);
      if (!isForSale || quote.liveSeconds < sinceBoundary) continue;
      Position memory position = vault.position(borrower);
      if (position.termsId != termsId) {
        termsId = position.termsId;
        terms = vault.terms(termsId);
      }
      batch.bound = Math.max(batch.bound, _bound(vault, price, terms, quote, sinceBoundary));
      batch.lots[i].debt = InterestMath.toAssetsUp(position.scaledDebt, index);
      batch.lots[i].collateral = position.collateral;
      batch.lots[i].terms = terms;
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
    IVault vault,
    Price memory price,
    SaleTerms memory terms,
    SaleQuote memory quote,
    uint256 sinceBoundary
  ) private view returns (uint256 bound) {
    ICurve curve = ICurve(vault.curve());
    uint256 ownSeconds = Math.saturatingSub(quote.ownSeconds, sinceBoundary);
    uint256 anchor = price.deciding;
    if (price.state == OracleState.SUSPECT && price.high > anchor) {
      anchor += Math.ceilDiv((price.high - anchor) * curve.anchorGap(terms, ownSeconds), SaleMath.WAD);
    }
    int256 discount = curve.discount(terms, ownSeconds, Math.saturatingSub(quote.vaultSeconds, sinceBoundary));
    bound = Math.max(quote.price, SaleMath.salePrice(anchor, price.low, discount, terms.maxDiscountBps));
    if (ownSeconds < interval) bound = Math.max(bound, SaleMath.floorPrice(price.deciding, terms.holdBps));
  }

  /// @dev Buys with the bids' money: exactly what the plan says may be paid, and no allowance is left.
  function _buy(
    IVault vault,
    address[] calldata borrowers,
    BatchClearing.Clearing memory clearing
  ) private returns (uint256 payment, uint256 collateral) {
    IERC20 loan = IERC20(vault.asset());
    IERC20 bought = IERC20(vault.collateralAsset());
    uint256 loanBefore = loan.balanceOf(address(this));
    uint256 boughtBefore = bought.balanceOf(address(this));
    (address[] memory sold, uint256 repay) = _sold(borrowers, clearing.repays);
    loan.forceApprove(address(vault), clearing.payment);
    (payment, collateral) = vault.sell(SellParams(sold, address(this), repay, clearing.price, ""));
    loan.forceApprove(address(vault), 0);
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
    book_.loan = uint128(book_.loan - payment);
    book_.collateral = (book_.collateral + collateral).toUint128();
    uint256 boundary = _boundary();
    uint256[BID_TICKS] memory fills = BatchClearing.split(demand, payment);
    for (uint256 tick = 0; tick < BID_TICKS; ++tick) {
      if (fills[tick] == 0) continue;
      FillAccumulator.Pool storage pool = book_.pools[tick];
      pool.fold(boundary);
      pool.fill(fills[tick], Math.mulDiv(collateral, fills[tick], payment));
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
    return _view(_existing(bidId));
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function book(address vault) external view nonReentrantView returns (BidBook memory result) {
    uint256 boundary = _boundary();
    for (uint256 tick = 0; tick < BID_TICKS; ++tick) {
      FillAccumulator.Pool storage pool = _books[vault].pools[tick];
      result.active[tick] = pool.totalAt(boundary);
      result.pending[tick] = pool.pendingAt(boundary);
    }
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function holdings(address vault) external view nonReentrantView returns (uint256 assets, uint256 collateral) {
    return (_books[vault].loan, _books[vault].collateral);
  }

  /// @inheritdoc IBatchAuctionLiquidator
  function nextBoundary() external view returns (uint256) {
    return (_boundary() + 1) * interval;
  }

  function _view(Bid storage bid_) private view returns (BidView memory result) {
    result.vault = bid_.vault;
    result.owner = bid_.owner;
    result.tick = bid_.tick;
    result.assets = bid_.assets;
    uint256 boundary = _boundary();
    uint256 placedIn = bid_.placedIn;
    uint256 cancelledIn = bid_.cancelledIn;
    if (placedIn == boundary || placedIn == cancelledIn) {
      result.open = result.assets;
    } else {
      FillAccumulator.Pool storage pool = _books[result.vault].pools[result.tick];
      bool isOut = cancelledIn != 0 && cancelledIn != boundary;
      FillAccumulator.Snapshot memory out = isOut ? pool.stateAt(cancelledIn) : pool.current();
      uint256 got;
      (result.open, got) = pool.position(result.assets, pool.stateAt(placedIn), out);
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
    if (pool.total == 0 && pool.pending == 0) book_.ticksInUse &= ~uint64(1 << tick);
  }

  function _requireServed(address vault) private view {
    bool isServed = IVaultFactory(vaultFactory).isVault(vault) && IVault(vault).batchLiquidator() == address(this);
    if (!isServed) revert UnknownVault(vault);
  }

  function _requireReceived(IERC20 token, uint256 balanceBefore, uint256 expected) private view {
    uint256 received = token.balanceOf(address(this)) - balanceBefore;
    if (received < expected) revert UnexpectedTransfer(address(token), received, expected);
  }
}
