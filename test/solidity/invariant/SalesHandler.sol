// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../../../contracts/interfaces/IOracle.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {BatchResult} from "../../../contracts/types/BidBook.sol";
import {DirectSaleBounds, DirectSaleOrder, SalePart} from "../../../contracts/types/DirectSale.sol";
import {PauseBits} from "../../../contracts/types/Params.sol";
import {Position} from "../../../contracts/types/Position.sol";
import {OracleState, Price} from "../../../contracts/types/Price.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {SaleQuote, TakeParams} from "../../../contracts/types/TakeParams.sol";
import {Pools, PoolTrader} from "../base/PoolTest.sol";
import {IRoundFeed} from "../base/RealPartsTest.sol";
import {IMintable, IMockOracle, IMockRateModel} from "../base/VaultTest.sol";
import {VaultHandler} from "./VaultHandler.sol";

/// @notice The real adapter as a handler knows an oracle: what it is told becomes rounds of two feeds, which agree within the band
/// where it is FRESH, and do not where it is SUSPECT.
contract RoundOracle is IMockOracle {
  IOracle public immutable adapter;
  IRoundFeed public immutable primary;
  IRoundFeed public immutable second;

  uint256 private _rounds;

  constructor(IOracle adapter_, IRoundFeed primary_, IRoundFeed second_) {
    adapter = adapter_;
    primary = primary_;
    second = second_;
  }

  function setPrice(uint256 price_) external {
    _push(price_, 80);
  }

  function set(Price calldata price_) external {
    if (price_.state == OracleState.STALE) {
      primary.setMode(1);
      second.setMode(1);
    } else _push(price_.deciding, price_.state == OracleState.FRESH ? 250 : 450);
  }

  function price() external view returns (Price memory) {
    return adapter.price();
  }

  /// @dev The second source in turn above the first and below it.
  function _push(uint256 deciding, uint256 offBps) private {
    primary.setMode(0);
    second.setMode(0);
    uint256 bps = ++_rounds % 2 == 0 ? 10_000 + offBps : 10_000 - offBps;
    primary.pushAnswer(int256(deciding / 1e16));
    second.pushAnswer(int256((deciding * bps) / 1e20));
  }
}

/// @notice What direct sales and batches are made of.
struct SalesParts {
  IDirectSaleLiquidator direct;
  IBatchAuctionLiquidator batch;
  address venue;
  PoolTrader trader;
}

/// @notice Everybody's hands on a vault with all ways of selling: takes at the clock's price, direct sales into a real pool,
/// clearings of a real batch auction. The pool follows the oracle, more or less.
contract SalesHandler is VaultHandler {
  IDirectSaleLiquidator public immutable direct;
  IBatchAuctionLiquidator public immutable batch;
  address public immutable venue;
  PoolTrader public immutable trader;
  address public constant BIDDER = address(0xB1D);

  /// @dev A position as it was before the step.
  struct Before {
    Position position;
    uint256 debt;
    uint256 price;
    uint256 ownSeconds;
    bool isForSale;
  }

  mapping(address borrower => Before) private _befores;
  /// @dev Terms of a live sale, by their hash.
  mapping(address borrower => bytes32) private _termsOf;
  uint256 private _cashBefore;
  uint256 private _timeBefore;
  bytes32 private _oracleBefore;
  uint256 private _lastPrice;
  uint256 private _offBps = 10_000;
  uint256[] private _bids;

  constructor(
    SalesParts memory parts,
    IVault vault_,
    IMintable loan_,
    IMintable collateral_,
    IMockOracle oracle_,
    IMockRateModel rateModel_,
    address governor_
  ) VaultHandler(vault_, loan_, collateral_, oracle_, rateModel_, governor_) {
    direct = parts.direct;
    batch = parts.batch;
    venue = parts.venue;
    trader = parts.trader;
    loan_.mint(BIDDER, 1e30);
    _VM.prank(BIDDER);
    loan_.approve(address(parts.batch), type(uint256).max);
  }

  // -------------------------------------------------------------------------------------------------------- every step

  function _before() internal override {
    _timeBefore = block.timestamp;
    _cashBefore = vault.accruedTotals().cash;
    _oracleBefore = _oracleNow();
    for (uint256 i = 0; i < borrowers.length; ++i) {
      Before storage before = _befores[borrowers[i]];
      before.position = vault.position(borrowers[i]);
      before.debt = vault.debtOf(borrowers[i]);
      before.isForSale = false;
      try vault.quoteTake(borrowers[i]) returns (SaleQuote memory quote) {
        before.isForSale = true;
        before.price = quote.price;
        before.ownSeconds = quote.ownSeconds;
      } catch {
        before.price = 0;
      }
    }
  }

  function _after(bytes32) internal override {
    uint256 price = oracle.price().deciding;
    if (price != _lastPrice && price != 0) {
      _lastPrice = price;
      trader.moveTo(_sqrtOf((price * _offBps) / _BPS));
    }
    for (uint256 i = 0; i < borrowers.length; ++i) {
      _checkPrice(borrowers[i]);
      _checkTerms(borrowers[i]);
    }
  }

  /// @dev AUC-1 at a fixed oracle. At one moment no act lowers the price of a sale whose debt it leaves; in time that counts it does
  /// not rise, but for the debt's own growth.
  function _checkPrice(address borrower) private {
    Before storage before = _befores[borrower];
    if (!before.isForSale || _oracleNow() != _oracleBefore) return;
    try vault.quoteTake(borrower) returns (SaleQuote memory quote) {
      Position memory position = vault.position(borrower);
      if (block.timestamp == _timeBefore) {
        if (vault.debtOf(borrower) == before.debt && quote.price < before.price) _violated("AUC-1 a sale lowered it");
        calls["seen at one moment"] += 1;
        return;
      }
      bool isSold = position.collateral != before.position.collateral || vault.accruedTotals().cash > _cashBefore;
      if (isSold || quote.ownSeconds != before.ownSeconds + block.timestamp - _timeBefore) return;
      SaleTerms memory terms = vault.terms(position.termsId);
      uint256 owed = vault.debtOf(borrower) * (_BPS + terms.penaltyBps);
      bool isCovering = quote.price * position.collateral <= owed * (1e36 / _BPS) + position.collateral;
      if (quote.price > before.price && !isCovering) _violated("AUC-1 it rose in live time");
      calls["seen over time"] += 1;
    } catch {
      calls["no longer for sale"] += 1;
    }
  }

  /// @dev AUC-2, whatever terms the vault was given since.
  function _checkTerms(address borrower) private {
    Position memory position = vault.position(borrower);
    if (position.saleStartedAt == 0) {
      delete _termsOf[borrower];
      return;
    }
    bytes32 terms = keccak256(abi.encode(position.termsId, vault.terms(position.termsId)));
    // Another version only where a lapsed sale was started afresh.
    bool isFresh = position.saleStartedAt >= _timeBefore || !_befores[borrower].isForSale;
    if (_termsOf[borrower] != 0 && _termsOf[borrower] != terms && !isFresh) _violated("AUC-2");
    _termsOf[borrower] = terms;
  }

  function _oracleNow() private view returns (bytes32) {
    Price memory price = oracle.price();
    return keccak256(abi.encode(price.deciding, price.low, price.high, price.state));
  }

  // ------------------------------------------------------------------------------------------------------- direct sales

  /// @dev A sale into the pool, for the lowest price that the vault may be paid or up to half a per cent more.
  function sellDirectly(uint256 seed, uint256 maxRepay, uint256 aboveBps, bool all) external step("sellDirectly") {
    address borrower = _borrower(seed);
    uint256 debt = vault.debtOf(borrower);
    if (debt == 0) return;
    maxRepay = all ? type(uint256).max : bound(maxRepay, 1, debt);
    DirectSaleBounds memory bounds;
    try direct.bounds(address(vault), borrower) returns (DirectSaleBounds memory bounds_) {
      bounds = bounds_;
    } catch {
      // Any price: it must not be sold.
      if (_executes(borrower, maxRepay, oracle.price().deciding)) _violated("LIQ-1 sold without bounds");
      calls["no direct sale"] += 1;
      return;
    }
    uint256 least = (bounds.mean * (1e18 - bounds.maxLoss)) / 1e18 + 1;
    _sellDirectly(borrower, maxRepay, (least * (_BPS + bound(aboveBps, 0, 50))) / _BPS, bounds);
  }

  function _sellDirectly(address borrower, uint256 maxRepay, uint256 price, DirectSaleBounds memory bounds) private {
    uint256 poolBefore = _poolPrice();
    Price memory said = oracle.price();
    if (!_executes(borrower, maxRepay, price)) {
      calls["direct sale refused"] += 1;
      return;
    }
    calls[said.state == OracleState.SUSPECT ? bytes32("sold directly, SUSPECT") : bytes32("sold directly")] += 1;
    if (bounds.fall != 0) calls["sold in a fall"] += 1;
    if (bounds.leastBefore != 0) calls["sold under water"] += 1;
    Before memory before = _befores[borrower];
    uint256 highest = bounds.mean > said.deciding ? bounds.mean : said.deciding;
    uint256 most = _debtLimit(before.position.collateral, highest, vault.liquidationLtvBps());
    if (before.debt <= most) _violated("LIQ-1 healthy at the market");
    if (said.state == OracleState.STALE) _violated("LIQ-1 sold while STALE");
    _checkPool(poolBefore, bounds);
    _checkSold(borrower, price, said.deciding, maxRepay == type(uint256).max);
    if (loan.balanceOf(address(direct)) + collateral.balanceOf(address(direct)) != 0) _violated("custody");
  }

  /// @dev The bound that moves with the market, by itself.
  function _checkPool(uint256 poolBefore, DirectSaleBounds memory bounds) private {
    uint256 highest = poolBefore > bounds.mean ? poolBefore : bounds.mean;
    uint256 least = (highest * (1e18 - bounds.impact)) / 1e18;
    if (bounds.leastPrice > least) least = bounds.leastPrice;
    if (_poolPrice() < least) _violated("the pool ended under the bound");
    if (poolBefore < bounds.leastBefore) _violated("the pool stood under the oracle");
  }

  function _executes(address borrower, uint256 maxRepay, uint256 price) private returns (bool) {
    SalePart[] memory parts = new SalePart[](1);
    parts[0] = SalePart(venue, 1e18);
    DirectSaleOrder memory order = DirectSaleOrder(
      address(vault),
      borrower,
      parts,
      price,
      maxRepay,
      true,
      KEEPER,
      block.timestamp
    );
    _VM.prank(KEEPER);
    try direct.execute(order) {
      return true;
    } catch {
      return false;
    }
  }

  // ------------------------------------------------------------------------------------------------------------ batches

  function placeBid(uint256 tick, uint256 assets) external step("placeBid") {
    _VM.prank(BIDDER);
    _bids.push(batch.placeBid(address(vault), bound(tick, 0, 53), bound(assets, 100e6, 300_000e6), BIDDER));
  }

  /// @dev All positions together. The attacker's address is the lowest.
  function clear() external step("clear") {
    address[] memory listed = new address[](borrowers.length);
    listed[0] = ATTACKER;
    for (uint256 i = 1; i < listed.length; ++i) listed[i] = borrowers[i - 1];
    Price memory said = oracle.price();
    try batch.clear(address(vault), listed) returns (BatchResult memory result) {
      calls["cleared"] += 1;
      if (said.state == OracleState.SUSPECT) calls["cleared, SUSPECT"] += 1;
      for (uint256 i = 0; i < listed.length; ++i) {
        Before memory before = _befores[listed[i]];
        if (vault.position(listed[i]).collateral == before.position.collateral) continue;
        if (!before.isForSale) _violated("LIQ-1 cleared what is not for sale");
        if (result.price < before.price) _violated("BAT under the clock");
        _checkSold(listed[i], result.price, said.deciding, false);
      }
    } catch {
      calls["nothing to clear"] += 1;
    }
  }

  function leaveBatch(uint256 seed) external step("leaveBatch") {
    if (_bids.length == 0) return;
    uint256 bidId = _bids[seed % 2 == 0 ? _bids.length - 1 : seed % _bids.length];
    _VM.startPrank(BIDDER);
    try batch.claim(bidId) {
      calls["claimed"] += 1;
    } catch {
      calls["nothing to claim"] += 1;
    }
    try batch.cancel(bidId) {
      calls["cancelled"] += 1;
    } catch {
      calls["not cancelled"] += 1;
    }
    try batch.withdraw(bidId) {
      calls["withdrawn"] += 1;
    } catch {
      calls["nothing to withdraw"] += 1;
    }
    _VM.stopPrank();
  }

  // ---------------------------------------------------------------------------------------------------- what sales leave

  /// @dev LIQ-2 to LIQ-5 of one position of which something was sold away from the clock.
  function _checkSold(address borrower, uint256 price, uint256 deciding, bool all) private {
    Before memory before = _befores[borrower];
    Position memory left = vault.position(borrower);
    uint256 debt = vault.debtOf(borrower);
    // A sale that has ended keeps no number of its terms.
    SaleTerms memory terms = vault.terms(before.isForSale ? before.position.termsId : vault.params().termsId);
    if (left.collateral == 0 && debt != 0) _lowered = true;
    // A start's reward may have been added.
    uint256 owed = before.debt + (before.isForSale ? 0 : 100e6);
    bool covered = owed * (_BPS + terms.penaltyBps) <= ((before.position.collateral * price) / 1e36) * _BPS;
    if (covered && debt != 0 && debt * before.position.collateral > (owed + _unit()) * left.collateral)
      _violated("LIQ-2");
    bool isTarget = debt <= _debtLimit(left.collateral, deciding, terms.targetLtvBps) + 2 + _unit();
    if (all && debt != 0 && left.collateral != 0 && !isTarget) _violated("LIQ-3");
    _checkDust(borrower);
    if (debt + (vault.accruedTotals().cash - _cashBefore) + 2 + _unit() < before.debt) _violated("LIQ-5");
    _remember(borrower);
  }

  /// @dev LIQ-7, and that nothing is ever left which nobody may sell or can: whoever has the money takes the whole of any unhealthy
  /// position, whatever pools, bids and the vault's cash are like. Leaves no trace.
  function everythingSells(uint256 seed) external step("everythingSells") {
    address borrower = _borrower(seed);
    Position memory position = vault.position(borrower);
    Price memory said = oracle.price();
    bool isPaused = vault.params().pausedActions & PauseBits.SALES != 0;
    uint256 most = _debtLimit(position.collateral, said.startBound, vault.liquidationLtvBps());
    if (said.state == OracleState.STALE || isPaused || vault.debtOf(borrower) <= most || position.collateral == 0)
      return;
    uint256 id = _VM.snapshotState();
    _fundKeeper();
    TakeParams memory params = TakeParams(
      borrower,
      KEEPER,
      type(uint256).max,
      type(uint256).max,
      0,
      block.timestamp,
      ""
    );
    _VM.startPrank(KEEPER);
    bool isSold;
    try vault.startAndTake(params) {
      isSold = true;
    } catch {
      try vault.take(params) {
        isSold = true;
      } catch {
        isSold = false;
      }
    }
    _VM.stopPrank();
    _VM.revertToStateAndDelete(id);
    if (!isSold) _violated("LIQ-7 nobody can sell it");
    calls["everything sells"] += 1;
  }

  /// @dev LIQ-6: two takes get no more for their money than one of both. Leaves no trace.
  function split(uint256 seed, uint256 first) external step("split") {
    address borrower = _borrower(seed);
    if (!_befores[borrower].isForSale) return;
    SaleQuote memory quote = vault.quoteTake(borrower);
    first = bound(first, 1, quote.repay);
    _fundKeeper();
    uint256 id = _VM.snapshotState();
    (uint256 paidWhole, uint256 gotWhole, bool tookWhole) = _takes(borrower, type(uint256).max);
    _VM.revertToState(id);
    (uint256 paid, uint256 got, bool took) = _takes(borrower, first);
    (uint256 paidRest, uint256 gotRest, bool tookRest) = _takes(borrower, type(uint256).max);
    _VM.revertToStateAndDelete(id);
    if (!tookWhole || !took || !tookRest) return;
    calls["split"] += 1;
    // The dearer of both prices by a unit of each payment.
    if ((got + gotRest) * paidWhole > gotWhole * (paid + paidRest + 2 * _unit() + 2)) _violated("LIQ-6");
  }

  function _takes(address borrower, uint256 maxRepay) private returns (uint256 paid, uint256 got, bool took) {
    TakeParams memory params = TakeParams(borrower, KEEPER, maxRepay, type(uint256).max, 0, block.timestamp, "");
    _VM.prank(KEEPER);
    try vault.take(params) returns (uint256 payment, uint256 collateral_) {
      return (payment, collateral_, true);
    } catch {
      return (0, 0, false);
    }
  }

  // ------------------------------------------------------------------------------------------------------------- market

  /// @dev Where the pool stands beside the oracle from now on.
  function movePool(uint256 bps) external step("movePool") {
    _offBps = bound(bps, 9_900, 10_200);
    uint256 price = oracle.price().deciding;
    if (price != 0) trader.moveTo(_sqrtOf((price * _offBps) / _BPS));
  }

  /// @dev A fall within a minute that feed and pool both show, a block before now.
  function crash(uint256 seed, uint256 bps) external {
    this.aimPrice(seed, 10_300);
    this.passBlock();
    this.fallBy(bps);
    this.passBlock();
  }

  function passBlock() external step("passBlock") {
    _pass(12);
  }

  function fallBy(uint256 bps) external step("fallBy") {
    uint256 price = oracle.price().deciding;
    if (price > 300e24) oracle.setPrice((price * (_BPS - bound(bps, 300, 1_800))) / _BPS);
  }

  function nextBoundary() external step("nextBoundary") {
    _pass(batch.nextBoundary() - block.timestamp);
  }

  function _poolPrice() private returns (uint256) {
    return IVenue(venue).quote(address(collateral), 1e9).priceBefore;
  }

  /// @param price 1e36 scale, of a collateral of 18 decimals in a loan asset of 6.
  function _sqrtOf(uint256 price) private view returns (uint160) {
    return Pools.sqrtPriceX96(address(collateral) < address(loan) ? price / 1e18 : 1e54 / price);
  }
}
