// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DirectSaleBounds, DirectSaleOrder, SalePart} from "../../../contracts/types/DirectSale.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {SaleQuote} from "../../../contracts/types/TakeParams.sol";
import {Pools} from "../base/PoolTest.sol";
import {RealPartsTest} from "../base/RealPartsTest.sol";

/// @notice No position is ever left that nobody is allowed or able to sell: on the real vault, oracle adapter and pool, over states,
/// prices, ages, cash and depth.
contract SellableTest is RealPartsTest {
  uint256 private constant _COLLATERAL = 100 ether;
  uint256 private constant _DEBT = 150_000e6;
  address private _borrower = makeAddr("borrower");
  address private _lender = makeAddr("lender");
  address private _taker = makeAddr("taker");

  /// @dev What the market is like when the position is to be sold.
  /// @param price Loan tokens a collateral token, 8 decimals. @param offBps Second source beside the first.
  /// @param poolBps Pool beside the first source. @param liquidity Of the pool, on top of next to nothing.
  /// @param cash What is left in the vault. @param age Seconds since the sale began.
  struct Market {
    uint256 price;
    uint256 offBps;
    uint256 poolBps;
    uint256 liquidity;
    uint256 cash;
    uint256 age;
    bool isSecondDead;
  }

  function setUp() public {
    _deployVault();
    _pushAnswers(2_000e8, 2_000e8);
    _openDirectSales();
    _lend(_lender, 1_000_000e6);
    _open(_borrower, _COLLATERAL, _DEBT);
  }

  /// @dev Next to nothing: what more there is comes with each run.
  function _liquidity() internal pure override returns (uint128) {
    return 1e12;
  }

  function testFuzz_LIQ_7_whateverTheMarketIsLike_somebodySellsIt(Market memory market) public {
    _arrange(market);
    vault.startSale(_borrower, address(0));
    // A direct sale is an offer on top: where it is refused, nothing is lost by trying.
    if (_sellsDirectly() && vault.position(_borrower).saleStartedAt == 0) return;
    _passProven(market.age, market);
    SaleQuote memory quote = vault.quoteTake(_borrower);
    assertGt(quote.repay, 0);
    assertGt(quote.collateral, 0);
    _take(_taker, _borrower, type(uint256).max);
    assertTrue(!_isUnhealthy() || vault.position(_borrower).collateral == 0, "sold enough");
  }

  /// @dev And somebody wants to: within its time to hold, and the time in which an anchor slides to the deciding price, a sale that
  /// goes on is offered under that, however deep under water.
  function testFuzz_LIQ_7_itIsOfferedUnderTheMarketInTheEnd(Market memory market) public {
    _arrange(market);
    vault.startSale(_borrower, address(0));
    _passProven(14 * _terms().halfLife, market);
    assertLt(vault.quoteTake(_borrower).price, _adapter.price().deciding);
  }

  /// @dev A position whose collateral is worth nothing to the vault any more is still somebody's to close.
  function test_LIQ_7_worthNextToNothing() public {
    _pushAnswers(2e8, 2e8);
    vault.startSale(_borrower, address(0));
    _take(_taker, _borrower, type(uint256).max);
    assertEq(vault.position(_borrower).collateral, 0);
    vault.realizeLoss(_borrower);
    assertEq(vault.debtOf(_borrower), 0);
  }

  /// @dev The other half of the law: while no source is alive nobody may, whoever asks.
  function test_whileStale_nobodyMay() public {
    _pushAnswers(1_500e8, 1_500e8);
    vault.startSale(_borrower, address(0));
    _primary.setMode(1);
    _second.setMode(1);
    vm.expectRevert();
    vault.quoteTake(_borrower);
    assertFalse(_sellsDirectly());
  }

  function _arrange(Market memory market) private {
    market.price = bound(market.price, 100e8, 1_795e8);
    market.offBps = bound(market.offBps, 9_000, 11_000);
    market.poolBps = bound(market.poolBps, 5_000, 15_000);
    market.age = bound(market.age, 0, 6 hours);
    _trader.provide(uint128(bound(market.liquidity, 1, 1e18)));
    // Lenders take out what they can: a sale needs no cash of the vault.
    uint256 out = vault.accruedTotals().cash - bound(market.cash, 0, vault.accruedTotals().cash);
    vm.prank(_lender);
    if (out != 0) vault.withdraw(out, _lender, _lender);
    _push(market);
    uint256 pool = (market.price * market.poolBps) / BPS;
    _trader.moveTo(Pools.sqrtPriceX96(address(collateral) < address(loan) ? pool / 100 : 1e38 / pool));
    vm.warp(block.timestamp + 24);
    _push(market);
    OracleState state = _adapter.price().state;
    bool isNear = market.offBps >= BPS - _BOUND_BPS && market.offBps <= BPS + _BOUND_BPS;
    assertEq(uint256(state), uint256(isNear && !market.isSecondDead ? OracleState.FRESH : OracleState.SUSPECT));
  }

  function _push(Market memory market) private {
    _second.setMode(market.isSecondDead ? 1 : 0);
    _pushAnswers(market.price, (market.price * market.offBps) / BPS);
  }

  /// @dev Time in which somebody proves the position unhealthy within every half-life.
  function _passProven(uint256 time, Market memory market) private {
    uint256 step = _terms().halfLife / 2;
    for (; time > step; time -= step) {
      vm.warp(block.timestamp + step);
      _push(market);
      vault.touch(_borrower);
    }
    vm.warp(block.timestamp + time);
  }

  function _sellsDirectly() private returns (bool) {
    try _direct.bounds(address(vault), _borrower) returns (DirectSaleBounds memory bounds) {
      SalePart[] memory parts = new SalePart[](1);
      parts[0] = SalePart(_venue, WAD);
      uint256 price = (bounds.mean * (WAD - bounds.maxLoss)) / WAD + 1;
      DirectSaleOrder memory order = DirectSaleOrder(
        address(vault),
        _borrower,
        parts,
        price,
        type(uint256).max,
        false,
        _taker,
        block.timestamp
      );
      try _direct.execute(order) {
        return true;
      } catch {
        return false;
      }
    } catch {
      return false;
    }
  }

  function _isUnhealthy() private view returns (bool) {
    Price memory said = _adapter.price();
    uint256 value = (vault.position(_borrower).collateral * said.deciding) / 1e36;
    return vault.debtOf(_borrower) > (value * LLTV) / BPS;
  }
}
