// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BidState, BidView} from "../../../contracts/types/Bid.sol";
import {BidBook} from "../../../contracts/types/BidBook.sol";
import {BatchTest} from "../base/BatchTest.sol";
import {BatchHandler} from "./BatchHandler.sol";

/// @notice BAT-1 to BAT-3 over any sequence of bids, cancels, clearings, prices and times, on the real vault.
contract BatchInvariantTest is BatchTest {
  BatchHandler private _handler;

  function setUp() public {
    _deployBatch();
    _handler = new BatchHandler(vault, batch, loan, collateral, oracle);
    _lend(makeAddr("lender"), 10_000_000e6);
    for (uint256 i = 0; i < 3; ++i) {
      _open(_handler.borrowers()[i], (10 + 20 * i) * 1 ether, (10 + 20 * i) * 1_580e6);
    }
    targetContract(address(_handler));
  }

  /// @dev The random campaign clears seldom over several ticks: here it happens, or the laws above would say little.
  function test_batchesAreClearedOverSeveralTicks() public {
    for (uint256 i = 0; i < 60; ++i) {
      uint256 seed = uint256(keccak256(abi.encode(i)));
      _handler.recover();
      _handler.open(seed, seed);
      _handler.auction(seed);
      invariant_laws();
    }
    assertGe(_handler.orderedClearings(), 10, "clearings that left worse bids nothing");
  }

  /// @dev One function: the runner replays the whole campaign for each one.
  function invariant_laws() public view {
    (uint256 assets, uint256 bought) = batch.holdings(address(vault));
    uint256 open;
    uint256[64] memory active;
    uint256 pending;
    uint256 claimable;
    for (uint256 i = 1; i <= batch.bidCount(); ++i) {
      BidView memory bid = batch.bid(i);
      open += bid.open;
      claimable += bid.claimable;
      if (_handler.isActive(i, bid)) active[bid.tick] += bid.open;
      if (bid.state == BidState.PENDING) pending += bid.open;
    }
    // BAT-3: escrow = open bids + unclaimed fills, but for roundings, which stay: less than a unit where a bid sees its stake,
    // less than one where it leaves, and less than one for the last digits of all products together.
    uint256 roundings = 2 * batch.bidCount() + 1;
    assertGe(assets, open, "BAT-3 bids are there");
    assertLe(assets - open, roundings, "BAT-3 nothing else is");
    assertGe(bought, claimable, "BAT-3 fills are there");
    assertEq(loan.balanceOf(address(batch)), assets + _handler.donatedLoan(), "BAT-3 escrow is there");
    assertEq(collateral.balanceOf(address(batch)), bought + _handler.donatedCollateral(), "BAT-3 collateral is there");
    assertEq(loan.allowance(address(batch), address(vault)), 0, "no allowance is left");

    BidBook memory book = batch.book(address(vault));
    uint256 bookActive;
    uint256 bookPending;
    for (uint256 tick = 0; tick < 64; ++tick) {
      bookActive += book.active[tick];
      assertGe(book.active[tick], active[tick], "BAT-3 active");
      assertLe(book.active[tick] - active[tick], roundings, "BAT-3 active, nothing else");
      bookPending += book.pending[tick];
    }
    assertEq(bookPending, pending, "BAT-3 pending");
    assertLe(bookActive + bookPending, assets, "BAT-3 book");

    if (_handler.violationCount() != 0) revert(_handler.violations(0));
  }
}
