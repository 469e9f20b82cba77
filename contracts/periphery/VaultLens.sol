// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {MetadataReaderLib} from "solady/src/utils/MetadataReaderLib.sol";
import {ICurve} from "../interfaces/ICurve.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IRateModel} from "../interfaces/IRateModel.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IVaultLens} from "../interfaces/IVaultLens.sol";
import {InterestMath} from "../libraries/InterestMath.sol";
import {Limits} from "../libraries/Limits.sol";
import {SaleClock} from "../libraries/SaleClock.sol";
import {SaleMath} from "../libraries/SaleMath.sol";
import {SalePrice} from "../libraries/SalePrice.sol";
import {Params, PauseBits} from "../types/Params.sol";
import {Position} from "../types/Position.sol";
import {OracleState, Price} from "../types/Price.sol";
import {SaleTerms} from "../types/SaleTerms.sol";
import {SaleQuote} from "../types/TakeParams.sol";
import {Totals} from "../types/Totals.sol";
import {PositionStatus, PositionView, TokenView, VaultView} from "../types/VaultView.sol";

/// @title VaultLens
/// @dev Works out what `VaultSales` would do from the same libraries, instead of asking the vault once a position: books,
/// price and parameters are read once a page. The tests hold both equal to the wei.
/// ASSUMPTIONS: the vault is one of the factory's; its curve answers, as the vault itself assumes. LIVENESS: an oracle or rate
/// model may do what it likes. While the vault is locked it shows nothing. ROUNDING: as the vault's, each named in the types.
contract VaultLens is IVaultLens {
  /// @dev Enough for three sources that use all they are given and two that are walked back.
  uint256 private constant _ORACLE_GAS = 5_000_000;
  uint256 private constant _PRICE_BYTES = 224;

  /// @dev What is read once, however many positions follow.
  struct Page {
    IVault vault;
    ICurve curve;
    uint256 minDebt;
    Totals totals;
    Params params;
    Price price;
    uint256 clocksRestartedAt;
    uint256 liquidationLtvBps;
    uint256 termsId;
    SaleTerms terms;
  }

  // --------------------------------------------------------------------------------------------------------------- vault

  /// @inheritdoc IVaultLens
  function vault(address vault_) external view returns (VaultView memory shown) {
    Page memory page = _page(vault_);
    IVault source = page.vault;
    shown.vault = vault_;
    shown.shares = _token(vault_);
    shown.asset = _token(source.asset());
    shown.collateral = _token(source.collateralAsset());
    shown.oracle = source.oracle();
    shown.rateModel = source.rateModel();
    shown.curve = address(page.curve);
    shown.extension = source.extension();
    shown.directLiquidator = source.directLiquidator();
    shown.batchLiquidator = source.batchLiquidator();
    shown.backstop = source.backstop();
    shown.authority = IAccessManaged(vault_).authority();
    shown.totals = page.totals;
    shown.params = page.params;
    _loadTerms(page, page.params.termsId);
    shown.terms = page.terms;
    shown.reward = source.rewardConfig();
    shown.price = page.price;
    shown.totalAssets = source.totalAssets();
    shown.totalSupply = source.totalSupply();
    shown.markdown = source.markdown();
    shown.liquidationLtvBps = page.liquidationLtvBps;
    (shown.supplyCap, shown.borrowCap, shown.maxPositionDebt) = source.caps();
    shown.stressDepth = source.stressDepth();
    shown.minDebt = page.minDebt;
    if (!_clocksStandStill(page)) shown.vaultSeconds = _vaultSeconds(page);
    _showRates(page, shown);
  }

  function _showRates(Page memory page, VaultView memory shown) private view {
    Totals memory totals = page.totals;
    shown.totalDebt = InterestMath.toAssetsDown(totals.scaledDebt, totals.index);
    uint256 lent = shown.totalDebt + totals.cash;
    shown.utilisation = lent == 0 ? 0 : (shown.totalDebt * SaleMath.WAD) / lent;
    shown.borrowRate = _borrowRate(shown.rateModel, totals.rateState, shown.utilisation);
    shown.supplyRate =
      (shown.borrowRate * shown.utilisation * (SaleMath.BPS - page.params.reserveFactorBps)) /
      (SaleMath.WAD * SaleMath.BPS);
  }

  /// @dev Borrow rate as the vault charges it: the model's last state where the model fails.
  function _borrowRate(address rateModel, uint256 state, uint256 utilisation) private view returns (uint256 rate) {
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      rateModel,
      Limits.RATE_MODEL_GAS,
      64,
      abi.encodeCall(IRateModel.rate, (state, utilisation, 0))
    );
    rate = state;
    if (success && result.length == 64) (rate, ) = abi.decode(result, (uint256, uint256));
    rate = Math.min(rate, Limits.MAX_RATE);
  }

  function _token(address token) private view returns (TokenView memory) {
    return
      TokenView({
        token: token,
        name: MetadataReaderLib.readName(token),
        symbol: MetadataReaderLib.readSymbol(token),
        decimals: MetadataReaderLib.readDecimals(token)
      });
  }

  // ----------------------------------------------------------------------------------------------------------- positions

  /// @inheritdoc IVaultLens
  function positions(address vault_, address[] calldata borrowers) external view returns (PositionView[] memory shown) {
    Page memory page = _page(vault_);
    shown = new PositionView[](borrowers.length);
    for (uint256 i = 0; i < borrowers.length; ++i) _fill(shown[i], page, borrowers[i]);
  }

  /// @inheritdoc IVaultLens
  function actionable(
    address vault_,
    address[] calldata borrowers,
    uint256 offset,
    uint256 limit
  ) external view returns (PositionView[] memory found, uint256 next) {
    Page memory page = _page(vault_);
    uint256 length = Math.min(limit, Math.saturatingSub(borrowers.length, offset));
    next = Math.min(offset, borrowers.length) + length;
    found = new PositionView[](length);
    uint256 count;
    for (uint256 i = 0; i < length; ++i) {
      PositionView memory shown;
      _fill(shown, page, borrowers[offset + i]);
      if (_isActionable(shown.status)) found[count++] = shown;
    }
    // The only way to shorten an array.
    // solhint-disable-next-line no-inline-assembly
    assembly ("memory-safe") {
      mstore(found, count)
    }
  }

  function _isActionable(PositionStatus status) private pure returns (bool) {
    return
      status == PositionStatus.STARTABLE ||
      status == PositionStatus.FOR_SALE ||
      status == PositionStatus.RECOVERED ||
      status == PositionStatus.LAPSED ||
      status == PositionStatus.EMPTIED;
  }

  /// @dev Fills what the caller allocated: returning a struct would allocate it twice, and memory is what long pages cost.
  function _fill(PositionView memory shown, Page memory page, address borrower) private view {
    Position memory position = page.vault.position(borrower);
    shown.borrower = borrower;
    shown.collateral = position.collateral;
    shown.saleStartedAt = position.saleStartedAt;
    if (position.saleStartedAt != 0) shown.termsId = position.termsId;
    shown.debt = InterestMath.toAssetsUp(position.scaledDebt, page.totals.index);
    shown.value = SaleMath.value(position.collateral, page.price.deciding);
    shown.health = type(uint256).max;
    if (shown.debt == 0) return;

    uint256 most = SaleMath.maxDebt(position.collateral, page.price.deciding, page.liquidationLtvBps);
    shown.health = (most * SaleMath.WAD) / shown.debt;
    shown.ltv = shown.value == 0 ? type(uint256).max : Math.ceilDiv(shown.debt * SaleMath.WAD, shown.value);
    if (page.totals.marked) shown.mark = page.vault.markOf(borrower);
    if (position.saleStartedAt != 0) _loadTerms(page, position.termsId);
    shown.status = _statusOfDebt(page, shown, position, most);
    if (shown.status == PositionStatus.FOR_SALE) _quote(page, shown, position);
  }

  /// @param most Most debt at which the position is healthy.
  function _statusOfDebt(
    Page memory page,
    PositionView memory shown,
    Position memory position,
    uint256 most
  ) private view returns (PositionStatus) {
    if (shown.collateral == 0) return PositionStatus.EMPTIED;
    if (page.price.state == OracleState.STALE) return PositionStatus.FROZEN;
    bool hasSale = shown.saleStartedAt != 0;
    if (shown.debt <= most) {
      if (!hasSale) return PositionStatus.HEALTHY;
      bool recovered = shown.debt * Limits.RECOVERED_HEALTH_BPS <= most * SaleMath.BPS;
      if (!recovered) recovered = block.timestamp - shown.saleStartedAt > page.curve.secondsToHold(page.terms);
      return recovered ? PositionStatus.RECOVERED : PositionStatus.WAITING;
    }
    if (_clocksStandStill(page)) return PositionStatus.FROZEN;
    if (hasSale && SaleClock.isProven(position, page.terms, block.timestamp)) return PositionStatus.FOR_SALE;
    uint256 mostAtStart = SaleMath.maxDebt(shown.collateral, page.price.startBound, page.liquidationLtvBps);
    if (shown.debt <= mostAtStart) return PositionStatus.FROZEN;
    if (!hasSale) return PositionStatus.STARTABLE;
    bool lapsed = SaleClock.hasLapsed(position, page.terms, block.timestamp);
    return lapsed ? PositionStatus.LAPSED : PositionStatus.FOR_SALE;
  }

  // --------------------------------------------------------------------------------------------------------------- sales

  /// @dev What `IVaultSales.quoteTake` answers.
  function _quote(Page memory page, PositionView memory shown, Position memory position) private view {
    uint256 price = _salePrice(page, shown, position);
    SaleMath.Size memory size = SaleMath.closeAmount(
      shown.debt,
      shown.collateral,
      price,
      page.price.deciding,
      page.terms,
      page.minDebt
    );
    SaleQuote memory quote;
    SalePrice.fill(quote, size, shown.debt, shown.collateral, page.totals.index, price);
    shown.salePrice = quote.price;
    shown.closeAmount = quote.repay;
    shown.penalty = quote.penalty;
    shown.collateralOut = quote.collateral;
  }

  function _salePrice(
    Page memory page,
    PositionView memory shown,
    Position memory position
  ) private view returns (uint256) {
    SaleTerms memory terms = page.terms;
    uint256 ownSeconds = _ageSeconds(page, shown, position);
    uint256 atClock = SalePrice.atClock(page.curve, terms, page.price, ownSeconds, _vaultSeconds(page));
    uint256 liveSeconds = _liveSeconds(page, shown);
    return SalePrice.ofSale(atClock, terms, liveSeconds, position, page.totals.index, page.price.deciding);
  }

  function _liveSeconds(Page memory page, PositionView memory shown) private view returns (uint256) {
    return block.timestamp - Math.max(shown.saleStartedAt, page.clocksRestartedAt);
  }

  /// @dev Age of a sale as the vault reckons it: one that is not proven falls back.
  function _ageSeconds(
    Page memory page,
    PositionView memory shown,
    Position memory position
  ) private view returns (uint256) {
    uint256 live = _liveSeconds(page, shown);
    if (SaleClock.isProven(position, page.terms, block.timestamp)) return live;
    uint256 most = SaleMath.maxDebt(shown.collateral, page.price.high, page.liquidationLtvBps);
    if (page.price.state == OracleState.SUSPECT && shown.debt <= most) return 0;
    return Math.min(live, page.curve.secondsToHold(page.terms));
  }

  /// @dev Vault seconds, at most the horizon of the terms at hand.
  function _vaultSeconds(Page memory page) private view returns (uint256) {
    uint256 saleClock = page.totals.saleClock;
    return SaleClock.vaultSeconds(saleClock, page.clocksRestartedAt, page.terms.horizon, block.timestamp);
  }

  function _clocksStandStill(Page memory page) private pure returns (bool) {
    return page.price.state == OracleState.STALE || page.params.pausedActions & PauseBits.SALES != 0;
  }

  // -------------------------------------------------------------------------------------------------------------- reading

  function _page(address vault_) private view returns (Page memory page) {
    IVault source = IVault(vault_);
    page.vault = source;
    page.curve = ICurve(source.curve());
    page.minDebt = source.minDebt();
    page.totals = source.accruedTotals();
    page.params = source.params();
    page.liquidationLtvBps = source.liquidationLtvBps();
    uint256 lookBackTo = Math.max(page.totals.oracleAliveUntil, page.params.clocksRestartedAt);
    page.price = _price(source.oracle(), lookBackTo);
    // A return that has not come yet counts as now, as in the vault.
    uint256 liveSince = Math.min(page.price.liveSince, block.timestamp);
    page.clocksRestartedAt = Math.max(page.params.clocksRestartedAt, liveSince);
  }

  /// @dev Sales of a page mostly share their terms.
  function _loadTerms(Page memory page, uint256 termsId) private view {
    if (page.termsId == termsId) return;
    page.termsId = termsId;
    page.terms = page.vault.terms(termsId);
  }

  /// @dev The price that a sale would read; STALE where the vault could not use the answer either.
  function _price(address oracle, uint256 lookBackTo) private view returns (Price memory price) {
    uint256 since = block.timestamp > lookBackTo + Limits.LONGEST_SALE ? 0 : lookBackTo;
    (bool success, , bytes memory result) = LibCall.tryStaticCall(
      oracle,
      _ORACLE_GAS,
      uint16(_PRICE_BYTES),
      abi.encodeCall(IOracle.priceSince, (since))
    );
    if (!success || result.length != _PRICE_BYTES) return price;
    // Full words first: a decoder with types would revert on a state that is none.
    (, , , , , , uint256 state) = abi.decode(result, (uint256, uint256, uint256, uint256, uint256, uint256, uint256));
    if (state > uint256(type(OracleState).max)) return price;
    return abi.decode(result, (Price));
  }
}
