// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RealPartsTest} from "../base/RealPartsTest.sol";
import {RoundOracle, SalesHandler, SalesParts} from "./SalesHandler.sol";
import {VaultLaws} from "./VaultLaws.sol";

/// @notice The laws of sales, LIQ-1 to LIQ-7 and AUC-1 to AUC-3, over any sequence of takes, direct sales into a real pool and
/// clearings of the real batch auction, on the real oracle adapter, FRESH, SUSPECT and STALE.
contract SalesInvariantTest is RealPartsTest, VaultLaws {
  SalesHandler private _handler;

  function setUp() public {
    _deployVault();
    _pushAnswers(2_000e8, 2_000e8);
    _openDirectSales();
    RoundOracle rounds = new RoundOracle(_adapter, _primary, _second);
    SalesParts memory parts = SalesParts(_direct, _batch, _venue, _trader);
    _handler = new SalesHandler(parts, vault, loan, collateral, rounds, rateModel, governor);
    _lend(makeAddr("first lender"), 50_000_000e6);
    targetContract(address(_handler));
  }

  /// @dev Some 14 million of each side: many sales are larger than what the bound lets through.
  function _liquidity() internal pure override returns (uint128) {
    return 3e17;
  }

  /// @dev All laws in one function: the runner replays the whole campaign for each one.
  function invariant_LIQ_1_to_7_and_AUC_1_to_3() public view {
    _checkLaws(_handler);
  }

  /// @dev That the laws were tried: each way of selling went through, in each state.
  function test_theHandlerDoesRealWork() public {
    for (uint256 i = 0; i < 900; ++i) {
      _act(uint256(keccak256(abi.encode(i))));
      if (i % 50 == 0) _checkLaws(_handler);
    }
    _checkLaws(_handler);
    string[16] memory acts = [
      "sold directly",
      "sold directly, SUSPECT",
      "sold in a fall",
      "sold under water",
      "no direct sale",
      "direct sale refused",
      "cleared",
      "cleared, SUSPECT",
      "claimed",
      "withdrawn",
      "young sale",
      "young sale under water",
      "everything sells",
      "split",
      "seen at one moment",
      "seen over time"
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.calls(bytes32(bytes(acts[i]))), 3, acts[i]);
  }

  /// @dev Mostly sales of positions around their limit, whose collateral no other act makes so large that no price reaches it.
  function _act(uint256 seed) private {
    uint256 what = seed % 26;
    uint256 a = seed >> 8;
    uint256 b = seed >> 80;
    if (what == 0) _handler.deposit(a, b);
    else if (what == 1) _handler.endSale(a);
    else if (what == 2) _crowd(b);
    else if (what == 3) _handler.takeMany(a);
    else if (what == 4) _handler.startSale(a, true);
    else if (what == 5) _handler.take(a, b, b % 2 == 0);
    else if (what == 6) _handler.startAndTake(a, b, b % 2 == 0);
    else if (what == 7) _handler.takeMany(b);
    else if (what == 8) _handler.movePrice(a, b);
    else if (what == 9) _handler.pass(a);
    else if (what == 10) _handler.passShort(a);
    else if (what == 11) _handler.placeBid(a, b);
    else if (what == 12) _clear(a, b);
    else if (what == 13) _handler.leaveBatch(a);
    else if (what == 14) _handler.movePool(a);
    else if (what == 15) _handler.everythingSells(a);
    else if (what == 16) _handler.split(a, b);
    else if (what == 17) _handler.realizeLoss(a);
    else if (what == 18) _handler.govern(a, b);
    else if (what == 19) _handler.aimPrice(a, b);
    else if (what == 20) _handler.touch(a);
    else if (what < 24) _sellDirectly(what, a, b);
    else _crash(what, a, b);
  }

  /// @dev Sales of alike positions that have run for a while, of which parts are taken one after the other: what each take does to
  /// the clock that all of them share.
  function _crowd(uint256 b) private {
    uint256 count = _handler.borrowerCount();
    for (uint256 i = 0; i < count; ++i) {
      _free(i);
      _handler.aimPrice(i, 9_950);
    }
    for (uint256 i = 0; i < count; ++i) _handler.startSale(i, false);
    for (uint256 minutes_ = 0; minutes_ < 4; ++minutes_) {
      for (uint256 i = 0; i < count; ++i) _handler.touch(i);
      _handler.passShort(60);
    }
    for (uint256 i = 0; i < count; ++i) _handler.take(i, 1_000e6 + ((b >> (16 * i)) % 60_000e6), false);
  }

  /// @dev Who lost everything can borrow again, and nothing is paused.
  function _free(uint256 a) private {
    _handler.govern(6, 0);
    _handler.realizeLoss(a);
  }

  /// @dev Bids near the oracle's price, the last of which leaves what is not filled.
  function _clear(uint256 a, uint256 b) private {
    _free(a);
    _handler.aimPrice(a, 9_700 + (b % 280));
    _handler.placeBid(b % 6, a);
    _handler.placeBid(a % 6, b);
    if (b % 2 == 0) _handler.movePrice(6, 10_000);
    _handler.nextBoundary();
    _handler.clear();
    _handler.leaveBatch(0);
    _handler.nextBoundary();
    _handler.leaveBatch(0);
  }

  /// @dev Of a position that is unhealthy, into a pool that has stood a little above the oracle for a while.
  function _sellDirectly(uint256 what, uint256 a, uint256 b) private {
    _free(a);
    _handler.aimPrice(a, 9_700 + (b % 280));
    _handler.movePool(10_000 + (a % 200));
    if (what != 21) _handler.movePrice(6, 10_000);
    _handler.passShort(12 + (a % 180));
    _handler.sellDirectly(a, 100e6 + (b % 20_000e6), 0, b % 4 == 0);
  }

  /// @dev Into a pool that has come down with the oracle, but for a hair.
  function _crash(uint256 what, uint256 a, uint256 b) private {
    _free(a);
    _handler.movePool(10_001 + (a % 40));
    // Either any fall or one that ends under water.
    _handler.crash(a, what == 24 ? b : 1_650 + (b % 50));
    _handler.startSale(a, true);
    _handler.sellDirectly(a, 100e6 + (b % 8_000e6), 0, b % 4 == 0);
    // On to where the collateral is worth less than the debt.
    if (what != 24) _handler.fallBy(1_500);
    _handler.everythingSells(a);
    _handler.split(a, b);
    _handler.take(a, b, true);
  }
}
