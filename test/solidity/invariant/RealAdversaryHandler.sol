// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StdUtils} from "forge-std/StdUtils.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {Vm} from "forge-std/Vm.sol";
import {IBackstop} from "../../../contracts/interfaces/IBackstop.sol";
import {IBatchAuctionLiquidator} from "../../../contracts/interfaces/IBatchAuctionLiquidator.sol";
import {IDirectSaleLiquidator} from "../../../contracts/interfaces/IDirectSaleLiquidator.sol";
import {IOracle} from "../../../contracts/interfaces/IOracle.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {DirectSaleOrder, SalePart} from "../../../contracts/types/DirectSale.sol";
import {SaleTerms} from "../../../contracts/types/SaleTerms.sol";
import {TakeManyParams, TakeParams} from "../../../contracts/types/TakeParams.sol";
import {Pools, PoolTrader} from "../base/PoolTest.sol";
import {IRoundFeed} from "../base/RealPartsTest.sol";
import {IMintable} from "../base/VaultTest.sol";

/// @notice What the actor has to do with.
struct AdversaryParts {
  IVault vault;
  IOracle oracle;
  IRoundFeed primary;
  IRoundFeed second;
  IDirectSaleLiquidator direct;
  IBatchAuctionLiquidator batch;
  IBackstop backstop;
  address venue;
  PoolTrader trader;
  IMintable loan;
  IMintable collateral;
  address lender;
}

/// @notice One actor in every role at once, on the real backstop, batch auction, direct sales into a real pool that he moves at will,
/// and the real oracle adapter whose sources he moves within a bound. He holds the governor's role too, without its delay.
/// ADV-1 is checked block by block.
contract RealAdversaryHandler is StdUtils {
  Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
  uint256 private constant _BPS = 10_000;
  uint256 private constant _ACTS = 12;
  uint256 private constant _KINDS = 30;

  address public constant ACTOR = address(0xBAD);

  AdversaryParts private _parts;
  /// @dev How far the actor moves each source of the oracle from the true price, both ways.
  uint256 public immutable boundBps;
  /// @dev Whether he is governor.
  bool public immutable governs;

  string[] public violations;
  /// @dev The most that the lender lost in one block, loan units.
  uint256 public worst;
  /// @dev How often an act of each kind went through.
  mapping(bytes4 selector => uint256) public went;

  uint256[9] private _governed;
  address[] private _borrowers;
  uint256[] private _bids;
  uint256 private _truth;
  address private _victim;
  uint256 private _seed;

  constructor(AdversaryParts memory parts, uint256 boundBps_, bool governs_) {
    _parts = parts;
    boundBps = boundBps_;
    governs = governs_;
    _borrowers.push(ACTOR);
    for (uint256 i = 0; i < 3; ++i) _borrowers.push(address(uint160(0xB0000 + i)));
    parts.loan.mint(ACTOR, 1e20);
    parts.collateral.mint(ACTOR, 1e28);
    _VM.startPrank(ACTOR);
    parts.loan.approve(address(parts.backstop), type(uint256).max);
    parts.loan.approve(address(parts.batch), type(uint256).max);
    _VM.stopPrank();
    _approve(ACTOR);
  }

  function violationCount() external view returns (uint256) {
    return violations.length;
  }

  /// @dev Any acts in any order, without a second passing. The lender's claim may lose one unit to its own rounding.
  function oneBlock(uint256 seed) external {
    _judge(_play(seed));
  }

  /// @dev A block that leaves no trace but its verdict, so that what a governor did in it does not outlast it.
  function oneBlockUndone(uint256 seed) external {
    uint256 id = _VM.snapshotState();
    uint256 lost = _play(seed);
    uint256[9] memory counts = _governed;
    _VM.revertToStateAndDelete(id);
    for (uint256 i = 0; i < counts.length; ++i) _governed[i] = counts[i];
    _judge(lost);
  }

  /// @dev How often the actor governed, by setter.
  function governed(uint256 what) external view returns (uint256) {
    return _governed[what];
  }

  /// @return lost By the lender, loan units.
  function _play(uint256 seed) private returns (uint256 lost) {
    _seed = seed;
    _beginBlock();
    uint256 before = _claimOfTheLender();
    uint256 acts = governs ? 3 * _ACTS : _ACTS;
    for (uint256 i = 0; i < acts; ++i) _act(i, acts);
    uint256 afterwards = _claimOfTheLender();
    return afterwards < before ? before - afterwards : 0;
  }

  function _judge(uint256 lost) private {
    if (lost > worst) worst = lost;
    if (lost > 1) violations.push("ADV-1");
  }

  function _claimOfTheLender() private view returns (uint256) {
    return _parts.vault.previewRedeem(_parts.vault.balanceOf(_parts.lender));
  }

  // ------------------------------------------------------------------------------------------------- the block's beginning

  /// @dev Honest borrowers at LTVs of 80 to 86% at the true price, some of whose sales have been running for a while.
  function _beginBlock() private {
    _VM.warp(block.timestamp + _random(12, 7_200));
    _VM.fee(_random(0, 100) * 1 gwei);
    _push(2_000e8, 2_000e8);
    for (uint256 i = 0; i < _borrowers.length; ++i) _settle(_borrowers[i]);
    for (uint256 i = 1; i < _borrowers.length; ++i) _borrow(_borrowers[i], _random(10, 200) * 1 ether);
    _truth = _random(1_840e8, 1_960e8);
    _push(_truth, _truth);
    _parts.trader.moveTo(_poolPrice(_truth));
    // A governor's best victim is his own loan.
    _victim = governs && _random(0, 1) == 0 ? ACTOR : _borrowers[_random(0, _borrowers.length - 1)];
    if (_random(0, 1) == 0) _ripen();
  }

  /// @dev Sales that run for up to two horizons before the block.
  function _ripen() private {
    for (uint256 i = 1; i < _borrowers.length; ++i) {
      _try(ACTOR, address(_parts.vault), abi.encodeCall(_parts.vault.startSale, (_borrowers[i], ACTOR)));
    }
    // Proofs less than a half-life apart: 212 s, and a sixteenth of the horizon for their rounding.
    uint256 steps = _random(0, 14);
    for (uint256 i = 0; i < steps; ++i) {
      _VM.warp(block.timestamp + 140);
      _push(_truth, _truth);
      for (uint256 j = 1; j < _borrowers.length; ++j) {
        _try(ACTOR, address(_parts.vault), abi.encodeCall(_parts.vault.touch, (_borrowers[j])));
      }
    }
  }

  function _borrow(address borrower, uint256 held) private {
    IVault vault = _parts.vault;
    _parts.collateral.mint(borrower, held);
    _VM.startPrank(borrower);
    vault.supplyCollateral(held, borrower);
    vault.borrow((held * 2_000e24 * 79) / 1e38, borrower, borrower);
    _VM.stopPrank();
  }

  /// @dev Pays everything back and takes the collateral out.
  function _settle(address borrower) private {
    IVault vault = _parts.vault;
    _approve(borrower);
    _parts.loan.mint(borrower, vault.debtOf(borrower));
    _VM.startPrank(borrower);
    if (vault.debtOf(borrower) != 0) vault.repay(type(uint256).max, borrower);
    uint256 held = vault.position(borrower).collateral;
    if (held != 0) vault.withdrawCollateral(held, borrower, borrower);
    _VM.stopPrank();
  }

  // -------------------------------------------------------------------------------------------------------------------- acts

  function _act(uint256 turn, uint256 acts) private {
    uint256 what = _random(0, _KINDS - 1);
    // Govern, move the sources, supply, borrow, move them again, start and take, realize: what robbing by a loan of one's own
    // takes, in this order or nearly.
    if (governs && _random(0, 2) != 0) what = [uint256(27), 16, 2, 3, 16, 11, 9][(turn * 7) / acts];
    // Mostly one position a block, or few sequences would meet.
    address borrower = _random(0, 3) == 0 ? _borrowers[_random(0, _borrowers.length - 1)] : _victim;
    if (what < 10) _actAsUser(what, borrower);
    else if (what < 16) _actAsTaker(what, borrower);
    else if (what < 20) _move(what);
    else if (what < 25) _actOnTheBackstop(what, borrower);
    else if (what < 27) _actOnTheBatch(what);
    else if (governs) _govern();
  }

  function _actAsUser(uint256 what, address borrower) private {
    IVault vault = _parts.vault;
    uint256 debt = vault.debtOf(what == 3 ? ACTOR : borrower);
    address to = address(vault);
    if (what == 0) _try(ACTOR, to, abi.encodeCall(vault.deposit, (_random(1, 1e14), ACTOR)));
    if (what == 1) _try(ACTOR, to, abi.encodeCall(vault.redeem, (_random(0, vault.maxRedeem(ACTOR)), ACTOR, ACTOR)));
    if (what == 2) {
      address owner = _random(0, 1) == 0 ? ACTOR : borrower;
      _try(ACTOR, to, abi.encodeCall(vault.supplyCollateral, (_random(1, 2_000 ether), owner)));
    }
    if (what == 3) {
      uint256 most = vault.position(ACTOR).collateral * _parts.oracle.price().low * vault.borrowLtvBps();
      most = most / 1e40 - FixedPointMathLib.min(most / 1e40, debt);
      _try(ACTOR, to, abi.encodeCall(vault.borrow, (most - _random(0, 1) * _random(0, most / 2), ACTOR, ACTOR)));
    }
    if (what == 4) {
      uint256 held = vault.position(ACTOR).collateral;
      _try(ACTOR, to, abi.encodeCall(vault.withdrawCollateral, (_random(0, held), ACTOR, ACTOR)));
    }
    if (what == 5) _try(ACTOR, to, abi.encodeCall(vault.repay, (_random(1, debt + 1), borrower)));
    if (what == 6) _try(ACTOR, to, abi.encodeCall(vault.startSale, (borrower, ACTOR)));
    if (what == 7) _try(ACTOR, to, abi.encodeCall(vault.endSale, (borrower)));
    if (what == 8) _try(ACTOR, to, abi.encodeCall(vault.markDown, (borrower)));
    if (what == 9) _try(ACTOR, to, abi.encodeCall(vault.realizeLoss, (borrower)));
  }

  function _actAsTaker(uint256 what, address borrower) private {
    IVault vault = _parts.vault;
    uint256 debt = vault.debtOf(borrower);
    uint256 part = _random(0, 1) == 0 ? type(uint256).max : _random(1, debt + 1);
    TakeParams memory params = TakeParams(borrower, ACTOR, part, type(uint256).max, 0, block.timestamp, "");
    if (what == 10) _try(ACTOR, address(vault), abi.encodeCall(vault.take, (params)));
    if (what == 11) _try(ACTOR, address(vault), abi.encodeCall(vault.startAndTake, (params)));
    if (what == 12) {
      TakeManyParams memory many = TakeManyParams(_borrowers, ACTOR, part, type(uint256).max, 0, block.timestamp, "");
      _try(ACTOR, address(vault), abi.encodeCall(vault.takeMany, (many)));
    }
    if (what > 12) {
      SalePart[] memory venues = new SalePart[](1);
      venues[0] = SalePart(_parts.venue, 1e18);
      // From what the policy lets through to a little above the oracle.
      uint256 asked = (_parts.oracle.price().deciding * (_BPS - 250 + _random(0, 300))) / _BPS;
      DirectSaleOrder memory order = DirectSaleOrder(
        address(vault),
        borrower,
        venues,
        asked,
        part,
        _random(0, 1) == 0,
        ACTOR,
        block.timestamp
      );
      _try(ACTOR, address(_parts.direct), abi.encodeCall(_parts.direct.execute, (order)));
    }
  }

  /// @dev Both sources within the bound of the truth, together or apart, and the pool wherever he likes.
  function _move(uint256 what) private {
    uint256 primary = _near(_truth, boundBps);
    uint256 edge = (_truth * (_random(0, 1) == 0 ? _BPS - boundBps : _BPS + boundBps)) / _BPS;
    if (what == 16) _push(edge, edge);
    else if (what == 17) _push(primary, _near(_truth, boundBps));
    else if (what == 18) _parts.trader.moveTo(_poolPrice(_near(_truth, 600)));
    else _parts.trader.moveTo(_poolPrice((_parts.oracle.price().deciding * 1e8) / 1e24));
  }

  function _actOnTheBackstop(uint256 what, address borrower) private {
    IBackstop backstop = _parts.backstop;
    address vault = address(_parts.vault);
    address to = address(backstop);
    if (what == 20) _try(ACTOR, to, abi.encodeCall(backstop.deposit, (_random(1, 1e14), ACTOR)));
    if (what == 21) _try(ACTOR, to, abi.encodeCall(backstop.redeem, (backstop.maxRedeem(ACTOR), ACTOR, ACTOR)));
    if (what == 22) _try(ACTOR, to, abi.encodeCall(backstop.startCooldown, (_random(0, backstop.balanceOf(ACTOR)))));
    if (what == 23) _try(ACTOR, to, abi.encodeCall(backstop.buy, (vault, borrower, _random(1, 1e13))));
    if (what == 24) {
      uint256 inventory = backstop.coverOf(vault).inventory;
      bytes memory call = abi.encodeCall(
        backstop.buyInventory,
        (vault, _random(0, inventory), type(uint256).max, ACTOR)
      );
      _try(ACTOR, to, call);
    }
  }

  function _actOnTheBatch(uint256 what) private {
    IBatchAuctionLiquidator batch = _parts.batch;
    address vault = address(_parts.vault);
    if (what == 25) {
      bytes memory call = abi.encodeCall(batch.placeBid, (vault, _random(0, 60), _random(100e6, 1e12), ACTOR));
      if (_try(ACTOR, address(batch), call)) _bids.push(batch.bidCount());
      return;
    }
    // The actor's own position last in the list: the others ascend, and lie above it.
    bool isWhole = _random(0, 1) == 0;
    address[] memory listed = new address[](isWhole ? _borrowers.length : 1);
    for (uint256 i = 0; i < listed.length; ++i) listed[i] = isWhole ? _borrowers[i] : _victim;
    _try(ACTOR, address(batch), abi.encodeCall(batch.clear, (vault, listed)));
    if (_bids.length != 0) {
      uint256 bidId = _bids[_random(0, _bids.length - 1)];
      _try(ACTOR, address(batch), abi.encodeCall(batch.claim, (bidId)));
      _try(ACTOR, address(batch), abi.encodeCall(batch.cancel, (bidId)));
      _try(ACTOR, address(batch), abi.encodeCall(batch.withdraw, (bidId)));
    }
  }

  /// @dev One setter, or the three that lend most at once: a shallow discount admits a high liquidation LTV.
  function _govern() private {
    if (_random(0, 2) == 0) return _lendMost();
    uint256 what = _random(0, 8);
    address to = what == 8 ? address(_parts.direct) : address(_parts.vault);
    if (_try(ACTOR, to, _setter(what))) _governed[what] += 1;
  }

  function _setter(uint256 what) private returns (bytes memory) {
    IVault vault = _parts.vault;
    if (what == 0) return abi.encodeCall(vault.setTerms, (_anyTerms()));
    if (what == 1) return abi.encodeCall(vault.setBorrowLtv, (_random(1, _BPS)));
    if (what == 2) {
      return abi.encodeCall(vault.rampLiquidationLtv, (_random(7_000, _BPS), _random(0, 3) * 1 days));
    }
    if (what == 3) {
      uint256 cap = _random(0, 1) == 0 ? 0 : 1e15;
      return abi.encodeCall(vault.setCaps, (cap, _random(0, 1e15), _random(0, 2e13)));
    }
    if (what == 4) return abi.encodeCall(vault.setReserveFactor, (_random(0, 5_000)));
    if (what == 5) return abi.encodeCall(vault.setStressDepth, (_random(1, 1e15)));
    if (what == 6) return abi.encodeCall(vault.pause, (_random(1, 31)));
    if (what == 7) return abi.encodeCall(vault.unpause, (_random(1, 31)));
    address referenceVenue = _random(0, 1) == 0 ? address(0) : _parts.venue;
    return abi.encodeCall(_parts.direct.setReferenceVenue, (address(vault), referenceVenue));
  }

  function _lendMost() private {
    IVault vault = _parts.vault;
    SaleTerms memory terms = _anyTerms();
    terms.maxDiscountBps = _random(2, 300);
    terms.holdBps = _random(0, terms.maxDiscountBps - 1);
    terms.penaltyBps = _random(0, 50);
    uint256 ltvBps = _BPS - terms.maxDiscountBps - terms.penaltyBps - _random(1, 50);
    if (_try(ACTOR, address(vault), abi.encodeCall(vault.setStressDepth, (type(uint96).max)))) _governed[5] += 1;
    if (_try(ACTOR, address(vault), abi.encodeCall(vault.setTerms, (terms)))) _governed[0] += 1;
    // The second ramp makes the first one's end its beginning.
    bytes memory ramp = abi.encodeCall(vault.rampLiquidationLtv, (ltvBps, 0));
    if (_try(ACTOR, address(vault), ramp) && _try(ACTOR, address(vault), ramp)) _governed[2] += 1;
    uint256 borrowLtvBps = (vault.liquidationLtvBps() * (_BPS - 300)) / _BPS;
    if (_try(ACTOR, address(vault), abi.encodeCall(vault.setBorrowLtv, (borrowLtvBps)))) _governed[1] += 1;
  }

  function _anyTerms() private returns (SaleTerms memory terms) {
    terms.maxDiscountBps = _random(1, 5_000);
    terms.startPremiumBps = _random(0, 1) * _random(0, 2_000);
    terms.holdBps = _random(0, terms.maxDiscountBps - 1);
    terms.penaltyBps = _random(0, 500);
    terms.targetLtvBps = _random(1, 8_299);
    terms.horizon = _random(60, 7_200);
    terms.halfLife = _random(1, terms.horizon);
    terms.lot = _random(1, 1e14);
    terms.impactBps = _random(0, 5_000);
    terms.urgencyBps = _random(0, 5_000);
    terms.fallWindow = _random(0, 600);
  }

  // ----------------------------------------------------------------------------------------------------------------- helpers

  function _try(address hand, address target, bytes memory call) private returns (bool success) {
    _VM.prank(hand);
    (success, ) = target.call(call);
    if (success) went[bytes4(call)] += 1;
  }

  function _push(uint256 primary, uint256 second) private {
    _parts.primary.pushAnswer(int256(primary));
    _parts.second.pushAnswer(int256(second));
  }

  function _near(uint256 value, uint256 bps) private returns (uint256) {
    return (value * (_BPS - bps + _random(0, 2 * bps))) / _BPS;
  }

  /// @param answer Loan tokens a collateral token, 8 decimals; 6 decimals of the loan asset for 18 of the collateral.
  function _poolPrice(uint256 answer) private view returns (uint160) {
    bool isCollateral0 = address(_parts.collateral) < address(_parts.loan);
    return Pools.sqrtPriceX96(isCollateral0 ? (answer * 1e6) / 1e8 : 1e38 / answer);
  }

  function _approve(address hand) private {
    _VM.startPrank(hand);
    _parts.loan.approve(address(_parts.vault), type(uint256).max);
    _parts.collateral.approve(address(_parts.vault), type(uint256).max);
    _VM.stopPrank();
  }

  function _random(uint256 least, uint256 most) private returns (uint256) {
    _seed = uint256(keccak256(abi.encode(_seed)));
    return least + (_seed % (most - least + 1));
  }
}
