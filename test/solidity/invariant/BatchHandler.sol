// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";
import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {IVaultSales} from "../../../contracts/interfaces/IVaultSales.sol";
import {BidState, BidView} from "../../../contracts/types/Bid.sol";
import {BatchResult} from "../../../contracts/types/BidBook.sol";
import {SaleQuote} from "../../../contracts/types/TakeParams.sol";
import {IMintable, IMockOracle} from "../base/VaultTest.sol";

/// @notice Bidders, borrowers, keepers, price and time around one vault's batch auction. BAT-1 and BAT-2 are checked in every
/// clearing, bid by bid; a broken law is remembered by its id, since a revert would hide it.
contract BatchHandler is StdUtils {
  Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
  uint256 private constant _BORROWERS = 3;
  /// @dev A bid sees its stake rounded down, before a clearing and after it: what it spent is off by less than one unit each
  /// way. Products are kept to 95 bits at least, which is less than one unit more for all bids here together.
  uint256 private constant _ROUNDING = 3;

  IVault public immutable vault;
  IBatchAuctionLiquidator public immutable batch;
  IMintable public immutable loan;
  IMintable public immutable collateral;
  IMockOracle public immutable oracle;

  string[] public violations;
  /// @dev Moment from which a bid takes part; the views tell it only of bids that were not cancelled.
  mapping(uint256 bidId => uint256) public activeFrom;
  uint256 public clearings;
  uint256 public partialClearings;
  /// @dev Clearings that had bids at more than one tick, and left some of them nothing: what tells better bids from worse.
  uint256 public orderedClearings;
  uint256 public fills;
  uint256 public withdrawals;
  uint256 public claims;
  uint256 public donatedLoan;
  uint256 public donatedCollateral;

  constructor(
    IVault vault_,
    IBatchAuctionLiquidator batch_,
    IMintable loan_,
    IMintable collateral_,
    IMockOracle oracle_
  ) {
    vault = vault_;
    batch = batch_;
    loan = loan_;
    collateral = collateral_;
    oracle = oracle_;
  }

  function violationCount() external view returns (uint256) {
    return violations.length;
  }

  function borrowers() public pure returns (address[] memory all) {
    all = new address[](_BORROWERS);
    for (uint256 i = 0; i < _BORROWERS; ++i) all[i] = address(uint160(0xB0000 + i));
  }

  // ------------------------------------------------------------------------------------------------------------- bidders

  function placeBid(uint256 seed, uint256 tick, uint256 assets) public {
    address bidder = address(uint160(0xD0000 + (seed % 4)));
    assets = bound(assets, 100e6, seed % 3 == 0 ? 120_000e6 : 8_000e6);
    loan.mint(bidder, assets);
    _VM.startPrank(bidder);
    loan.approve(address(batch), assets);
    uint256 bidId = batch.placeBid(address(vault), bound(tick, 0, 24), assets, bidder);
    activeFrom[bidId] = batch.nextBoundary();
    _VM.stopPrank();
  }

  function cancel(uint256 seed) external {
    (uint256 bidId, BidView memory bid) = _bidOf(seed);
    _VM.prank(bid.owner);
    batch.cancel(bidId);
  }

  function withdraw(uint256 seed) external {
    (uint256 bidId, BidView memory bid) = _bidOf(seed);
    if (bid.state != BidState.WITHDRAWABLE) return;
    uint256 before = loan.balanceOf(bid.owner);
    uint256 assets = batch.withdraw(bidId);
    if (assets != bid.open || loan.balanceOf(bid.owner) != before + assets) violations.push("BAT-3 withdraw");
    withdrawals += 1;
  }

  function claim(uint256 seed) external {
    (uint256 bidId, BidView memory bid) = _bidOf(seed);
    if (bid.claimable == 0) return;
    uint256 before = collateral.balanceOf(bid.owner);
    uint256 claimed = batch.claim(bidId);
    bool isPaid = collateral.balanceOf(bid.owner) == before + claimed;
    if (claimed != bid.claimable || !isPaid) violations.push("BAT-3 claim");
    claims += 1;
  }

  function donate(uint256 amount) external {
    amount = bound(amount, 1, 1e9);
    loan.mint(address(batch), amount);
    collateral.mint(address(batch), amount);
    donatedLoan += amount;
    donatedCollateral += amount;
  }

  // ------------------------------------------------------------------------------------------------------------ clearing

  function clear(uint256 seed) external {
    address[] memory all = borrowers();
    address[] memory listed = new address[](seed % 4 == 0 ? 1 : _BORROWERS);
    for (uint256 i = 0; i < listed.length; ++i) listed[i] = all[listed.length == 1 ? seed % _BORROWERS : i];
    _clear(listed);
  }

  function _clear(address[] memory listed) private {
    uint256 count = batch.bidCount();
    BidView[] memory before = new BidView[](count);
    for (uint256 i = 0; i < count; ++i) before[i] = batch.bid(i + 1);
    uint256[64] memory demand = batch.book(address(vault)).active;
    uint256 clock;
    for (uint256 i = 0; i < listed.length; ++i) clock = _max(clock, _clockPrice(listed[i]));

    _VM.recordLogs();
    BatchResult memory result;
    try batch.clear(address(vault), listed) returns (BatchResult memory result_) {
      result = result_;
    } catch (bytes memory reason) {
      if (bytes4(reason) != IBatchAuctionLiquidator.NothingToClear.selector) violations.push("clear reverts");
      return;
    }
    clearings += 1;
    if (result.payment < result.supply) partialClearings += 1;
    _checkOnePrice(_VM.getRecordedLogs(), result, clock);
    _checkFills(before, demand, result);
  }

  /// @dev BAT-1: every position went at the price of the batch, none under the clock.
  function _checkOnePrice(Vm.Log[] memory logs, BatchResult memory result, uint256 clock) private {
    uint256 paid;
    for (uint256 i = 0; i < logs.length; ++i) {
      if (logs[i].topics[0] != IVaultSales.Take.selector) continue;
      (uint256 repaid, uint256 penalty, , uint256 price) = abi.decode(
        logs[i].data,
        (uint256, uint256, uint256, uint256)
      );
      paid += repaid + penalty;
      if (price != result.price) violations.push("BAT-1");
    }
    if (paid != result.payment || paid > result.demand) violations.push("BAT-1 payment");
    if (result.price < clock) violations.push("BAT-1 bound");
  }

  /// @dev BAT-2: bids better than the last tick that was filled are spent, those worse or not active are untouched, those at it
  /// are filled pro rata; all got collateral at the one price.
  function _checkFills(BidView[] memory before, uint256[64] memory demand, BatchResult memory result) private {
    uint256 marginal = _marginalTick(demand, result.payment);
    if (_sumOf(demand) > _sumUpTo(demand, marginal)) orderedClearings += 1;
    if (marginal > result.tick) violations.push("BAT-2 worse than the price");
    uint256 activeAtMarginal;
    uint256 spentAtMarginal;
    uint256 countAtMarginal;
    for (uint256 i = 0; i < before.length; ++i) {
      if (!isActive(i + 1, before[i]) || before[i].tick != marginal) continue;
      activeAtMarginal += before[i].open;
      spentAtMarginal += before[i].open - batch.bid(i + 1).open;
      countAtMarginal += 1;
    }
    // What a unit of loan assets buys, rounded up.
    uint256 unit = result.collateral / result.payment + 1;
    for (uint256 i = 0; i < before.length; ++i) {
      BidView memory bid = batch.bid(i + 1);
      uint256 spent = before[i].open - bid.open;
      uint256 got = bid.claimable - before[i].claimable;
      if (!isActive(i + 1, before[i]) || before[i].tick > marginal) {
        if (spent != 0 || got != 0) violations.push("BAT-2 untouched");
        continue;
      }
      fills += 1;
      if (before[i].tick < marginal && bid.open != 0) violations.push("BAT-2 filled");
      if (before[i].tick == marginal) {
        // The sums are off by their bids' roundings, of which a bid's share has its part.
        uint256 share = (before[i].open * spentAtMarginal) / activeAtMarginal;
        if (_distance(spent, share) > _ROUNDING + countAtMarginal) violations.push("BAT-2 pro rata");
      }
      uint256 fair = (result.collateral * spent) / result.payment;
      if (_distance(got, fair) > unit * _ROUNDING) violations.push("BAT-2 collateral");
    }
  }

  /// @dev The tick at which the demand there and at better ones reaches the payment. The demand is the book's: the sum of what
  /// its bids see is some units less, and a payment that falls between the two would put the margin a tick too deep.
  function _marginalTick(uint256[64] memory demand, uint256 payment) private pure returns (uint256 tick) {
    for (uint256 sum = demand[0]; sum < payment; sum += demand[tick]) ++tick;
  }

  function _sumUpTo(uint256[64] memory demand, uint256 tick) private pure returns (uint256 sum) {
    for (uint256 i = 0; i <= tick; ++i) sum += demand[i];
  }

  function _sumOf(uint256[64] memory demand) private pure returns (uint256) {
    return _sumUpTo(demand, demand.length - 1);
  }

  // --------------------------------------------------------------------------------------------------------- the market

  function open(uint256 seed, uint256 collateral_) external {
    address borrower = borrowers()[seed % _BORROWERS];
    if (oracle.price().deciding < 1_500e24) return;
    if (vault.position(borrower).collateral == 0 && vault.debtOf(borrower) != 0) vault.realizeLoss(borrower);
    collateral_ = bound(collateral_, 1 ether, 50 ether);
    collateral.mint(borrower, collateral_);
    uint256 most = (((vault.position(borrower).collateral + collateral_) * oracle.price().deciding) / 1e36) * 79;
    uint256 debt = vault.debtOf(borrower);
    _VM.startPrank(borrower);
    collateral.approve(address(vault), collateral_);
    vault.supplyCollateral(collateral_, borrower);
    if (most / 100 > debt + 100e6) vault.borrow(most / 100 - debt, borrower, borrower);
    _VM.stopPrank();
  }

  function move(uint256 seed) external {
    uint256 price = oracle.price().deciding;
    price = (price * (9_400 + (seed % 1_150))) / 10_000;
    oracle.setPrice(bound(price, 1_000e24, 3_000e24));
  }

  /// @dev Back to a normal price, so that there is always something to lend against.
  function recover() external {
    oracle.setPrice(2_000e24);
  }

  function start(uint256 seed) external {
    vault.startSale(borrowers()[seed % _BORROWERS], address(0));
  }

  function sink(uint256 seed) external {
    _sink(borrowers()[seed % _BORROWERS], seed);
  }

  /// @return Whether its sale is live now.
  function _sink(address borrower, uint256 seed) private returns (bool) {
    uint256 collateral_ = vault.position(borrower).collateral;
    if (collateral_ == 0) return false;
    uint256 debt = vault.debtOf(borrower);
    oracle.setPrice(bound((debt * 1e36 * 100) / (collateral_ * (84 + (seed % 20))), 100e24, 3_000e24));
    if (vault.position(borrower).saleStartedAt == 0) vault.startSale(borrower, address(0));
    return true;
  }

  /// @dev A whole auction in one step: four bids at ticks near each other, a sale, the next boundaries, a clearing. Single steps
  /// seldom come in this order.
  function auction(uint256 seed) external {
    for (uint256 i = 0; i < 4; ++i)
      placeBid(seed >> (8 * i), (seed >> (8 * i + 40)) % 8, uint256(keccak256(abi.encode(seed, i))));
    address[] memory listed = new address[](1);
    listed[0] = borrowers()[seed % _BORROWERS];
    if (!_sink(listed[0], seed)) return;
    uint256 interval = batch.interval();
    _VM.warp((block.timestamp / interval + 2) * interval);
    _clear(listed);
  }

  function pass(uint256 time) external {
    _VM.warp(block.timestamp + bound(time, 1, 150));
  }

  // -------------------------------------------------------------------------------------------------------------- helpers

  function _bidOf(uint256 seed) private view returns (uint256 bidId, BidView memory bid) {
    bidId = 1 + (seed % batch.bidCount());
    bid = batch.bid(bidId);
  }

  /// @dev A bid that is cancelled in the interval in which it was placed never takes part, though it leaves at the boundary
  /// only.
  function isActive(uint256 bidId, BidView memory bid) public view returns (bool) {
    if (bid.state == BidState.LEAVING) return block.timestamp >= activeFrom[bidId];
    return bid.state == BidState.OPEN;
  }

  /// @dev Of those that can be sold in this batch.
  function _clockPrice(address borrower) private view returns (uint256) {
    if (block.timestamp - vault.position(borrower).saleStartedAt < block.timestamp % batch.interval()) return 0;
    try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
      return quote.price;
    } catch {
      return 0;
    }
  }

  function _max(uint256 a, uint256 b) private pure returns (uint256) {
    return a > b ? a : b;
  }

  function _distance(uint256 a, uint256 b) private pure returns (uint256) {
    return a > b ? a - b : b - a;
  }
}
