// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../../../contracts/interfaces/IOracle.sol";
import {ISalePolicy} from "../../../contracts/interfaces/ISalePolicy.sol";
import {CoverConfig} from "../../../contracts/types/Cover.sol";
import {RiskInputs} from "../../../contracts/types/SaleRisk.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {OracleConfig, SourceConfig, SourceKind} from "../../../contracts/types/SourceConfig.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {IMockFactory} from "../base/MockFactory.sol";
import {Pools} from "../base/PoolTest.sol";
import {IManager, VaultTest} from "../base/VaultTest.sol";
import {AdversaryParts, IRoundFeed, RealAdversaryHandler} from "./RealAdversaryHandler.sol";

/// @notice ADV-1 with the real parts: oracle adapter, backstop, batch auction, direct sales into a real Uniswap v3 pool.
contract RealAdversaryInvariantTest is VaultTest {
  /// @dev As the vault's `maxOracleStepBps`, and the adapter's `maxDisagreementBps`.
  uint256 private constant _BOUND_BPS = 300;
  address private constant _ACTOR = address(0xBAD);

  AdversaryParts private _parts;
  address private _policy;
  RealAdversaryHandler private _handler;

  function setUp() public {
    _deployVault();
    _parts.vault = vault;
    _parts.loan = loan;
    _parts.collateral = collateral;
    _parts.lender = makeAddr("lender");
    _lend(_parts.lender, 10_000_000e6);
    _configure();
    _handler = new RealAdversaryHandler(_parts, _BOUND_BPS, false);
    targetContract(address(_handler));
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = _handler.oneBlock.selector;
    targetSelector(FuzzSelector(address(_handler), selectors));
  }

  function _beforeVault() internal override {
    _parts.primary = _feed();
    _parts.second = _feed();
    _parts.oracle = IOracle(deployCode(_artifact("oracle", "OracleAdapter"), abi.encode(_oracleConfig(), manager)));
    address factory = deployCode(_artifact("mocks", "MockVaultFactory"));
    _policy = deployCode(_artifact("liquidation", "SalePolicy"), abi.encode(manager));
    _parts.direct = IDirectSaleLiquidator(
      deployCode(_artifact("liquidation", "DirectSaleLiquidator"), abi.encode(factory, manager))
    );
    _parts.batch = IBatchAuctionLiquidator(
      deployCode(_artifact("liquidation", "BatchAuctionLiquidator"), abi.encode(factory, 15, 60))
    );
    _parts.backstop = IBackstop(
      deployCode(_artifact("backstop", "Backstop"), abi.encode(loan, "Backstop", "BS", 7 days, 2 days, manager))
    );
    address pools = Pools.deployFactory();
    bool isCollateral0 = address(collateral) < address(loan);
    uint256 priceWad = isCollateral0 ? 2_000e6 : 1e38 / 2_000e8;
    _parts.trader = Pools.deployPool(pools, address(loan), address(collateral), 500, priceWad, 50);
    // Some 45 million of each side.
    _parts.trader.provide(1e18);
    _parts.venue = deployCode(
      "contracts/liquidation/venues/UniswapV3Venue.sol:UniswapV3Venue",
      abi.encode(pools, _parts.trader.pool(), uint32(12))
    );
  }

  function _feed() private returns (IRoundFeed feed) {
    feed = IRoundFeed(deployCode(_artifact("mocks", "MockAggregator"), abi.encode(8)));
    feed.pushAnswer(2_000e8);
  }

  function _oracleConfig() private view returns (OracleConfig memory config) {
    config.collateralAsset = address(collateral);
    config.loanAsset = address(loan);
    config.primary = SourceConfig(SourceKind.CHAINLINK, address(_parts.primary), 1 days, 1e24, 1e30);
    config.second = SourceConfig(SourceKind.CHAINLINK, address(_parts.second), 1 days, 1e24, 1e30);
    config.maxDisagreementBps = uint16(_BOUND_BPS);
    config.primaryGrace = 30 minutes;
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.oracle = address(_parts.oracle);
    config.directLiquidator = address(_parts.direct);
    config.batchLiquidator = address(_parts.batch);
    config.backstop = address(_parts.backstop);
  }

  /// @dev The test itself is the manager's admin, which governs what has no role.
  function _configure() private {
    IMockFactory(_parts.direct.vaultFactory()).setVault(address(vault), true);
    _parts.direct.setVenueListed(_parts.venue, true);
    _parts.direct.setReferenceVenue(address(vault), _parts.venue);
    RiskInputs memory market;
    market.volatility = 1e15;
    market.keeperMargin = 0.02e18;
    market.bidSpread = 0.02e18;
    market.depth = 90_000_000e6;
    market.blockTime = 12_000;
    market.batchInterval = 60;
    ISalePolicy(_policy).setInputs(address(vault), market);
    _parts.backstop.setCover(address(vault), CoverConfig(1_000_000e6, _resale()));
    address holder = makeAddr("holder of the backstop");
    loan.mint(holder, 2_000_000e6);
    vm.startPrank(holder);
    loan.approve(address(_parts.backstop), type(uint256).max);
    _parts.backstop.deposit(2_000_000e6, holder);
    vm.stopPrank();
  }

  /// @dev Shallower than what the backstop buys at.
  function _resale() private pure returns (SaleTerms memory resale) {
    resale = _terms();
    resale.startPremiumBps = 100;
    resale.holdBps = 50;
    resale.maxDiscountBps = 100;
  }

  function invariant_ADV_1() public view {
    if (_handler.violationCount() != 0) revert(_handler.violations(0));
  }

  /// @dev That the law was tried: every role acted, and not only once.
  function test_theActorGetsThroughInEveryRole() public {
    for (uint256 i = 0; i < 600; ++i) _handler.oneBlock(i);
    bytes4[20] memory acts = [
      vault.deposit.selector,
      vault.redeem.selector,
      vault.borrow.selector,
      vault.repay.selector,
      vault.startSale.selector,
      vault.take.selector,
      vault.startAndTake.selector,
      vault.takeMany.selector,
      vault.markDown.selector,
      vault.touch.selector,
      _parts.direct.execute.selector,
      _parts.batch.placeBid.selector,
      _parts.batch.clear.selector,
      _parts.batch.claim.selector,
      _parts.batch.cancel.selector,
      _parts.batch.withdraw.selector,
      _parts.backstop.startCooldown.selector,
      _parts.backstop.buy.selector,
      _parts.backstop.buyInventory.selector,
      _parts.backstop.deposit.selector
    ];
    for (uint256 i = 0; i < acts.length; ++i) assertGe(_handler.went(acts[i]), 5, vm.toString(bytes32(acts[i])));
    assertEq(_handler.violationCount(), 0, "ADV-1");
  }

  /// @dev That the law can be broken: with sources that he moves by 30% the same actor takes from lenders.
  function test_withoutTheBound_theActorTakesFromLenders() public {
    RealAdversaryHandler unbounded = new RealAdversaryHandler(_parts, 3_000, false);
    for (uint256 i = 0; i < 200 && unbounded.violationCount() == 0; ++i) unbounded.oneBlock(i);
    assertGt(unbounded.violationCount(), 0);
  }

  /// @dev He governs too, at once: the setters within one block.
  function test_governingToo() public {
    _grantGovernance();
    // Nobody bears losses before the lenders.
    _parts.backstop.setCover(address(vault), CoverConfig(0, _resale()));
    RealAdversaryHandler governing = new RealAdversaryHandler(_parts, _BOUND_BPS, true);
    for (uint256 i = 0; i < 400; ++i) governing.oneBlockUndone(i);
    for (uint256 i = 0; i < 9; ++i) assertGe(governing.governed(i), 5, vm.toString(i));
    assertEq(governing.worst(), 0, "ADV-1");
  }

  /// @dev The shallowest discount admits the highest liquidation LTV: borrow at the top of the oracle's band, sell at its bottom.
  function test_ADV_1_theSettersThatLendMost() public {
    _grantGovernance();
    // Nobody bears losses before the lenders.
    _parts.backstop.setCover(address(vault), CoverConfig(0, _resale()));
    SaleTerms memory terms = _terms();
    terms.maxDiscountBps = 2;
    terms.holdBps = 1;
    terms.penaltyBps = 0;
    uint256 before = vault.previewRedeem(vault.balanceOf(_parts.lender));
    vm.startPrank(_ACTOR);
    vault.setStressDepth(type(uint96).max);
    vault.setTerms(terms);
    // The second ramp makes the first one's end its beginning.
    vault.rampLiquidationLtv(9_990, 0);
    vault.rampLiquidationLtv(9_990, 0);
    vault.setBorrowLtv(9_690);
    _push(2_060e8);
    uint256 held = 4_000 ether;
    uint256 debt = (held * 2_060e24 * 9_690) / 1e40;
    vault.supplyCollateral(held, _ACTOR);
    // A raise of the borrow LTV counts an hour later only: he borrows what he could have before.
    vm.expectRevert();
    vault.borrow(debt, _ACTOR, _ACTOR);
    // A debt is rounded up: the last unit of the limit is out of reach.
    vault.borrow((held * 2_060e24 * 8_000) / 1e40 - 1, _ACTOR, _ACTOR);
    _push(1_940e8);
    try vault.startAndTake(_takeParams(_ACTOR, _ACTOR, type(uint256).max)) {
      if (vault.debtOf(_ACTOR) != 0) vault.realizeLoss(_ACTOR);
    } catch {
      assertEq(vault.markdown(), 0, "nothing is under water");
    }
    vm.stopPrank();
    assertGe(vault.previewRedeem(vault.balanceOf(_parts.lender)) + 1, before, "ADV-1");
  }

  function _push(uint256 answer) private {
    _parts.primary.pushAnswer(int256(answer));
    _parts.second.pushAnswer(int256(answer));
  }

  function _grantGovernance() private {
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = _parts.direct.setReferenceVenue.selector;
    IManager(manager).setTargetFunctionRole(address(_parts.direct), selectors, GOVERNOR_ROLE);
    IManager(manager).grantRole(GOVERNOR_ROLE, _ACTOR, 0);
  }
}
