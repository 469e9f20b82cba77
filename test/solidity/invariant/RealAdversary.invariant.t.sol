// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {ISalePolicy} from "../../../contracts/interfaces/ISalePolicy.sol";
import {CoverConfig} from "../../../contracts/types/Cover.sol";
import {RiskInputs} from "../../../contracts/types/SaleRisk.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {VaultConfig} from "../../../contracts/types/VaultConfig.sol";
import {RealPartsTest} from "../base/RealPartsTest.sol";
import {IManager} from "../base/VaultTest.sol";
import {AdversaryParts, RealAdversaryHandler} from "./RealAdversaryHandler.sol";

/// @notice ADV-1 with the real parts: oracle adapter, backstop, batch auction, direct sales into a real Uniswap v3 pool.
contract RealAdversaryInvariantTest is RealPartsTest {
  address private constant _ACTOR = address(0xBAD);

  AdversaryParts private _parts;
  IBackstop private _backstop;
  address private _policy;
  RealAdversaryHandler private _handler;

  function setUp() public {
    _deployVault();
    address lender = makeAddr("lender");
    _lend(lender, 10_000_000e6);
    _configure();
    _parts = AdversaryParts(
      vault,
      _adapter,
      _primary,
      _second,
      _direct,
      _batch,
      _backstop,
      _venue,
      _trader,
      loan,
      collateral,
      lender
    );
    _handler = new RealAdversaryHandler(_parts, _BOUND_BPS, false);
    targetContract(address(_handler));
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = _handler.oneBlock.selector;
    targetSelector(FuzzSelector(address(_handler), selectors));
  }

  function _beforeVault() internal override {
    super._beforeVault();
    _policy = deployCode(_artifact("liquidation", "SalePolicy"), abi.encode(manager));
    _backstop = IBackstop(
      deployCode(_artifact("backstop", "Backstop"), abi.encode(loan, "Backstop", "BS", 7 days, 2 days, manager))
    );
  }

  function _config() internal view override returns (VaultConfig memory config) {
    config = super._config();
    config.backstop = address(_backstop);
  }

  function _configure() private {
    _openDirectSales();
    RiskInputs memory market;
    market.volatility = 1e15;
    market.keeperMargin = 0.02e18;
    market.bidSpread = 0.02e18;
    market.depth = 90_000_000e6;
    market.blockTime = 12_000;
    market.batchInterval = 60;
    ISalePolicy(_policy).setInputs(address(vault), market);
    _backstop.setCover(address(vault), CoverConfig(1_000_000e6, _resale()));
    address holder = makeAddr("holder of the backstop");
    loan.mint(holder, 2_000_000e6);
    vm.startPrank(holder);
    loan.approve(address(_backstop), type(uint256).max);
    _backstop.deposit(2_000_000e6, holder);
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
      _direct.execute.selector,
      _batch.placeBid.selector,
      _batch.clear.selector,
      _batch.claim.selector,
      _batch.cancel.selector,
      _batch.withdraw.selector,
      _backstop.startCooldown.selector,
      _backstop.buy.selector,
      _backstop.buyInventory.selector,
      _backstop.deposit.selector
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
    _backstop.setCover(address(vault), CoverConfig(0, _resale()));
    RealAdversaryHandler governing = new RealAdversaryHandler(_parts, _BOUND_BPS, true);
    for (uint256 i = 0; i < 400; ++i) governing.oneBlockUndone(i);
    for (uint256 i = 0; i < 9; ++i) assertGe(governing.governed(i), 5, vm.toString(i));
    assertEq(governing.worst(), 0, "ADV-1");
  }

  /// @dev The shallowest discount admits the highest liquidation LTV: borrow at the top of the oracle's band, sell at its bottom.
  function test_ADV_1_theSettersThatLendMost() public {
    _grantGovernance();
    // Nobody bears losses before the lenders.
    _backstop.setCover(address(vault), CoverConfig(0, _resale()));
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
    _pushAnswers(answer, answer);
  }

  function _grantGovernance() private {
    bytes4[] memory selectors = new bytes4[](1);
    selectors[0] = _direct.setReferenceVenue.selector;
    IManager(manager).setTargetFunctionRole(address(_direct), selectors, GOVERNOR_ROLE);
    IManager(manager).grantRole(GOVERNOR_ROLE, _ACTOR, 0);
  }
}
